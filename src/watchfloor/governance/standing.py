"""How an authorisation stands: its state in one word and in words, and what happened to it, by whom and when. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from uuid import UUID

from watchfloor.governance.body_store import KeptApproval, Released
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.policy_forms import AuthorisationState, HistoryLine
from watchfloor.governance.policy_store import Kept, Proposal
from watchfloor.kit.clock import parse_rfc3339
from watchfloor.kit.said import day
from watchfloor.kit.sure import sure


def state_of(kept: Kept, now: datetime) -> AuthorisationState:
    """The state of an authorisation in one word."""
    authorisation = kept.authorisation
    if now >= authorisation.expires_at:
        return "expired"
    if authorisation.suspended_at is not None:
        return "suspended"
    if not authorisation.approved:
        return "waiting"
    return "not_yet" if now < authorisation.effective_at else "in_force"


def state_text(kept: Kept, now: datetime, zone: tzinfo) -> str:
    """The same with what belongs to it: for whom it waits, until when it is in force."""
    authorisation = kept.authorisation
    waiting = f"waiting for: {', '.join(authorisation.waiting_for)}"
    match state_of(kept, now):
        case "waiting":
            return waiting
        case "in_force":
            return f"in force until {day(authorisation.expires_at, zone)}"
        case "not_yet":
            return f"not yet in force; it takes effect on {day(authorisation.effective_at, zone)}"
        case "suspended":
            return "suspended" if authorisation.approved else f"suspended, and {waiting}"
        case "expired":
            return f"expired since {day(authorisation.expires_at, zone)}"


def people_of(
    kept: Kept,
    approvals: Sequence[KeptApproval],
    released: Sequence[Released],
    lifted: Sequence[Proposal] = (),
) -> list[UUID]:
    """Everybody whom the history names."""
    ended = [inside("person", str(one.payload["suspended_by"])) for one in lifted]
    ended += [person for one in lifted for person in (one.proposed_by, one.decided_by) if person]
    own = (kept.proposed_by, kept.approved_by, kept.suspended_by, *(one.by for one in released))
    wrote = [person for one in approvals for person in (one.recorded_by, one.confirmed_by)]
    return [person for person in own if person] + wrote + ended


def history(
    kept: Kept,
    approvals: Sequence[KeptApproval],
    released: Sequence[Released],
    names: Mapping[UUID, str],
    now: datetime,
    lifted: Sequence[Proposal] = (),
) -> list[HistoryLine]:
    """What happened to it so far, oldest first: by which body outside, by whom here, and when."""
    authorisation = kept.authorisation
    lines: list[tuple[datetime, str, UUID | None]] = [
        (kept.proposed_at, "Proposed here.", kept.proposed_by),
        (kept.approved_at, "Approved here by a second person.", kept.approved_by),
    ]
    for one in approvals:
        if one.approval.decided_at is None:
            continue
        words = f"Approved by {one.approval.body}: {one.approval.instrument}."
        lines.append((one.approval.decided_at, words, None))
        if one.recorded_at > kept.approved_at:
            recorder = names.get(one.recorded_by, "one person")
            words = f"The approval of {one.approval.body}, recorded by {recorder}, was confirmed by a second person."
            lines.append((one.recorded_at, words, one.confirmed_by))
    lines += [(one.at, f"The approval of {one.body} is no longer required.", one.by) for one in released]
    lines += [line for one in lifted for line in _lifted(one, names)]
    since = in_force_since(kept, approvals, released)
    if since is not None and since <= now:
        lines.append((since, "In force.", None))
    if authorisation.suspended_at is not None:
        lines.append((authorisation.suspended_at, f"Suspended: {kept.suspended_why}", kept.suspended_by))
    if authorisation.expires_at <= now:
        lines.append((authorisation.expires_at, "Expired.", None))
    return [
        {"at": at, "text": text, "by": {"id": outside("person", by), "name": names.get(by)} if by else None}
        for at, text, by in sorted(lines, key=lambda line: line[0])
    ]


def _lifted(one: Proposal, names: Mapping[UUID, str]) -> list[tuple[datetime, str, UUID | None]]:
    """A suspension that is over, and its end, from the proposal that ended it."""
    kept, by = one.payload, names.get(one.proposed_by, "one person")
    return [
        (
            parse_rfc3339(str(kept["suspended_at"])),
            f"Suspended: {kept['suspended_why']}",
            inside("person", str(kept["suspended_by"])),
        ),
        (
            sure(one.decided_at),
            f"The suspension was lifted, as {by} proposed: {kept['reason']}",
            one.decided_by,
        ),
    ]


def in_force_since(
    kept: Kept, approvals: Sequence[KeptApproval], released: Sequence[Released]
) -> datetime | None:
    """When it came into force, or will: with the last yes that it needed, not before it takes effect. None: it never did."""
    authorisation = kept.authorisation
    if not authorisation.approved:
        return None
    yes = (one.recorded_at for one in approvals if one.approval.decided_at)
    since = max(authorisation.effective_at, kept.approved_at, *yes, *(one.at for one in released))
    ends = min(authorisation.expires_at, authorisation.suspended_at or authorisation.expires_at)
    return since if since < ends else None
