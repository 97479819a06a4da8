"""How the simulated people move into a center, the first night and again on a later one, over the public API only.

What a first night has set up is remembered by the devices (`memory.py`); a later one asks nobody for it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx

from watchfloor_sim import callers, guests, story, traffic, yard
from watchfloor_sim.block import Running
from watchfloor_sim.director import Director
from watchfloor_sim.ears import MICROPHONES, CityEars
from watchfloor_sim.fleet import Fleet
from watchfloor_sim.furnish import enter_anew
from watchfloor_sim.guests import Guest
from watchfloor_sim.memory import Memory
from watchfloor_sim.on_video import first_read
from watchfloor_sim.people import Answered, Person, sign_in
from watchfloor_sim.stories import Stage
from watchfloor_sim.story import STAFF, Block, Night, Told

_ASK_AGAIN_S = 5.0


async def for_the_first_time(base: str, link: str, block: Block, memory: Memory, told: Told) -> Night:
    """Everybody is invited, two technologies come into force, and camera, reader, streets and unit are set up."""
    night = await story.gather_people(base, link, told)
    await story.authorise(night, "fixed_camera", "Cameras on the river front", told)
    await story.authorise(night, "plate_reader", "Plate readers at the city line", told)
    await story.equip(night, block, told)
    await story.watch_live(night, told)
    await story.draw_streets(night, told)
    await story.man_unit(night, block, told)
    memory.camera, memory.reader, memory.reader_token = night.camera, night.reader, night.reader_token
    memory.unit = night.unit
    return night


async def again(base: str, devices: Running, memory: Memory, told: Told) -> Night:
    """Those who set it up sign in again; cameras that have moved, their port being taken, are entered anew."""
    night = Night(
        camera=memory.camera, reader=memory.reader, reader_token=memory.reader_token, unit=memory.unit
    )
    night.hot_list = memory.hot_list
    night.wanted_until = datetime.fromisoformat(memory.wanted_until) if memory.wanted_until else None
    names = ("administrator", *(name for name, _, _ in STAFF))
    people = await asyncio.gather(*(sign_in(base, name) for name in names))
    night.people = dict(zip(names, people, strict=True))
    told("back", {"people": len(night.people)})
    if devices.camera_moved:
        await enter_anew(night, devices, memory, told)
    # Patrol monitoring rests on no case, so that a look at whether the picture comes leaves none behind.
    await story.look(night, told, purpose="patrol_monitoring", case=None)
    return night


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


async def stay(
    stage: Stage, memory: Memory, keep: Callable[[], None], asked: AsyncIterator[str], told: Told
) -> None:
    """What goes on until the city falls: traffic, units, calls, stories, and the entry that is renewed when it expires."""
    night, chance = stage.night, stage.chance
    supervisor = night.people["supervisor"]
    director = Director(stage)
    async with asyncio.TaskGroup() as group:
        group.create_task(traffic.cars(stage.readers, told, chance))
        group.create_task(Fleet(supervisor, memory, told, chance).drive())
        group.create_task(callers.calls(supervisor, told, chance))
        group.create_task(yard.stand(night, memory, told))
        group.create_task(_listens(stage))
        group.create_task(first_read(night, memory, told))
        group.create_task(director.by_themselves())
        group.create_task(director.when_asked(asked))
        group.create_task(_renew_for_ever(night, stage.block, memory, keep, told))


async def _listens(stage: Stage) -> None:
    """Microphones that cannot be set up are told of, and end nothing else."""
    try:
        await stage.ears.live()
    except (Answered, httpx.HTTPError, OSError) as error:
        stage.told("broke_off", {"story": "microphones", "why": str(error) or type(error).__name__})


def _forgets() -> None:
    """Nothing is kept for another night."""


@asynccontextmanager
async def staged(
    night: Night,
    block: Block,
    devices: Running,
    memory: Memory,
    base: str,
    told: Told,
    *,
    broker: str | None = None,
    keep: Callable[[], None] = _forgets,
    microphones: int = MICROPHONES,
) -> AsyncIterator[Stage]:
    """What stories play with; the connections of readers and microphones end with it. `broker` is where microphones publish by MQTT."""
    readers = {key: devices.reader(base, token) for key, token in memory.reader_tokens.items()}
    ears = CityEars(night, memory, broker, told, keep, microphones)
    try:
        yield Stage(night, block, devices, memory.cameras, readers, ears, told)
    finally:
        await ears.close()
        for reader in readers.values():
            await reader.aclose()


async def _renew_for_ever(
    night: Night, block: Block, memory: Memory, keep: Callable[[], None], told: Told
) -> None:
    while True:
        await renew_entry(night, block, memory, told)
        keep()
