"""Turns a camera, for a purpose: one person at a time, a supervisor before an analyst, and home again when nobody moves it.

Each move is decided by the door and named in the log. A camera stops by itself after `MOVES_FOR`, whatever becomes of the link.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from watchfloor.cameras import dwelling_store, stand_store
from watchfloor.cameras import store as camera_store
from watchfloor.cameras.dwelling import DAY, Standing, aimed
from watchfloor.cameras.dwelling_budget import by_order
from watchfloor.cameras.model import Camera
from watchfloor.cameras.onvif import lock_store, store
from watchfloor.cameras.onvif.aiming import MOVES_FOR, Aiming, aiming, anywhere, came_home, read_by_hand
from watchfloor.cameras.onvif.keep import Talk, prepared
from watchfloor.cameras.onvif.model import ODD, PTZ, Reach
from watchfloor.cameras.onvif.probe import learn_clock
from watchfloor.cameras.onvif.work import in_thread
from watchfloor.cameras.register import CHANGED, Cameras
from watchfloor.cameras.stand_store import Leaving
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor, Ask, Denied, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose, Role
from watchfloor.identity.store import names_of
from watchfloor.kit.errors import Conflict, Invalid, NotFound, WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.storage.tx import Tx

if TYPE_CHECKING:
    from watchfloor.cameras.onvif.session import Session

IDLE: Final = timedelta(seconds=60)
HOME_AFTER: Final = timedelta(minutes=5)
_EVERY_S: Final = 10.0
_AT_ONCE: Final = 8
# By these its device says itself that it does not turn.
_ITS_OWN_NO: Final = frozenset({"device_refuses", "login_refused", "not_offered"})
_log = logger("turning")


@dataclass(frozen=True, slots=True)
class Move:
    """How fast to turn: each from -1 to 1, right, up and nearer are more than 0."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0

    def words(self) -> str:
        """What was asked, as the log names it."""
        ways = (("right", "left", self.pan), ("up", "down", self.tilt), ("nearer", "wider", self.zoom))
        return ", ".join(f"{more if by > 0 else less} {abs(by):g}" for more, less, by in ways if by)


@dataclass(frozen=True, slots=True)
class Turner:
    """What turning needs."""

    cameras: Cameras
    reach: Reach
    dwelling_limit: timedelta = timedelta(hours=2)
    _orders: dict[UUID, asyncio.Lock] = field(default_factory=dict)
    stuck: dict[UUID, datetime] = field(default_factory=dict)
    """When each was last sent away from a dwelling and did not go."""

    @property
    def may_take(self) -> timedelta:
        """How long it may take to tell a device something, or to learn that it does not answer."""
        return timedelta(seconds=self.reach.limits.whole_s)

    def order_of(self, camera: UUID) -> asyncio.Lock:
        """Held while one thing is said to the camera: whoever comes next waits, in the order of coming."""
        return self._orders.setdefault(camera, asyncio.Lock())


def rank_of(actor: Actor) -> int:
    """Who goes before whom: a supervisor before everybody else."""
    return 2 if Role.SUPERVISOR in actor.roles else 1


async def move(turner: Turner, actor: Actor, camera: UUID, why: Why | None, how: Move) -> None:
    """Turn the camera until it is stopped, five seconds at most. Raises Invalid, NotFound, Conflict, Refused."""
    if not all(-1 <= by <= 1 for by in (how.pan, how.tilt, how.zoom)) or not how.words():
        raise Invalid("Each way is from -1 to 1, and not all of them 0.", reason="pan")
    patrols = why is not None and why.purpose is Purpose.PATROL_MONITORING
    no = _PATROL if patrols and how.zoom else None
    speed = {"PanTilt": {"x": how.pan, "y": how.tilt}, "Zoom": {"x": how.zoom}}
    said = {"Velocity": speed, "Timeout": MOVES_FOR}
    await _act(turner, actor, camera, why, "ContinuousMove", said, how.words(), refused=no)


