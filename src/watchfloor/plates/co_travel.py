"""Who travelled with a vehicle: asked by one person for a case under a court's order, approved by another, found by a job.

It is off unless the center says otherwise, and is no picture of anybody's life: it is one vehicle, one time, one case, kept for a while.
What is not rarer than chance explains, corrected for how many were looked at, is not kept and not shown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import case_text, outside, why_of
from watchfloor.governance.model import About, Actor, Ask, Case, Denied, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Proposal
from watchfloor.governance.proposals import TwoPersonAct, propose
from watchfloor.governance.words import CaseKind, Purpose, TechnologyKind
from watchfloor.identity.store import names_of
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Conflict, Invalid, NotFound, WatchfloorError
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.kit.said import moment
from watchfloor.kit.sure import sure
from watchfloor.plate_settings import CoTravelSettings
from watchfloor.plates import co_travel_store as store
from watchfloor.plates.co_travel_store import CoTravel, Vehicle
from watchfloor.plates.companions import WITHIN, Companion
from watchfloor.plates.hotlist import key_of
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.model import Plate
from watchfloor.plates.travel import Travelled, travelled
from watchfloor.storage import jobs
from watchfloor.storage.jobs import MOST_ATTEMPTS, Job
from watchfloor.storage.tx import Tx

KIND: Final = "co_travel"
FIND: Final = "co_travel.find"
TECHNOLOGY: Final = TechnologyKind.PLATE_READER
OPEN_FOR: Final = timedelta(hours=72)
SHORTEST: Final = timedelta(days=2)
LONGEST: Final = timedelta(days=31)
_WORK_FOR: Final = timedelta(days=2)
PROVES: Final = (
    "Driving behind somebody is no proof of travelling together, and a plate names a vehicle, not a person. What stands here is only what"
    " habit and the road they share do not explain."
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whether this center looks for co-travellers at all, and how long what is found is kept."""

    enabled: bool
    keep_for: timedelta


@dataclass(frozen=True, slots=True)
class Draft:
    """A search as somebody asks for it."""

    plate: Plate
    since: datetime
    until: datetime
    order: str
    reason: str


def allowed_of(settings: CoTravelSettings) -> Allowed:
    """What the settings allow. Raises Invalid for what is neither `off` nor `by_order`."""
    if settings.searches not in ("off", "by_order"):
        raise Invalid(f"co_travel.searches is off or by_order, not {settings.searches!r}.")
    return Allowed(settings.searches == "by_order", timedelta(days=settings.keep_days))


async def ask_for(
    door: Door, look_ups: LookUps, allowed: Allowed, actor: Actor, draft: Draft, why: Why
) -> UUID:
    """Ask for a search; another person approves it. Raises Refused (`co_travel_off`, `order_missing` among its reasons) or Invalid."""
    _check(draft)
    detail: dict[str, Json] = {
        "plate": draft.plate.text, "from": rfc3339(draft.since), "to": rfc3339(draft.until), "order": draft.order,
        "reason": draft.reason,
    }  # fmt: skip
    async with door.open(Ask(actor, Need.CO_TRAVEL_ASK, why, technology=TECHNOLOGY, detail=detail)) as tx:
        _refuse_unless(allowed, why)
        await look_ups.admit(tx)
        await look_ups.looked_up(tx, way="co_travel", why=why, plates={draft.plate.folded}, found=0)
        case = _case_of(why)
        search = uuid7(tx.now)
        proposal = await propose(
            tx,
            KIND,
            title="Co-travellers of a vehicle",
            # No plate: whoever sees proposals need not know whose companions are looked for.
            sentence=f"Of one vehicle, from {moment(draft.since, tx.zone)} to {moment(draft.until, tx.zone)},"
            f" by {draft.order}: {draft.reason}",
            payload={"purpose": why.allowed.word, "case": case_text(case)},
            subject=search,
            open_for=OPEN_FOR,
        )
        vehicle = Vehicle(draft.plate, draft.since, draft.until, None)
        await store.insert(
            tx, search, proposal.id, case.id, draft.order, draft.reason, vehicle, proposal.expires_at
        )
        return search


