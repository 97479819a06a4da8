"""The demo: a center and a simulated city beside it.

It uses what everybody has: the command line and the API; it reaches into no part of the product.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import httpx
import websockets

from watchfloor.engines import lock
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.follow import FollowedUp
from watchfloor.kit.clock import Clock, SystemClock
from watchfloor.kit.errors import Conflict, Invalid, Unavailable
from watchfloor_sim import block as simulated
from watchfloor_sim import director, menu, said, settle, story
from watchfloor_sim.city.cameras import CAMERAS
from watchfloor_sim.furnish import furnish
from watchfloor_sim.guests import Guest
from watchfloor_sim.memory import Memory
from watchfloor_sim.people import Answered
from watchfloor_sim.stories import STORIES, Stage
from watchfloor_sim.story import Block, Night

_FALL_S: Final = 2.0
# How long an authorisation or a failure lasts where nobody needs the time to look at it.
_SHORT_S: Final = 20.0
# Cars pass the camera whose plates are read all the time. A picture every seven seconds, which is no part of its clip's twenty, so that
# each car comes to be seen near; a few reads in a minute, for about a sixth of a core.
_READING: Final = "[reading]\ncores = 0.25\npictures_a_second = 0.145\n"


def run(
    data: str = "", *, autopilot: bool = False, story: str = "", exit: bool = False, as_json: bool = False
) -> int:
    """A center and a simulated city beside it, until Ctrl-C.

    Twelve cameras, six plate readers, 24 microphones and ten units come alive on this machine, simulated people put them to lawful use,
    have plates read on the video of one camera, and a one-time link for each role is printed: open one, choose a password,
    and you are that person. Stories begin by themselves, the first after a minute when a stolen car passes a reader; keys
    in the terminal begin one at once.

    --data is where the center keeps its state; without it .demo/center, found again at the next start.

    --story NAME begins one when the city stands: stolen-car, misread, expired-authorisation, camera-failing, gunshot or
    owner-revoking. What there is to do in it is left to guests for two minutes; then the simulated people do it.

    --autopilot plays the stolen-car story by itself, from the alert to a log that verifies from outside. It starts from
    nothing: without --data in a directory of its own.

    --exit ends after the story or the autopilot, in which nothing is left to guests; the exit status is 0 when every step
    went well.

    --json prints one JSON object a step.

    Example: watchfloor demo --story expired-authorisation
    """
    if story and story not in STORIES:
        raise Invalid(f"There is no story {story}.", next_step=f"Choose one of {', '.join(STORIES)}.")
    if story and autopilot:
        raise Invalid("The autopilot plays a story already.", next_step="Leave out --story or --autopilot.")
    if data:
        where = Path(data)
    else:
        where = _fresh() if autopilot else Path(".demo/center")
    demo = _Demo(where.absolute(), SystemClock(), _Plan(autopilot, story, exit), as_json=as_json)
    return asyncio.run(demo.run())


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was asked for: the autopilot or a story, and whether that is all."""

    autopilot: bool
    story: str
    ends: bool


def _fresh() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="watchfloor-demo-"))
    folder.chmod(0o711)  # the database's own user passes through
    return folder / "center"


