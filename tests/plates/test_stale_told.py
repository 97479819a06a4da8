"""A hot list that nobody renewed in its time is told to whoever collects figures and to whoever checks the center."""

from __future__ import annotations

from tests.plates.conftest import Town
from tests.plates.test_hot_lists import made
from watchfloor.governance.actors import process_actor
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.wiring.check import stale_lists
from watchfloor.wiring.figures import of_lists


async def test_a_stale_list_is_counted_and_named_and_a_renewed_one_is_not(town: Town) -> None:
    await town.a_list("QZ04417", name="County file")
    await made(town, "manual")
    assert await _figures(town) == {
        "hot_lists": {"fresh": 1.0, "stale": 0.0, "by_hand": 1.0}, "plate_watches": {"watching": 0, "paused": 0},
    }  # fmt: skip
    assert await _found(town) == []
    await town.rows(
        "update hot_list set owner = 'County sheriff', changed_at = changed_at - interval '30 hours'"
        " where name = 'County file' returning id"
    )
    assert (await _figures(town))["hot_lists"] == {"fresh": 0.0, "stale": 1.0, "by_hand": 1.0}
    (what, do) = (await _found(town))[0]
    assert what.startswith("The hot list “County file” is stale: it was due 20")
    assert do.endswith("; ask County sheriff.")
    supervisor = await town.web.person("supervisor")
    lists = (await supervisor.get("/api/v1/hot-lists")).json()["items"]
    await town.filled(next(one["id"] for one in lists if one["name"] == "County file"), "QZ04417")
    assert (await _figures(town))["hot_lists"]["stale"] == 0.0
    assert await _found(town) == []


async def _figures(town: Town) -> dict[str, dict[str, float]]:
    actor = process_actor(town.web.parts.agency, "serve")
    async with town.web.parts.door.open(Ask(actor, Need.FIGURES_COUNT)) as tx:
        return {one.name: dict(one.values) for one in await of_lists(tx)}


async def _found(town: Town) -> list[tuple[str, str]]:
    actor = process_actor(town.web.parts.agency, "check")
    async with town.web.parts.door.open(Ask(actor, Need.RETENTION_LOOK)) as tx:
        return [(one.what, one.do) for one in await stale_lists(tx)]