def _check(draft: Draft) -> None:
    if not SHORTEST <= draft.until - draft.since <= LONGEST:
        raise Invalid(
            f"It covers {SHORTEST.days} to {LONGEST.days} days: of less nothing tells habit from company.",
            reason="to",
        )
    if not 3 <= len(draft.order) <= 100:
        raise Invalid("Name the court's order: its number and date.", reason="order")


def _refuse_unless(allowed: Allowed, why: Why | None) -> None:
    """Raises Refused, which is kept, where it is off or no court ordered it."""
    if not allowed.enabled:
        raise Refused(
            Denied(
                "co_travel_off",
                "This center does not look for who travelled with a vehicle.",
                next_step="It is off until the setting co_travel.searches says by_order.",
            )
        )
    if why is None or why.purpose is not Purpose.COURT_ORDER:
        raise Refused(
            Denied(
                "order_missing",
                "Who travelled with a vehicle is looked for under a court's order alone.",
                next_step="Choose that purpose, and name the order.",
            )
        )


def _case_of(why: Why) -> Case:
    if why.case is None or why.case.kind is not CaseKind.CASE:
        raise Invalid("It needs an open case; an incident or a call is none.", reason="case")
    return why.case


async def _apply(tx: Tx, proposal: Proposal) -> UUID:
    """What approval does: the work is planned."""
    search = sure(proposal.subject, "a proposal of a search")
    if not await store.stands(tx, search, "waiting", "", 0.0, ("asked",)):
        raise Conflict("This search is no longer asked for.", reason="decided")
    await store.keep_until(tx, search, tx.now + _WORK_FOR)
    await effect(tx, "co_travel.in_work", About("co_travel", search))
    await jobs.add(tx, FIND, {"search": str(search)}, run_at=tx.now, key=f"{FIND} {search}")
    return search


def _why(proposal: Proposal) -> Why | None:
    said = cast("dict[str, str]", proposal.payload)
    return why_of(said["purpose"], said["case"])


ACT: Final = TwoPersonAct(KIND, Need.CO_TRAVEL_APPROVE, TECHNOLOGY, _apply, open_for=OPEN_FOR, why=_why)


@dataclass(frozen=True, slots=True)
class Seen:
    """A search with its vehicle, None once that is forgotten, and the names of who acted in it."""

    search: CoTravel
    vehicle: Vehicle | None
    names: Mapping[UUID, str]


async def everything(
    door: Door, actor: Actor, extent: Extent, *, case: UUID | None = None, only: UUID | None = None
) -> tuple[Cut[CoTravel], Mapping[UUID, str]]:
    """Searches, of one case, one or all, without their vehicles, and the names of who asked and who approved. Raises Refused."""
    async with door.open(Ask(actor, Need.CO_TRAVELS_VIEW)) as tx:
        found = await store.searches(tx, extent, case=case, only=only)
        return found, await names_of(tx, [who for one in found.items for who in _people(one)])


def _people(one: CoTravel) -> list[UUID]:
    return [who for who in (one.asked_by, one.decided_by) if who is not None]


async def view(door: Door, actor: Actor, search: UUID, why: Why | None) -> Seen:
    """One search with its vehicle and what was found: for its own case, under a court's order. Raises Refused or NotFound."""
    async with door.open(Ask(actor, Need.CO_TRAVEL_VIEW, why, About("co_travel", search), TECHNOLOGY)) as tx:
        found = await store.search_of(tx, search)
        if found is None:
            raise NotFound("There is no such search.")
        if why is None or why.purpose is not Purpose.COURT_ORDER or sure(why.case).id != found.case:
            raise Refused(
                Denied(
                    "other_case",
                    "What was found is seen for the case that it was looked for, under the court's order.",
                    next_step="Choose that case and that purpose.",
                )
            )
        return Seen(found, await store.vehicle_of(tx, search), await names_of(tx, _people(found)))