async def stop(turner: Turner, actor: Actor, camera: UUID, why: Why | None) -> None:
    """Stop it. Raises as `move`."""
    await _act(turner, actor, camera, why, "Stop", {"PanTilt": True, "Zoom": True}, "stop")


async def go(turner: Turner, actor: Actor, camera: UUID, why: Why | None, preset: str | None) -> None:
    """Look at a preset, or (None) home. Raises as `move`."""
    if preset is None:
        await _act(turner, actor, camera, why, "GotoHomePosition", {}, "home", home=True)
        return
    patrols = why is not None and why.purpose is Purpose.PATROL_MONITORING
    no = _PATROL if patrols else None
    said = {"PresetToken": preset}
    await _act(turner, actor, camera, why, "GotoPreset", said, f"preset {preset[:64]}", refused=no)


_PATROL: Final = Denied(
    "patrol_no_zoom",
    "Patrol monitoring has no zoom, and a preset may zoom.",
    next_step="Turn it without zoom, or choose the purpose and case that it serves.",
)


async def let_go(turner: Turner, actor: Actor, camera: UUID, why: Why | None) -> None:
    """Let another person turn it. Raises NotFound, Refused."""
    async with turner.cameras.door.open(await _ask(turner, actor, camera, why, "let go")) as tx:
        if await lock_store.let_go(tx, camera):
            await effect(tx, "camera.let_go", About("camera", camera))
            _tell(turner, tx, camera)


async def _act(
    turner: Turner,
    actor: Actor,
    camera: UUID,
    why: Why | None,
    operation: str,
    said: Mapping[str, object],
    words: str,
    *,
    home: bool = False,
    refused: Denied | None = None,
) -> None:
    # One after the other: a stop must not reach the device before the move that it ends.
    async with turner.order_of(camera):
        ask = await _ask(turner, actor, camera, why, words)
        async with turner.cameras.door.open(ask) as tx:
            if refused is not None:
                raise Refused(refused)
            talk = await prepared(tx, turner.cameras, camera)
            preset = said.get("PresetToken")
            profile = await turning_profile(tx, camera, preset, talk.source)
            limit, order = turner.dwelling_limit, by_order(ask)
            aim = await aiming(tx, camera, preset, limit, by_order=order, home=home)
            at = tx.now
            await _take(turner, tx, actor, camera, words)
            leaving = await stand_store.leaves(tx, camera, turner.may_take)
        kept = _is_home(camera, at) if home else _looks_there(camera, aim, operation)
        command = _Command(operation, {"ProfileToken": profile, **said}, kept, order)
        await _turned(turner, actor.agency, talk, leaving, command)


@dataclass(frozen=True, slots=True)
class _Command:
    """What a device is told, what is kept once it said yes to that, and whether it is for a court's order."""

    operation: str
    said: Mapping[str, object]
    kept: Callable[[Tx], Awaitable[None]]
    by_order: bool = False


def _is_home(camera: UUID, since: datetime) -> Callable[[Tx], Awaitable[None]]:
    async def kept(tx: Tx) -> None:
        await came_home(tx, camera, since)
        await effect(tx, "camera.went_home", About("camera", camera))

    return kept


def _looks_there(camera: UUID, aim: Aiming, operation: str) -> Callable[[Tx], Awaitable[None]]:
    async def kept(tx: Tx) -> None:
        if operation != "Stop" and aim.matters:
            await dwelling_store.aim_at(tx, camera, aim.dwellings, aim.known, by_order=aim.by_order)

    return kept


async def _turned(turner: Turner, agency: UUID, talk: Talk, leaving: Leaving, command: _Command) -> None:
    """Tell it, and keep what came of it. Where no answer came it may have turned all the same. Raises Invalid."""
    camera, sent, failed = talk.camera.id, False, None

    async def say(session: Session) -> None:
        nonlocal sent
        sent = True
        await session.ask(PTZ, command.operation, command.said)

    await _covered(turner, leaving.wait)
    try:
        await told(turner, talk, say)
    except Invalid as error:
        failed = error
    except ODD as error:
        _log.error("telling a camera to turn failed", camera=str(camera), error=type(error).__name__)
        failed = Invalid("What the device answers is no ONVIF.", reason="not_onvif")
    async with turner.cameras.door.open(Ask(process_actor(agency, "serve"), Need.DEVICE_WATCH)) as tx:
        await stand_store.told(tx, camera, leaving)
        if failed is None:
            await command.kept(tx)
        else:
            if sent and failed.reason not in _ITS_OWN_NO:
                await anywhere(tx, camera, by_order=command.by_order)
            await _not_turned(tx, camera, failed.reason)
        _tell(turner, tx, camera)
    if failed is not None:
        raise failed


