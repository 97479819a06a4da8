"""Routes of searching for vehicles at two scenes: translate in, call a use case, translate out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside, why_given
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Purposed, Signed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.gone import unless_gone
from watchfloor.kit.instant import Instant
from watchfloor.plates import scenes, scenes_form
from watchfloor.plates.criteria import MOST_READERS, Criteria
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.model import ReaderId
from watchfloor.plates.scenes import ScenesSearched, TwoScenes
from watchfloor.plates.scenes_store import AtBoth
from watchfloor.plates.search_api import WhereBody, found_json, sought_json, where_of
from watchfloor.plates.take import Intake


class SceneBody(BaseModel):
    """A place, or readers by their ids, and a time of 24 hours at most."""

    model_config = ConfigDict(populate_by_name=True)

    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")
    where: WhereBody | None = None
    readers: list[str] = Field(default_factory=list, max_length=MOST_READERS)


class ScenesBody(BaseModel):
    """Near one place in one time, and later near another: which vehicles were at both."""

    first: SceneBody
    second: SceneBody
    purpose: str
    case: str | None = None


def add_routes(router: APIRouter, parts: Intake, look_ups: LookUps) -> None:
    """The routes of two scenes."""
    door, clock = parts.door, parts.clock

    @router.post("/scene-searches", openapi_extra=asks(Need.PLATES_SEARCH))
    async def search_scenes(request: Request, actor: Signed, body: ScenesBody) -> scenes_form.SceneSearch:
        """Vehicles that were read at the first scene and later at the second. The search is kept in the log; its id opens it again."""
        wanted = TwoScenes(_scene_of(body.first, "first"), _scene_of(body.second, "second"))
        asked = scenes.search(door, look_ups, actor, wanted, why_given(body.purpose, body.case))
        return _json(await unless_gone(request, asked, clock))

    @router.get("/scene-searches/{scene_search_id}", openapi_extra=asks(Need.PLATES_SEARCH))
    async def search_scenes_again(
        request: Request, actor: Signed, why: Purposed, scene_search_id: str
    ) -> scenes_form.SceneSearch:
        """A search of two scenes by its id, made again for one's own purpose."""
        asked = scenes.search_again(door, look_ups, actor, scene_search_id, why)
        return _json(await unless_gone(request, asked, clock))


def _scene_of(body: SceneBody, name: str) -> Criteria:
    """Raises Invalid, its reason naming the scene."""
    try:
        readers = tuple(ReaderId(inside("reader", one)) for one in body.readers)
        if body.where is None and not readers:
            raise Invalid(f"Say where the {name} scene is.")
        return Criteria(body.since, body.until, where=where_of(body.where), readers=readers)
    except Invalid as error:
        raise Invalid(error.detail, reason=name, next_step=error.next_step) from error


def _json(one: ScenesSearched) -> scenes_form.SceneSearch:
    return {
        "id": outside("entry", one.id),
        "first": _scene_json(one.scenes.first, one.readers[0]),
        "second": _scene_json(one.scenes.second, one.readers[1]),
        "vehicles": [_both_json(pair) for pair in one.found],
        "complete": one.complete,
    }


def _scene_json(scene: Criteria, readers: int) -> scenes_form.SoughtScene:
    whole = sought_json(scene)
    return {
        "since": whole["since"],
        "until": whole["until"],
        "where": whole["where"],
        "readers": whole["readers"],
        "readers_there": readers,
    }


def _both_json(pair: AtBoth) -> scenes_form.VehicleAtBoth:
    reads = (*pair.first, *pair.second)
    texts = sorted(
        {one.read.plate.text for one in reads},
        key=lambda text: (-sum(one.read.plate.text == text for one in reads), text),
    )
    return {
        "plates": texts,
        "first": [found_json(one, texts[0]) for one in pair.first],
        "second": [found_json(one, texts[0]) for one in pair.second],
    }
