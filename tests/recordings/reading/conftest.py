"""Fixtures of reading plates on video."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from tests.fixtures.center import CenterMaker
from tests.recordings.reading.center import PLATE, Street, a_street
from watchfloor.plates.reading.eyes import opened
from watchfloor.plates.reading.look import Eyes
from watchfloor.recordings.reading.gate import Moved
from watchfloor.recordings.reading.screen import Shot
from watchfloor.storage.nats import Bus
from watchfloor_sim.scene import Street as Scene


@pytest_asyncio.fixture
async def street(
    center: CenterMaker, bus: Bus, owner_dsn: str, tmp_path: Path, sockets: Path
) -> AsyncIterator[Street]:
    """A center whose cameras' plates may be read once that is authorised."""
    async with a_street(center, bus, owner_dsn, tmp_path, sockets) as made:
        yield made


@pytest.fixture(scope="session")
def eyes() -> Eyes:
    """All that looking needs, as a process opens it."""
    return opened("us")


@pytest.fixture
def street_with_plate() -> Shot:
    """A drawn street with a car from behind, which moved."""
    picture = np.ascontiguousarray(Scene((640, 360), PLATE).at(0.0)[:, :, ::-1])
    return Shot(picture, 0, Moved(np.ones((11, 20), np.bool_)))
