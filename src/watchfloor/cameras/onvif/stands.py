"""Asks cameras that turn where they stand: of those whose masks go by it each second, and of any when a mask is set.

What a device does not say, nobody knows: its picture is covered then (`cameras/cover.py`). Each time that one was known to stand
somewhere is kept, because what was recorded then is covered by it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from watchfloor.cameras import stand_store
from watchfloor.cameras.onvif.keep import prepared
from watchfloor.cameras.onvif.model import MOST_PRESETS, ODD, PTZ, Reach, at, only, word
from watchfloor.cameras.onvif.probe import learn_clock
from watchfloor.cameras.onvif.work import in_thread
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.stand_store import Followed
from watchfloor.cameras.standing import Said, Stand, after
from watchfloor.governance.actors import process_actor
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Conflict, Invalid, NotFound, WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.storage.tx import Tx

if TYPE_CHECKING:
    from watchfloor.cameras.onvif.keep import Talk
    from watchfloor.cameras.onvif.session import Session

STANDS_KEPT: Final = timedelta(days=400)
"""Longer than footage is kept: of what was recorded before, nobody knows where the camera stood, and all of it is covered."""
_EVERY_S: Final = 1.0
_AGAIN_S: Final = 5.0
# A talk has its own end (`Limits.whole_s`); another begins before it.
_A_TALK_S: Final = 25.0
_FORGET_EVERY: Final = 3600
_log = logger("stands")


@dataclass(frozen=True, slots=True)
class Here:
    """Where a camera stands as it said just now, and which of its presets that is; no preset: none that it names a place of."""

    stand: Stand
    preset: str


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a camera stands, and where it stands at its presets, by their tokens; None where it does not say."""

    stand: Stand | None
    presets: Mapping[str, Stand | None]


async def places(cameras: Cameras, reach: Reach, talk: Talk, device: str, profile: str) -> Placed:
    """Where the camera stands now and at each of its presets, by its own word. Raises Invalid."""

    async def asked() -> Placed:
        from watchfloor.cameras.onvif.session import (
            session,  # half a second of CPU: only where a device is asked
        )

        async with session(reach, talk.device, talk.login, cameras.clock) as spoken:
            await learn_clock(spoken, cameras.clock)
            await spoken.find_services()
            stand = await _stand(spoken, device, profile)
            said = only(await spoken.may(PTZ, "GetPresets", {"ProfileToken": profile}), MOST_PRESETS)
            presets = {at(one, "token"): _position(at(one, "PTZPosition"), device) for one in said}
            return Placed(stand, {token: place for token, place in presets.items() if isinstance(token, str)})

    return await in_thread(asked, turning=True)


async def here(cameras: Cameras, reach: Reach, talk: Talk, device: str, profile: str) -> Here:
    """Where the camera stands now, by its own word. Raises Invalid, Conflict (`moves`)."""

    async def asked() -> Here:
        from watchfloor.cameras.onvif.session import (
            session,  # half a second of CPU: only where a device is asked
        )

        async with session(reach, talk.device, talk.login, cameras.clock) as spoken:
            await learn_clock(spoken, cameras.clock)
            await spoken.find_services()
            found = await _stand(spoken, device, profile)
            if found is None:
                raise Conflict(
                    "The camera moves, or does not say where it stands.",
                    reason="moves",
                    next_step="Wait until it stands. One that never says is masked in the device itself.",
                )
            return Here(found, _preset(await spoken.may(PTZ, "GetPresets", {"ProfileToken": profile}), found))

    return await in_thread(asked, turning=True)


async def _stand(spoken: Session, device: str, profile: str) -> Stand | None:
    """Where it says that it stands; None while it moves, and of one that does not say."""
    said = await spoken.ask(PTZ, "GetStatus", {"ProfileToken": profile})
    moves = [at(said, "MoveStatus", part) for part in ("PanTilt", "Zoom")]
    return None if "MOVING" in moves else _position(at(said, "Position"), device)


def _position(said: object, device: str) -> Stand | None:
    pan, tilt, zoom = at(said, "PanTilt", "x"), at(said, "PanTilt", "y"), at(said, "Zoom", "x")
    if not isinstance(pan, (int, float)) or not isinstance(tilt, (int, float)):
        return None
    # One without a zoom never changes it.
    return Stand(device, float(pan), float(tilt), float(zoom) if isinstance(zoom, (int, float)) else 0.0)


