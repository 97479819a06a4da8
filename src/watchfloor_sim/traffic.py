"""What passes the reader for as long as the block stands: one car after another, one of them stolen.

The reader is patient: a center that is away, or that refuses it, is asked again. It decides nothing.
"""

from __future__ import annotations

import asyncio
import random
from typing import Final

from watchfloor_sim.picture import plate_picture
from watchfloor_sim.plates import STATE, random_plate
from watchfloor_sim.reader import PlateReader, Refused, Unheard
from watchfloor_sim.story import Told

FIRST_S: Final = 60.0
EVERY_S: Final = 120.0
_PAUSE_S: Final = (2.0, 6.0)


async def cars(reader: PlateReader, wanted: str, state: str, told: Told, chance: random.Random) -> None:
    """For ever: after a minute the wanted car, then again every two minutes, and others between."""
    clock = asyncio.get_running_loop()
    due, trouble = clock.time() + FIRST_S, ""
    picture = await asyncio.to_thread(plate_picture, wanted, state)
    while True:
        await asyncio.sleep(min(chance.uniform(*_PAUSE_S), max(due - clock.time(), 0.0)))
        try:
            if clock.time() >= due:
                due += EVERY_S
                await reader.sees(wanted, state=state, picture=picture)
                told("passed", {"what": "the stolen car", "again_in_s": int(EVERY_S)})
            else:
                await reader.sees(random_plate(chance), STATE)
            trouble = ""
        except (Refused, Unheard) as error:
            if str(error) != trouble:
                trouble = str(error)
                told("unheard", {"reader": trouble})
