"""Searching for vehicles at two scenes: near one place in one time, and later near another. For a purpose and a case.

It names no vehicle beforehand, so it is bounded: by the length of each time, and by how many reader hours each place has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance import log_store
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside
from watchfloor.governance.model import About, Actor, Ask, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.sure import sure
from watchfloor.plates import history_store, scenes_store
from watchfloor.plates.criteria import LONGEST, Criteria, looked, of_said, said
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.scenes_store import AtBoth, Scene
from watchfloor.plates.search import STATEMENT_S
from watchfloor.storage.tx import Tx

LONGEST_SCENE: Final = timedelta(hours=24)
_NAMES: Final = ("first", "second")


@dataclass(frozen=True, slots=True)
class TwoScenes:
    """Where and when a vehicle is to have been first, and where and when after that."""

    first: Criteria
    second: Criteria

    def __post_init__(self) -> None:
        """Raises Invalid, its reason naming the scene, for what makes no sense in itself."""
        for name, scene in zip(_NAMES, (self.first, self.second), strict=True):
            if not scene.at_a_place:
                raise Invalid(f"Say where the {name} scene is.", reason=name)
            if scene.plate or scene.colour or scene.make:
                raise Invalid("A scene is a place and a time, and nothing of a vehicle.", reason=name)
            if scene.until - scene.since > LONGEST_SCENE:
                raise Invalid("The time of one scene is 24 hours at most.", reason=name)
        if self.second.until <= self.first.since:
            raise Invalid("The second scene is after the first.", reason="second")
        if self.second.until - self.first.since > LONGEST:
            raise Invalid(f"Both scenes lie within {LONGEST.days} days.", reason="second")


@dataclass(frozen=True, slots=True)
class ScenesSearched:
    """What a search of two scenes found, the soonest at the second first; `complete` is false where there are more.

    `id` is the search's own, its entry of the log. `readers` are how many stood at each scene then.
    """

    id: UUID
    scenes: TwoScenes
    readers: tuple[int, int]
    found: Sequence[AtBoth]
    complete: bool


async def search(door: Door, look_ups: LookUps, actor: Actor, scenes: TwoScenes, why: Why) -> ScenesSearched:
    """Which vehicles were at both. Raises Invalid for what would read without bound, Refused, or Unavailable."""
    ask = Ask(
        actor, Need.PLATES_SEARCH, why, technology=TechnologyKind.PLATE_READER, detail=said_scenes(scenes)
    )
    async with door.open(ask) as tx:
        await look_ups.admit(tx)
        done = await _searched(tx, sure(tx.decision), scenes)
        await look_ups.looked_up(tx, way="two_scenes", why=why, plates=(), found=len(done.found))
        return done


async def search_again(
    door: Door, look_ups: LookUps, actor: Actor, search_id: str, why: Why | None
) -> ScenesSearched:
    """A search of two scenes by its id, for the asker's own purpose. Raises Refused, or NotFound."""
    entry = inside("entry", search_id)
    ask = Ask(
        actor, Need.PLATES_SEARCH, why, technology=TechnologyKind.PLATE_READER, about=About("entry", entry)
    )
    async with door.open(ask) as tx:
        await look_ups.admit(tx)
        detail = await log_store.detail_of(tx, entry, Need.PLATES_SEARCH.word)
        scenes = of_said_scenes(detail) if detail is not None else None
        if scenes is None:
            raise NotFound(
                "There is no such search (any more).", next_step="Ask who sent the link what was looked for."
            )
        done = await _searched(tx, entry, scenes)
        await look_ups.looked_up(tx, way="two_scenes_again", why=why, plates=(), found=len(done.found))
        return done


async def _searched(tx: Tx, search_id: UUID, scenes: TwoScenes) -> ScenesSearched:
    first, second = [await _scene(tx, scene) for scene in (scenes.first, scenes.second)]
    await history_store.bound(tx, STATEMENT_S)
    found, complete = await scenes_store.at_both(tx, first, second)
    readers = tuple(len({one.reader for one in scene.stood}) for scene in (first, second))
    return ScenesSearched(search_id, scenes, (readers[0], readers[1]), found, complete)


async def _scene(tx: Tx, scene: Criteria) -> Scene:
    asked = looked(scene, await history_store.stands(tx, scene.since, scene.until))
    return Scene(asked.stood or (), scene.since, scene.until, asked.area)


def said_scenes(scenes: TwoScenes) -> dict[str, Json]:
    """As the log keeps it, beside the leaf."""
    return {"scenes": [said(scenes.first), said(scenes.second)]}


def of_said_scenes(detail: Mapping[str, object]) -> TwoScenes | None:
    """The scenes that the log keeps; None where it keeps none (any more)."""
    kept = detail.get("scenes")
    if not isinstance(kept, list) or len(kept) != len(_NAMES):
        return None
    first, second = (of_said(one) if isinstance(one, Mapping) else None for one in kept)
    return TwoScenes(first, second) if first is not None and second is not None else None
