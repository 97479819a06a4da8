"""The words of governance: who asks, for what, under which approval. Values only; `decide.py` decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NewType
from uuid import UUID

from watchfloor.governance.needs import Need
from watchfloor.governance.words import CaseKind, Purpose, Role, TechnologyKind, UnknownPurpose
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Kind, WatchfloorError
from watchfloor.kit.geo import Point
from watchfloor.storage.classes import DataClass

AgencyId = NewType("AgencyId", UUID)
PersonId = NewType("PersonId", UUID)
AuthorisationId = NewType("AuthorisationId", UUID)
CaseId = NewType("CaseId", UUID)
EntryId = NewType("EntryId", UUID)


class ActorKind(StrEnum):
    """What sort of asker."""

    PERSON = "person"
    DEVICE = "device"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Act:
    """One request to do something once: its idempotency key, and the request that may do it: this one and no other."""

    key: str
    request: UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: made by identity from a session or a device token, or by a process for itself."""

    id: UUID
    kind: ActorKind
    agency: AgencyId
    roles: frozenset[Role]
    name: str = field(repr=False, default="")
    second_factor: bool = False
    session: UUID | None = None
    act: Act | None = None

    @property
    def machine(self) -> tuple[str, str] | None:
        """Kind and name of what is no person."""
        return None if self.kind is ActorKind.PERSON else (self.kind.value, self.name)


@dataclass(frozen=True, slots=True)
class Case:
    """The case, call or incident a use belongs to."""

    kind: CaseKind
    id: UUID


@dataclass(frozen=True, slots=True)
class Ended:
    """Why a case serves no more: the reason the door gives, and the sentence, which names the case."""

    reason: Literal["case_closed", "case_lapsed"]
    sentence: str


@dataclass(frozen=True, slots=True)
class Why:
    """The purpose of a use, and the case, call or incident it serves."""

    purpose: Purpose | UnknownPurpose
    case: Case | None = None
    asked_for: str = ""
    """What a partner center says of whom it asks for: their role, never a name."""

    @property
    def allowed(self) -> Purpose:
        """The purpose, behind the door: it lets no other through than one of the list."""
        if isinstance(self.purpose, UnknownPurpose):
            raise AssertionError("the door said yes to what is no purpose")
        return self.purpose


@dataclass(frozen=True, slots=True)
class About:
    """The thing asked about: its kind (the word of the glossary) and id; both go into the leaf, so neither is sensitive."""

    kind: str
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to the door.

    `technology` is needed where the need works with one; `place` where it stands. `detail` is kept as erasable payload
    beside the leaf: plates, names and free text belong there and nowhere else.
    """

    actor: Actor
    need: Need
    why: Why | None = None
    about: About | None = None
    technology: TechnologyKind | None = None
    place: Point | None = None
    detail: Mapping[str, Json] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long data of one class is kept. `rule` is the number that its partitions carry, None where nothing is stored."""

    data_class: DataClass
    rule: int | None
    keep_for: timedelta


@dataclass(frozen=True, slots=True)
class Authorisation:
    """An approval in the form decisions need: one technology, one window, some purposes, one area, one retention.

    `area` is a polygon of (lat, lon) corners, empty for the whole jurisdiction. It is not in force while it is
    `waiting_for` the approval of a body. `retention_rule` is the number that partitions carry and `keep_for` its length, for
    each class that `keeps` does not name.
    """

    id: AuthorisationId
    technology: TechnologyKind
    title: str
    effective_at: datetime
    expires_at: datetime
    purposes: frozenset[Purpose]
    roles: frozenset[Role]
    area: tuple[tuple[float, float], ...]
    retention_rule: int
    keep_for: timedelta
    audio: bool
    waiting_for: tuple[str, ...] = ()
    suspended_at: datetime | None = None
    keeps: tuple[Keeping, ...] = ()

    @property
    def approved(self) -> bool:
        """Whether every body whose yes it needs has given it."""
        return not self.waiting_for

    def keeping(self, data_class: DataClass) -> Keeping:
        """How long data of this class that is taken under it is kept."""
        whole = Keeping(data_class, self.retention_rule, self.keep_for)
        return next((kept for kept in self.keeps if kept.data_class is data_class), whole)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes: under which authorisation, until when at most, and why in one sentence."""

    reason: str
    sentence: str
    authorisation: Authorisation | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Denied:
    """No: the first condition that failed, the nearest authorisation that would have applied, what to do next."""

    reason: str
    sentence: str
    nearest: AuthorisationId | None = None
    next_step: str | None = None
    until: datetime | None = None
    """When the answer may be another, though nobody changes anything."""


Decision = Allowed | Denied


class Refused(WatchfloorError):
    """The door said no; the refusal is in the log under `entry`."""

    kind = Kind.REFUSED

    def __init__(self, denied: Denied, entry: EntryId | None = None) -> None:
        super().__init__(denied.sentence, reason=denied.reason, next_step=denied.next_step)
        self.denied = denied
        self.entry = entry


class PurposeUnknown(Refused):
    """The purpose that was named is no word of the list: as wrong as a misspelt field, and kept as a refusal."""

    kind = Kind.INVALID

    def __init__(self, denied: Denied, entry: EntryId | None = None) -> None:
        super().__init__(denied, entry)
        self.reason = "purpose"  # the field, as of all that is invalid


def refusal(denied: Denied, entry: EntryId | None) -> Refused:
    """The door's no, to be raised."""
    return (PurposeUnknown if denied.reason == "purpose_unknown" else Refused)(denied, entry)
