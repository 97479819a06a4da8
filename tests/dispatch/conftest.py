"""The floor with dispatch: streets, units, incidents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from fastapi import APIRouter

from tests.dispatch.street import Street
from tests.fixtures.center import CenterMaker, CenterParts
from tests.incidents.floor import News, open_floor
from watchfloor.dispatch import api
from watchfloor.dispatch.api import DispatchParts, beside_incident
from watchfloor.dispatch.send import Dispatch
from watchfloor.places import api as place_api
from watchfloor.places.atlas import Atlas
from watchfloor.storage.objects import Objects


@pytest_asyncio.fixture
async def street(center: CenterMaker, tmp_path: Path) -> AsyncIterator[Street]:
    def routers(parts: CenterParts, news: News, objects: Objects) -> list[APIRouter]:
        atlas = Atlas(parts.door, objects)
        dispatch = DispatchParts(Dispatch(parts.door, atlas, news), objects)
        return [api.routes(dispatch), place_api.routes(atlas)]

    async with open_floor(center, tmp_path, more=routers, beside=(beside_incident,)) as floor:
        yield Street(floor)
