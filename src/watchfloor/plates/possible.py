"""Possible hits, which alerted nobody: looked at, and judged by what a person reads in the picture before seeing the entry.

A verdict counts for the reader's record and raises no alert. Until somebody gave one, they see picture and reader alone; the plate
that was read, the entry and all else is shown to whoever typed a word, and to nobody besides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.store import names_of
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.plates import judge, picture, possible_store, verdict_store
from watchfloor.plates.model import HitId, Kind, Plate
from watchfloor.plates.possible_store import PossibleHit, Sifted, Waiting
from watchfloor.plates.record import Judged, ReaderVerdict, pairs_between
from watchfloor.plates.shelves import named, picture_gone
from watchfloor.plates.verdict_store import OnHit, Told
from watchfloor.storage.objects import Objects
from watchfloor.storage.tx import Tx

_WAITED: Final = timedelta(days=30)
_TAKEN_BACK: Final = timedelta(minutes=10)
_STEPS: Final[Mapping[Kind, str]] = {
    Kind.SUBSTITUTION: "One character differs from the entry; it is one that the reader doubted.",
    Kind.MISSING: "One character of the entry is missing where the reader doubted what it read.",
    Kind.EXTRA: "One character is read that the entry has not, and the reader doubted it.",
}


class AlreadyJudged(Conflict):
    """Its read has a verdict, or whoever asks has seen the entry."""

    def __init__(self) -> None:
        super().__init__(
            "A verdict on this hit was given already.",
            reason="already_judged",
            next_step="Take the next one.",
        )


class NotBlind(Conflict):
    """Whoever asks proposed the entry, or approved it."""

    def __init__(self) -> None:
        super().__init__(
            "You proposed or approved an entry that this read answers to, so you know what its picture may show.",
            reason="not_blind",
            next_step="Leave it to somebody else, and take the next one.",
        )


class NothingToRead(Conflict):
    """There is no picture to read from."""

    def __init__(self) -> None:
        super().__init__(
            "There is no picture, so there is nothing to read a plate from.",
            reason="no_picture",
            next_step="Take another hit; this one counts for nobody's record.",
        )


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person reads in the picture; None is: cannot be read."""

    plate: Plate | None
    state: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """Possible hits as a page shows them, and the names of who judged."""

    hits: Cut[PossibleHit]
    names: Mapping[UUID, str]


def verdict_of(typed: Typed, read: Plate, wanted: Plate, wanted_state: str | None) -> ReaderVerdict:
    """What was typed says of a hit; `undecided` where the picture does not say it.

    A plate that was read rightly and is not the wanted one is no mistake of the reader.
    """
    if typed.plate is None:
        return ReaderVerdict.UNDECIDED
    if typed.plate != wanted:
        return ReaderVerdict.ANOTHER_CAR if typed.plate == read else ReaderVerdict.MISREAD
    if wanted_state is not None and typed.state is None:
        return ReaderVerdict.UNDECIDED
    return ReaderVerdict.RIGHT if wanted_state in (None, typed.state) else ReaderVerdict.WRONG_STATE


def why_no_alarm(hit: PossibleHit) -> list[str]:
    """Why it alarmed nobody, each reason in a sentence that names no plate."""
    reasons = [_STEPS[hit.kind]] if hit.kind in _STEPS else []
    if hit.read.state is None:
        reasons.append("The reader could not tell the state: an unread state never alarms.")
    return reasons or ["It was less likely right than what alerted at that time."]


def _ask(actor: Actor, need: Need, hit: HitId | None = None) -> Ask:
    about = About("plate_hit", hit) if hit is not None else None
    return Ask(actor, need, about=about, technology=TechnologyKind.PLATE_READER)


async def _shown(tx: Tx, hits: Cut[PossibleHit]) -> Shown:
    people = [one.judged.by for one in hits.items if one.judged is not None]
    return Shown(hits, await names_of(tx, people) if people else {})


async def sift(door: Door, actor: Actor, sifted: Sifted, extent: Extent) -> Shown:
    """Those that are asked for, the newest first. Raises Refused."""
    async with door.open(_ask(actor, Need.POSSIBLE_HITS_VIEW)) as tx:
        return await _shown(tx, await possible_store.sift(tx, sifted, extent))


async def one(door: Door, actor: Actor, hit: HitId) -> Shown:
    """One of them. Raises NotFound or Refused."""
    async with door.open(_ask(actor, Need.POSSIBLE_HITS_VIEW, hit)) as tx:
        return await _shown(tx, Cut([await _found(tx, hit)]))


async def waiting(door: Door, actor: Actor) -> Sequence[Waiting]:
    """Readers with how many verdicts each has, and how many of its possible hits of 30 days wait for one. Raises Refused."""
    async with door.open(_ask(actor, Need.POSSIBLE_HITS_VIEW)) as tx:
        return await possible_store.waiting(tx, tx.now - _WAITED, tx.now - verdict_store.LOOKS_BACK)


