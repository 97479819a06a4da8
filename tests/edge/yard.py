"""A center with a gate, an owner whose cameras stand behind an edge box, and the box as a process of its own."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter

from tests.fixtures.center import CenterMaker, CenterParts
from tests.fixtures.ports import free_port
from tests.owners.street import Street, accepted, of_owners
from tests.recordings.center import Block, block
from watchfloor.cameras.boxes import api, wire
from watchfloor.cameras.boxes.enrol import Boxes
from watchfloor.cameras.boxes.gate import Gate, GateParts
from watchfloor.cameras.boxes.model import code_of
from watchfloor.cameras.boxes.session import GatePlace
from watchfloor.cameras.boxes.wire import Refusal, Word
from watchfloor.cameras.tap import read_frame, write_frame
from watchfloor.edge.enrol import enrolled
from watchfloor.edge.state import State
from watchfloor.engines.edge_tls import EdgeAuthority, gate_context
from watchfloor.engines.layout import Layout
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.envelope import key_from_file
from watchfloor.recordings.tap import TapPlace, TapServer
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.digest import Credentials
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.scene import scene_clip

PASSWORD = "s3cret/@:x"
BYTES_PER_S = 1_000_000


@dataclass
class Yard:
    """An owner's yard: two cameras, the box beside them, and the center it dials."""

    street: Street
    gate: Gate
    authority: EdgeAuthority
    device: RtspCamera
    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "edge.toml"

    async def box(self, name: str, *cameras: str) -> dict[str, Any]:
        """Staff make an edge box known for these cameras; with its code."""
        made: dict[str, Any] = await self.street.staff(
            "/edge-boxes", {"name": name, "cameras": list(cameras)}
        )
        return made

    async def seen(self, box: str) -> dict[str, Any]:
        technician = await self.street.city.web.person("technician")
        return dict((await technician.get(f"/api/v1/edge-boxes/{box}")).json())

    async def enrol(self, code: str, name: str = "box") -> State:
        """A machine enrols with this code."""
        state = State.of(self.folder / name)
        await enrolled(state, code_of(code))
        return state

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """The box of the file at work, as a process."""
        log = (self.folder / "box.log").open("ab")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "watchfloor", "edge", "run", "--config", str(self.config), stdout=log, stderr=log
        )  # fmt: skip
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            log.close()

    @asynccontextmanager
    async def link(self, state: State) -> AsyncIterator[Talk]:
        """Somebody who speaks by hand, with the certificate of this machine."""
        async with self.dialled(state.tls()) as talk:
            yield talk

    @asynccontextmanager
    async def dialled(self, tls: ssl.SSLContext) -> AsyncIterator[Talk]:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.gate.port, ssl=tls, server_hostname=wire.SERVER_NAME
        )
        try:
            yield Talk(reader, writer)
        finally:
            writer.transport.abort()


@dataclass
class Talk:
    """A connection to the gate, word by word."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def says(self, word: Word) -> None:
        write_frame(self.writer, wire.word(word))

    def sends(self, data: bytes) -> None:
        write_frame(self.writer, data)

    async def hears(self, kind: type[Word]) -> Any:
        """The next word of this kind."""
        async with asyncio.timeout(60):
            while True:
                said = wire.read(await read_frame(self.reader, wire.LONGEST))
                if isinstance(said, kind):
                    return said

    async def refused(self, *, waits: bool = False) -> str:
        """Why the gate goes no further; and that it does not. Who `waits` does not hang up by themselves: the gate does, a second later."""
        refusal: Refusal = await self.hears(Refusal)
        if not waits:
            self.writer.close()
        async with asyncio.timeout(60):
            with suppress(ConnectionError):
                assert await self.reader.read() == b""
        return refusal.reason


@asynccontextmanager
async def opened(city: Block, sockets: Path, authority: EdgeAuthority, layout: Layout) -> AsyncIterator[Gate]:
    """The gate at work beside this center."""
    parts, clock = city.web.parts, SystemClock()
    tls = gate_context(authority, layout, clock.now(), wire.SERVER_NAME)
    gate = Gate(
        GateParts(
            parts.door, clock, [parts.agency], authority, tls, "127.0.0.1", free_port(), timedelta(hours=24), BYTES_PER_S
        )
    )  # fmt: skip
    tap_key = key_from_file(city.data / "keys" / "tap.key")
    tap = TapServer(TapPlace(sockets / "gate.tap"), tap_key, clock, gate.stream_of)
    await tap.start()
    await gate.start()
    keeping = asyncio.create_task(gate.run())
    try:
        yield gate
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await gate.stop()
        await tap.stop()


@asynccontextmanager
async def yard(center: CenterMaker, tmp_path: Path, sockets: Path) -> AsyncIterator[Yard]:
    """The center, an accepted owner, the gate, and a camera whose password the center never learns."""
    layout, clock = Layout.of(tmp_path / "gate"), SystemClock()
    layout.prepare()
    authority = EdgeAuthority.of(layout, clock.now())
    folder = tmp_path / "yard"
    folder.mkdir()
    port: list[int] = []

    def more(parts: CenterParts) -> list[APIRouter]:
        boxes = _At(parts.door, clock, "", authority.pin, port)
        return [*of_owners(parts, tmp_path / "ledger"), api.routes(boxes)]

    options = CameraOptions(credentials=Credentials("viewer", PASSWORD))
    device = await RtspCamera.start(scene_clip(2.0, 10, (320, 192)), options=options)
    async with device, block(center, tmp_path, sockets, more=more) as city:
        web = city.web
        await web.authorise("private_camera_link")
        async with opened(city, sockets, authority, layout) as gate:
            port.append(gate.port)
            url = "edge://yard-north"
            made = await city.camera(url, sub_url=f"{url}/sub", technology="private_camera_link")
            camera = made["id"]
            owner = web.client()
            async with httpx.AsyncClient(base_url=web.url, headers={"Origin": web.url}) as visitor:
                owner_id = await accepted(city.web, visitor)
                owner.cookies.update(visitor.cookies)
            await city.record(gate=GatePlace(f"unix:{sockets / 'gate.tap'}"))
            street = Street(city, owner, owner_id, camera, await web.case())
            there = Yard(street, gate, authority, device, folder)
            write_config(there)
            yield there


@dataclass(frozen=True)
class _At(Boxes):
    """Boxes whose gate's port is known once it listens."""

    port: list[int]

    def __getattribute__(self, name: str) -> Any:
        if name == "address":
            return f"127.0.0.1:{super().__getattribute__('port')[0]}"
        return super().__getattribute__(name)


def write_config(yard: Yard) -> None:
    """The box's own file: the camera's address and password stand here and nowhere else."""
    yard.config.write_text(
        f"""[box]
state = "{yard.folder / "box"}"
buffer_mb = 64
camera_networks = "127.0.0.0/8"

[cameras.yard-north]
url = "{yard.device.url}"
sub_url = "{yard.device.url}"
user = "viewer"
password = "{PASSWORD}"
"""
    )
    yard.config.chmod(0o600)
