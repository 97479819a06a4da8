"""What a device says of itself is heard, each in its turn; what floods, lies or never answers takes no more than that."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any, LiteralString

import psycopg
import pytest
from lxml import etree

from tests.cameras.onvif.device import REACH, a_device
from tests.cameras.onvif.test_turning import Yard, _routers, _turner
from tests.fixtures.center import CenterMaker, CenterParts
from watchfloor.cameras import upkeep_api
from watchfloor.cameras.onvif import covering, keep, listen
from watchfloor.cameras.onvif.model import Limits
from watchfloor.cameras.onvif.notices import MOST_NOTICES, NoticeKind, heard, messages_of, of_camera
from watchfloor_sim.onvif.device import Device
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer

TAMPER = "tns1:RuleEngine/TamperDetector/Tamper"
MOTION = "tns1:VideoSource/MotionAlarm"


def message(
    topic: str, value: str = "true", at: str = "2026-11-22T12:00:00Z", item: str = "SimpleItem"
) -> str:
    return (
        '<n:NotificationMessage xmlns:n="http://docs.oasis-open.org/wsn/b-2" xmlns:t="http://www.onvif.org/ver10/schema">'
        f'<n:Topic>{topic}</n:Topic><n:Message><t:Message UtcTime="{at}"><t:Source><t:SimpleItem Name="S" Value="1"/></t:Source>'
        f'<t:Data><t:{item} Name="State" Value="{value}"/></t:Data></t:Message></n:Message></n:NotificationMessage>'
    )


def pulled(*messages: str) -> list[etree._Element]:
    return messages_of(etree.fromstring(f"<PullMessagesResponse>{''.join(messages)}</PullMessagesResponse>"))


@pytest.mark.parametrize(
    ("topic", "notice"),
    [
        (TAMPER, NoticeKind.TAMPERED),
        ("tns1:VideoSource/GlobalSceneChange/ImagingService", NoticeKind.TAMPERED),
        ("tns1:VideoSource/SignalLoss", NoticeKind.SIGNAL_LOSS),
        ("tns1:Device/tns1:HardwareFailure/tns1:StorageFailure", NoticeKind.STORAGE_FAILURE),
        ("tns1:Device/Trigger/DigitalInput", NoticeKind.DIGITAL_INPUT),
        (MOTION, NoticeKind.MOTION),
        ("tns1:RuleEngine/CellMotionDetector/Motion", NoticeKind.MOTION),
    ],
)
def test_a_topic_is_known_whatever_prefixes_it_has(topic: str, notice: NoticeKind) -> None:
    (told,) = heard(pulled(message(topic))).told
    assert (told.notice, told.on) == (notice, True) and told.device_at is not None
    (told,) = heard(pulled(message(topic), message(topic, "0"))).told
    assert not told.on, "the last word of an answer counts"


def test_what_analytics_notice_is_a_capability_and_no_fact() -> None:
    said = heard(
        pulled(message("tns1:RuleEngine/FaceDetector/Face"), message("tns1:RuleEngine/LineDetector/Crossed"))
    )
    assert (said.told, said.analytics) == ((), ("facedetector", "linedetector"))


def test_what_is_odd_is_passed_over_and_a_flood_is_cut() -> None:
    odd = pulled(message(TAMPER, "maybe"), message("", "true"), message(TAMPER, item="Other"), "<x/>")
    assert (heard(odd).told, heard(odd).unread) == ((), 3)
    assert heard(pulled(message(TAMPER, at="yesterday"))).told[0].device_at is None
    flood = heard(pulled(*[message(MOTION)] * 500, message(TAMPER)))
    assert len(flood.told) == 1 and flood.unread == 501 - MOST_NOTICES
    assert heard(pulled()).told == ()


def test_of_a_recorder_each_camera_hears_what_is_said_of_it_and_that_the_disks_fail() -> None:
    disks = "tns1:Device/tns1:HardwareFailure/tns1:StorageFailure"
    said = pulled(
        message(TAMPER),
        message(MOTION).replace('Value="1"', 'Value="2"'),
        message(disks).replace('"S"', '"T"'),
    )
    for named, kinds in (
        (("1",), {"tampered", "storage_failure"}),
        (("2", "x"), {"motion", "storage_failure"}),
        (("3",), {"storage_failure"}),
    ):
        assert {one.notice for one in heard(of_camera(said, named)).told} == kinds


def _more(parts: CenterParts) -> list[Any]:
    return [*_routers(parts), upkeep_api.routes(_turner(parts).cameras)]


async def test_a_tampered_camera_is_said_so_until_it_is_not(center: CenterMaker, owner_dsn: str) -> None:
    device = a_device()
    async with DeviceServer.running(device) as server, center(routers=_more) as web:
        yard = await Yard.opened(web, device, server)
        ears, agency = listen.Ears(_turner(web.parts).cameras, REACH), web.parts.agency
        device.events = [(TAMPER, True), (MOTION, True), ("tns1:RuleEngine/LineDetector/Crossed", True)]
        assert await listen.hear_due(ears, agency) == 1 and await listen.hear_due(ears, agency) == 0
        technician = await web.person("technician")
        said = (await technician.get(f"{yard.path}/device")).json()
        assert {one["notice"]: one["on"] for one in said["notices"]} == {"motion": True, "tampered": True}
        (analytic,) = [one for one in said["capabilities"] if one["capability"] == "linedetector (events)"]
        assert analytic["later"] and analytic["acknowledged_at"] is None, "off until it is acknowledged"
        (tampered,) = (await technician.get("/api/v1/camera-outages")).json()["tampered"]
        assert tampered["name"] == "Mill St"
        await yard.act("technician", "device", address=server.url)
        again = (await technician.get(f"{yard.path}/device")).json()["capabilities"]
        assert analytic in again, "it is in no list of modules, and stays"

        device.events, asked = [(TAMPER, False)], device.asked.count("CreatePullPointSubscription")
        await _later(owner_dsn)
        assert await listen.hear_due(ears, agency) == 1
        assert device.asked.count("CreatePullPointSubscription") == asked == 1, "one subscription serves"
        assert (await technician.get("/api/v1/camera-outages")).json()["tampered"] == []
        for fault in (Fault.SLOW, Fault.GARBAGE, Fault.HUGE, Fault.OTHER, Fault.NO_OPTIONS):
            device.faults = {fault}
            await _later(owner_dsn)
            assert await listen.hear_due(ears, agency) == 1
            said = (await technician.get(f"{yard.path}/device")).json()["device"]
            assert said["heard_problem"], fault
        device.faults, device.events = set(), [(TAMPER, True)] * 300
        await _later(owner_dsn)
        assert await listen.hear_due(ears, agency) == 1
        said = (await technician.get(f"{yard.path}/device")).json()
        assert said["device"]["heard_problem"] is None and said["notices"][-1]["on"]
        assert device.asked.count("CreatePullPointSubscription") >= 2, "after a fault it begins anew"
        await _is_in_the_log(yard)
        await _owners_have_the_last_word(yard, ears, device, owner_dsn)


async def _owners_have_the_last_word(yard: Yard, ears: listen.Ears, device: Device, owner_dsn: str) -> None:
    """Four owners share such a camera: now, at other hours, not while it is suspended, and not at all. Nothing is asked of the last three,
    nor kept."""
    agency, cameras = yard.web.parts.agency, ears.cameras
    await yard.web.authorise("private_camera_link")
    await _as_many_as(owner_dsn, yard, 3, "", 0)
    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        await _are_owners(connection, yard.web.parts.clock.now().weekday())
    await _later(owner_dsn)
    assert await keep.ask_due(cameras, REACH, agency) == 1
    assert await covering.cover_due(cameras, REACH, agency) == 1
    device.events = [(TAMPER, True)]
    assert await listen.hear_due(ears, agency) == 1
    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        rows = await connection.execute(
            "select c.name, n.camera_id is not null from camera c left join camera_device d on d.camera_id = c.id"
            " left join (select distinct camera_id from camera_notice) n on n.camera_id = c.id where d.camera_id is not null order by 1"
        )
        kept = await rows.fetchall()
    assert kept == [("Like it 1", False), ("Like it 3", False), ("Mill St", True)], (
        "nor is the recorder of a site the device of one from now on"
    )


async def _are_owners(connection: psycopg.AsyncConnection[Any], today: int) -> None:
    await connection.execute("update camera set technology = 'private_camera_link'")
    for name, hours, suspended in (
        ("Mill St", [], False),
        ("Like it 1", [[(today + 3) % 7, 0, 60]], False),
        ("Like it 2", [], True),
    ):
        await connection.execute(
            "insert into agreement (id, agency_id, camera_id, owner_id, mode, radius_m, hours, time_zone, lat, lon, begins_at,"
            " offered_at, offered_by, agreed_at, suspended_at, version) select gen_random_uuid(), agency_id, id, id, 'always', 50,"
            " %(hours)s::jsonb, 'UTC', lat, lon, created_at, created_at, created_by, created_at,"
            " case when %(suspended)s then created_at end, 1 from camera where name = %(name)s",
            {"name": name, "hours": json.dumps(hours), "suspended": suspended},
        )
    for statement in _OF_OWNERS:
        await connection.execute(statement)


_OF_OWNERS: tuple[LiteralString, ...] = (
    "insert into camera_mask (id, camera_id, agency_id, name, reason, corners, set_by, set_at) select gen_random_uuid(), id,"
    " agency_id, 'Windows', 'A dwelling.', '[[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]'::jsonb, created_by, created_at from camera",
    "update camera_device set asked_at = asked_at - interval '2 days'",
    # One stands at a site whose recorder would be its device from now on.
    "delete from camera_device using camera c where c.id = camera_id and c.name = 'Like it 2'",
    "with site as (insert into camera_site (id, agency_id, name, kind, place, address, stream, created_at, created_by, version,"
    " device) select gen_random_uuid(), agency_id, 'Shop', 'nvr', 'Shop', 'rtsp://127.0.0.1', '', created_at, created_by, 1,"
    " 'http://127.0.0.1/onvif/device_service' from camera where name = 'Mill St' returning id)"
    " update camera c set site_id = site.id, channel = '1' from site where c.name = 'Like it 2'",
)


async def test_a_device_that_hangs_keeps_no_other_from_being_heard(
    center: CenterMaker, owner_dsn: str
) -> None:
    """Forty cameras at devices that answer, and eight at one that takes the line and says nothing."""
    device, held = a_device(credentials=None), set[asyncio.StreamWriter]()

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.add(writer)

    silent = await asyncio.start_server(never, "127.0.0.1", 0)
    async with silent, DeviceServer.running(device) as server, center(routers=_more) as web:
        yard = await Yard.opened(web, device, server)
        port = silent.sockets[0].getsockname()[1]
        await _as_many_as(owner_dsn, yard, 40, f"http://127.0.0.1:{port}/onvif/device_service", 8)
        # Forty answer at once, on whatever processor is left: half a second would be a race.
        patient = replace(REACH, limits=Limits(3.0, 10.0, 256 * 1024))
        ears, agency = listen.Ears(_turner(web.parts).cameras, patient), web.parts.agency
        assert await listen.hear_due(ears, agency) == 49
        assert device.asked.count("PullMessages") == 41 and len(held) >= 8
        assert await listen.hear_due(ears, agency) == 0, "each has had its turn"
        await _later(owner_dsn, minutes=1)
        assert await listen.hear_due(ears, agency) == 41, "who did not answer is tried less often"
        for writer in held:
            writer.close()


async def _as_many_as(owner_dsn: str, yard: Yard, many: int, hanging: str, hang: int) -> None:
    """So many more cameras at the same device, and some at one that hangs, as though each had been entered."""
    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        made = (
            "with made as (insert into camera (id, agency_id, name, technology, address, place, lat, lon, enabled, created_at, created_by,"
            " version) select gen_random_uuid(), c.agency_id, %(name)s::text || n, c.technology, c.address, c.place, c.lat, c.lon, true,"
            " c.created_at, c.created_by, 1 from camera c, generate_series(1, %(many)s::int) n where c.name = 'Mill St' returning id)"
            " insert into camera_device (camera_id, agency_id, address, profile, manufacturer, model, firmware, serial, turns, presets,"
            " clock_off_ms, events, answered_at, asked_at) select made.id, d.agency_id, coalesce(%(at)s::text, d.address), d.profile,"
            " d.manufacturer, d.model, d.firmware, d.serial, d.turns, d.presets, d.clock_off_ms, true, d.answered_at, d.asked_at"
            " from made, camera_device d where d.camera_id = (select id from camera where name = 'Mill St')"
        )
        await connection.execute(made, {"name": "Like it ", "many": many, "at": None})
        await connection.execute(made, {"name": "Silent ", "many": hang, "at": hanging})


async def _later(owner_dsn: str, minutes: int = 5) -> None:
    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        await connection.execute(
            "update camera_device set heard_at = heard_at - make_interval(mins => %(by)s)", {"by": minutes}
        )


async def _is_in_the_log(yard: Yard) -> None:
    auditor = await yard.web.person("auditor")
    entries = (await auditor.get("/api/v1/audit/entries", params={"limit": 200})).json()["items"]
    said = [one["reason"] for one in entries if one["reason"].startswith("camera.device_said")]
    assert len(said) == 3, "on, off and on again; what moves is in no log"
