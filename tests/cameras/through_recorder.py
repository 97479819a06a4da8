"""What stands behind a recorder is turned, heard and known through it: each camera by what the recorder calls it."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.cameras.onvif.device import REACH
from tests.cameras.onvif.test_notices import MOTION, TAMPER
from tests.cameras.test_upkeep import entries
from tests.fixtures.center import CenterWeb
from watchfloor.cameras.onvif import keep, listen
from watchfloor.cameras.register import Cameras
from watchfloor_sim.onvif.device import Device, Look

STORAGE = "tns1:Device/tns1:HardwareFailure/tns1:StorageFailure"


async def stand_behind(web: CenterWeb, cameras: Cameras, recorder: Device, site: str, owner_dsn: str) -> None:
    """Of two cameras of a recorder the second turns, and its lens was tampered with."""
    technician, agency = await web.person("technician"), web.parts.agency
    members = (await technician.get(f"{site}/cameras")).json()["items"]
    fixed, dome = (f"/api/v1/cameras/{one['id']}" for one in members)
    assert (await technician.get(f"{fixed}/device")).json()["device"] is None
    recorder.turns, recorder.turning = True, frozenset({"VideoSource_2"})
    recorder.presets, recorder.analytics = {"1": ("Door", Look(0.5, -0.2, 0.1))}, ["tt:CellMotionEngine"]
    assert await keep.ask_due(cameras, REACH, agency) == 2 and await keep.ask_due(cameras, REACH, agency) == 0
    still, turns = [(await technician.get(f"{one}/device")).json() for one in (fixed, dome)]
    assert still["through"]["name"] == turns["through"]["name"] == "Depot"
    assert (still["device"]["turns"], turns["device"]["turns"], turns["device"]["problem"]) == (
        False,
        True,
        None,
    )
    assert turns["device"]["serial"] == recorder.make.serial and turns["cannot"] == []
    assert still["cannot"] == ["The recorder of Depot names nothing by which this camera could be turned."]
    assert [(one["capability"], one["later"]) for one in turns["capabilities"]] == [
        ("CellMotionEngine", False)
    ]
    assert len(await entries(owner_dsn, "camera.device_read")) == 2
    await _is_turned(web, recorder, fixed, dome, owner_dsn)
    await _is_heard(web, cameras, recorder, (fixed, dome))


async def _is_turned(web: CenterWeb, recorder: Device, fixed: str, dome: str, owner_dsn: str) -> None:
    await web.authorise("fixed_camera")
    analyst, why = await web.person("analyst"), {"purpose": "stolen_vehicle", "case": await web.case()}
    moved = await analyst.post(f"{dome}/moves", json={**why, "pan": 0.5})
    assert moved.status_code == 200 and [one["name"] for one in moved.json()["presets"]] == ["Door"], (
        moved.text
    )
    assert (await analyst.post(f"{dome}/presets/go", json={**why, "preset": "1"})).status_code == 200
    assert recorder.turned_by == ["main2", "main2"], "by the profile of its own channel"
    refused = await analyst.post(f"{fixed}/moves", json={**why, "pan": 0.5})
    assert (refused.status_code, refused.json()["reason"]) == (409, "does_not_turn")
    # Its channel is another lens now, of which the recorder was not asked yet.
    channel = "update camera_site_channel set source = replace(source, %(of)s, %(to)s) where channel = '2'"
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        await owner.execute(channel, {"of": "_2", "to": "_77"})
    refused = await analyst.post(f"{dome}/moves", json={**why, "pan": 0.5})
    assert (refused.status_code, refused.json()["reason"]) == (409, "channel_changed"), refused.text
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        await owner.execute(channel, {"of": "_77", "to": "_2"})
    assert len(recorder.turned_by) == 2


async def _is_heard(web: CenterWeb, cameras: Cameras, recorder: Device, paths: tuple[str, str]) -> None:
    technician, ears = await web.person("technician"), listen.Ears(cameras, REACH)

    async def said() -> list[Any]:
        answers = [(await technician.get(f"{one}/device")).json() for one in paths]
        return [sorted(one["notice"] for one in each["notices"] if one["on"]) for each in answers]

    recorder.events = [
        (TAMPER, True, "source of VideoSource_2"),
        (MOTION, True, "VideoSource_9"),
        (STORAGE, True),
    ]
    assert await listen.hear_due(ears, web.parts.agency) == 1, (
        "a recorder is heard once, for all of its cameras"
    )
    assert recorder.asked.count("CreatePullPointSubscription") == 1
    assert await said() == [["storage_failure"], ["storage_failure", "tampered"]]
    assert await listen.hear_due(ears, web.parts.agency) == 0


async def is_told_of_no_more(web: CenterWeb, cameras: Cameras, site: str) -> None:
    """Why the first cannot be had through the recorder any more is said at it; the second can."""
    technician = await web.person("technician")
    assert await keep.ask_due(cameras, REACH, web.parts.agency) == 2, "its channels were read anew"
    members = (await technician.get(f"{site}/cameras")).json()["items"]
    problems = [
        (await technician.get(f"/api/v1/cameras/{one['id']}/device")).json()["device"]["problem"]
        for one in members
    ]
    gone = "The recorder of Depot was not asked which of its cameras is channel 1, or tells of none."
    assert problems == [gone, None]
    # Out of the site its recorder is not the camera's device any more: nobody turns by it what stands elsewhere.
    camera = f"/api/v1/cameras/{members[1]['id']}"
    into = {"site": site.rpartition("/")[2], "channel": "2", "footage_kept": "at_site"}
    for body in ({"site": "", "footage_kept": "here"}, into):
        moved = await technician.patch(camera, json=body)
        assert moved.status_code == 200, moved.text
        assert (await technician.get(f"{camera}/device")).json()["device"] is None
