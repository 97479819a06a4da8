"""The yard behind an edge box."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.edge.yard import Yard
from tests.edge.yard import yard as made_yard
from tests.fixtures.center import CenterMaker
from tests.recordings.conftest import sockets as sockets


@pytest.fixture
async def yard(center: CenterMaker, tmp_path: Path, sockets: Path) -> AsyncIterator[Yard]:
    async with made_yard(center, tmp_path, sockets) as made:
        yield made
