"""A camera whose footage is kept at its site: nothing of it is stored here, it is seen live, and its past is played through the site."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.cameras.kept import Card, a_card
from tests.recordings.center import Block
from tests.recordings.read import shown_at, stored_segments
from tests.recordings.test_live import pictures, watching
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor_sim.kept import ReplayFault

STREET = "street-bicycle-272p-h264.mp4"
REPLAY = "/replay?of={channel}&clock={from}-{to}"


async def registered(city: Block, card: Card, kept: str, **more: Any) -> tuple[str, str]:
    """A site with the camera of the card, and the camera."""
    technician = await city.web.person("technician")
    body = {
        "name": "Depot", "place": "Bus depot", "lat": 38.63, "lon": -90.2, "address": card.camera.url.rpartition("/")[0],
        "stream": "/{channel}", "replay": REPLAY,
    } | more  # fmt: skip
    site = await technician.post("/api/v1/sites", json=body)
    assert site.status_code == 201, site.text
    batch = {"channels": "stream", "name": "Depot gate", "kind": "municipal", "footage_kept": kept}
    added = await technician.post(f"/api/v1/sites/{site.json()['id']}/cameras", json=batch)
    assert added.status_code == 201, added.text
    (camera,) = (await technician.get(f"/api/v1/sites/{site.json()['id']}/cameras")).json()["items"]
    return site.json()["id"], camera["id"]


async def played(city: Block, camera: str, begin: datetime, seconds: float, **query: str) -> Any:
    """What an analyst gets for that time."""
    span = {"from": rfc3339(begin), "to": rfc3339(begin + timedelta(seconds=seconds))}
    analyst = await city.web.person("analyst")
    return await analyst.get(f"/api/v1/cameras/{camera}/video", params=span | query, headers=await city.why())


async def timeline(city: Block, camera: str, begin: datetime, end: datetime) -> Any:
    analyst, span = await city.web.person("analyst"), {"from": rfc3339(begin), "to": rfc3339(end)}
    answer = await analyst.get(f"/api/v1/cameras/{camera}/timeline", params=span, headers=await city.why())
    return answer.json()


async def test_what_a_site_keeps_is_seen_live_and_played_through_it_and_nothing_of_it_is_stored_here(
    city: Block, clips: Path
) -> None:
    await city.web.authorise("fixed_camera")
    now = city.web.parts.clock.now()
    began = now + timedelta(seconds=5)  # when it is registered already
    async with a_card(clips / STREET, began.timestamp(), onvif=False) as card:
        site, camera = await registered(city, card, "at_site")
        await city.record()
        seen = await city.until(camera, lambda seen: seen["state"]["word"] == "at its site")
        assert (seen["state"]["level"], seen["recording"], seen["footage_kept"]) == (
            "normal",
            False,
            "at_site",
        )
        assert not card.camera.clients  # nobody looks: it is not opened
        async with watching(city, camera) as socket:
            assert len(await pictures(socket, 20)) == 20
        await card.camera.until(lambda: not card.camera.clients)
        assert not stored_segments(city) and not list(city.spool.rglob("*.part"))

        begin = began + timedelta(seconds=2)
        answer = await played(city, camera, begin, 2)
        assert answer.status_code == 200, answer.text
        shown = parse_rfc3339(answer.headers["Wf-From"])
        assert began - timedelta(seconds=0.2) <= shown <= begin
        times = shown_at(answer.content)
        assert times[0] < 0.2 and len(times) > 20 and times[-1] >= (begin - shown).total_seconds() + 1.5
        assert abs(card.replay.asked[-1][0] - begin.timestamp()) <= 1.0
        keys = await played(city, camera, begin, 2, pictures="keyframes")
        assert keys.status_code == 200 and len(shown_at(keys.content)) < len(times)

        await _is_told(city, camera, now)
        await _refusals(city, card, camera, begin)

        # What is not replayed cannot be kept there alone.
        technician = await city.web.person("technician")
        refused = await technician.patch(f"/api/v1/sites/{site}", json={"replay": ""})
        assert (refused.status_code, refused.json()["reason"]) == (409, "footage_kept")


async def _is_told(city: Block, camera: str, now: datetime) -> None:
    """Timeline and coverage say where it is."""
    told = await timeline(city, camera, now - timedelta(minutes=5), city.web.parts.clock.now())
    (there,) = told["ranges"]
    assert there["at_site"] and not told["gaps"]
    day = {
        "from": rfc3339(now - timedelta(hours=1)),
        "to": rfc3339(now + timedelta(hours=1)),
        "camera": camera,
    }
    auditor = await city.web.person("auditor")
    (covered,) = (await auditor.get("/api/v1/recordings/coverage", params=day)).json()["items"]
    assert (covered["expected_s"], covered["gaps"]) == (0, 0) and covered["at_site_s"] > 0


async def _refusals(city: Block, card: Card, camera: str, begin: datetime) -> None:
    """What cannot be had is said; the door is the same as of our own recordings."""
    analyst = await city.web.person("analyst")
    span = {"from": rfc3339(begin), "to": rfc3339(begin + timedelta(seconds=2))}
    unsaid = await analyst.get(f"/api/v1/cameras/{camera}/video", params=span)
    assert unsaid.status_code == 403
    for fault, status, detail in (
        (ReplayFault.NOTHING, 404, "The device has nothing of that time."),
        (ReplayFault.REFUSES, 404, "The device has no footage of that time."),
        (ReplayFault.ANOTHER_TIME, 503, "The device gave pictures of another time than was asked for."),
        (ReplayFault.NO_TIMES, 503, "The device does not say when its pictures were taken."),
    ):
        card.kept.faults = {fault}
        answer = await played(city, camera, begin, 2)
        assert answer.status_code == status and detail in answer.json()["detail"], answer.text
    card.kept.faults = set()
    assert (await played(city, camera, datetime(2020, 1, 1, tzinfo=UTC), 2)).json()["reason"] == "gap"


async def test_of_a_camera_that_is_kept_at_both_a_gap_here_is_offered_from_its_site(
    city: Block, clips: Path
) -> None:
    await city.web.authorise("fixed_camera")
    began = city.web.parts.clock.now() - timedelta(seconds=1)
    async with a_card(clips / STREET, began.timestamp(), onvif=False) as card:
        _, camera = await registered(city, card, "both")
        # Nothing records yet: what the site has of it is a gap here.
        await city.web.parts.clock.sleep(1.0)
        await city.record()
        await city.until(camera, lambda seen: seen["recording"])
        told = await timeline(city, camera, began, city.web.parts.clock.now() + timedelta(seconds=5))
        assert told["ranges"][0]["at_site"]
        answer = await played(city, camera, parse_rfc3339(told["ranges"][0]["from"]), 0.5)
        assert answer.status_code == 200 and shown_at(answer.content)
        assert len(card.replay.asked) == 1
