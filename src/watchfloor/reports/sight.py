"""Who could see a camera on a day: spans of time in which something held, cut with each other. Pure.

It tells what the rules allowed then, not whether somebody was at a screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from watchfloor.governance.decide import asks_roles
from watchfloor.governance.lending import Lending
from watchfloor.governance.model import ActorKind
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose, Role

# What shows a camera's picture for a purpose.
_FOR_A_PURPOSE: Final = (Need.CAMERA_LIVE, Need.CAMERA_PLAYBACK, Need.CAMERA_SNAPSHOT)
# What shows a camera's picture to somebody, or gives it to a partner that records it.
LOOKS: Final = (*_FOR_A_PURPOSE, Need.AIMING_PICTURE, Need.CAMERA_LENT)
# Patrol monitoring is for the live picture alone (`decide`).
_NOT_FOR: Final = {
    need: frozenset({Purpose.PATROL_MONITORING}) for need in (Need.CAMERA_PLAYBACK, Need.CAMERA_SNAPSHOT)
}


@dataclass(frozen=True, slots=True)
class Span:
    """From `since`, up to and not including `until`."""

    since: datetime
    until: datetime

    def within(self, other: Span) -> Span | None:
        """What both have in common."""
        since, until = max(self.since, other.since), min(self.until, other.until)
        return Span(since, until) if since < until else None


NOT_LENT: Final[Mapping[UUID, Sequence[Span]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the log that changed what somebody or something might: when, what, and the roles from then on."""

    at: datetime
    what: str
    roles: frozenset[Role] | None = None
    before: frozenset[Role] | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody's account: the roles it has now, and what the log says of it, the first thing first."""

    id: UUID
    name: str
    created_at: datetime
    roles: frozenset[Role]
    log: Sequence[Happened] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """An authorisation as it was approved, and what the log says of it."""

    id: UUID
    title: str
    effective_at: datetime
    expires_at: datetime
    purposes: frozenset[Purpose]
    roles: frozenset[Role]
    log: Sequence[Happened] = ()


@dataclass(frozen=True, slots=True)
class Leased:
    """An answer that a recording process got, which held until the next one."""

    at: datetime
    process: UUID
    name: str | None
    authorisation: UUID | None
    """None where the answer was no."""


@dataclass(frozen=True, slots=True)
class Could:
    """Somebody, or a process of ours, who could see it, in which span, as what, under which authorisation."""

    who: UUID
    name: str | None
    kind: str
    roles: frozenset[Role]
    need: Need
    authorisation: UUID
    title: str
    purposes: frozenset[Purpose]
    span: Span


def in_force(approval: Approval, day: Span) -> list[Span]:
    """When it was in force on the day: approved, begun, not over, not suspended."""
    found, since = [], None
    for one in (*approval.log, Happened(day.until, "the day's end")):
        if one.what == "authorisation.in_force":
            since = since or one.at
        elif since is not None:
            found.append(Span(since, one.at))
            since = None
    window = Span(approval.effective_at, approval.expires_at)
    return _cut(_cut(found, window), day)


def held(account: Account, day: Span) -> list[tuple[Span, frozenset[Role]]]:
    """Which roles somebody could act in on the day: from their first sign-in until the account was closed."""
    opened = next((one.at for one in account.log if one.what == "invitation.accepted"), day.until)
    closed = next((one.at for one in account.log if one.what == "person.suspended"), day.until)
    given = [(one.at, one.roles) for one in account.log if one.roles is not None]
    first = next((one.before or one.roles for one in account.log if one.roles is not None), account.roles)
    turns = [(account.created_at, first), *given]
    ends = [*(at for at, _ in given), day.until]
    return [
        (span, roles)
        for (at, roles), end in zip(turns, ends, strict=True)
        if (lasted := Span(at, end).within(Span(opened, closed))) and (span := lasted.within(day))
    ]


def could_see(
    accounts: Iterable[Account],
    approvals: Sequence[Approval],
    stood: Span,
    day: Span,
    *,
    public: bool,
    lent: Mapping[UUID, Sequence[Span]] = NOT_LENT,
) -> list[Could]:
    """Everybody who could, in their order: where role, need and authorisation met while the camera stood there.

    `public` is False for a camera that its owner links: patrol monitoring is not for it. `lent`: when it was to which partner's account.
    """
    there = stood.within(day)
    if there is None:
        return []
    patrol = frozenset[Purpose]() if public else frozenset({Purpose.PATROL_MONITORING})
    fitting = [replace(approval, purposes=approval.purposes - patrol) for approval in approvals]
    spans = [(approval, span) for approval in fitting for span in in_force(approval, there)]
    return [
        one
        for account in accounts
        for roles_span, roles in held(account, there)
        for need in LOOKS
        for approval, span in spans
        if (span_then := span.within(roles_span)) is not None
        for one in _could(account, roles, need, approval, _lent(need, span_then, lent.get(account.id, ())))
    ]


def _lent(need: Need, span: Span, lent: Sequence[Span]) -> list[Span]:
    """When of that time such a need could be met: a partner's, that records it, while it was lent to it."""
    return _cut(lent, span) if need is Need.CAMERA_LENT else [span]


def _could(
    account: Account, roles: frozenset[Role], need: Need, approval: Approval, spans: Sequence[Span]
) -> list[Could]:
    acting = roles & need.roles
    purposes = frozenset[Purpose]()
    if need in _FOR_A_PURPOSE:
        purposes = approval.purposes - _NOT_FOR.get(need, frozenset())
        if not purposes:
            return []
    named = not asks_roles(need, ActorKind.PERSON) or bool(roles & approval.roles)
    if not acting or not named:
        return []
    return [
        Could(account.id, account.name, "person", acting, need, approval.id, approval.title, purposes, span)
        for span in spans
    ]


def lent_when(lendings: Iterable[Lending]) -> Mapping[UUID, Sequence[Span]]:
    """When a camera was lent to which partner's account, the first time first: where two lendings met it is one time."""
    found: dict[UUID, list[Span]] = {}
    for one in sorted(lendings, key=lambda one: one.given_at):
        span = Span(one.given_at, min(one.until, one.ended_at or one.until))
        spans = found.setdefault(one.partner, [])
        if spans and span.since <= spans[-1].until:
            spans[-1] = Span(spans[-1].since, max(spans[-1].until, span.until))
        else:
            spans.append(span)
    return found


def recorded(leased: Sequence[Leased], titles: Mapping[UUID, str], day: Span) -> list[Could]:
    """The processes that could record it: each answer holds until the next."""
    ends = [*(one.at for one in leased[1:]), day.until]
    return [
        _recorder(one, one.authorisation, titles, span)
        for one, end in zip(leased, ends, strict=False)
        if one.authorisation is not None and (span := Span(one.at, end).within(day)) is not None
    ]


def _recorder(one: Leased, under: UUID, titles: Mapping[UUID, str], span: Span) -> Could:
    roles, need = frozenset({Role.MACHINE}), Need.CAMERA_RECORD
    return Could(
        one.process, one.name, "process", roles, need, under, titles.get(under, ""), frozenset(), span
    )


def _cut(spans: Iterable[Span], by: Span) -> list[Span]:
    return [cut for span in spans if (cut := span.within(by)) is not None]
