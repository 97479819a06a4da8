"""A camera whose footage is kept at its site: nothing of it is stored here, it is seen live, and its past is played through the site."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from tests.cameras.kept import Card, a_card
from tests.fixtures.center import new_id
from tests.recordings.at_sites import REPLAY
from tests.recordings.center import Block, RecorderProcess
from tests.recordings.read import shown_at, stored_segments
from tests.recordings.test_live import pictures, watching
from tests.recordings.test_playback import entries
from tests.recordings.test_thumbnails import size_of
from watchfloor.governance.forms import inside, outside
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.recordings.pull import Pull
from watchfloor.recordings.refill import Refill
from watchfloor.recordings.thumbnails import FOLDER, WIDTH
from watchfloor.settings import RecordSettings
from watchfloor_sim.kept import ReplayFault
from watchfloor_sim.onvif.device import Device, Recording, Stream
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer

STREET = "street-bicycle-272p-h264.mp4"


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
    city: Block, clips: Path, owner_dsn: str
) -> None:
    await city.web.authorise("fixed_camera")
    now = city.web.parts.clock.now()
    began = now - timedelta(seconds=30)
    async with a_card(clips / STREET, began.timestamp(), onvif=False) as card:
        site, camera = await registered(city, card, "at_site")
        await _was_registered(owner_dsn, began - timedelta(seconds=10))
        await city.record()
        seen = await city.until(camera, lambda seen: seen["state"]["word"] == "at its site")
        assert (seen["state"]["level"], seen["recording"]) == ("normal", False)
        assert seen["footage_kept"] == "at_site"
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
        await _the_site_is_asked(city, card, site, camera, began)

        # What is not replayed cannot be kept there alone.
        technician = await city.web.person("technician")
        refused = await technician.patch(f"/api/v1/sites/{site}", json={"replay": ""})
        assert (refused.status_code, refused.json()["reason"]) == (409, "footage_kept")


async def _was_registered(owner_dsn: str, at: datetime) -> None:
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        await owner.execute("update camera set created_at = %s", (at,))


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


async def _a_picture_is_saved(city: Block, camera: str, began: datetime) -> None:
    """A snapshot is of the moment, fetched from the site, and says so."""
    analyst = await city.web.person("analyst")
    query = {"at": rfc3339(began + timedelta(seconds=3))}
    saved = await analyst.get(f"/api/v1/cameras/{camera}/snapshot", params=query, headers=await city.why())
    assert saved.status_code == 200, saved.text
    assert abs(parse_rfc3339(saved.headers["Wf-At"]) - began - timedelta(seconds=3)) < timedelta(seconds=0.1)
    assert b'"kept_at": "Depot"' in saved.content
    lacks = await analyst.get(
        f"/api/v1/cameras/{camera}/snapshot",
        params={"at": rfc3339(began + timedelta(seconds=60))},
        headers=await city.why(),
    )
    assert (lacks.status_code, lacks.json()["reason"]) == (404, "site_gap")


async def _small_pictures(city: Block, camera: str, began: datetime) -> None:
    """To find a moment by: from the site, in one look, and kept nowhere."""
    analyst, why = await city.web.person("analyst"), await city.why()
    looks = await entries(city, kind="decision", need="camera.playback", result="allowed")
    asked = [began + timedelta(seconds=s) for s in (3, 8)]
    made = [
        await analyst.get(f"/api/v1/cameras/{camera}/thumbnail", params={"at": rfc3339(one)}, headers=why)
        for one in asked
    ]
    assert [one.status_code for one in made] == [200, 200], [one.text[:200] for one in made]
    for wanted, one in zip(asked, made, strict=True):
        assert timedelta(seconds=-0.1) < wanted - parse_rfc3339(one.headers["Wf-At"]) < timedelta(seconds=6)
        assert size_of(one.content)[0] == WIDTH
    assert made[0].content != made[1].content
    assert [stored async for stored in city.objects.listed(FOLDER)] == []
    assert await entries(city, kind="decision", need="camera.playback", result="allowed") == looks + 1
    late = {"at": rfc3339(began + timedelta(seconds=60))}
    lacks = await analyst.get(f"/api/v1/cameras/{camera}/thumbnail", params=late, headers=why)
    assert (lacks.status_code, lacks.json()["reason"]) == (404, "site_gap")
    before = {"at": rfc3339(began - timedelta(hours=1))}
    early = await analyst.get(f"/api/v1/cameras/{camera}/thumbnail", params=before, headers=why)
    assert (early.status_code, early.json()["reason"]) == (404, "gap")


async def at_site(city: Block, camera: str, begin: datetime, end: datetime) -> Any:
    """What an analyst is told that the site has of that time."""
    analyst, span = await city.web.person("analyst"), {"from": rfc3339(begin), "to": rfc3339(end)}
    answer = await analyst.get(
        f"/api/v1/cameras/{camera}/timeline/at-site", params=span, headers=await city.why()
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _the_site_is_asked(city: Block, card: Card, site: str, camera: str, began: datetime) -> None:
    """Of an address alone nobody can tell; by ONVIF the site says what it has, and what it lacks is its owner's gap."""
    await _a_picture_is_saved(city, camera, began)
    await _small_pictures(city, camera, began)
    begin, end = began - timedelta(seconds=2), began + timedelta(seconds=9)
    said = await at_site(city, camera, begin, end)
    assert (said["site"], said["tells"], said["ranges"], said["gaps"]) == ("Depot", False, [], [])
    assert said["said"] == "The site Depot plays what it kept at an address, and does not say what that is."
    analyst = await city.web.person("analyst")
    span = {"from": rfc3339(end), "to": rfc3339(begin)}
    assert (await analyst.get(f"/api/v1/cameras/{camera}/timeline/at-site", params=span)).status_code == 422
    card.kept.forget(began.timestamp() + 3, began.timestamp() + 6)
    device = Device(
        [Stream("p1", "Channel 1", 480, 272, card.camera.url)],
        recordings=[Recording(card.kept, card.replay.url)],
    )
    technician = await city.web.person("technician")
    async with DeviceServer.running(device) as server:
        refused = await technician.patch(f"/api/v1/sites/{site}", json={"device": "http://10.0.0.9"})
        assert (refused.status_code, refused.json()["reason"]) == (422, "device")
        changed = await technician.patch(f"/api/v1/sites/{site}", json={"device": server.url})
        assert changed.status_code == 200 and changed.json()["device"] == server.url, changed.text
        said = await at_site(city, camera, begin - timedelta(seconds=30), end)
        assert said["tells"] and said["ranges"], said
        lost = parse_rfc3339(said["ranges"][0]["to"]) - began
        assert timedelta(seconds=1) < lost < timedelta(seconds=5)
        reasons = {gap["reason"] for gap in said["gaps"]}
        assert reasons <= {"Not kept at the site: Depot has nothing of this time, and answers for it."}
        device.faults = {Fault.GARBAGE}
        said = await at_site(city, camera, begin - timedelta(seconds=60), end)
        assert not said["tells"] and "does not answer" in said["said"]
    assert (await technician.patch(f"/api/v1/sites/{site}", json={"device": None})).status_code == 200


