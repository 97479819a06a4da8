"""Thumbnails: keyframes of what was recorded, small, to find a moment by. Each is made when it is first asked for, and once.

A thumbnail is a copy of footage: it is sealed under the same day key, so that destroying the key is its deletion too, lies under the same
rule and day, and goes with them. It decides nothing: whoever calls it holds a grant, and shows what the index still has.
"""

from __future__ import annotations

import asyncio
import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import numpy as np

from watchfloor.cameras.masks import Shape
from watchfloor.kit.errors import Full, NotFound, Unavailable
from watchfloor.kit.logs import logger
from watchfloor.recordings.keystore import Keystore
from watchfloor.recordings.model import Segment, day_name, unpack_keys
from watchfloor.recordings.play import Kept, Player
from watchfloor.recordings.repaint import painted_over
from watchfloor.recordings.seal import open_whole, seal_whole
from watchfloor.recordings.still import jpeg, smaller, still
from watchfloor.storage.objects import Objects

FOLDER: Final = "thumbnails"
WIDTH: Final = 320
_QUALITY: Final = 6
# One processor at most, and nobody waits behind a hundred others.
_MOST_WAITING: Final = 64
_CAPTURED: Final = struct.Struct(">q")
# What others made and the sweep removed is not counted here: the whole is listed anew so often.
_COUNT_AGAIN_AFTER: Final = 500
_log = logger("recordings.thumbnails")


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture and when it was captured (µs)."""

    jpeg: bytes
    at_us: int


class Thumbnails:
    """Those of this center. Few are decoded at once, none twice, and what is kept stays below `most_bytes`."""

    def __init__(self, player: Player, objects: Objects, keystore: Keystore, most_bytes: int) -> None:
        self._player, self._objects, self._keystore = player, objects, keystore
        self._most_bytes = most_bytes
        self._decoding = asyncio.Semaphore(1)
        self._waiting = 0
        self._making: dict[str, asyncio.Future[Thumbnail]] = {}
        self._kept_bytes: int | None = None
        self._put = 0

    async def at(self, kept: Sequence[Kept], at_us: int) -> Thumbnail:
        """The last keyframe by that moment of what was recorded then.

        Raises NotFound (`gap`) where nothing was recorded, Full when too many wait for one, Unavailable when it cannot be decoded.
        """
        one = next((k for k in kept if k.segment.began_us <= at_us < k.segment.ended_us), None)
        if one is None:
            raise NotFound(
                "Nothing was recorded at that time.", reason="gap", next_step="Look at the timeline."
            )
        after_ms = keyframe_before(one.segment, at_us)
        name = name_of(one.segment, after_ms)
        there = await self._stored(one.segment, name)
        if there is not None:
            return there
        if name not in self._making:
            self._making[name] = asyncio.ensure_future(self._made(one, after_ms, name))
            self._making[name].add_done_callback(lambda _: self._making.pop(name, None))
        # Shielded: whoever moves on must not take it from who waits for the same.
        return await asyncio.shield(self._making[name])

    async def _made(self, one: Kept, after_ms: int, name: str) -> Thumbnail:
        if self._waiting >= _MOST_WAITING:
            raise Full(
                "Too many thumbnails are being made.", reason="busy", next_step="Try again in a moment."
            )
        self._waiting += 1
        try:
            made = await self._decoded(one, one.segment.began_us + after_ms * 1000)
        finally:
            self._waiting -= 1
        await self._keep(one.segment, name, made)
        return made

    async def _decoded(self, one: Kept, at_us: int) -> Thumbnail:
        """The keyframe alone, made small. It is kept as it was recorded: masks change, and are painted when it is shown."""
        # The index rounds to the millisecond: the keyframe itself may be that much later.
        stretch = await self._player.stretch([one], at_us, at_us + 2_000, keys_only=True)
        video = b"".join([part async for part in stretch.parts])
        # By the time of its coding, as the index has it: where pictures are coded out of order it is shown a little later.
        return replace(await self.of(video, stretch.begin_us, at_us), at_us=at_us)

    async def of(self, video: bytes, begin_us: int, at_us: int) -> Thumbnail:
        """The picture of some video that was shown at that moment, made small; it is kept nowhere. Raises Unavailable, NotFound."""

        def made() -> Thumbnail:
            found = still(video, begin_us, max(at_us, begin_us))
            return Thumbnail(jpeg(smaller(found.picture, WIDTH), {}, quality=_QUALITY), found.at_us)

        # What the store takes its time for keeps nobody else waiting.
        async with self._decoding:
            return await asyncio.to_thread(made)

    async def _stored(self, segment: Segment, name: str) -> Thumbnail | None:
        try:
            sealed = await self._objects.get(name)
        except (NotFound, Unavailable):
            return None  # made anew, and shown all the same
        try:
            plain = open_whole(self._key(segment), segment.label, name.encode(), sealed)
        except Unavailable as error:
            _log.warning("a kept thumbnail does not open and is made anew", why=error.detail)
            return None
        return Thumbnail(plain[_CAPTURED.size :], _CAPTURED.unpack_from(plain)[0])

    async def _keep(self, segment: Segment, name: str, made: Thumbnail) -> None:
        """Keep it while there is room for it; without, each is made when it is asked for."""
        sealed = seal_whole(
            self._key(segment), segment.label, name.encode(), _CAPTURED.pack(made.at_us) + made.jpeg
        )
        try:
            if await self._has_room(len(sealed)):
                await self._objects.put(name, sealed)
        except (Full, Unavailable) as error:
            _log.warning("a thumbnail is not kept", why=error.detail)

    async def _has_room(self, size: int) -> bool:
        if self._kept_bytes is None or self._put >= _COUNT_AGAIN_AFTER:
            self._put = 0
            self._kept_bytes = sum([stored.size async for stored in self._objects.listed(FOLDER)])
        self._put += 1
        if self._kept_bytes + size > self._most_bytes:
            return False
        self._kept_bytes += size
        return True

    def _key(self, segment: Segment) -> bytes:
        label = segment.label
        return self._keystore.find(label.camera, label.rule, label.day)


def painted(thumbnail: bytes, shapes: Sequence[Shape]) -> bytes:
    """The thumbnail with masks over it, as they are painted over every still."""
    import av

    with av.open(io.BytesIO(thumbnail), "r", format="mjpeg") as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24").astype(np.uint8, copy=False)
    return jpeg(painted_over(picture, shapes), {}, quality=_QUALITY)


def keyframe_before(segment: Segment, at_us: int) -> int:
    """Which keyframe of a segment is shown at that moment: the last by then, else the first, in ms since it began."""
    keys = unpack_keys(segment.keys)
    after = (at_us - segment.began_us) // 1000
    return max((ms for _, ms in keys if ms <= after), default=keys[0][1])


def name_of(segment: Segment, after_ms: int) -> str:
    """Where the thumbnail of a keyframe lies: beside those of its camera's day, which go together."""
    label = segment.label
    return f"{folder_of(label.rule, day_name(label.day), label.camera)}/{segment.id}-{after_ms}.thm"


def folder_of(rule: int, day: str, camera: UUID | None = None) -> str:
    """Where those of a rule's day lie, or of one camera's."""
    return f"{FOLDER}/r{rule}/{day}" + (f"/{camera}" if camera is not None else "")
