"""Plates are read on one of the city's ordinary cameras: allowed as a technology of its own, set by a technician, waited for.

What drives past that camera is in its clip; nobody hands its reads in, and no device is simulated for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import httpx

from watchfloor_sim.city.cameras import CAMERAS
from watchfloor_sim.memory import Memory
from watchfloor_sim.people import Answered, Person
from watchfloor_sim.story import Night, Told, authorise

SITE: Final = next(site for site in CAMERAS if site.key == "northgate")
"""The one whose clip shows cars so near that their plates can be read."""
TECHNOLOGY: Final = "plate_reading_on_video"
_ASK_AGAIN_S: Final = 2.0
_FOR_GOOD: Final = (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND, httpx.codes.GONE)


async def read_on_video(night: Night, memory: Memory, keep: Callable[[], None], told: Told) -> None:
    """Once: a guest who has it read no more is not overruled by the next start."""
    if memory.reads_on_video:
        return
    found = (await night.people["clerk"].get("/authorisations", limit="200"))["items"]
    if not any((one["technology"], one["state"]) == (TECHNOLOGY, "in_force") for one in found):
        await authorise(night, TECHNOLOGY, "Plates on one camera at the city line", told)
    if await _reader(night.people["technician"], memory) is None:
        await night.people["technician"].post(f"{_path(memory)}", {})
    memory.reads_on_video = True
    keep()


async def first_read(night: Night, memory: Memory, told: Told) -> None:
    """Tell when the first plate has been read, once; nothing where somebody has it read no more. A center that is away is asked again;
    one that refuses, or no longer knows the camera, is not, and that is told.
    """
    technician = night.people["technician"]
    while True:
        try:
            reader = await _reader(technician, memory)
        except (Answered, httpx.HTTPError) as error:
            if isinstance(error, Answered) and error.status in _FOR_GOOD:
                told("not_read_on_video", {"camera": SITE.name, "why": str(error)})
                return
            await asyncio.sleep(_ASK_AGAIN_S)
            continue
        if reader is None:
            return
        if reader["reads"]:
            told("read_on_video", {"camera": SITE.name, "reads": reader["reads"]})
            return
        await asyncio.sleep(_ASK_AGAIN_S)


async def _reader(technician: Person, memory: Memory) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (await technician.again(_path(memory)))["reader"]
    return found


def _path(memory: Memory) -> str:
    return f"/cameras/{memory.cameras[SITE.key]}/plate-reading"
