"""The yard, for every test of trailers that needs a center."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fixtures.center import CenterMaker
from tests.trailers.yard import Yard, trailer_yard


@pytest_asyncio.fixture
async def yard(center: CenterMaker) -> AsyncIterator[Yard]:
    async with trailer_yard(center) as found:
        yield found
