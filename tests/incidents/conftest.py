"""The floor for the tests of incidents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.fixtures.center import CenterMaker
from tests.incidents.floor import Floor, open_floor


@pytest_asyncio.fixture
async def floor(center: CenterMaker, tmp_path: Path) -> AsyncIterator[Floor]:
    async with open_floor(center, tmp_path) as opened:
        yield opened
