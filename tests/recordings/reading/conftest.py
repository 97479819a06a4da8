"""Fixtures of reading plates on video."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.fixtures.center import CenterMaker
from tests.recordings.reading.center import Street, a_street
from watchfloor.storage.nats import Bus


@pytest_asyncio.fixture
async def street(
    center: CenterMaker, bus: Bus, owner_dsn: str, tmp_path: Path, sockets: Path
) -> AsyncIterator[Street]:
    """A center whose cameras' plates may be read once that is authorised."""
    async with a_street(center, bus, owner_dsn, tmp_path, sockets) as made:
        yield made
