"""How the simulated people move into a center, the first night and again on a later one, over the public API only.

What a first night has set up is remembered by the devices (`block.Memory`); a later one asks nobody for it again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx

from watchfloor_sim import guests, story, traffic
from watchfloor_sim.block import Memory
from watchfloor_sim.guests import Guest
from watchfloor_sim.patrol import Patrol
from watchfloor_sim.people import API, Answered, Person, sign_in
from watchfloor_sim.reader import PlateReader
from watchfloor_sim.story import STAFF, Block, Night, Told

_ASK_AGAIN_S = 5.0


async def for_the_first_time(base: str, link: str, block: Block, memory: Memory, told: Told) -> Night:
    """Everybody is invited, two technologies come into force, and camera, reader, streets and unit are set up."""
    night = await story.gather_people(base, link, told)
    await story.authorise(night, "fixed_camera", "Cameras on the river front", told)
    await story.authorise(night, "plate_reader", "Plate readers at the city line", told)
    await story.equip(night, block, told)
    await story.draw_streets(night, told)
    await story.man_unit(night, block, told)
    await story.watch_live(night, told)
    memory.camera, memory.reader, memory.reader_token = night.camera, night.reader, night.reader_token
    memory.unit = night.unit
    return night


async def again(base: str, block: Block, memory: Memory, told: Told, *, moved: bool) -> Night:
    """Those who set it up sign in again; a camera that has `moved`, its port being taken, is entered anew."""
    night = Night(
        camera=memory.camera, reader=memory.reader, reader_token=memory.reader_token, unit=memory.unit
    )
    night.hot_list = memory.hot_list
    night.wanted_until = datetime.fromisoformat(memory.wanted_until) if memory.wanted_until else None
    for name in ("administrator", *(name for name, _, _ in STAFF)):
        night.people[name] = await sign_in(base, name)
    told("back", {"people": len(night.people)})
    if moved:
        await _enter_anew(night, block, told)
    # Patrol monitoring rests on no case, so that a look at whether the picture comes leaves none behind.
    await story.look(night, told, purpose="patrol_monitoring", case=None)
    return night


async def _enter_anew(night: Night, block: Block, told: Told) -> None:
    entry = {"url": block.camera_url, "user": block.camera_user, "password": block.camera_password}
    answer = await night.people["technician"].http.patch(f"{API}/cameras/{night.camera}", json=entry)
    if not answer.is_success:
        raise Answered(f"the camera's new address was answered {answer.status_code}: {answer.text[:600]}")
    told("moved", {"camera": night.camera})


async def see_to_entry(night: Night, block: Block, memory: Memory, told: Told) -> None:
    """The wanted entry is there: made when there is none, or when the one there was has expired."""
    if night.wanted_until is not None and night.wanted_until > datetime.now(UTC):
        return
    await story.want(night, block, told)
    memory.hot_list = night.hot_list
    memory.wanted_until = night.wanted_until.isoformat() if night.wanted_until else ""


async def renew_entry(night: Night, block: Block, memory: Memory, told: Told) -> None:
    """Wait until the entry expires, then let the same two persons make it anew; a center that is away is asked again."""
    until = night.wanted_until or datetime.now(UTC)
    await asyncio.sleep(max((until - datetime.now(UTC)) / timedelta(seconds=1), 0.0))
    while True:
        try:
            for name in ("analyst", "supervisor"):
                await night.people[name].sign_in()
            await see_to_entry(night, block, memory, told)
        except (Answered, httpx.HTTPError) as error:
            told("not_renewed", {"why": str(error)})
            await asyncio.sleep(_ASK_AGAIN_S)
        else:
            return


async def receive_guests(night: Night, base: str) -> list[Guest]:
    """A guest for each role; the officer's rides along in the unit, so that its phone page has something to show."""
    found = list(await guests.welcome(night.people["administrator"], base))
    officer = next(guest for guest in found if guest.role == "officer")
    if officer.new:
        own = await _id_of(night.people["officer"])
        await night.people["supervisor"].put(f"/units/{night.unit}/crew", {"people": [own, officer.id]})
    return found


async def _id_of(person: Person) -> str:
    return str((await person.get("/session"))["person"]["id"])


async def stay(night: Night, block: Block, memory: Memory, keep: Callable[[], None], told: Told) -> None:
    """What goes on until the block falls: cars pass, the unit drives, and the entry is renewed when it expires."""
    chance = random.Random()
    base = str(night.people["officer"].http.base_url).rstrip("/")
    reader = PlateReader(base, night.reader_token)
    patrol = Patrol(night.people["officer"], night.unit, block.unit_at, told, chance)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(traffic.cars(reader, block.plate, block.state, told, chance))
            group.create_task(patrol.drive())
            group.create_task(_renew_for_ever(night, block, memory, keep, told))
    finally:
        await reader.aclose()


async def _renew_for_ever(
    night: Night, block: Block, memory: Memory, keep: Callable[[], None], told: Told
) -> None:
    while True:
        await renew_entry(night, block, memory, told)
        keep()