@asynccontextmanager
async def by_hand(city: Block) -> AsyncIterator[tuple[RecorderProcess, Pull]]:
    """A recorder that fetches nothing of itself, and what fetches for it when it is told to."""
    recorder = city.process(settings=RecordSettings(segment_s=4, back_fill_mbit_s=0))
    await recorder.begin()
    stop = asyncio.Event()
    working = asyncio.create_task(recorder.work(stop))
    try:
        parts = replace(recorder.refill.parts, settings=RecordSettings(segment_s=4))
        yield recorder, Pull(Refill(parts, recorder.posts))
    finally:
        stop.set()
        await working
        await recorder.end()
        recorder.spool.close()


async def test_what_is_held_is_fetched_from_the_site_and_stored_here_and_the_rest_is_said(
    city: Block, clips: Path, owner_dsn: str
) -> None:
    await city.web.authorise("fixed_camera")
    began = city.web.parts.clock.now() - timedelta(minutes=3)
    async with a_card(clips / STREET, began.timestamp(), onvif=False) as card:
        _, camera = await registered(city, card, "at_site")
        async with await psycopg.AsyncConnection.connect(owner_dsn, autocommit=True) as owner:
            await owner.execute("update camera set created_at = %s", (began - timedelta(minutes=1),))
            async with by_hand(city) as (recorder, pull):
                await city.until(camera, lambda seen: seen["state"]["word"] == "at its site")
                await _is_held(
                    city, owner, camera, began + timedelta(seconds=1), began + timedelta(seconds=8)
                )
                (held,) = await _held(city, camera)
                assert (held["state"], held["fetched_s"], held["missing_s"], held["site"]) == (
                    "fetching",
                    0,
                    7,
                    "Depot",
                )
                await _until_over(city, owner, recorder, pull, camera)
                (held,) = await _held(city, camera)
                assert (held["state"], held["fetched_s"], held["said"]) == ("fetched", 7, None), held
                # It is here now: played though the site has lost it, under the same retention as any footage.
                card.kept.faults = {ReplayFault.NOTHING}
                answer = await played(city, camera, began + timedelta(seconds=3), 2)
                assert answer.status_code == 200 and len(shown_at(answer.content)) > 40
                told = await timeline(city, camera, began, began + timedelta(seconds=20))
                # From the keyframe before on.
                assert [one["at_site"] for one in told["ranges"]] == [False, True]
                await _the_rest_is_said(city, owner, recorder, pull, card, camera, began)


