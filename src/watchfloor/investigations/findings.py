"""Findings: reads that a search of plates found, put into a case or an incident with the search that found them.

A finding opens no picture and preserves no read: whoever sees it looks for that case, and a read goes when its time is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from watchfloor.governance import log_store
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Actor, Ask, Case, Denied, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.investigations import finding_store as store
from watchfloor.investigations.bookmarks import LONGEST_NOTE, SEEN_BY
from watchfloor.investigations.finding_store import Finding
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.plates import search_store
from watchfloor.plates.criteria import Criteria, of_said
from watchfloor.plates.scenes import of_said_scenes
from watchfloor.plates.search import finds, place_of
from watchfloor.plates.search_store import Found
from watchfloor.storage.tx import Tx

MOST_READS: Final = 50


@dataclass(frozen=True, slots=True)
class Put:
    """How many reads were put in, and how many were in the case before."""

    kept: int
    before: int


async def keep(door: Door, actor: Actor, why: Why, search: UUID, read_ids: Sequence[str], note: str) -> Put:
    """Put reads into the case that one looks for. Raises Invalid for what that search does not find, NotFound, or Refused."""
    case, note = _case_of(why), _checked(read_ids, note)
    places = list(dict.fromkeys(place_of(one) for one in read_ids))
    async with door.open(_ask(actor, Need.FINDINGS_CHANGE, why, About("finding"))) as tx:
        criteria, scenes = await sought(tx, search)
        reads = await search_store.reads_at(tx, places)
        for place in places:
            await found_by(tx, criteria, reads.get(place))
        kept = await store.insert(tx, case, search, places, note, scenes=scenes)
        more: dict[str, Json] = {"reads": kept, "search": outside("entry", search)}
        await effect(tx, "finding.kept", About(case.kind.value, case.id), more=more, detail={"note": note})
        return Put(kept, len(places) - kept)


async def listed(
    door: Door, actor: Actor, why: Why | None, extent: Extent
) -> Cut[tuple[Finding, Found | None]]:
    """What was put into the case that one looks for, each with its read where that is still kept. Raises Refused, or Invalid."""
    async with door.open(_ask(actor, Need.FINDINGS_VIEW, why)) as tx:
        found = await store.findings(tx, _case_of(why), extent)
        reads = await search_store.reads_at(tx, [one.read for one in found.items])
        return found.of(lambda one: (one, reads.get(one.read)))


async def remove(door: Door, actor: Actor, why: Why | None, finding: UUID) -> None:
    """Take one of one's own out of its case, looking for that case. Raises NotFound, or Refused."""
    async with door.open(_ask(actor, Need.FINDINGS_CHANGE, why, About("finding", finding))) as tx:
        before = await store.finding_of(tx, _case_of(why), finding)
        if before is None:
            raise NotFound("There is no such finding in this case.")
        if before.made_by != actor.id:
            raise Refused(Denied("not_the_author", "Another person put this in; only they take it out."))
        await store.remove(tx, finding)
        await effect(tx, "finding.removed", About("finding", finding), detail={"note": before.note})


async def sought(tx: Tx, search: UUID) -> tuple[list[Criteria], bool]:
    """What that search looked for, and whether it was of two scenes. Raises NotFound."""
    detail: Mapping[str, object] | None = await log_store.detail_of(tx, search, Need.PLATES_SEARCH.word)
    one = of_said(detail) if detail is not None else None
    if one is not None:
        return [one], False
    both = of_said_scenes(detail) if detail is not None else None
    if both is None:
        raise NotFound(
            "There is no such search (any more).", reason="search", next_step="Search anew, then put it in."
        )
    return [both.first, both.second], True


async def found_by(tx: Tx, asked: Sequence[Criteria], read: Found | None) -> None:
    """Raises NotFound for a read that is gone, Invalid for one that none of these searches finds."""
    if read is None:
        raise NotFound(
            "One of the reads is not there (any more).",
            reason="reads",
            next_step="Search anew: reads are kept only so long.",
        )
    if not any([await finds(tx, one, read) for one in asked]):
        raise Invalid(
            "One of the reads is none that this search finds.",
            reason="reads",
            next_step="Name the search that found it.",
        )


def _case_of(why: Why | None) -> Case:
    if why is None or why.case is None or why.case.kind not in SEEN_BY:
        raise Invalid(
            "Findings are kept with a case or an incident.",
            reason="case",
            next_step="Choose one as the reason of your look.",
        )
    return why.case


def _checked(read_ids: Sequence[str], note: str) -> str:
    """The note as it is kept. Raises Invalid."""
    if not 1 <= len(read_ids) <= MOST_READS:
        raise Invalid(f"Name 1 to {MOST_READS} reads.", reason="reads")
    if len(note.strip()) > LONGEST_NOTE:
        raise Invalid(f"A note has {LONGEST_NOTE} characters at most.", reason="note")
    return note.strip()


def _ask(actor: Actor, need: Need, why: Why | None, about: About | None = None) -> Ask:
    return Ask(actor, need, why, about, TechnologyKind.PLATE_READER)