def _preset(said: object, stand: Stand) -> str:
    """The preset that is there, where the device says where its presets are."""
    for one in only(said, MOST_PRESETS):
        place = _position(at(one, "PTZPosition"), stand.device)
        if place is not None and place.near(stand):
            return word(at(one, "Name"), 60)
    return ""


async def watch(cameras: Cameras, reach: Reach, agencies: Sequence[UUID]) -> None:
    """Follow those whose masks go by where they stand, for ever."""
    following = {agency: Following(cameras, reach, agency) for agency in agencies}
    try:
        while True:
            for one in following.values():
                try:
                    await one.look()
                except WatchfloorError as error:
                    _log.warning("where cameras stand is not kept", why=error.detail)
            await cameras.clock.sleep(_EVERY_S)
    finally:
        for one in following.values():
            await one.close()


@dataclass(slots=True)
class _Talking:
    """A talk with one device that goes on: what it said last."""

    device: str
    task: asyncio.Task[None]


@dataclass(slots=True)
class Following:
    """Those of one agency that are followed."""

    cameras: Cameras
    reach: Reach
    agency: UUID
    _talking: dict[UUID, _Talking] = field(default_factory=dict)
    _said: dict[UUID, Said] = field(default_factory=dict)
    _before: dict[UUID, Said] = field(default_factory=dict)
    _looks: int = 0

    async def look(self) -> int:
        """Keep what each said since the last look; how many are followed."""
        said, self._said = self._said, {}
        ask = Ask(process_actor(self.agency, "sweep"), Need.CAMERA_STATE)
        async with self.cameras.door.open(ask) as tx:
            wanted = await stand_store.followed(tx)
            for one in wanted:
                await self._keep(tx, one, said.get(one.camera))
            if self._looks % _FORGET_EVERY == 0:
                await stand_store.forget(tx, tx.now - STANDS_KEPT)
        self._looks += 1
        await self._talk_to({one.camera: one for one in wanted})
        return len(wanted)

    async def _keep(self, tx: Tx, one: Followed, said: Said | None) -> None:
        if said is None:
            return
        found = after(one.known, self._before.get(one.camera), said, one.turned_at)
        self._before[one.camera] = said
        if found is not None:
            await stand_store.keep(tx, one.camera, found)

    async def _talk_to(self, wanted: Mapping[UUID, Followed]) -> None:
        gone = [
            camera
            for camera, talking in self._talking.items()
            if camera not in wanted or talking.device != wanted[camera].device
        ]
        await self._end(gone)
        for camera, one in wanted.items():
            if camera not in self._talking:
                task = asyncio.create_task(self._follow(one), name=f"stands {camera}")
                self._talking[camera] = _Talking(one.device, task)

    async def _end(self, cameras: Sequence[UUID]) -> None:
        ended = [self._talking.pop(camera).task for camera in cameras]
        for task in ended:
            task.cancel()
        for task in ended:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def close(self) -> None:
        """Ask nobody any more."""
        await self._end(list(self._talking))

    async def _follow(self, one: Followed) -> None:
        """Ask one device again and again, in one talk after the other."""
        while True:
            try:
                async with self.cameras.door.open(
                    Ask(process_actor(self.agency, "sweep"), Need.DEVICE_WATCH)
                ) as tx:
                    talk = await prepared(tx, self.cameras, one.camera)
                await self._talk(one, talk)
                continue
            except (Invalid, NotFound) as error:
                _log.info("a camera does not say where it stands", camera=str(one.camera), why=error.detail)
            except WatchfloorError as error:
                _log.warning("where a camera stands is not asked", why=error.detail)
            except ODD as error:
                _log.error(
                    "asking where a camera stands failed", camera=str(one.camera), error=type(error).__name__
                )
            await self.cameras.clock.sleep(_AGAIN_S)

    async def _talk(self, one: Followed, talk: Talk) -> None:
        from watchfloor.cameras.onvif.session import (
            session,  # half a second of CPU: only where a device is asked
        )

        async with session(self.reach, talk.device, talk.login, self.cameras.clock) as spoken:
            await asyncio.to_thread(spoken.prepare)
            await learn_clock(spoken, self.cameras.clock)
            await spoken.find_services()
            ends = self.cameras.clock.monotonic() + _A_TALK_S
            while self.cameras.clock.monotonic() < ends:
                # By when it was asked: what it answers is of then at the earliest.
                asked_at = self.cameras.clock.now()
                self._said[one.camera] = Said(asked_at, await _stand(spoken, one.device, one.profile))
                await self.cameras.clock.sleep(_EVERY_S)
