"""A center whose cameras' plates are read: web, recorder, reader and matcher in one process, on real engines and a real camera."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.fixtures.center import CenterMaker
from tests.plates.conftest import Town
from tests.recordings.center import Block, block
from watchfloor.cameras.mask_book import MaskBook
from watchfloor.kit.envelope import key_from_file
from watchfloor.plate_settings import LookUpSettings, ReadingSettings
from watchfloor.plates import api as plates_api
from watchfloor.plates.hand_in import Hand
from watchfloor.plates.leave import ReaderBook
from watchfloor.plates.misuse.parts import look_ups_of
from watchfloor.plates.take import Intake
from watchfloor.recordings.reading import api as reading_api
from watchfloor.recordings.reading.parts import ReadParts
from watchfloor.recordings.reading.run import MakeWatches, Reading
from watchfloor.storage.nats import Bus

PLATE = "QQ7X4K"
VIDEO = "plate_reading_on_video"


@dataclass
class Street:
    """Where it happens: the block of cameras, and the town of reads, of one center."""

    block: Block
    town: Town

    async def asked(self, camera: str, act: str = "", *, who: str = "technician") -> httpx.Response:
        person = await self.block.web.person(who)
        path = f"/api/v1/cameras/{camera}/plate-reading{act}"
        return await (person.post(path, json={}) if act or who == "technician" else person.get(path))

    async def begun(self, camera: str) -> dict[str, Any]:
        """Have a camera's plates read; the reader that it is."""
        answer = await (await self.block.web.person("technician")).post(
            f"/api/v1/cameras/{camera}/plate-reading", json={}
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["reader"])

    async def shown(self, camera: str) -> dict[str, Any]:
        """How it stands with a camera's plates, as anybody of the staff sees it."""
        answer = await (await self.block.web.person("analyst")).get(f"/api/v1/cameras/{camera}/plate-reading")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    @asynccontextmanager
    async def reading(self, make: MakeWatches | None = None, **settings: Any) -> AsyncIterator[Reading]:
        """`sense --roles read`, as long as the block lasts."""
        parts = self.block.web.parts
        made = Reading(
            ReadParts(
                parts.door,
                parts.clock,
                [parts.agency],
                Hand(self.town.bus, self.town.objects),
                key_from_file(self.block.data / "keys" / "tap.key"),
                MaskBook(parts.door, parts.clock),
                ReadingSettings(**settings),
            ),
            make,
        )
        stop = asyncio.Event()
        task = asyncio.create_task(made.run(stop, lambda: None))
        try:
            yield made
        finally:
            stop.set()
            await asyncio.wait_for(task, 60)


@asynccontextmanager
async def a_street(
    center: CenterMaker, bus: Bus, owner_dsn: str, folder: Path, sockets: Path
) -> AsyncIterator[Street]:
    """A center with cameras and readers; nothing is authorised yet."""

    def more(parts: Any) -> list[Any]:
        intake = Intake(
            parts.door, parts.clock, bus, made["objects"], ReaderBook(parts.door, parts.clock, "serve")
        )
        look_ups = look_ups_of(LookUpSettings(), b"k" * 32)
        plates = plates_api.PlatesParts(intake, folder, look_ups)
        return [reading_api.routes(parts.door), plates_api.routes(plates)]

    made: dict[str, Any] = {}
    from watchfloor.settings import ObjectSettings
    from watchfloor.storage.objects import Objects

    made["objects"] = Objects(ObjectSettings(min_free_mb=0), folder / "read-objects")
    async with block(center, folder, sockets, more=more) as blocked:
        yield Street(blocked, Town(blocked.web, bus, made["objects"], owner_dsn))
