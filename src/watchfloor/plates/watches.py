"""Watches: proposed by one person under an open case, put in force by another, withdrawn by anybody who may, resumed by who approves.

What one may be is decided here; that it answers no more, by the matcher at each read (`watch_hits`). It alarms nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from watchfloor.governance import case_store
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import case_text, inside, outside, why_of
from watchfloor.governance.model import About, Actor, Ask, Case, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Proposal
from watchfloor.governance.proposals import TwoPersonAct, propose
from watchfloor.governance.words import CaseKind, TechnologyKind
from watchfloor.identity.store import names_of
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import Clock, parse_rfc3339, rfc3339
from watchfloor.kit.errors import Conflict, Expired, Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.kit.said import moment
from watchfloor.kit.sure import sure
from watchfloor.plate_settings import WatchSettings
from watchfloor.plates import hot_list_store, watch_store
from watchfloor.plates.expect import expected
from watchfloor.plates.file_kinds import refuse_immigration
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.model import ReaderId, folded
from watchfloor.plates.watch import Expected, Watch, Watched, WatchId
from watchfloor.storage.tx import Tx

KIND: Final = "plate_watch"
TECHNOLOGY: Final = TechnologyKind.PLATE_READER
# For so long a proposal waits for a second person: what was counted holds no longer.
WAITS_FOR: Final = timedelta(hours=24)
# So many of an agency look at each read, at most.
MOST_IN_FORCE: Final = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """What a watch may be at most: how long, and how many hits a shift of eight hours may bring."""

    longest: timedelta
    most_per_shift: int


@dataclass(frozen=True, slots=True)
class WatchDraft:
    """A watch as somebody asks for it."""

    watched: Watched
    reason: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A watch as people see it: why it is over, in a sentence, how many hits it brought and when the last was, who acted."""

    watch: Watch
    ended: str | None
    hits: int = 0
    last_hit_at: datetime | None = None
    names: Mapping[UUID, str] = field(default_factory=dict)


def limits_of(settings: WatchSettings) -> Limits:
    """What the settings allow."""
    return Limits(timedelta(days=settings.longest_days), settings.most_per_shift)


def too_broad(found: Expected, limits: Limits) -> str | None:
    """Why so many hits are too many, in a sentence; None where they are not, or where nothing tells how many there will be."""
    if found.per_shift is None or found.per_shift <= limits.most_per_shift:
        return None
    return f"Too broad: {found.sentence} At most {limits.most_per_shift} are allowed."


async def estimate(
    door: Door, look_ups: LookUps, actor: Actor, watched: Watched, why: Why, clock: Clock
) -> Expected:
    """How many hits to expect of such a watch. What was asked about, and the count, are in the log; it is a look-up as a search is,
    for a count says whether a car was there. Raises Refused or Invalid.
    """
    _under_a_case(why)
    ask = Ask(actor, Need.WATCH_PROPOSE, why, technology=TECHNOLOGY, detail={"watch": said(watched)})
    async with door.open(ask) as tx:
        await look_ups.admit(tx)
        found = await expected(tx, watched, clock)
        await look_ups.looked_up(
            tx, way="watch_estimate", why=why, plates=_aimed_at(watched), found=found.reads or 0
        )
        more: dict[str, Json] = {"reads": found.reads, "hours": round(found.hours)}
        await effect(tx, "plate_watch.estimated", About("case", sure(why.case).id), more=more)
        return found


def _aimed_at(watched: Watched) -> set[str]:
    """The whole plate that a pattern comes to which leaves nothing open but what stands before and behind it."""
    text = (watched.pattern or "").strip("*")
    return {folded(text)} if text.isalnum() else set()