async def _the_rest_is_said(
    city: Block, owner: Any, recorder: RecorderProcess, pull: Pull, card: Card, camera: str, began: datetime
) -> None:
    hold = await _is_held(city, owner, camera, began + timedelta(seconds=8), began + timedelta(seconds=9))
    await _until_over(city, owner, recorder, pull, camera)
    held = (await _held(city, camera))[0]
    assert (held["state"], held["missing_s"]) == ("short", 1)
    assert (
        held["said"]
        == "Kept at the site only: not preserved here. Ask the site. The device has nothing of that time."
    )
    card.kept.faults = set()
    analyst = await city.web.person("analyst")
    why = {"purpose": "stolen_vehicle", "case": await city.web.case()}
    again = await analyst.post(f"/api/v1/recordings/held-at-sites/{hold}/again", json=why)
    assert again.status_code == 204, again.text
    assert (
        await analyst.post(f"/api/v1/recordings/held-at-sites/{outside('hold', new_id())}/again", json=why)
    ).status_code == 404
    await _until_over(city, owner, recorder, pull, camera)
    assert (await _held(city, camera))[0]["state"] == "fetched"


async def _is_held(city: Block, owner: Any, camera: str, begin: datetime, end: datetime) -> str:
    """A hold, as somebody placed it."""
    await city.web.case()
    hold = new_id()
    await owner.execute(
        "insert into hold (id, agency_id, case_id, data_class, about_kind, about_id, from_at, to_at, reason, placed_by, placed_at,"
        " ends_at) select %s, agency_id, id, 'footage', 'camera', %s, %s, %s, 'the car', id, now(), now() + interval '3 days'"
        " from case_file limit 1",
        (hold, inside("camera", camera), begin, end),
    )
    return outside("hold", hold)


async def _held(city: Block, camera: str) -> list[dict[str, Any]]:
    technician = await city.web.person("technician")
    answer = await technician.get("/api/v1/recordings/held-at-sites", params={"camera": camera})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def _until_over(city: Block, owner: Any, recorder: RecorderProcess, pull: Pull, camera: str) -> None:
    for _ in range(12):
        await _turned(city, owner, recorder, pull)
        if (await _held(city, camera))[0]["state"] != "fetching":
            return


async def _turned(city: Block, owner: Any, recorder: RecorderProcess, pull: Pull) -> None:
    """One turn, all that waits due at once; what it brought is in the index then."""
    await owner.execute("update footage_pull set again_at = null")
    await pull.turn()
    ends = city.web.parts.clock.monotonic() + 20
    while list(city.spool.glob("*/rows/*.row")):
        await recorder.index.bring()
        assert city.web.parts.clock.monotonic() < ends
        await city.web.parts.clock.sleep(0.02)


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
