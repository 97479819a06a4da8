"""A camera that is turned by hand is aimed at the dwellings that may be in its picture, and at all of its own while it does not say
where it stands; one that nobody turns, where it is marked to look; what a mask covers entirely none is aimed at.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg

from tests.cameras.onvif.device import MILL_ST, REACH, a_device
from tests.cameras.onvif.test_covering import BOX, _skyline
from tests.cameras.onvif.test_turning import Yard, _routers, _turner
from tests.fixtures.center import CenterMaker, CenterParts, new_id
from watchfloor.cameras import mask_api
from watchfloor.cameras.mask_api import MaskRoutes
from watchfloor.cameras.mask_book import MaskBook
from watchfloor.cameras.onvif import turn
from watchfloor.cameras.onvif.aiming import came_home, read_by_hand
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.model import About, Actor, ActorKind, AgencyId, Ask
from watchfloor.governance.needs import Need
from watchfloor_sim.onvif.device import Device, Look
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer


def _more(parts: CenterParts) -> list[Any]:
    masks = MaskRoutes(_turner(parts).cameras, MaskBook(parts.door, parts.clock), REACH, _skyline(parts))
    return [*_routers(parts), mask_api.routes(masks)]


class ByHand:
    """A camera with two views of dwellings, and what it counts as aimed at."""

    def __init__(self, yard: Yard, device: Device, owner_dsn: str) -> None:
        self.yard, self.device, self.owner_dsn = yard, device, owner_dsn
        self.turner, self.agency = _turner(yard.web.parts), yard.web.parts.agency

    async def aimed(self) -> list[tuple[str, str]]:
        said = await (await self.yard.web.person("analyst")).get(f"{self.yard.path}/lock")
        return sorted((one["dwelling"], one["known"]) for one in said.json()["aimed_at"])

    async def sql(self, text: str) -> None:
        async with await psycopg.AsyncConnection.connect(self.owner_dsn) as connection:
            await connection.execute(text.encode())

    async def read(self, *, stands: bool = True) -> int:
        """Its device is asked where it stands, eight seconds after its last move or at once."""
        if stands:
            await self.sql("update camera_device set turned_at = turned_at - interval '20 seconds'")
        return await read_by_hand(self.turner.cameras, self.turner.reach, self.agency)

    async def late(self) -> str:
        """Why nobody is shown more of it."""
        book = MaskBook(self.yard.web.parts.door, self.yard.web.parts.clock)
        late = await book.over(self.agency, inside("camera", self.yard.path.rpartition("/")[2]))
        return "" if late is None else f"{'unread: ' if late.unread else ''}{late.denied.sentence}"


async def test_a_camera_turned_by_hand_counts_at_the_dwellings_it_may_see(
    center: CenterMaker, owner_dsn: str
) -> None:
    device = a_device()
    async with DeviceServer.running(device) as server, center(routers=_more) as web:
        yard = await Yard.opened(web, device, server)
        hand = ByHand(yard, device, owner_dsn)
        for preset, dwelling in (("1", "12 Elm"), ("2", "14 Elm")):
            assert (
                await yard.act("technician", "presets/dwelling", preset=preset, dwelling=dwelling)
            ).status_code == 200
        assert await hand.aimed() == [], "nobody turned it"
        await _turned(hand)
        await _answers_late_or_never(hand)
        await _is_over(hand)
        await _is_covered(hand)


async def _turned(hand: ByHand) -> None:
    yard, device = hand.yard, hand.device
    both = [("12 Elm", "assumed"), ("14 Elm", "assumed")]
    assert (await yard.act("analyst", "moves", pan=0.5)).status_code == 200
    assert await hand.aimed() == both and await hand.read(stands=False) == 0, "it may be moving still"
    device.moving = (0.5, 0.0, 0.0)
    assert await hand.read() == 0 and await hand.aimed() == both, "it says that it moves"
    device.moving, device.look = (0.0, 0.0, 0.0), Look(0.55, 0.9, 0.4)
    assert await hand.read() == 1 and await hand.aimed() == [("12 Elm", "stands")]
    assert await hand.read() == 0, "it said it"
    assert (await yard.act("analyst", "presets/go", preset="2")).status_code == 200
    assert await hand.aimed() == [("14 Elm", "preset")], "a preset that is marked needs no asking"
    ask = Ask(process_actor(AgencyId(hand.agency), "serve"), Need.DEVICE_WATCH)
    async with yard.web.parts.door.open(ask) as tx:
        await came_home(tx, inside("camera", yard.path.rpartition("/")[2]), tx.now - timedelta(minutes=1))
    assert await hand.aimed() == [("14 Elm", "preset")], "it was turned since it was sent home"
    # A preset that nobody marked looks where it looks.
    device.look = Look(0.52, -0.2, 0.1)
    made = await yard.act("supervisor", "presets/set", name="Kerb")
    kerb = made.json()["presets"][-1]["token"]
    assert (await yard.act("supervisor", "presets/go", preset=kerb)).status_code == 200
    assert await hand.aimed() == both
    assert await hand.read() == 1 and await hand.aimed() == [("12 Elm", "stands")]
    assert (await yard.act("supervisor", "moves", pan=0.1)).status_code == 200
    device.moving, device.look = (0.0, 0.0, 0.0), Look(-0.6, 0.0, 0.0)
    assert await hand.read() == 1 and await hand.aimed() == [("14 Elm", "stands")]
    assert (await yard.act("supervisor", "presets/go", preset=None)).status_code == 200
    assert await hand.aimed() == []


async def _answers_late_or_never(hand: ByHand) -> None:
    """What turned and did not say so may look at any of its dwellings; what said no looks where it looked."""
    yard, device, parts = hand.yard, hand.device, hand.yard.web.parts

    async def shown_to_partners(in_s: float) -> bool:
        book, camera = MaskBook(parts.door, parts.clock), inside("camera", yard.path.rpartition("/")[2])
        cover = await book.live(hand.agency, camera, lent=True)
        return not cover.hides_all_at(parts.clock.now() + timedelta(seconds=in_s))

    device.asked.clear()
    device.faults = {Fault.MUTE_MOVES}
    moving = asyncio.create_task(yard.act("supervisor", "moves", pan=0.1))
    await device.until(lambda: any(one.startswith("move ") for one in device.asked))
    assert await hand.aimed() == [] and not await shown_to_partners(12), "it may take another five seconds"
    assert (await moving).json()["reason"] == "too_slow"
    both = [("12 Elm", "assumed"), ("14 Elm", "assumed")]
    assert await hand.aimed() == both and not await shown_to_partners(60)
    device.faults = set()
    assert (await yard.act("supervisor", "presets/go", preset=None)).status_code == 200
    assert await hand.aimed() == [] and await shown_to_partners(12), "it went home, and said so"
    assert not await shown_to_partners(8)
    for fault, reason in ((Fault.NO_MOVES, "device_refuses"), (Fault.SLOW, "too_slow")):
        device.faults = {fault}
        assert (await yard.act("supervisor", "presets/go", preset="1")).json()["reason"] == reason
        assert await hand.aimed() == [], "it said no itself, or was never told"
    device.faults = {Fault.MUTE_MOVES}
    assert (await yard.act("supervisor", "presets/go", preset=None)).json()["reason"] == "too_slow"
    assert await hand.aimed() == both, "it may be at home or not"
    device.faults = set()
    assert (await yard.act("supervisor", "presets/go", preset=None)).status_code == 200


async def _is_over(hand: ByHand) -> None:
    yard, device = hand.yard, hand.device
    device.faults = {Fault.NO_STATUS}
    assert (await yard.act("supervisor", "moves", pan=0.1)).status_code == 200
    assert await hand.read() == 0 and len(await hand.aimed()) == 2 and not await hand.late()
    await hand.sql("update camera_aim set from_at = from_at - interval '3 hours' where until_at is not null")
    await hand.sql(
        "update camera_aim set until_at = now() - interval '1 minute' where until_at is not null and dwelling = '12 Elm'"
    )
    assert (await hand.late()).startswith("unread: "), "covered, and not ended: it may look elsewhere"
    assert await turn.leave_dwellings(hand.turner, hand.agency) == 0
    await hand.sql("update camera_aim set from_at = from_at - interval '1 minute' where until_at is null")
    assert "does not say where it stands, so it counts as aimed at each dwelling" in await hand.late()
    assert await turn.leave_dwellings(hand.turner, hand.agency) == 1 and await hand.aimed() == []
    device.faults, device.moving = set(), (0.0, 0.0, 0.0)
    await hand.sql("delete from camera_aim")


async def _is_covered(hand: ByHand) -> None:
    yard, device = hand.yard, hand.device
    supervisor = await yard.web.person("supervisor")
    assert (await yard.act("supervisor", "presets/go", preset="1")).status_code == 200
    assert await hand.aimed() == [("12 Elm", "preset")]
    await _is_shown_to_no_recorder_elsewhere(hand)
    here = (await supervisor.get(f"{yard.path}/stand")).json()
    body = {"name": "All of 12 Elm", "reason": "A dwelling.", "corners": BOX, "stand": here}
    wrong = await supervisor.post(f"{yard.path}/masks", json=body | {"dwelling": "99 Elm"})
    assert (wrong.status_code, wrong.json()["reason"]) == (422, "dwelling")
    made = await supervisor.post(f"{yard.path}/masks", json=body | {"dwelling": "12 Elm"})
    assert (made.status_code, made.json()["dwelling"]) == (201, "12 Elm"), made.text
    assert await hand.aimed() == []
    second = await yard.act("supervisor", "presets/dwelling", preset="2", dwelling="12 Elm")
    assert second.status_code == 200
    assert await hand.aimed() == [("12 Elm", "preset")], "another view shows it, which no mask covers"
    assert device.look.pan == 0.5


async def test_where_a_camera_looks_that_nobody_turns_counts_too(center: CenterMaker, owner_dsn: str) -> None:
    device = a_device()
    async with DeviceServer.running(device) as server, center(routers=_more) as web:
        hand = ByHand(await Yard.opened(web, device, server), device, owner_dsn)
        await _at_home(hand)
        technician = await web.person("technician")
        made = await technician.post(
            "/api/v1/cameras", json=MILL_ST | {"name": "Elm St", "url": "rtsp://127.0.0.1/x"}
        )
        path = f"/api/v1/cameras/{made.json()['id']}"
        await _as_it_stands(ByHand(Yard(web, device, path, hand.yard.why), device, owner_dsn))


async def _at_home(hand: ByHand) -> None:
    yard, device = hand.yard, hand.device
    marked = await yard.act("technician", "presets/dwelling", dwelling="12 Elm")
    assert (marked.status_code, marked.json()["dwelling"]) == (200, "12 Elm"), marked.text
    assert await hand.aimed() == [("12 Elm", "preset")], "it is at home"
    assert (await yard.act("analyst", "moves", pan=0.5)).status_code == 200
    assert (
        await yard.act("technician", "presets/dwelling", preset="1", dwelling="14 Elm")
    ).status_code == 200
    assert await hand.aimed() == [("12 Elm", "assumed"), ("14 Elm", "assumed")], (
        "where it stands nobody knows"
    )
    device.moving, device.look = (0.0, 0.0, 0.0), Look(-0.6, 0.0, 0.0)
    assert await hand.read() == 1 and await hand.aimed() == [("12 Elm", "stands")], "no device tells its home"
    await yard.act("supervisor", "presets/dwelling", preset="2", dwelling="12 Elm")
    await hand.sql("update camera_aim set known = 'assumed' where until_at is null")
    device.look = Look(0.55, 0.9, 0.4)
    assert await hand.read() == 1 and await hand.aimed() == [("14 Elm", "stands")], "a preset there tells it"
    assert (await yard.act("supervisor", "presets/go", preset=None)).status_code == 200
    assert await hand.aimed() == [("12 Elm", "preset")]
    await hand.sql("update camera_aim set from_at = from_at - interval '3 hours' where until_at is null")
    assert await turn.leave_dwellings(hand.turner, hand.agency) == 0, "it is at home"
    assert (await hand.late()).startswith("Cameras were aimed at that dwelling for 3 h")
    for preset in (None, "1", "2"):
        gone = await yard.act("supervisor", "presets/dwelling", preset=preset, dwelling="")
        assert gone.json()["dwelling"] is None, gone.text
    assert await hand.aimed() == [] and not await hand.late()


async def _as_it_stands(hand: ByHand) -> None:
    yard, body = hand.yard, {"dwelling": "16 Elm"}
    assert (await yard.act("analyst", "presets/dwelling", **body)).status_code == 403
    no = await yard.act("technician", "presets/dwelling", preset="1", **body)
    assert (no.status_code, no.json()["reason"]) == (409, "does_not_turn")
    assert (await yard.act("technician", "presets/dwelling", preset="", **body)).status_code == 422
    assert (await yard.act("technician", "presets/dwelling", **body)).status_code == 200
    assert await hand.aimed() == [("16 Elm", "preset")] and not await hand.late()
    await hand.sql("update camera_aim set from_at = from_at - interval '2 hours' where until_at is null")
    told = [await turn.leave_dwellings(hand.turner, hand.agency) for _ in range(2)]
    assert told == [0, 0] and "2 h 0 min of the last day" in await hand.late()
    technician = await yard.web.person("technician")
    mask = {"name": "All of it", "reason": "A dwelling.", "corners": BOX, "dwelling": "16 Elm"}
    assert (await technician.post(f"{yard.path}/masks", json=mask)).status_code == 201
    assert await hand.aimed() == [] and not await hand.late(), "what is covered is not aimed at"
    masks = (await technician.get(f"{yard.path}/masks")).json()
    assert masks["dwellings"] == [{"preset": "", "dwelling": "16 Elm", "aimed": False}]
    # A mask's own name may name a home as well.
    homes_of = {"analyst": 1, "auditor": 1, "detective": 1, "administrator": 0, "clerk": 0, "officer": 0}
    for role, homes in homes_of.items():
        seen = (await (await yard.web.person(role)).get(f"{yard.path}/masks")).json()
        (one,) = seen["items"]
        assert len(seen["dwellings"]) == homes, role
        named = (one["name"], one["reason"], one["dwelling"])
        assert named == (("All of it", "A dwelling.", "16 Elm") if homes else ("", "", "")), role
        assert one["corners"] == BOX
    log = (
        await (await yard.web.person("auditor")).get("/api/v1/audit/entries", params={"limit": 200})
    ).json()
    assert [one["reason"] for one in log["items"]].count("camera.dwelling_over") == 2, "each is told once"


async def _is_covered_there_while_it_turns(hand: ByHand, camera: UUID) -> None:
    """On its way to a dwelling, before that is written down, and on its way from one; and what its last group of pictures has of that."""
    parts = hand.yard.web.parts
    aims = "update camera_aim set until_at = now() - interval '{}' where until_at is null"
    told = "update camera_device set turned_at = now() - interval '{}'"

    async def covered(left: str, turned: str, ago_s: float, *, lent: bool = True) -> bool:
        await hand.sql(aims.format(left))
        await hand.sql(told.format(turned))
        shown = await MaskBook(parts.door, parts.clock).live(hand.agency, camera, lent=lent)
        await hand.sql("update camera_aim set until_at = null")
        return shown.hides_all_at(parts.clock.now() - timedelta(seconds=ago_s))

    for left, turned, ago_s, is_covered in (
        ("1 hour", "1 hour", 0, False),
        ("1 hour", "1 second", 0, True),
        ("1 second", "1 hour", 0, True),
        ("30 seconds", "1 hour", 0, False),
        ("30 seconds", "1 hour", 25, True),
        ("3 minutes", "1 hour", 175, False),
    ):
        assert await covered(left, turned, ago_s) is is_covered, (left, turned, ago_s)
    assert not await covered("1 second", "1 second", 0, lent=False), "ours may look"


async def _is_shown_to_no_recorder_elsewhere(hand: ByHand) -> None:
    """What a partner records of a dwelling is all covered, and is no part of what this agency looked at."""
    parts, camera = hand.yard.web.parts, inside("camera", hand.yard.path.rpartition("/")[2])
    book, about = MaskBook(parts.door, parts.clock), About("camera", camera)
    now = parts.clock.now()
    assert not (await book.live(hand.agency, camera)).hides_all_at(now)
    assert (await book.live(hand.agency, camera, lent=True)).hides_all_at(now)
    await _is_covered_there_while_it_turns(hand, camera)

    async def counted(need: Need) -> int:
        """How much was counted once somebody was shown it for a moment."""
        actor = Actor(new_id(), ActorKind.PERSON, AgencyId(hand.agency), frozenset(need.roles))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(book.watched(Ask(actor, need, about=about)), 0.2)
        async with await psycopg.AsyncConnection.connect(hand.owner_dsn) as owner:
            row = await (await owner.execute("select count(*) from dwelling_play")).fetchone()
        return int(row[0]) if row is not None else -1

    assert (await counted(Need.CAMERA_LENT), await counted(Need.CAMERA_LIVE)) == (0, 1)
    await hand.sql("delete from dwelling_play")
