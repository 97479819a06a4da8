"""The floor with bookmarks and marks, for the tests of investigations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.fixtures.center import CenterMaker
from tests.incidents.floor import Floor, open_floor
from watchfloor.investigations import bookmark_api, marks_api


@pytest_asyncio.fixture
async def floor(center: CenterMaker, tmp_path: Path) -> AsyncIterator[Floor]:
    async with open_floor(
        center,
        tmp_path,
        more=lambda parts, news, objects: [marks_api.routes(parts.door), bookmark_api.routes(parts.door)],
    ) as opened:
        await opened.web.authorise("fixed_camera")
        yield opened
