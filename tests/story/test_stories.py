"""The stories of the demo on a real center, each told as it goes; what they say happened is looked up in what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from tests.engines.center import CLOCK
from tests.story.center import Whole, a_whole_center
from watchfloor_sim import block as simulated
from watchfloor_sim import director, on_video, settle
from watchfloor_sim.city.cameras import CAMERAS, READERS
from watchfloor_sim.fleet import POSTS
from watchfloor_sim.furnish import furnish
from watchfloor_sim.memory import Memory
from watchfloor_sim.stories import STORIES
from watchfloor_sim.stories.failing import CAMERA as FAILS
from watchfloor_sim.stories.lapse import CAMERA as TRAILER
from watchfloor_sim.stories.revoking import CAMERA as SHOPS
from watchfloor_sim.story import Block

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]
# The order in which they are played; the stolen car last, because the others leave nothing behind.
ORDER: Final = (
    "misread",
    "owner-revoking",
    "camera-failing",
    "expired-authorisation",
    "stolen-car",
    "gunshot",
)
LASTS_S: Final = {name: 3.0 if name == "owner-revoking" else 12.0 for name in ORDER}


@dataclass
class Played:
    """What each story told, and what the center had afterwards."""

    told: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)
    kept_again: int = 0
    """How often a second furnishing had something to keep."""

    def facts(self, story: str, step: str) -> dict[str, Any]:
        """What was said of that step."""
        return dict(next(facts for name, facts in self.told[story] if name == step))


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    """One evening with every story; every test looks at another."""
    yield asyncio.run(_evening())


async def _evening() -> Played:
    made, now = Played(), ""

    def told(step: str, facts: dict[str, object]) -> None:
        made.told.setdefault(now, []).append((step, facts))

    def again() -> None:
        made.kept_again += 1

    async with AsyncExitStack() as stack:
        center = await stack.enter_async_context(a_whole_center())
        center.start()
        memory = Memory()
        devices = await stack.enter_async_context(simulated.start(memory, CAMERAS))
        await center.until_up()
        block = Block(devices.camera_url, devices.camera_user, devices.camera_password)
        night = await settle.for_the_first_time(center.base, center.first_link, block, memory, told)
        await settle.see_to_entry(night, block, memory, told)
        await _cut_off(furnish(night, devices, memory, lambda: None, told), memory)
        await furnish(night, devices, memory, lambda: None, told)
        await furnish(night, devices, memory, again, told)
        stage = await stack.enter_async_context(
            settle.staged(
                night,
                block,
                devices,
                memory,
                center.base,
                told,
                broker=center.endpoints.mqtt,
                microphones=9,
            )
        )
        for now in ORDER:
            await director.play(now, replace(stage, lasts_s=LASTS_S[now]))
        made.seen = await _kept(center)
    return made


async def _cut_off(furnishing: Any, memory: Memory) -> None:
    """A first furnishing that is cut off half-way."""
    task = asyncio.ensure_future(furnishing)
    while len(memory.cameras) < 3:
        assert not task.done(), task.exception()
        await CLOCK.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _kept(center: Whole) -> dict[str, Any]:
    """From the database, past every process of the center."""
    return {
        "alerts": await center.rows("select state, reason from alert order by raised_at"),
        "sounds": await center.rows(
            "select a.state, r.kind_taken, i.sound is not null as sound from alert a join review r on r.alert_id = a.id"
            " join incident i on i.id = a.incident_id where a.kind = 'impulse'"
        ),
        "cameras": await center.rows("select name from camera where removed_at is null"),
        "readers": await center.rows("select name from reader"),
        "units": await center.rows("select call_sign from unit"),
        "on_units": await center.rows("select count(*) as n from unit_crew where until is null"),
        "trailer": await center.rows(
            "select s.reason from camera c join camera_state s on s.camera_id = c.id where c.name = %s",
            TRAILER.name,
        ),
        "gaps": await center.rows(
            "select g.reason from footage_gap g join camera c on c.id = g.camera_id where c.name = %s",
            next(site.name for site in CAMERAS if site.key == FAILS),
        ),
        "outcomes": await center.rows("select results from outcome"),
        "agreements": await center.rows(
            "select a.revoked_at is not null as revoked, a.deleted from agreement a join camera c on c.id = a.camera_id"
            " where c.name = %s order by a.offered_at",
            SHOPS.name,
        ),
        "preserved": await center.rows(
            # An arrest preserves by rule, which is another story.
            "select count(*) as n from hold where ended_at is null and reason not like '%%Preserved by rule.'"
        ),
    }


def test_every_story_of_the_menu_is_played_here() -> None:
    assert set(ORDER) == set(STORIES)


def test_a_city_whose_furnishing_was_cut_off_stands_whole_and_once(played: Played) -> None:
    assert sorted(row["name"] for row in played.seen["cameras"]) == sorted(site.name for site in CAMERAS)
    readers = [*(site.name for site in READERS), f"{on_video.SITE.name}, on video"]
    assert sorted(row["name"] for row in played.seen["readers"]) == sorted(readers)
    assert sorted(row["call_sign"] for row in played.seen["units"]) == sorted(
        post.call_sign for post in POSTS
    )
    assert played.seen["on_units"] == [{"n": len(POSTS)}]
    assert played.kept_again == 0


def test_who_reviews_a_misread_finds_it_out_from_the_picture(played: Played) -> None:
    assert [step for step, _ in played.told["misread"]] == ["misread", "found_out"]
    found = played.facts("misread", "found_out")
    assert found["differs"] == "The plate in the picture is another than the one that is wanted."
    assert played.seen["alerts"][0] == {"state": "dismissed", "reason": "misread"}


def test_a_camera_that_fails_is_said_to_with_the_reason_and_comes_back(played: Played) -> None:
    steps = [step for step, _ in played.told["camera-failing"]]
    assert steps == ["camera_well", "camera_fails", "camera_back"]
    fails = played.facts("camera-failing", "camera_fails")
    assert fails["says"] != "live" and fails["why"].endswith(".")
    assert played.facts("camera-failing", "camera_back")["says"] == "live"
    assert played.seen["gaps"] != []


def test_an_authorisation_expires_in_front_of_the_viewer_who_is_told_why(played: Played) -> None:
    steps = [step for step, _ in played.told["expired-authorisation"]]
    assert steps == ["authorised", "watched", "told_why", "let_go"]
    assert " expired on " in played.facts("expired-authorisation", "told_why")["why"]
    assert played.facts("expired-authorisation", "let_go")["how"] == "teardown"
    ((trailer,),) = [row.values() for row in played.seen["trailer"]]
    assert " expired on " in trailer


def test_an_owner_revokes_in_front_of_the_viewer_and_all_is_as_it_was_after_a_new_agreement(
    played: Played,
) -> None:
    steps = [step for step, _ in played.told["owner-revoking"]]
    assert steps == ["shared", "preserved", "revoked", "stays", "shared_again", "gap"]
    revoked = played.facts("owner-revoking", "revoked")
    assert revoked["why"] == "The owner has revoked the agreement about this camera."
    # A second on a machine of its own; here tests share it.
    assert 0 <= revoked["after_ms"] < 5000
    says = played.facts("owner-revoking", "stays")["says"]
    assert "Deleted: " in says and "preserved for a case until" in says
    assert played.facts("owner-revoking", "gap")["says"].startswith("By agreement")
    before, after = played.seen["agreements"]
    assert before["revoked"] and before["deleted"]["kept"] > 0
    assert (after["revoked"], played.seen["preserved"]) == (False, [{"n": 0}])


def test_a_stolen_car_is_found_and_its_minute_played(played: Played) -> None:
    steps = [step for step, _ in played.told["stolen-car"]]
    assert steps == ["alert", "confirmed", "proposed", "outcome", "played"]
    assert played.facts("stolen-car", "proposed")["how"] == "road"
    assert played.seen["alerts"][1]["state"] == "confirmed"
    assert {"vehicle_recovered", "arrest"} in [set(row["results"]) for row in played.seen["outcomes"]]


def test_shots_are_heard_by_mqtt_located_confirmed_and_answered(played: Played) -> None:
    steps = [step for step, _ in played.told["gunshot"]]
    assert steps == ["authorised", "microphones", "heard", "sound_confirmed", "sound_sent", "outcome"]
    assert "round" in played.facts("gunshot", "heard")["title"]
    assert played.seen["sounds"] == [{"state": "confirmed", "kind_taken": "gunfire", "sound": True}]
    assert {"nothing_found"} in [set(row["results"]) for row in played.seen["outcomes"]]