def works(door: Door, allowed: Allowed) -> dict[str, Callable[[Job], Awaitable[None]]]:
    """The work of a job to find who travelled with a vehicle."""

    async def find(job: Job) -> None:
        await _Finding(door, allowed, job).run()

    return {FIND: find}


class _Finding:
    """One search in the making."""

    def __init__(self, door: Door, allowed: Allowed, job: Job) -> None:
        self._door, self._allowed, self._job = door, allowed, job
        self._agency, self._id = sure(job.agency, "a search's agency"), UUID(job.payload["search"])
        self._about = About("co_travel", self._id)

    async def run(self) -> None:
        """Find them, or say why not. What passes is raised, and the job is tried again."""
        async with self._door.open(self._state) as tx:
            search = await store.search_of(tx, self._id)
            vehicle = await store.vehicle_of(tx, self._id)
        if search is None or search.state not in ("waiting", "running"):
            return
        if vehicle is None:
            await self._ends("failed", "It waited too long.")
            return
        await self._says("Looking for its passes.", 0.05)
        why = Why(Purpose.COURT_ORDER, Case(CaseKind.CASE, search.case))
        ask = Ask(process_actor(self._agency, "sweep"), Need.CO_TRAVEL_FIND, why, self._about, TECHNOLOGY)
        try:
            async with self._door.open(ask) as tx:
                _refuse_unless(self._allowed, why)
                key = key_of(vehicle.plate.text)
                found = await travelled(tx, key, vehicle.since, vehicle.until, say=self._says)
                told = [await _told(tx, found, one) for one in found.companions]
                expires_at = tx.now + self._allowed.keep_for
                counts = (len(found.passes), found.drives, found.tries)
                if await store.ready(tx, self._id, counts, told, expires_at):
                    more: dict[str, Json] = {"tries": found.tries, "companions": len(told)}
                    await effect(tx, "co_travel.found", self._about, more=more)
        except Refused as refused:
            await self._ends("stopped", refused.detail)
        except WatchfloorError as error:
            if self._job.attempts >= MOST_ATTEMPTS:
                await self._ends("failed", error.detail)
                return
            raise

    @property
    def _state(self) -> Ask:
        return Ask(process_actor(self._agency, "sweep"), Need.CO_TRAVEL_STATE, about=self._about)

    async def _says(self, said: str, progress: float) -> None:
        async with self._door.open(self._state) as tx:
            await store.stands(tx, self._id, "running", said, progress, ("waiting", "running"))
            await jobs.progressed(tx, self._job, progress)

    async def _ends(self, state: str, said: str) -> None:
        async with self._door.open(self._state) as tx:
            if await store.stands(tx, self._id, state, said, 0.0, ("waiting", "running")):
                await effect(tx, f"co_travel.{state}", self._about, detail={"why": said})


async def _told(tx: Tx, found: Travelled, one: Companion) -> Mapping[str, Json]:
    """A companion as it is kept: never a count alone."""
    plates: dict[str, int] = {}
    meetings: list[Json] = []
    for number in one.passes:
        passed = found.passes[number]
        met = await store.met(tx, one.key, passed.reader, passed.at - WITHIN, passed.at + WITHIN)
        for plate, _ in met:
            plates[plate] = plates.get(plate, 0) + 1
        name = met[0][1] if met else ""
        meetings.append({"at": rfc3339(passed.at), "reader": outside("reader", passed.reader), "name": name})
    texts: list[str] = sorted(plates, key=lambda text: (-plates[text], text))
    return {
        "plates": texts,
        "near": len(one.passes),
        "drives": one.drives,
        "expected": f"{one.expected:.2f}",
        "p": f"{one.p:.3g}",
        "corrected": f"{one.corrected:.3g}",
        "meetings": meetings,
    }
