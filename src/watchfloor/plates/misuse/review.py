"""Reviewing a look-up outside the room: what was sought and why, and the verdict with its reason. Each look is in the log.

It is for auditors, who hold no other role; who had one before reviews nothing that they looked up themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from watchfloor.governance import log_store
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask, Denied, Refused
from watchfloor.governance.names import NamesOf, ThingsOf
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.sure import sure
from watchfloor.plates.misuse import looks_store, review_store, store
from watchfloor.plates.misuse.looks import Looks
from watchfloor.plates.misuse.review_store import Draw, Review
from watchfloor.storage.tx import Row, Tx

LEAST_WORDS: Final = 10


class LookUpVerdict(StrEnum):
    """What a reviewer says of a look-up."""

    PROPER = "proper"
    IMPROPER = "improper"
    CANNOT_TELL = "cannot_tell"


class State(StrEnum):
    """Which reviews are listed."""

    OPEN = "open"
    OVERDUE = "overdue"
    REVIEWED = "reviewed"


class Tell(StrEnum):
    """Of which reviews the person is told."""

    ALWAYS = "always"
    PROPER = "proper"
    NEVER = "never"

    def tells(self, verdict: LookUpVerdict) -> bool:
        """Whether the person is told of a review with this verdict."""
        return self is Tell.ALWAYS or (self is Tell.PROPER and verdict is LookUpVerdict.PROPER)


@dataclass(frozen=True, slots=True)
class Looked:
    """A review with what the log keeps of the look-up: `entry` is its row, `sought` the one beside
    which what was sought stands: of a search that was opened again, the first one."""

    review: Review
    entry: Row
    sought: Row
    look_up: Row | None
    names: Mapping[UUID, str]
    case_name: str | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What is published: look-ups reviewed by cause and verdict, each look-up once by verdict, the draws, and watches and co-travellers."""

    since: datetime
    until: datetime
    by_cause: list[Row]
    verdicts: Mapping[str, int]
    overdue: int
    draws: list[Draw]
    looks: Looks


@dataclass(frozen=True, slots=True)
class Reviews:
    """What reviewing needs: who knows names, and of which reviews the person is told."""

    door: Door
    names_of: NamesOf
    things_of: ThingsOf
    tell: Tell

    async def listed(
        self, actor: Actor, state: State | None, extent: Extent
    ) -> tuple[Cut[Review], Mapping[UUID, str], datetime]:
        """Reviews, newest first, with the names of whom they are about. Raises Refused."""
        async with self.door.open(Ask(actor, Need.LOOK_UPS_REVIEW)) as tx:
            cut = await review_store.reviews(tx, state, extent)
            return cut, await self._names(tx, cut.items), tx.now

    async def look(self, actor: Actor, review_id: UUID) -> tuple[Looked, datetime]:
        """One review, with what was sought. Raises NotFound or Refused."""
        about = About("look_up_review", review_id)
        async with self.door.open(Ask(actor, Need.LOOK_UPS_REVIEW, about=about)) as tx:
            return await self._looked(tx, actor, await _there(tx, review_id)), tx.now

    async def decide(
        self, actor: Actor, review_id: UUID, verdict: LookUpVerdict, reason: str
    ) -> tuple[Looked, datetime]:
        """Give the verdict, with its reason. Raises NotFound, Invalid, Conflict or Refused."""
        said = reason.strip()
        if len(said) < LEAST_WORDS:
            raise Invalid("Say in a sentence why.", reason="reason")
        about = About("look_up_review", review_id)
        ask = Ask(actor, Need.LOOK_UPS_REVIEW, about=about, detail={"reason": said})
        async with self.door.open(ask) as tx:
            found = await _there(tx, review_id)
            _of_another(actor, found)
            if not await review_store.decide(
                tx, review_id, verdict.value, said, told=self.tell.tells(verdict)
            ):
                raise Conflict("This look-up was reviewed already.", reason="reviewed")
            await effect(tx, "look_up.reviewed", about, more={"verdict": verdict.value})
            return await self._looked(tx, actor, await _there(tx, review_id)), tx.now

    async def own(self, actor: Actor, extent: Extent) -> Cut[Review]:
        """Reviews of one's own look-ups, as far as one is told of them."""
        async with self.door.open(Ask(actor, Need.LOOK_UPS_OWN)) as tx:
            return await review_store.told(tx, actor.id, extent)

    async def figures(self, actor: Actor, since: datetime, until: datetime) -> Figures:
        """What is published of reviews that were opened between two times. Raises Invalid or Refused."""
        if not since < until:
            raise Invalid("The time ends after it begins.", reason="to")
        async with self.door.open(Ask(actor, Need.LOOK_UPS_COUNT)) as tx:
            late, _ = await review_store.overdue(tx)
            return Figures(
                since,
                until,
                await review_store.counted(tx, since, until),
                await review_store.verdicts(tx, since, until),
                late,
                await review_store.draws(tx, since, until),
                await looks_store.looks(tx, since, until),
            )

    async def _names(self, tx: Tx, reviews: list[Review]) -> Mapping[UUID, str]:
        people = {one.person for one in reviews} | {one.reviewed_by for one in reviews if one.reviewed_by}
        return await self.names_of(tx, sorted(people))

    async def _looked(self, tx: Tx, actor: Actor, found: Review) -> Looked:
        _of_another(actor, found)
        entry = sure(await log_store.entry(tx, found.entry), "the entry of a look-up")
        first = await log_store.entry(tx, entry["about_id"]) if entry["about_kind"] == "entry" else None
        case = entry["case_id"]
        named = await self.things_of(tx, ["case", "call", "incident", "alert"], [case] if case else [])
        return Looked(
            found,
            entry,
            first if first is not None else entry,
            await store.look_up(tx, found.entry),
            await self._names(tx, [found]),
            named.get(case) if case else None,
        )


async def _there(tx: Tx, review_id: UUID) -> Review:
    found = await review_store.review(tx, review_id)
    if found is None:
        raise NotFound("There is no such review.")
    return found


def _of_another(actor: Actor, review: Review) -> None:
    if actor.id == review.person:
        raise Refused(Denied("same_person", "Nobody reviews a look-up of their own: another auditor does."))