async def _not_turned(tx: Tx, camera: UUID, why: str) -> None:
    await effect(tx, "camera.not_turned", About("camera", camera), more={"why": why})


async def _take(turner: Turner, tx: Tx, actor: Actor, camera: UUID, words: str) -> None:
    before = await lock_store.lock_of(tx, camera)
    if not await lock_store.take(tx, camera, rank_of(actor), tx.now + IDLE):
        raise await _held(tx, camera)
    took = before is not None and before.until > tx.now and before.holder != actor.id
    more = {"taken_from": str(before.holder)} if before is not None and took else {}
    await effect(tx, "camera.turned", About("camera", camera), detail={"how": words}, more=more)
    _tell(turner, tx, camera)


async def _ask(turner: Turner, actor: Actor, camera: UUID, why: Why | None, words: str) -> Ask:
    found = await _camera(turner, actor.agency, camera)
    return Ask(
        actor,
        Need.CAMERA_TURN,
        why,
        About("camera", camera),
        found.technology,
        found.place,
        detail={"how": words},
    )


async def _camera(turner: Turner, agency: UUID, camera: UUID) -> Camera:
    ask = Ask(process_actor(agency, "serve"), Need.CAMERA_STATE)
    async with turner.cameras.door.open(ask) as tx:
        found = await camera_store.camera_of(tx, camera)
    if found is None:
        raise NotFound("There is no such camera.")
    return found


async def turning_profile(tx: Tx, camera: UUID, preset: object, source: str | None = None) -> str:
    """The profile by which it turns; of a recorder only one that was read of what it calls `source`. Raises Conflict, NotFound."""
    device = await store.device_of(tx, camera)
    if device is None or not device.turns:
        raise Conflict("This camera cannot be turned.", reason="does_not_turn")
    if source is not None and device.named[:1] != (source,):
        raise Conflict(
            "Its recorder tells of another camera at this channel than the one that was asked.",
            reason="channel_changed",
            next_step="Ask its device again what it is.",
        )
    if preset is not None and preset not in {one.token for one in device.presets}:
        raise NotFound("The camera has no such preset.", next_step="Ask its device again what it is.")
    return device.profile


async def refuse_another(tx: Tx, actor: Actor, camera: UUID) -> None:
    """Raises Conflict while another person turns it who goes before."""
    lock = await lock_store.lock_of(tx, camera)
    if lock is not None and lock.until > tx.now and lock.holder != actor.id and lock.rank >= rank_of(actor):
        raise await _held(tx, camera)


async def _held(tx: Tx, camera: UUID) -> Conflict:
    lock = await lock_store.lock_of(tx, camera)
    names = await names_of(tx, [lock.holder]) if lock else {}
    who = names.get(lock.holder, "Somebody") if lock else "Somebody"
    return Conflict(
        f"{who} turns this camera.",
        reason="held",
        next_step="It is free a minute after their last move; a supervisor may take it at once.",
    )


async def told(turner: Turner, talk: Talk, what: Callable[[Session], Awaitable[object]]) -> None:
    """Say it to the device. Raises Invalid."""

    async def speak() -> None:
        from watchfloor.cameras.onvif.session import (
            session,
        )  # half a second of CPU: only where a device is asked

        async with session(turner.reach, talk.device, talk.login, turner.cameras.clock) as spoken:
            await learn_clock(spoken, turner.cameras.clock)
            await spoken.find_services()
            await what(spoken)

    await in_thread(speak, turning=True)


