"""The floor with bookmarks and marks, and a town of readers with findings, for the tests of investigations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.fixtures.center import CenterMaker
from tests.fixtures.engines import Dsns
from tests.incidents.floor import Floor, open_floor
from tests.plates.conftest import AREA, Town, a_town
from watchfloor.investigations import bookmark_api, finding_api, marks_api
from watchfloor.storage.nats import Bus


@pytest_asyncio.fixture
async def floor(center: CenterMaker, tmp_path: Path) -> AsyncIterator[Floor]:
    async with open_floor(
        center,
        tmp_path,
        more=lambda parts, news, objects: [marks_api.routes(parts.door), bookmark_api.routes(parts.door)],
    ) as opened:
        await opened.web.authorise("fixed_camera")
        yield opened


@pytest_asyncio.fixture
async def town(center: CenterMaker, bus: Bus, dsns: Dsns, tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(
        center, bus, dsns, tmp_path, more=lambda parts, _: [finding_api.routes(parts.door)], area=AREA
    ) as opened:
        yield opened
