"""Asking for an export, approving it, cancelling it. A yes gives the work to whichever worker comes first; it cuts nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from watchfloor.cameras import dwelling_store
from watchfloor.cameras import store as camera_store
from watchfloor.cameras.carried_store import stood_at
from watchfloor.cameras.dwelling_budget import by_order
from watchfloor.cameras.dwelling_seen import SEEN_FOR, Exported, Time, too_much
from watchfloor.cameras.mask_book import sees_unmasked
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.find import must_be_here
from watchfloor.evidence import store
from watchfloor.evidence.model import (
    MOST_GAPS,
    Export,
    ExportId,
    Span,
    check_spans,
    digest_of,
    holes,
    known_of,
    request_of,
)
from watchfloor.governance import policy_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, why_of
from watchfloor.governance.model import About, Actor, AgencyId, Ask, Denied, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Proposal
from watchfloor.governance.proposals import TwoPersonAct, propose
from watchfloor.governance.words import Role
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.kit.said import moment
from watchfloor.kit.sure import sure
from watchfloor.recordings import store as recording_store
from watchfloor.recordings.ask import ask_of_then
from watchfloor.recordings.model import us
from watchfloor.recordings.play import MARGIN, Range
from watchfloor.storage import jobs
from watchfloor.storage.tx import Tx

KIND: Final = "export"
MAKE: Final = "export.make"
FORGET: Final = "export.forget"
CHANGED: Final = "evidence.export.changed"
DECIDED: Final = "governance.policy.changed"
OPEN_FOR: Final = timedelta(hours=72)
# A segment is a minute, and is in the index some seconds after: what is exported is finished footage alone.
SETTLES_IN: Final = timedelta(seconds=100)
RUNNING: Final = ("waiting", "cutting")

News = Callable[[str, UUID, UUID], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time of a camera, as it is asked for."""

    camera: UUID
    from_at: datetime
    to_at: datetime


async def ask_for(
    door: Door,
    news: News,
    actor: Actor,
    why: Why | None,
    reason: str,
    wanted: Sequence[Wanted],
    dwelling_limit: timedelta,
) -> ExportId:
    """Ask for an export; another person approves it. Each camera passes the door. Raises Refused, Invalid, NotFound.

    Of one dwelling it is of no more than the limit, but for a court's order: with what anybody here looked at of it before.
    """
    cameras = list(dict.fromkeys(one.camera for one in wanted))
    first = {one.camera: min(w.from_at for w in wanted if w.camera == one.camera) for one in wanted}
    asks = [await ask_of_then(door, actor, camera, Need.EXPORT_ASK, why, first[camera]) for camera in cameras]
    # Decided now, of who is signed in: what is made later is made by nobody.
    bare = [await sees_unmasked(door, ask) for ask in asks]
    spans: dict[UUID, list[Span]] = {}
    for number, ask in enumerate(asks):
        async with door.open(ask) as tx:
            check_spans([(one.from_at, one.to_at) for one in wanted], tx.now)
            camera = await camera_store.camera_of(tx, cameras[number])
            if camera is None:
                raise NotFound("There is no such camera.")
            await must_be_here(tx, camera, "what it recorded is exported")
            own = [one for one in wanted if one.camera == camera.id]
            spans[camera.id] = [await _span(tx, camera, one, unmasked=bare[number]) for one in own]
            if number == len(asks) - 1:
                if not by_order(ask):
                    await _refuse_dwelling(tx, wanted, dwelling_limit)
                ordered = [spans[one.camera].pop(0) for one in wanted]
                return await _keep(
                    tx, news, sure(why, "the door let through what needs a purpose"), reason, ordered
                )
    raise Invalid("An export is of one camera at least.", reason="spans")


async def _refuse_dwelling(tx: Tx, wanted: Sequence[Wanted], limit: timedelta) -> None:
    """Raises Refused where it comes to too much of one dwelling, with what was looked at of it before, live, played and exported."""
    asked = [(one.camera, one.from_at, one.to_at) for one in wanted]
    since = tx.now - SEEN_FOR
    before = [*await store.asked_since(tx, since), *await dwelling_store.seen(tx, since)]
    first = min(begin for _, begin, _ in [*asked, *before])
    denied = too_much(await dwelling_store.aims(tx, first), asked, before, limit)
    if denied is not None:
        raise Refused(denied)


def exported_of(door: Door) -> Exported:
    """What an agency exported, for who adds up what it looked at."""

    async def exported(agency: UUID, since: datetime) -> list[Time]:
        async with door.open(Ask(process_actor(AgencyId(agency), "serve"), Need.EXPORT_STATE)) as tx:
            return await store.asked_since(tx, since)

    return exported


async def _span(tx: Tx, camera: Camera, wanted: Wanted, *, unmasked: bool) -> Span:
    """The span, and how much of it is recorded as of now: what whoever approves is shown."""
    begin, end = wanted.from_at, wanted.to_at
    stretches = await recording_store.stretches_of(tx, [camera.id], begin, end, margin=begin - MARGIN)
    gaps = await recording_store.gaps_of(tx, [camera.id], begin, end)
    found = holes(
        [Range(a, b, 0) for a, b in stretches[camera.id]], known_of(camera), gaps[camera.id],
        await store.forgotten_days(tx, begin, end), begin_us=us(begin), end_us=us(end),
    )  # fmt: skip
    missing_us = sum(hole.end_us - hole.begin_us for hole in found)
    told = tuple(hole.as_json() for hole in found[:MOST_GAPS])
    recorded_ms = (us(end) - us(begin) - missing_us) // 1000
    stood = await stood_at(tx, camera.id, begin)
    place = camera.place if stood is None else stood.place
    return Span(camera.id, camera.name, camera.technology, place, begin, end, recorded_ms, told, unmasked)


