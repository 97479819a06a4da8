"""What passes the readers for as long as the city stands: one car after another, and now and then the stolen one.

The readers are patient: a center that is away, or that refuses one, is asked again. They decide nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Final

from watchfloor_sim.plates import STATE, random_plate
from watchfloor_sim.reader import PlateReader, Refused, Unheard
from watchfloor_sim.story import Told

_PAUSE_S: Final = (1.5, 4.0)


async def cars(readers: Mapping[str, PlateReader], told: Told, chance: random.Random) -> None:
    """For ever: cars that nobody looks for, now at this reader, now at that."""
    trouble = ""
    while True:
        await asyncio.sleep(chance.uniform(*_PAUSE_S))
        try:
            await readers[chance.choice(sorted(readers))].sees(random_plate(chance), STATE)
            trouble = ""
        except (Refused, Unheard) as error:
            if str(error) != trouble:
                trouble = str(error)
                told("unheard", {"reader": trouble})
