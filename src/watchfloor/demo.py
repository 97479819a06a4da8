"""The demo: a fresh center and a simulated city block beside it.

It uses what everybody has: the command line and the API; it reaches into no part of the product.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from watchfloor.kit.clock import Clock, SystemClock
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.sure import sure
from watchfloor_sim import block as simulated
from watchfloor_sim import story
from watchfloor_sim.story import Block, Night

START_S: Final = 180.0


def run(data: str = "", *, autopilot: bool = False, exit: bool = False, as_json: bool = False) -> int:
    """A center and a simulated block in a fresh directory. --autopilot plays the stolen-car story; --exit ends after it."""
    where = Path(data) if data else Path(tempfile.mkdtemp(prefix="watchfloor-demo-"))
    where.parent.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_Demo(where, SystemClock(), as_json=as_json).run(autopilot=autopilot, ends=exit))


class _Demo:
    def __init__(self, data: Path, clock: Clock, *, as_json: bool) -> None:
        self._data = data
        self._outside = data.with_name(data.name + "-outside")
        self._clock = clock
        self._json = as_json
        self._started = clock.monotonic()
        self._draining: asyncio.Task[None] | None = None

    async def run(self, *, autopilot: bool, ends: bool) -> int:
        self._outside.mkdir(mode=0o700, exist_ok=True)
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, told.set)
        async with (
            simulated.start(password=secrets.token_urlsafe(12)) as block,
            self._center() as (base, link),
        ):
            story_done = asyncio.create_task(self._story(base, link, block, autopilot))
            waiting = asyncio.create_task(told.wait())
            await asyncio.wait({story_done, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if story_done.done():
                night = story_done.result()
                if ends:
                    waiting.cancel()
                    return 0
                self._say_links(base, night)
                await waiting
            story_done.cancel()
            return 0 if not ends else 130

    async def _story(self, base: str, link: str, block: simulated.Running, autopilot: bool) -> Night:
        night = await story.gather_people(base, link, self.tell)
        await story.authorise(night, "fixed_camera", "Cameras on the river front", self.tell)
        await story.authorise(night, "plate_reader", "Plate readers at the city line", self.tell)
        place = Block(block.camera_url, block.camera_user, block.camera_password)
        await story.equip(night, place, self.tell)
        await story.draw_streets(night, self.tell)
        await story.man_unit(night, place, self.tell)
        await story.watch_live(night, self.tell)
        if not autopilot:
            return night
        await story.want(night, place, self.tell)
        reader = block.reader(base, night.reader_token)
        picture = block.picture(place.plate, place.state)
        await story.confirm(
            night,
            place,
            picture,
            lambda: reader.sees(place.plate, state=place.state, picture=picture),
            self.tell,
        )
        await story.send_help(night, self.tell)
        await story.play_minute(night, self.tell, simulated.frames_of)
        await self._verify(base)
        return night

    async def _verify(self, base: str) -> None:
        """An outsider's look: the published files, the key and a checkpoint kept outside; no database."""
        kept = await self._checkpoint_outside()
        command = [sys.executable, "-m", "watchfloor", "verify", f"{base}/api/v1/ledger", "--json"]
        for note in kept:
            command += ["--checkpoint", str(note)]
        key = self._data / "ledger" / "key.pub"
        process = await asyncio.create_subprocess_exec(
            *command, "--key", str(key), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await process.communicate()
        if process.returncode != 0:
            raise Unavailable(f"The log does not verify: {out.decode()[-600:]} {err.decode()[-600:]}")
        self.tell(
            "verified",
            {"report": json.loads(out.decode().strip().splitlines()[-1]), "checkpoints": len(kept)},
        )

    async def _checkpoint_outside(self) -> list[Path]:
        """Checkpoints that were handed outside; the first comes at the start."""
        until = self._clock.monotonic() + 30
        while self._clock.monotonic() < until:
            kept = sorted(
                path for path in self._outside.rglob("*") if path.is_file() and not path.name.startswith(".")
            )
            if kept:
                return kept
            await self._clock.sleep(0.2)
        raise Unavailable("No checkpoint was kept outside within 30 s.")

    @asynccontextmanager
    async def _center(self) -> AsyncIterator[tuple[str, str]]:
        """`watchfloor up` as a child, told by its own words when it is up; the address and the one-time link."""
        self._data.mkdir(mode=0o755, exist_ok=True)
        (self._data / "config.toml").write_text(
            f'[ledger]\ncheckpoint_dirs = "{self._outside}"\n[record]\ncamera_networks = "127.0.0.0/8"\n'
        )
        command = [sys.executable, "-m", "watchfloor", "up", "--data", str(self._data), "--agency", "River City (invented)",
                   "--time-zone", "America/Chicago", "--json"]  # fmt: skip
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        try:
            yield await asyncio.wait_for(self._heard(process), START_S)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 60)

    async def _heard(self, process: asyncio.subprocess.Process) -> tuple[str, str]:
        link = ""
        async for line in sure(process.stdout):
            said: dict[str, Any] = json.loads(line)
            if said["event"] == "first":
                link = (await asyncio.to_thread(Path(said["file"]).read_text)).strip()
            if said["event"] == "up":
                self.tell("up", {"http": said["http"]})
                self._draining = asyncio.create_task(_drain(sure(process.stdout)))
                return str(said["http"]), link
        raise Unavailable(f"The center did not start; see {self._data / 'logs'}.")

    def _say_links(self, base: str, night: Night) -> None:
        self.tell("open", {"http": base, "people": sorted(night.people), "password": "the README says it"})

    def tell(self, step: str, facts: dict[str, object]) -> None:
        """One line for each step."""
        after = round(self._clock.monotonic() - self._started, 1)
        if self._json:
            print(json.dumps({"step": step, "after_s": after, **facts}, default=str), flush=True)
        else:
            words = ", ".join(f"{name} {value}" for name, value in facts.items())
            print(f"{after:7.1f} s  {step:<11} {words}", flush=True)


async def _drain(stream: asyncio.StreamReader) -> None:
    async for _ in stream:
        pass
