"""A recording process: takes cameras, asks leave for them, records them, and outlives the engines while it does.

It decides nothing about leave: the door does. It needs PostgreSQL to take a camera, and nothing but the camera to go on.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.address import Networks, Resolve, resolve
from watchfloor.cameras.boxes.session import GatePlace
from watchfloor.cameras.follow import Follower
from watchfloor.cameras.model import Camera
from watchfloor.cameras.state import SENTENCES, CameraStatus
from watchfloor.cameras.store import Held
from watchfloor.cameras.vault import Vault
from watchfloor.cameras.wire import EndNote, TapAsk
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import Ask, Denied, Refused
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Conflict, Unavailable, WatchfloorError
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.recordings import store
from watchfloor.recordings.borrowing import keep_states
from watchfloor.recordings.finish import Finisher, mend, moved_in
from watchfloor.recordings.held_up import HeldUp, give_up
from watchfloor.recordings.index import Index
from watchfloor.recordings.keystore import Keystore
from watchfloor.recordings.left import missing_since
from watchfloor.recordings.make_keys import KeysAhead
from watchfloor.recordings.model import GapReason
from watchfloor.recordings.post import Post, Tools
from watchfloor.recordings.pull import turns_of
from watchfloor.recordings.refill import FILL_EVERY_S, FillParts, Refill
from watchfloor.recordings.room import Room
from watchfloor.recordings.spool import Spool, orphans, taken
from watchfloor.recordings.tap import Tappable, TapPlace, TapServer
from watchfloor.settings import RecordSettings
from watchfloor.storage import workers
from watchfloor.storage.objects import Objects

TICK_S: Final = 1.0
_SAY_EVERY_S: Final = 5.0
_DRAIN_S: Final = 8.0
_KNOWN_FOR: Final = timedelta(days=32)  # a gap is looked for no further back (`store.gaps_of`)
_KIND: Final = "record"
OPEN_AT_ONCE: Final = 16  # of a whole city's cameras, which else all begin in one instant
_log = logger("recordings.record")

News = Callable[[str, UUID, UUID], Awaitable[None]]
CHANGED: Final = "cameras.camera.changed"


@dataclass(frozen=True, slots=True)
class RecordParts:
    """What a recorder is built from. `name` tells it from the others of this machine; `tap` is where it is tapped."""

    name: str
    door: Door
    clock: Clock
    agencies: Sequence[UUID]
    settings: RecordSettings
    spool: Path
    objects: Objects
    keystore: Keystore
    vault: Vault
    networks: Networks
    tap: TapPlace
    tap_key: bytes
    least_free: int
    news: News
    resolve: Resolve = resolve
    gate: GatePlace | None = None
    give_up: Callable[[], None] = give_up


async def run(parts: RecordParts, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Record until told to stop, then finish what is held. Raises Conflict when a recorder of this name runs."""
    spool = await taken(parts.spool, parts.name, parts.clock)
    try:
        recorder = RecorderProcess(parts, spool)
        await recorder.begin()
        ready()
        try:
            await recorder.work(stop)
        finally:
            await recorder.held_up.through(recorder.end(), parts.clock)
    finally:
        spool.close()