async def propose_watch(
    door: Door, look_ups: LookUps, actor: Actor, draft: WatchDraft, why: Why, limits: Limits, clock: Clock
) -> Proposal:
    """Propose a watch; another person puts it in force. Raises Refused, Invalid (`too_broad` among its reasons) or Conflict."""
    case = _under_a_case(why)
    detail: dict[str, Json] = {"watch": said(draft.watched), "reason": draft.reason}
    ask = Ask(actor, Need.WATCH_PROPOSE, why, About("case", case.id), technology=TECHNOLOGY, detail=detail)
    async with door.open(ask) as tx:
        await look_ups.admit(tx)
        _check_end(draft.expires_at, tx.now, limits.longest)
        refuse_immigration(draft.reason)
        found = await expected(tx, draft.watched, clock)
        plates = _aimed_at(draft.watched)
        await look_ups.looked_up(tx, way="watch", why=why, plates=plates, found=found.reads or 0)
        broad = too_broad(found, limits)
        if broad is not None:
            raise Invalid(
                broad,
                reason="too_broad",
                next_step="Give more of the plate, the state or the vehicle, or fewer readers or hours.",
            )
        number = sure(await case_store.case_of(tx, case.id)).number
        sentence = (
            f"Watch for {draft.watched.sentence} until {moment(draft.expires_at, tx.zone)}, for case {number}:"
            f" {draft.reason.rstrip('.')}. {found.sentence} It pauses by itself after {limits.most_per_shift} hits in"
            " eight hours, and alarms nobody."
        )
        payload = said(draft.watched) | {
            "reason": draft.reason,
            "expires_at": rfc3339(draft.expires_at),
            "most_per_shift": limits.most_per_shift,
            "expected_reads": found.reads,
            "expected_tenths_of_hours": round(found.hours * 10),
            "purpose": why.purpose.word,
            "case": case_text(case),
        }
        title = f"Watch for {draft.watched.sentence}"
        return await propose(tx, KIND, title=title, sentence=sentence, payload=payload, open_for=WAITS_FOR)


def _under_a_case(why: Why) -> Case:
    if why.case is None or why.case.kind is not CaseKind.CASE:
        raise Invalid("A watch needs an open case; an incident or a call is none.", reason="case")
    return why.case


def _check_end(expires_at: datetime, now: datetime, longest: timedelta | None) -> None:
    if expires_at <= now:
        raise Invalid("The watch would be over already.", reason="expires_at")
    if longest is not None and expires_at > now + longest:
        raise Invalid(f"A watch lasts at most {longest.days} days.", reason="expires_at")


async def _apply(tx: Tx, proposal: Proposal) -> UUID:
    """What approval does: from now on it looks at each read."""
    payload = cast("dict[str, Json]", proposal.payload)
    why = sure(_why(proposal))
    expires_at = parse_rfc3339(str(payload["expires_at"]))
    if expires_at <= tx.now:
        raise Expired("The watch would be over already; it can be proposed again.")
    if len(await watch_store.in_force(tx)) >= MOST_IN_FORCE:
        raise Conflict(f"{MOST_IN_FORCE} watches are in force; withdraw one first.", reason="most_in_force")
    reads = payload["expected_reads"]
    watch = Watch(
        id=WatchId(uuid7(tx.now)),
        watched=of_said(payload),
        case=sure(why.case).id,
        purpose=why.allowed,
        reason=str(payload["reason"]),
        started_at=tx.now,
        expires_at=expires_at,
        expected=Expected(
            None if reads is None else int(str(reads)), int(str(payload["expected_tenths_of_hours"])) / 10
        ),
        most_per_shift=int(str(payload["most_per_shift"])),
        counted_from=tx.now,
        proposed_by=proposal.proposed_by,
        approved_by=tx.actor,
    )
    await watch_store.insert(tx, watch, proposal.id)
    await hot_list_store.raise_version(tx)
    more: dict[str, Json] = {
        "proposal": str(proposal.id), "of_case": str(watch.case), "expires_at": rfc3339(expires_at),
    }  # fmt: skip
    await effect(tx, "plate_watch.in_force", About("plate_watch", watch.id), more=more)
    return watch.id


def _why(proposal: Proposal) -> Why | None:
    payload = cast("dict[str, str | None]", proposal.payload)
    return why_of(payload.get("purpose"), payload.get("case"))


ACT: Final = TwoPersonAct(KIND, Need.WATCH_APPROVE, TECHNOLOGY, _apply, open_for=WAITS_FOR, why=_why)


async def every(door: Door, actor: Actor, extent: Extent, case: UUID | None) -> Cut[Standing]:
    """Watches, the last begun first, of one case or of all; those that are over say why."""
    about = About("case", case) if case is not None else None
    async with door.open(Ask(actor, Need.WATCH_VIEW, about=about, technology=TECHNOLOGY)) as tx:
        found = await watch_store.watches(tx, extent, case=case)
        return Cut(await standings(tx, list(found.items)), found.following)


async def one(door: Door, actor: Actor, watch_id: WatchId) -> Standing:
    """One watch. Raises NotFound."""
    ask = Ask(actor, Need.WATCH_VIEW, about=About("plate_watch", watch_id), technology=TECHNOLOGY)
    async with door.open(ask) as tx:
        return (await standings(tx, [await _known(tx, watch_id)]))[0]


