"""The nights on which the clocks change, as whoever asks sees them: hours, the day's coverage, playback and exports.

An hour that comes twice is two hours, told apart; one that never comes is neither expected nor shared.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import APIRouter

from tests.evidence.conftest import CAM, Room, manifest, unfurnished
from tests.fixtures.center import A_CAMERA, CHICAGO, CenterMaker, CenterParts
from tests.fixtures.engines import Dsns
from tests.governance.test_cases import Later
from tests.owners.street import accepted, of_owners
from tests.recordings.footage import CAMERA
from watchfloor.cameras.find import finder
from watchfloor.cameras.live import Live
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import SystemClock, parse_rfc3339, rfc3339
from watchfloor.recordings import api as recording_api
from watchfloor.recordings import store
from watchfloor.recordings.api import RecordingRoutes
from watchfloor.recordings.model import GapReason, us
from watchfloor.recordings.play import Player
from watchfloor.settings import IdentitySettings

SPRING, AUTUMN = (datetime.fromisoformat(day).replace(tzinfo=CHICAGO) for day in ("2026-03-08", "2026-11-01"))
# Half past one by the clock on the wall: once in spring, twice in autumn.
HALF_PAST = [datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (6, 7)]
SHOP = UUID(int=0x5402)
EARLY_SUNDAYS = {
    "mode": "always", "radius_m": 300, "ends_at": None, "hours": [{"day": 6, "begin": "01:30", "end": "02:30"}],
    "camera": outside("camera", SHOP),
}  # fmt: skip


class Wall(Later):
    """The center's clock, put to a moment; it runs on from there."""

    def put(self, at: datetime) -> None:
        self.ahead = at - SystemClock().now()


async def test_a_night_on_which_the_clocks_change_is_as_long_as_it_is_for_whoever_asks(
    center: CenterMaker, dsns: Dsns, tmp_path: Path, material: Path
) -> None:
    wall = Wall()
    wall.put(datetime(2026, 3, 8, 3, tzinfo=UTC))

    def more(parts: CenterParts, player: Player) -> list[APIRouter]:
        live = Live(finder(parts.door), b"t" * 32, parts.clock)
        return [
            recording_api.routes(RecordingRoutes(parts.door, player, live)),
            *of_owners(parts, tmp_path / "data" / "ledger"),
        ]

    lasting = IdentitySettings(idle_min=1_000_000, session_h=100_000)
    async with unfurnished(center, dsns, tmp_path, material, more, settings=lasting, clock=wall) as room:
        await _shared_by_an_owner(room)
        assert await _shared(room, wall, "2026-03-08T", "07:29", "07:30", "07:59", "08:00") == [
            False, True, True, False,
        ]  # fmt: skip
        assert await _shared(
            room, wall, "2026-11-01T", "06:29", "06:30", "06:59", "07:00", "07:29", "07:30", "08:29", "08:30"
        ) == [False, True, True, False, False, True, True, False]

        wall.put(datetime(2026, 11, 2, 15, tzinfo=UTC))
        room.begun = HALF_PAST[0]
        await room.begin()
        await _the_rest_is_in_the_index(room)
        for day, hours in ((SPRING, 23), (AUTUMN, 25)):
            told = await _coverage(room, day)
            assert (told["expected_s"], told["gaps"]) == (hours * 3600, 1), day
            assert abs(hours * 3600 - told["recorded_s"] - (20 if day is AUTUMN else 60)) <= 1
        await _played(room)
        await _exported(room, tmp_path)


async def _shared_by_an_owner(room: Room) -> None:
    """A shop's camera, shared on Sundays from half past one to half past two."""
    web = room.web
    await room.owner(A_CAMERA, id=SHOP, agency=web.parts.agency, name="Shop", now=web.parts.clock.now())
    await room.owner(
        "update camera set technology = 'private_camera_link', kind = 'business' where id = %(id)s", id=SHOP
    )
    async with httpx.AsyncClient(base_url=web.url, headers={"Origin": web.url}) as visitor:
        owner = await accepted(web, visitor)
        technician, own = await web.person("technician"), web.client(cookies=visitor.cookies)
        made = await technician.post(f"/api/v1/owners/{owner}/agreements", json=EARLY_SUNDAYS)
        assert made.status_code < 300, made.text
        agreed = await own.post(f"/api/v1/own-agreements/{made.json()['id']}/agree", json={})
        assert agreed.status_code < 300, agreed.text


async def _shared(room: Room, wall: Wall, day: str, *times: str) -> list[bool]:
    """Whether the shop's camera is shared at those moments."""
    found, analyst = [], await room.web.person("analyst")
    for time in times:
        wall.put(parse_rfc3339(f"{day}{time}:30Z"))
        found.append(
            (await analyst.get(f"/api/v1/cameras/{outside('camera', SHOP)}/sharing")).json()["shared"]
        )
    return found