class RecorderProcess:
    """The loops of one recorder."""

    def __init__(self, parts: RecordParts, spool: Spool) -> None:
        self._parts, self.spool = parts, spool
        self._loop = asyncio.get_running_loop()
        self.worker = uuid7(parts.clock.now())
        self.posts: dict[UUID, Post] = {}
        self.index = Index(parts.door, spool, parts.objects, parts.keystore)
        self._finisher = Finisher(spool, self._put, self._row_waits)
        self._tools = Tools(
            worker=self.worker,
            clock=parts.clock,
            # Only pauses come of it, so that cameras do not come back all at once.
            chance=random.Random(secrets.randbits(64)),  # noqa: S311  # no secret
            gate=threading.BoundedSemaphore(OPEN_AT_ONCE),
            follower=Follower(parts.clock),
            keystore=parts.keystore,
            room=Room(parts.spool, parts.least_free, parts.clock),
            finisher=self._finisher,
            networks=parts.networks,
            resolve=parts.resolve,
            folder=spool.of_camera,
            stall_after_s=parts.settings.stall_after_s,
            segment_us=parts.settings.segment_s * 1_000_000,
            through=parts.gate.way(parts.tap_key, parts.clock) if parts.gate is not None else None,
        )
        self._tap = TapServer(parts.tap, parts.tap_key, parts.clock, self._sink_of)
        self._keys = KeysAhead(parts.keystore)
        self.held_up = HeldUp(self._tools.follower, TICK_S, parts.give_up)
        fill = FillParts(parts.door, parts.agencies, parts.settings, parts.spool, self._tools, parts.vault)
        self.refill = Refill(fill, self.posts)
        self._seen: dict[UUID, str] = {}
        self._succeeded = asyncio.Event()
        self._said_at = -_SAY_EVERY_S

    async def begin(self) -> None:
        """Bring the spool to order, open the tap, and be known as a worker. Waits for the database as long as it takes."""
        await asyncio.to_thread(self._parts.keystore.finish)
        self.spool.take_up_rows()
        await self._mend(self.spool)
        await self._tools.follower.run(self._tap.start())
        before = self.spool.last_worker()
        while True:
            try:
                async with self._parts.door.open(self._ask(self._parts.agencies[0])) as tx:
                    await workers.start(
                        tx, self.worker, _KIND, socket.gethostname(), self._tap.url, before=before
                    )
                break
            except Unavailable:
                await self._parts.clock.sleep(TICK_S)
        self.spool.keep_worker(self.worker)

    async def work(self, stop: asyncio.Event) -> None:
        """All loops, until told to stop."""
        turns = (self._keep, self._assign, self._bring, self._make_keys, self.held_up.look)
        loops = [
            asyncio.create_task(self._every(workers.RENEW_EVERY_S, self._renew)),
            *(asyncio.create_task(self._every(TICK_S, act)) for act in turns),
            *(asyncio.create_task(self._every(FILL_EVERY_S, act)) for act in turns_of(self.refill)),
        ]
        ends = [asyncio.create_task(stop.wait()), asyncio.create_task(self._succeeded.wait())]
        try:
            await asyncio.wait([*ends, *loops], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*ends, *loops):
                task.cancel()
            await asyncio.gather(*ends, *loops, return_exceptions=True)
        if self._succeeded.is_set() and not stop.is_set():
            raise Conflict("Another recorder says that it is the successor of this one.")

    async def end(self) -> None:
        """Close every camera, finish every segment, tell the index, give the cameras back."""
        note = EndNote("recorder_stopped", "The recorder was stopped.", "It is taken up again by itself.")
        for post in self.posts.values():
            post.halt(note, GapReason.RECORDER_DOWN)
        await asyncio.gather(*(post.gone() for post in self.posts.values()))
        await asyncio.to_thread(self.refill.close)
        await asyncio.to_thread(self._finisher.close)
        try:
            async with asyncio.timeout(_DRAIN_S):
                await self._say()
                while await self.index.bring():
                    pass
                async with self._parts.door.open(self._ask(self._parts.agencies[0])) as tx:
                    await workers.stop(tx, self.worker)
        except (WatchfloorError, TimeoutError) as error:
            _log.warning("stopped without the database", rows_waiting=self.index.waiting, why=str(error))
        await self._tools.follower.run(self._tap.stop())
        await asyncio.to_thread(self._tools.follower.close)

    async def _every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        """Do something for ever; the database may be away meanwhile."""
        away = False
        while True:
            try:
                await act()
                away = False
            except Unavailable as error:
                if not away:
                    _log.warning("recording goes on without the database", why=error.detail)
                away = True
            except Exception as error:  # cameras are recorded on, whatever went wrong beside them
                _log.error(
                    "a round of the recorder failed",
                    what=act.__name__,
                    why=f"{type(error).__name__}: {error}",
                )
            await self._parts.clock.sleep(seconds)

    async def _renew(self) -> None:
        async with self._parts.door.open(self._ask(self._parts.agencies[0])) as tx:
            if not await workers.renew(tx, self.worker):
                self._succeeded.set()

    async def _keep(self) -> None:
        """Watch each camera; ask leave for all in one batch and do as it says. Works without the database."""
        now = self._parts.clock.monotonic()
        posts = list(self.posts.values())
        for post in posts:
            post.watch(now)
        answers = await self._parts.door.lease([post.ask(Need.CAMERA_RECORD) for post in posts])
        for post, answer in zip(posts, answers, strict=True):
            if self.posts.get(post.camera.id) is not post:
                continue
            if isinstance(answer, Denied):
                post.deny(answer)
            elif post.unlocked or await self._unlock(post):
                post.allow(answer)
        if any(post.due for post in posts):
            await self._make_keys()
        for post in posts:
            post.start()

    async def _make_keys(self) -> None:
        rules = [(post.camera.id, post.recorder.terms) for post in self.posts.values()]
        recording = [(camera, terms.rule) for camera, terms in rules if terms is not None]
        if wanted := self._keys.wanted(recording, self._parts.clock.now()):
            await asyncio.to_thread(self._keys.make, wanted)

    async def _assign(self) -> None:
        """Take what is free, stop what was lost, learn what changed, say how everything is."""
        gained = False
        for agency in self._parts.agencies:
            async with self._parts.door.open(self._ask(agency)) as tx:
                free = self._parts.settings.cameras_per_worker - len(self.posts)
                seen = await camera_store.turn(tx, self.worker, free=free > 0)
                if seen is not None and seen == self._seen.pop(agency, None):
                    self._seen[agency] = seen
                    continue
                taken = await camera_store.take(tx, self.worker, free) if free > 0 else []
                held = {one.camera: one for one in await camera_store.held_by(tx, self.worker)}
                in_use = await camera_store.cameras_in_use(tx, list(held))
                known: dict[UUID, Camera] = {camera.id: camera for camera in in_use}
                off = [camera for camera in held if camera not in known]
                if off:
                    await camera_store.let_go(tx, self.worker, off)
            await self._lose(agency, set(known), switched_off=set(off))
            gained |= await self._gain(agency, [held[one] for one in known], known, taken)
            if seen is not None:
                self._seen[agency] = seen
        if gained:
            await self._keep()
        await self._say()

    async def _lose(self, agency: UUID, kept: set[UUID], *, switched_off: set[UUID]) -> None:
        moved = EndNote("moved", "Another recorder has this camera now.", "It is found again by itself.")
        off = EndNote("switched_off", SENTENCES[CameraStatus.OFF])
        lost = [
            post
            for post in self.posts.values()
            if post.camera.agency == agency and post.camera.id not in kept
        ]
        for post in lost:
            del self.posts[post.camera.id]
            post.halt(off if post.camera.id in switched_off else moved, GapReason.TAKEN_OVER)
        await asyncio.gather(*(post.gone() for post in lost))
        gone = [post for post in lost if post.camera.id in switched_off]
        if gone:
            for post in gone:
                post.say(CameraStatus.OFF, SENTENCES[CameraStatus.OFF])
            async with self._parts.door.open(self._ask(agency)) as tx:
                await camera_store.say(tx, [post.state() for post in gone])

    async def _gain(
        self, agency: UUID, held: list[Held], known: dict[UUID, Camera], taken: list[Held]
    ) -> bool:
        """A post for each camera that is new here or was changed; whether there was one."""
        due = [one for one in held if self._is_new(one, known[one.camera])]
        ends, new = await self._last_ends(agency, [one.camera for one in due]), {t.camera: t for t in taken}
        for one in due:
            post = self.posts.get(one.camera)
            if post is not None:
                note = EndNote("changed", "The camera's entry was changed.", "It is shown again in a moment.")
                post.halt(note, GapReason.RECORDER_DOWN)
                await post.gone()
            self._post(known[one.camera], one, ends.get(one.camera), new.get(one.camera))
        return bool(due)

    def _is_new(self, held: Held, camera: Camera) -> bool:
        post = self.posts.get(held.camera)
        return post is None or post.epoch != held.epoch or post.camera.version != camera.version

    def _post(self, camera: Camera, held: Held, last_us: int | None, taken: Held | None) -> None:
        before = self.posts.pop(camera.id, None)
        post = Post(camera, held.epoch, self._tools, self._loop)
        why, since_us = missing_since(camera.said.status if camera.said is not None else None, taken)
        post.recorder.explain((before.recorder.last_us if before else None) or last_us or since_us, why)
        self.posts[camera.id] = post

    async def _unlock(self, post: Post) -> bool:
        """Fetch the camera's name and password, once its recording is allowed; whether that was possible."""
        camera = post.camera.id
        try:
            async with self._parts.door.open(post.ask(Need.CAMERA_RECORD)) as tx:
                sealed = (await camera_store.secrets_of(tx, [camera])).get(camera)
        except (Refused, Unavailable):
            return False
        try:
            post.unlock(self._parts.vault.open(camera, sealed) if sealed is not None else None)
        except Unavailable as error:
            post.say(CameraStatus.CREDENTIALS_REFUSED, error.detail)
        return post.unlocked

    async def _last_ends(self, agency: UUID, cameras: list[UUID]) -> dict[UUID, int]:
        """Where footage ended, once all that waits is in the index: else recovered minutes would look like a gap."""
        if not cameras:
            return {}
        while not self.index.troubled and await self.index.bring():
            pass
        async with self._parts.door.open(Ask(process_actor(agency, _KIND), Need.FOOTAGE_INDEX)) as tx:
            return await store.last_end(tx, cameras, tx.now - _KNOWN_FOR)

    async def _say(self) -> None:
        """Keep states: changes at once, the rest every few seconds."""
        now = self._parts.clock.monotonic()
        everything = now - self._said_at >= _SAY_EVERY_S
        for agency in self._parts.agencies:
            own = [post for post in self.posts.values() if post.camera.agency == agency]
            due = [post for post in own if everything or post.changed]
            if not due:
                continue
            changed = [post for post in due if post.changed]
            for post in changed:
                post.changed = False
            async with self._parts.door.open(self._ask(agency)) as tx:
                await keep_states(tx, due)
            for post in changed:
                await self._parts.news(CHANGED, agency, post.camera.id)
        if everything:
            self._said_at = now

    async def _bring(self) -> None:
        while await self.index.bring():
            pass
        for spool in await asyncio.to_thread(lambda: list(orphans(self._parts.spool, self._parts.name))):
            try:
                await self._adopt(spool)
            finally:
                spool.close()

    async def _adopt(self, spool: Spool) -> None:
        """Finish what a recorder of this machine left that died and did not come back; its cameras are free at once."""
        dead = spool.last_worker()
        if dead is not None:
            async with self._parts.door.open(self._ask(self._parts.agencies[0])) as tx:
                await workers.bury(tx, dead)
            spool.take_up_rows()
            await self._assign()
        await self._mend(spool)
        spool.forget_worker()

    async def _mend(self, spool: Spool) -> None:
        """Bring a spool to order. What the object store did not take is tried again: ours by the finisher, another's here."""
        mended = await asyncio.to_thread(mend, spool, self._put, self._parts.keystore)
        for row in mended.rows:
            self.index.add(row)
        if spool is self.spool:
            for segment in mended.stuck:
                self._finisher.take(segment)

    def _put(self, name: str, part: Path) -> bool:
        moving = moved_in(self._parts.objects, name, part)  # from any thread but the loop's
        return asyncio.run_coroutine_threadsafe(moving, self._loop).result()

    def _row_waits(self, row: Path) -> None:
        self._loop.call_soon_threadsafe(self.index.add, row)

    def _sink_of(self, ask: TapAsk) -> Tappable | None:
        post = self.posts.get(ask.camera)
        return post.tapped(sub=ask.sub) if post is not None and not ask.to_us else None

    def _ask(self, agency: UUID) -> Ask:
        return Ask(process_actor(agency, _KIND), Need.CAMERA_STATE)