async def _keep(tx: Tx, news: News, why: Why, reason: str, spans: Sequence[Span]) -> ExportId:
    case = why.case
    if case is None:
        raise Invalid("An export is for a case, a call or an incident.", reason="case")
    export = ExportId(uuid7(tx.now))
    request = request_of(export, why.allowed, case, reason, spans)
    names = list(dict.fromkeys(span.camera_name for span in spans))
    first, last = min(s.from_at for s in spans), max(s.to_at for s in spans)
    bare = ", without masks" if any(span.unmasked for span in spans) else ""
    proposal = await propose(
        tx,
        KIND,
        title=f"Export of {', '.join(names[:3])}{' and more' if len(names) > 3 else ''}",
        sentence=f"{len(spans)} span{'s' if len(spans) > 1 else ''} between {moment(first, tx.zone)} and {moment(last, tx.zone)}{bare}:"
        f" {reason}",
        payload=request,
        subject=export,
        open_for=OPEN_FOR,
    )
    total = sum(span.length_ms for span in spans)
    await store.insert_export(tx, _new(export, proposal, why, reason, spans, total))
    agency = tx.agency
    tx.after_commit(lambda: news(CHANGED, agency, export))
    return export


def _new(
    export: ExportId, proposal: Proposal, why: Why, reason: str, spans: Sequence[Span], total: int
) -> Export:
    return Export(
        export, proposal.id, why.allowed, sure(why.case), reason, proposal.proposed_by, proposal.proposed_at,
        proposal.expires_at, "asked", "", None, None, "", None, None, None, 0, total, None, None, None, None, None, None, None,
        (), 0, tuple(spans),
    )  # fmt: skip


async def apply(tx: Tx, proposal: Proposal) -> UUID:
    """What approval does: the log binds what was asked for, and the work is planned for when its footage is finished."""
    found = await store.export_of(tx, sure(proposal.subject, "a proposal of an export"))
    if found is None:
        raise NotFound("There is no such export.")
    request = request_of(found.id, found.purpose, found.case, found.reason, found.spans, found.of_reads)
    entry = await effect(
        tx, "export.in_work", About("export", found.id), more={"request_sha256": digest_of(request)}
    )
    run_at = max([tx.now, *(span.to_at + SETTLES_IN for span in found.spans)])
    said = (
        "" if run_at == tx.now else f"It begins at {moment(run_at, tx.zone)}, when its last minute is stored."
    )
    if not await store.approve(tx, found.id, entry, said):
        raise Conflict("This export is no longer asked for.", reason=found.state)
    await jobs.add(tx, MAKE, {"export": str(found.id)}, run_at=run_at, key=f"{MAKE} {found.id}")
    return found.id


def why_asked(proposal: Proposal) -> Why | None:
    """The purpose and the case that it was asked for."""
    said = cast("dict[str, str]", proposal.payload)
    return why_of(said["purpose"], said["case"])


ACT: Final = TwoPersonAct(KIND, Need.EXPORT_APPROVE, None, apply, open_for=OPEN_FOR, why=why_asked)


async def cancel(door: Door, news: News, actor: Actor, export_id: UUID, reason: str) -> Export:
    """Cancel what is not made yet. Raises NotFound, Refused (`not_yours`), Conflict."""
    ask = Ask(actor, Need.EXPORT_CANCEL, about=About("export", export_id), detail={"reason": reason})
    async with door.open(ask) as tx:
        found = await _there(tx, export_id)
        if found.asked_by != actor.id and Role.SUPERVISOR not in actor.roles:
            raise Refused(Denied("not_yours", "Who asked for it cancels it, or a supervisor."))
        if found.state == "lapsed" or not await store.end(
            tx, found.id, "cancelled", reason, ("asked", *RUNNING)
        ):
            raise Conflict("This export is over; there is nothing to cancel.", reason=found.state)
        if found.state == "asked":
            # What nobody wants any more waits for nobody's yes.
            await policy_store.withdraw_proposal(tx, found.proposal)
            tx.after_commit(lambda: news(DECIDED, tx.agency, found.proposal))
        await effect(tx, "export.cancelled", About("export", found.id), detail={"reason": reason})
        agency = tx.agency
        tx.after_commit(lambda: news(CHANGED, agency, export_id))
        return sure(await store.export_of(tx, found.id))


async def everything(door: Door, actor: Actor, extent: Extent) -> Cut[Export]:
    """A part of all exports, newest first."""
    async with door.open(Ask(actor, Need.EXPORTS_VIEW)) as tx:
        return await store.exports(tx, extent)


async def _there(tx: Tx, export_id: UUID) -> Export:
    found = await store.export_of(tx, export_id)
    if found is None:
        raise NotFound("There is no such export.")
    return found


def wanted_of(camera: str, from_at: datetime, to_at: datetime) -> Wanted:
    """A span as it is sent. Raises Invalid."""
    return Wanted(inside("camera", camera), from_at, to_at)