async def _the_rest_is_in_the_index(room: Room) -> None:
    """The camera was there before both nights, recorded all of them but a minute of spring's, and what `begin` left out of autumn's."""
    await room.owner("update retention_rule set keep_for = interval '300 days'")
    await room.owner(
        "update camera set created_at = %(at)s where id = %(id)s", id=CAMERA, at=SPRING - timedelta(days=2)
    )
    gap, ask = (
        datetime(2026, 3, 8, 9, tzinfo=UTC),
        Ask(process_actor(room.web.parts.agency, "record"), Need.FOOTAGE_INDEX),
    )
    for day in (SPRING, AUTUMN):
        async with room.web.parts.door.open(ask) as tx:
            await store.ensure_day(tx, room.desk.done[0][1].label.rule, day.date())
    rest = [
        (SPRING, gap), (gap + timedelta(minutes=1), _next(SPRING)),
        (AUTUMN, HALF_PAST[0]), (HALF_PAST[0] + timedelta(seconds=40), HALF_PAST[1]),
        (HALF_PAST[1] + timedelta(seconds=10), _next(AUTUMN)),
    ]  # fmt: skip
    room.desk.done.clear()
    room.desk.record(room.clip, began_us=us(HALF_PAST[1]), number=9)
    for path, segment in room.desk.done:
        await room.indexed(path, segment)
    for number, (begin, end) in enumerate(rest):
        await room.owner(
            "insert into segment (agency_id, rule, at, ended_at, id, camera_id, run, worker_id, epoch, frames, size, sha256, keys,"
            " mime, width, height) select agency_id, rule, %(at)s, %(to)s, %(id)s, camera_id, %(run)s, worker_id, 1, 1, 1, sha256,"
            " ''::bytea, mime, width, height from segment limit 1",
            at=begin, to=end, id=UUID(int=0x900 + number), run=100 + number,
        )  # fmt: skip
    await room.owner(
        "insert into footage_gap (agency_id, rule, at, ended_at, id, camera_id, worker_id, reason) select agency_id, rule, %(at)s,"
        " %(to)s, %(id)s, camera_id, worker_id, %(why)s from footage_gap limit 1",
        at=gap, to=gap + timedelta(minutes=1), id=UUID(int=10), why=GapReason.CAMERA_SILENT.value,
    )  # fmt: skip


def _next(day: datetime) -> datetime:
    return day + timedelta(days=1)  # by the clock on the wall


async def _coverage(room: Room, day: datetime) -> dict[str, Any]:
    """A day of the camera from midnight to midnight, as the technician is told."""
    query = {"from": rfc3339(day.astimezone(UTC)), "to": rfc3339(_next(day).astimezone(UTC)), "camera": CAM}
    answer = await (await room.web.person("technician")).get("/api/v1/recordings/coverage", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["items"][0])


async def _played(room: Room) -> None:
    """Each of the two half past ones has its own pictures, under a time of its own."""
    analyst, why = await room.web.person("analyst"), {"Wf-Purpose": "stolen_vehicle", "Wf-Case": room.case}
    for begin in HALF_PAST:
        span = {"from": rfc3339(begin), "to": rfc3339(begin + timedelta(seconds=8))}
        seen = await analyst.get(f"/api/v1/cameras/{CAM}/timeline", params=span, headers=why)
        assert seen.status_code == 200, seen.text
        ((one,), gaps) = seen.json()["ranges"], seen.json()["gaps"]
        assert [parse_rfc3339(one[end]) for end in ("from", "to")] == [begin, begin + timedelta(seconds=8)]
        assert gaps == []
        video = await analyst.get(f"/api/v1/cameras/{CAM}/video", params=span, headers=why)
        assert video.status_code == 200, video.text
        assert abs(parse_rfc3339(video.headers["Wf-From"]) - begin) < timedelta(seconds=1)


async def _exported(room: Room, into: Path) -> None:
    """Both in one package: two clips of their own, and whoever approves is told which hour each is of."""
    made = await room.made((0, 8), (3600, 3608))
    proposals = (await (await room.web.person("supervisor")).get("/api/v1/proposals")).json()["items"]
    said = next(one["sentence"] for one in proposals if one["id"] == made["proposal"])
    assert "between 1 Nov 2026, 01:30 CDT and 1 Nov 2026, 01:30 CST" in said
    clips = manifest(await room.unpacked(made["id"], into))["clips"]
    begins = [parse_rfc3339(one["delivered"]["from"]) for one in clips]
    assert len({one["file"] for one in clips}) == 2
    assert all(abs(got - due) < timedelta(seconds=1) for got, due in zip(begins, HALF_PAST, strict=True))