async def _covered(turner: Turner, wait: timedelta) -> None:
    """Wait until a picture whose masks go by where the camera stands is covered."""
    if wait:
        await turner.cameras.clock.sleep(wait.total_seconds())


async def watch(turner: Turner, agencies: Sequence[UUID]) -> None:
    """Send home what nobody moved for five minutes, for ever."""
    while True:
        for agency in agencies:
            try:
                await send_home(turner, agency)
                await read_by_hand(turner.cameras, turner.reach, agency)
                await leave_dwellings(turner, agency)
            except WatchfloorError as error:
                _log.warning("cameras wait to be sent home", why=error.detail)
        await turner.cameras.clock.sleep(_EVERY_S)


async def send_home(turner: Turner, agency: UUID) -> int:
    """Send the idle ones home, some at a time; how many."""
    ask = Ask(process_actor(agency, "sweep"), Need.DEVICE_WATCH)
    async with turner.cameras.door.open(ask) as tx:
        idle, at = await lock_store.take_idle(tx, tx.now - HOME_AFTER, _AT_ONCE), tx.now
    await asyncio.gather(*(_sent_home(turner, ask, camera, at) for camera in idle))
    return len(idle)


async def leave_dwellings(turner: Turner, agency: UUID) -> int:
    """Warn before a camera's time at a dwelling is over, and send it home then, unless it is held for a court's order; how many."""
    ask = Ask(process_actor(agency, "sweep"), Need.DEVICE_WATCH)
    home: list[UUID] = []
    async with turner.cameras.door.open(ask) as tx:
        for one in aimed(await dwelling_store.aims(tx, tx.now - DAY), tx.now, turner.dwelling_limit):
            if one.now is None or one.standing is Standing.FINE or one.now.unread(tx.now):
                continue
            over_now = one.standing is Standing.OVER
            if await dwelling_store.tell(tx, one.now.id, 2 if over_now else 1):
                more = {"aimed_s": str(round(one.whole.total_seconds()))}
                about = About("camera", one.camera)
                await effect(
                    tx, "camera.dwelling_over" if over_now else "camera.dwelling_soon", about, more=dict(more)
                )
                _tell(turner, tx, one.camera)
            lock = await lock_store.lock_of(tx, one.camera)
            held = one.now.by_order and lock is not None and lock.until > tx.now
            # One that nobody turned has no other place to go to: its picture is over, and that is all.
            if over_now and not held and lock is not None and lock.away:
                home.append(one.camera)
        at = tx.now
    # Turned by hand it may be at several of them.
    home = [
        one for one in dict.fromkeys(home) if one not in turner.stuck or at - turner.stuck[one] >= HOME_AFTER
    ]
    turner.stuck.update(dict.fromkeys(home, at))
    went = await asyncio.gather(*(_sent_home(turner, ask, camera, at) for camera in home))
    for camera in [camera for camera, done in zip(home, went, strict=True) if done]:
        turner.stuck.pop(camera, None)
    return len(home)


async def _sent_home(turner: Turner, ask: Ask, camera: UUID, at: datetime) -> bool:
    """Send one home; whether it went. What a device makes of that keeps no other from going, and it is sent again after five minutes."""
    agency = ask.actor.agency
    try:
        async with turner.cameras.door.open(ask) as tx:
            talk = await prepared(tx, turner.cameras, camera)
            profile = await turning_profile(tx, camera, None, talk.source)
            leaving = await stand_store.leaves(tx, camera, turner.may_take)
    except (Invalid, NotFound, Conflict) as error:
        async with turner.cameras.door.open(ask) as tx:
            await _not_turned(tx, camera, error.reason)
            _tell(turner, tx, camera)
        return False
    command = _Command("GotoHomePosition", {"ProfileToken": profile}, _is_home(camera, at))
    try:
        await _turned(turner, agency, talk, leaving, command)
    except Invalid:
        return False
    return True


def _tell(turner: Turner, tx: Tx, camera: UUID) -> None:
    agency = tx.agency
    tx.after_commit(lambda: turner.cameras.news(CHANGED, agency, camera))
