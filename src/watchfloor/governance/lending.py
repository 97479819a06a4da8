"""Which cameras of ours a partner center may record, until when, and whether that covers a moment: given by two persons. Pure.

A look has a purpose and a case; a recorder has neither. So it asks under a leave of its own, beside an authorisation that names partners.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

LONGEST: Final = timedelta(days=366)
REASONS: Final = frozenset(("not_lendable", "not_lent", "lending_ended", "lending_over"))
"""The reasons of a no that is for want of a lending."""
OF_AUTHORISATION: Final = frozenset(
    (
        "no_authorisation",
        "expired",
        "suspended",
        "not_approved",
        "not_yet_effective",
        "place",
        "purpose",
        "authorisation_role",
    )
)
"""The reasons of a no that is for want of an authorisation in force that covers it."""


@dataclass(frozen=True, slots=True)
class Lending:
    """A partner (its account) may record these cameras from `given_at` until `until`, or until it was ended."""

    id: UUID
    partner: UUID
    title: str
    cameras: frozenset[UUID]
    given_at: datetime
    until: datetime
    ended_at: datetime | None = None

    def over(self, now: datetime) -> bool:
        """Whether it holds no more."""
        return self.ended_at is not None or now >= self.until


@dataclass(frozen=True, slots=True)
class Lendings:
    """What decisions about lent cameras rest on: all that were ever given, by partner and camera."""

    by_asker: Mapping[tuple[UUID, UUID], Sequence[Lending]] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Sequence[Lending]) -> Lendings:
        """Those lendings, each under its partner and its cameras."""
        by_asker: dict[tuple[UUID, UUID], list[Lending]] = {}
        for one in found:
            for camera in one.cameras:
                by_asker.setdefault((one.partner, camera), []).append(one)
        return cls(by_asker)

    def about(self, partner: UUID, camera: UUID | None) -> Sequence[Lending]:
        """Those of a camera to a partner."""
        return self.by_asker.get((partner, camera), ()) if camera is not None else ()


NOTHING_LENT: Final = Lendings()


@dataclass(frozen=True, slots=True)
class NotLent:
    """Why a partner may not record a camera."""

    reason: str
    sentence: str


def lent(found: Sequence[Lending], now: datetime) -> Lending | NotLent:
    """The lending that holds for longest now; else why there is none, by what was given last."""
    holding = [one for one in found if not one.over(now)]
    if holding:
        return max(holding, key=lambda one: one.until)
    if not found:
        return NotLent("not_lent", "This camera is not lent to you to be recorded.")
    last = max(found, key=lambda one: one.ended_at or one.until)
    if last.ended_at is not None:
        return NotLent("lending_ended", f"That you record this camera was ended: “{last.title}”.")
    return NotLent("lending_over", f"That you may record this camera ran out: “{last.title}”.")
