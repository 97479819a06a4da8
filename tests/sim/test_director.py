"""Stories begin when somebody asks; one that goes wrong is told and ends alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx

from watchfloor_sim import said
from watchfloor_sim.block import Running
from watchfloor_sim.director import TIMETABLE, Director
from watchfloor_sim.ears import CityEars
from watchfloor_sim.memory import Memory
from watchfloor_sim.people import Person
from watchfloor_sim.stories import STORIES, Stage
from watchfloor_sim.story import Block, Night

Step = tuple[str, dict[str, Any]]


class Center:
    """What answers that it is away, as soon as it may answer."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.set()
        await self.answers.wait()
        return httpx.Response(503, json={"detail": "away"})


def stage(center: Center, told: asyncio.Queue[Step]) -> Stage:
    http = httpx.AsyncClient(base_url="http://center", transport=httpx.MockTransport(center))
    night = Night(people={"analyst": Person("analyst", http)})
    devices = Running({}, "", "", 10)

    def tell(step: str, facts: dict[str, Any]) -> None:
        told.put_nowait((step, facts))

    ears = CityEars(night, Memory(), None, tell, lambda: None)
    return Stage(night, Block("", "", ""), devices, {}, {}, ears, tell)


async def asked_for(*names: str) -> AsyncIterator[str]:
    for name in names:
        yield name


async def test_a_story_that_breaks_off_is_told_with_the_reason_and_may_be_begun_again() -> None:
    center, told = Center(), asyncio.Queue[Step]()
    center.answers.set()
    director = Director(stage(center, told))
    for _ in range(2):
        await director.when_asked(asked_for("misread"))
        begun, broken = await told.get(), await told.get()
        assert (begun[0], broken[0]) == ("story", "broke_off")
        assert "answered 503" in broken[1]["why"]
    assert told.empty()


async def test_a_story_that_is_being_played_is_not_begun_a_second_time() -> None:
    center, told = Center(), asyncio.Queue[Step]()
    director = Director(stage(center, told))
    await director.when_asked(asked_for("misread"))
    await center.asked.wait()
    await director.when_asked(asked_for("misread", "camera-failing"))
    steps = [await told.get() for _ in range(3)]
    assert [(step, facts["story"]) for step, facts in steps] == [
        ("story", "misread"), ("playing", "misread"), ("story", "camera-failing"),
    ]  # fmt: skip
    center.answers.set()
    broken = [await told.get() for _ in range(2)]
    assert {(step, facts["story"]) for step, facts in broken} == {
        ("broke_off", "misread"), ("broke_off", "camera-failing"),
    }  # fmt: skip


def test_every_story_begins_by_itself_and_what_a_story_tells_has_a_sentence() -> None:
    assert set(TIMETABLE) == set(STORIES)
    for step, facts in (
        ("story", {"story": "misread", "what": STORIES["misread"][0]}),
        ("playing", {"story": "misread"}),
        ("broke_off", {"story": "misread", "why": "away"}),
    ):
        assert "misread" in said.SENTENCES[step].format(**facts)