async def picture_of(door: Door, objects: Objects, actor: Actor, hit: HitId) -> bytes:
    """What the reader saw. Raises NotFound (reason `no_picture` where the hit is there and it is not) or Refused."""
    async with door.open(_ask(actor, Need.POSSIBLE_HITS_VIEW, hit)) as tx:
        found = await _found(tx, hit)
    name = named(found.read.picture)
    try:
        return await objects.get(picture.key_of(actor.agency, name))
    except NotFound as error:
        raise picture_gone() from error


async def judged(door: Door, actor: Actor, hit: HitId, typed: Typed) -> Shown:
    """Keep what the picture says; only now plate and entry are shown, to this actor.

    It is a verdict on every entry that the same read answered to, of which one counts, and none if one counts already of the
    same plate within ten minutes. Raises AlreadyJudged, NotBlind, NothingToRead, NotFound.
    """
    async with door.open(_ask(actor, Need.POSSIBLE_HITS_JUDGE, hit)) as tx:
        found = await _found(tx, hit)
        answered = await possible_store.of_read(tx, found.read)
        if found.read.picture is None:
            raise NothingToRead()
        if any(one.own for one in answered):
            raise NotBlind()
        if not found.waits:
            raise AlreadyJudged()
        given = [(one, verdict_of(typed, one.read.plate, one.wanted, one.wanted_state)) for one in answered]
        first = None if await possible_store.counted(tx, found.read) else min(given, key=_weight)[0].id
        for each, verdict in given:
            seen = each.judged.seen_by if each.judged is not None else ()
            said = OnHit(actor.id, seen, counts=each.id == first)
            if not await verdict_store.keep(tx, _told(each, typed, verdict, tx), each.id, said):
                raise AlreadyJudged()
            await _logged(tx, each, typed, verdict)
        return await _shown(tx, Cut([await _found(tx, hit)]))


def _weight(given: tuple[PossibleHit, ReaderVerdict]) -> tuple[bool, bool, float]:
    """Which of a read's verdicts counts: one that decides, of an entry that could have alarmed, the likeliest."""
    hit, verdict = given
    return (
        verdict is ReaderVerdict.UNDECIDED,
        hit.kind.is_step,
        -hit.odds.probability if hit.odds is not None else 0.0,
    )


async def _logged(tx: Tx, hit: PossibleHit, typed: Typed, verdict: ReaderVerdict) -> None:
    more: dict[str, Json] = {"verdict": verdict.value, "reader": str(hit.read.device)}
    said: dict[str, Json] = {"plate": typed.plate.text if typed.plate else None, "state": typed.state}
    await effect(tx, "possible_hit.judged", About("plate_hit", hit.id), more=more, detail=said)


async def take_back(door: Door, actor: Actor, hit: HitId) -> Shown:
    """Let one's own verdict count no more, having mistyped; within ten minutes. Raises Conflict or NotFound."""
    async with door.open(_ask(actor, Need.POSSIBLE_HITS_JUDGE, hit)) as tx:
        found = await _found(tx, hit)
        if found.judged is None or found.judged.by != actor.id:
            raise Conflict("Only a verdict of one's own is taken back.", reason="not_own")
        if found.judged.at < tx.now - _TAKEN_BACK:
            raise Conflict("A verdict is taken back within ten minutes; this one stands.", reason="too_late")
        for each in await possible_store.of_read(tx, found.read):
            if await verdict_store.take_back(tx, each.id):
                await effect(tx, "possible_hit.taken_back", About("plate_hit", each.id))
        return await _shown(tx, Cut([await _found(tx, hit)]))


async def _found(tx: Tx, hit: HitId) -> PossibleHit:
    found = await possible_store.one(tx, hit)
    if found is None:
        raise NotFound(
            "There is no such possible hit (any more): hits are kept only so long, and one may have become an alert."
        )
    return found


def _told(hit: PossibleHit, typed: Typed, verdict: ReaderVerdict, tx: Tx) -> Told:
    true = typed.plate.text if typed.plate is not None and verdict is not ReaderVerdict.UNDECIDED else None
    pairs = pairs_between(true, hit.read.plate.text) if true is not None else ()
    # What a step expects is mostly that it is another car; of a state that was not read nothing could be misread.
    of_plate = 0.0 if not hit.kind.is_step and verdict is not ReaderVerdict.ANOTHER_CAR else None
    of_state = of_plate if hit.read.state is not None else None
    said = Judged(verdict, judge.is_night(hit.read.at, tx.zone), pairs, of_plate, of_state)
    hour = hit.read.at.astimezone(tx.zone).hour
    return Told(hit.read.device, None, hit.read.at, hour, hit.read.state, said)