async def withdraw(door: Door, actor: Actor, watch_id: WatchId, why: str) -> None:
    """End a watch at once: no read answers to it any more. One person suffices. Raises NotFound or Conflict."""
    about = About("plate_watch", watch_id)
    async with door.open(
        Ask(actor, Need.WATCH_WITHDRAW, about=about, technology=TECHNOLOGY, detail={"why": why})
    ) as tx:
        watch = await _known(tx, watch_id)
        if watch.expires_at <= tx.now:
            raise Conflict("The watch is over.", reason="over")
        if not await watch_store.withdraw(tx, watch_id, why):
            raise Conflict("It was withdrawn before.", reason="withdrawn")
        await hot_list_store.raise_version(tx)
        await effect(tx, "plate_watch.withdrawn", about, detail={"why": why})


async def resume(door: Door, actor: Actor, watch_id: WatchId) -> None:
    """Let a watch look again that brought more hits than it may, its budget whole. Raises NotFound or Conflict."""
    about = About("plate_watch", watch_id)
    async with door.open(Ask(actor, Need.WATCH_APPROVE, about=about, technology=TECHNOLOGY)) as tx:
        watch = await _known(tx, watch_id)
        if await why_over(tx, [watch]) != [None]:
            raise Conflict("The watch is over.", reason="over")
        if not await watch_store.resume(tx, watch_id):
            raise Conflict("The watch is not paused.", reason="not_paused")
        await hot_list_store.raise_version(tx)
        await effect(tx, "plate_watch.resumed", about)


async def _known(tx: Tx, watch_id: WatchId) -> Watch:
    watch = await watch_store.one(tx, watch_id)
    if watch is None:
        raise NotFound("There is no such watch.")
    return watch


async def standings(tx: Tx, watches: list[Watch]) -> list[Standing]:
    """These watches as people see them."""
    over = await why_over(tx, watches)
    tallies = await watch_store.tallies(tx, [one.id for one in watches])
    people = {person for one in watches for person in (one.proposed_by, one.approved_by)}
    names = await names_of(tx, sorted(people))
    shown = []
    for watch, ended in zip(watches, over, strict=True):
        hits, last = tallies.get(watch.id, (0, None))
        shown.append(Standing(watch, ended, hits, last, names))
    return shown


async def why_over(tx: Tx, watches: list[Watch]) -> list[str | None]:
    """Of each why it looks no more, in a sentence; None while it does, or is paused."""
    over = await case_store.over(tx, {one.case for one in watches})

    def ended(watch: Watch) -> str | None:
        if watch.withdrawn_at is not None:
            return f"It was withdrawn on {moment(watch.withdrawn_at, tx.zone)}: {watch.withdrawn_why}"
        if watch.expires_at <= tx.now:
            return f"It ended on {moment(watch.expires_at, tx.zone)}, as it was said to."
        return over[watch.case].sentence if watch.case in over else None

    return [ended(watch) for watch in watches]


async def end_with_cases(tx: Tx) -> None:
    """Write down which watches have ended with their case, each once. They answer no more as soon as it is over."""
    over = await case_store.over(tx, await watch_store.resting(tx))
    for watch in await watch_store.end_with(tx, over) if over else ():
        await effect(tx, "plate_watch.ended", About("plate_watch", watch))
        await hot_list_store.raise_version(tx)


def said(watched: Watched) -> dict[str, Json]:
    """What a watch looks for, as a proposal and the log keep it. Outside ids, six decimals: a hand's breadth."""
    where = watched.where
    return {
        "pattern": watched.pattern,
        "state": watched.state,
        "colour": watched.colour,
        "make": watched.make,
        "body": watched.body,
        "where": None
        if where is None
        else {
            "kind": where.kind,
            "points": [[f"{point.lat:.6f}", f"{point.lon:.6f}"] for point in where.points],
            "within_m": round(where.within_m),
        },
        "readers": [outside("reader", one) for one in watched.readers],
        "hours": None if watched.hours is None else list(watched.hours),
    }


def of_said(kept: dict[str, Json]) -> Watched:
    """What a proposal keeps."""
    where, hours = kept["where"], cast("list[int] | None", kept["hours"])
    place = None
    if isinstance(where, dict):
        points = [
            [float(str(number)) for number in pair] for pair in cast("list[list[str]]", where["points"])
        ]
        place = watch_store.place_of(
            {"kind": str(where["kind"]), "points": points, "within_m": float(str(where["within_m"]))}
        )
    return Watched(
        **{
            name: None if kept[name] is None else str(kept[name])
            for name in ("pattern", "state", "colour", "make", "body")
        },
        where=place,
        readers=tuple(ReaderId(inside("reader", one)) for one in cast("list[str]", kept["readers"])),
        hours=None if hours is None else (int(hours[0]), int(hours[1])),
    )