class _Demo:
    def __init__(self, data: Path, clock: Clock, plan: _Plan, *, as_json: bool) -> None:
        self._data = data
        self._outside = data.with_name(f"{data.name}-outside")
        self._block = data.with_name(f"{data.name}-block")
        self._memory = self._block / "devices.json"
        self._clock = clock
        self._plan = plan
        self._json = as_json
        self._started = clock.monotonic()
        self._stories: Sequence[str] = ()
        self._told = asyncio.Event()
        self._again = asyncio.Event()

    async def run(self) -> int:
        """Run until told to end; the exit status."""
        self._data.parent.mkdir(parents=True, exist_ok=True)
        # Two starts at once would each clear away what the other has just begun. The lock lies beside what they clear.
        beside = self._data.with_name(f"{self._data.name}.lock")
        with lock.held(beside, by="watchfloor demo", now=self._clock.now(), of=self._data):
            return await self._run()

    async def _run(self) -> int:
        memory = self._prepared(autopilot=self._plan.autopilot)
        self._listen_to_signals()
        sites = CAMERAS[:1] if self._plan.autopilot else CAMERAS
        async with self._center() as center, simulated.start(memory, sites) as devices:
            done = await self._unless_told(self._night(center, devices, memory))
        if not self._plan.ends:
            self.tell("ended", {"data": str(self._data)})
        return 0 if done or not self._plan.ends else 130

    def _prepared(self, *, autopilot: bool) -> Memory:
        """The directories, and what the devices remember. What a start left unfinished nobody has used: it goes."""
        if (holder := lock.holder(self._data / "lock")) is not None:
            raise Conflict(f"{self._data} is in use by {holder}.", next_step="Use that one, or end it first.")
        memory = Memory.of(self._memory)
        if memory is not None and not memory.settled:
            for left in (self._data, self._outside, self._block):
                shutil.rmtree(left, ignore_errors=True)
            memory = None
        if memory is not None and autopilot:
            raise Conflict(
                f"The autopilot starts from nothing, and {self._data} has been used.",
                next_step="Name another directory with --data.",
            )
        if memory is None:
            if self._data.exists() and any(self._data.iterdir()):
                raise Conflict(
                    f"{self._data} is not a directory of the demo.", next_step="Name another with --data."
                )
            memory = self._new()
        else:
            self._spare()
        return memory

    def _spare(self) -> None:
        """Looking for plates takes a part of a core, whoever watches or not; a start of before this was so is told too."""
        config = self._data / "config.toml"
        if "[reading]" not in (said := config.read_text()):
            config.write_text(said + _READING)

    def _new(self) -> Memory:
        self._data.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._outside.mkdir(mode=0o700, exist_ok=True)
        (self._data / "config.toml").write_text(
            f'[ledger]\ncheckpoint_dirs = "{self._outside}"\n[record]\ncamera_networks = "127.0.0.0/8"\n'
        )
        self._spare()
        memory = Memory()
        memory.keep(self._memory)
        return memory

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._asked_to_end)

    def _asked_to_end(self) -> None:
        if self._told.is_set():
            self._again.set()
        else:
            self._told.set()
            self.tell("ending", {})

    @asynccontextmanager
    async def _center(self) -> AsyncIterator[FollowedUp]:
        center = FollowedUp(
            self._data,
            self._block / "up.log",
            self._clock,
            agency="River City (invented)",
            time_zone="America/Chicago",
        )
        try:
            yield center
        finally:
            await center.end(self._again)

    async def _unless_told(self, night: Coroutine[Any, Any, None]) -> bool:
        """Do it until somebody asks to end; whether it came to its end. What it raises is raised here."""
        work = asyncio.ensure_future(night)
        told = asyncio.ensure_future(self._told.wait())
        await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not self._told.is_set():
            await work
            return True
        work.cancel()
        # Told to end, nobody wants to hear what broke off because of it.
        await asyncio.gather(work, return_exceptions=True)
        return False

    async def _night(self, center: FollowedUp, devices: simulated.Running, memory: Memory) -> None:
        base, link = await center.until_up(self._progress)
        self.tell("up", {"http": base})
        living = asyncio.ensure_future(self._live(base, link, devices, memory))
        falls = asyncio.ensure_future(center.falls(self._progress))
        try:
            await asyncio.wait({living, falls}, return_when=asyncio.FIRST_COMPLETED)
            if not living.done() or living.exception() is not None:
                # What the people say of a center that fell is no news; give its end a moment to be seen.
                await asyncio.wait({falls}, timeout=_FALL_S)
            await (falls if falls.done() else living)
        finally:
            for task in (living, falls):
                task.cancel()
            await asyncio.gather(living, falls, return_exceptions=True)

    async def _live(self, base: str, link: str, devices: simulated.Running, memory: Memory) -> None:
        block = Block(devices.camera_url, devices.camera_user, devices.camera_password)
        try:
            night = await self._settled(base, link, devices, block, memory)
            if self._plan.autopilot:
                await self._play(night, devices, block, base)
                if self._plan.ends:
                    return
            guests = await settle.receive_guests(night, base)
            if self._plan.ends:
                async with self._city(night, base, devices, block, memory) as stage:
                    if self._plan.story:
                        await director.play(self._plan.story, replace(stage, lasts_s=_SHORT_S))
            else:
                await self._stay(guests, memory, self._city(night, base, devices, block, memory))
        except (Answered, httpx.HTTPError, websockets.WebSocketException) as error:
            raise Unavailable(
                f"The simulated people cannot go on: {str(error) or type(error).__name__}",
                next_step=f"To begin anew, remove {self._data} and what lies beside it under that name.",
            ) from error

    async def _settled(
        self, base: str, link: str, devices: simulated.Running, block: Block, memory: Memory
    ) -> Night:
        if memory.settled:
            night = await settle.again(base, devices, memory, self.tell)
        else:
            night = await settle.for_the_first_time(base, link, block, memory, self.tell)
        await settle.see_to_entry(night, block, memory, self.tell)
        memory.settled = True
        memory.keep(self._memory)
        return night

    @asynccontextmanager
    async def _city(
        self, night: Night, base: str, devices: simulated.Running, block: Block, memory: Memory
    ) -> AsyncIterator[Stage]:
        """The rest of the city, and what stories play with in it."""
        await furnish(night, devices, memory, lambda: memory.keep(self._memory), self.tell)
        broker, keep = Endpoints.read(self._data).mqtt, partial(memory.keep, self._memory)
        async with settle.staged(
            night, block, devices, memory, base, self.tell, broker=broker, keep=keep
        ) as stage:
            yield stage

    async def _stay(
        self, guests: Sequence[Guest], memory: Memory, city: AbstractAsyncContextManager[Stage]
    ) -> None:
        """Until somebody asks to end. The guests need not wait until the whole city stands."""
        names = list(STORIES)
        terminal = sys.stdin.fileno() if not self._json and sys.stdin.isatty() else -1
        self._show(guests, names if terminal >= 0 else [])
        async with menu.keys(terminal) as pressed, city as stage:
            asked = menu.chosen(pressed, names, self._asked_to_end)
            if self._plan.story:
                asked = menu.first(self._plan.story, asked)
            await settle.stay(stage, memory, lambda: memory.keep(self._memory), asked, self.tell)

    async def _play(self, night: Night, devices: simulated.Running, block: Block, base: str) -> None:
        reader = devices.reader(base, night.reader_token)
        picture = devices.picture(block.plate, block.state)
        await story.confirm(
            night,
            block,
            picture,
            lambda: reader.sees(block.plate, state=block.state, picture=picture),
            self.tell,
        )
        await reader.aclose()
        await story.send_help(night, self.tell)
        await story.play_minute(night, self.tell, simulated.frames_of, fps=devices.fps)
        await self._verify(base)

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

    def _show(self, guests: Sequence[Guest], names: Sequence[str]) -> None:
        """The links: each opens once, and who has opened theirs signs in by name; and the menu."""
        people = [{"role": guest.role, "name": guest.name, "link": guest.link} for guest in guests]
        self._stories = [STORIES[name][0] for name in names]
        self.tell("guests", {"people": people})

    def _progress(self, sentence: str) -> None:
        """What the center says of itself, for a person who waits."""
        if not self._json:
            self._print(f"{self._after():7.1f} s    {sentence}")

    def tell(self, step: str, facts: dict[str, object]) -> None:
        """One line for each step."""
        if self._json:
            told = {"step": step, "after_s": round(self._after(), 1), **facts}
            self._print(json.dumps(told, default=str))
        elif step == "guests":
            self._print(
                said.invitation(cast("Sequence[dict[str, str | None]]", facts["people"]), self._stories)
            )
        else:
            self._print(f"{self._after():7.1f} s  {said.SENTENCES[step].format(**facts)}")

    def _after(self) -> float:
        return self._clock.monotonic() - self._started

    def _print(self, text: str) -> None:
        # A terminal that was closed must not keep the center from ending in order.
        with contextlib.suppress(OSError):
            print(text, flush=True)
