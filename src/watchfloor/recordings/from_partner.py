"""Plays what a partner center kept of a camera of its own, by its own API: asked anew for each look, handed on as it comes, kept nowhere.

It decides nothing: whoever calls it holds a grant here, and the partner's own door decides there.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import weakref
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

import httpx
import msgspec

from watchfloor.cameras.details import FootageKept
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.find import far_look
from watchfloor.cameras.partners.live import Relays, is_fragment
from watchfloor.cameras.partners.model import Far, line, other_version
from watchfloor.cameras.partners.talk import Talk, away
from watchfloor.cameras.vault import Vault
from watchfloor.governance.model import Ask
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Full, Unavailable, WatchfloorError
from watchfloor.recordings import forms
from watchfloor.recordings.model import at, us
from watchfloor.recordings.play import LONGEST_KEYS_US, LONGEST_US, Range, Stretch, missing
from watchfloor.storage.tx import Tx

MOST_AT_ONCE: Final = 16
_SILENT_AFTER_S: Final = 10.0
_LARGEST_BOX: Final = 64 * 1024 * 1024
_MOST_TOLD: Final = 5000
_TYPE: Final = re.compile(r'video/mp4; codecs="([A-Za-z0-9.]{1,40})"')
# A keyframe stands this long before what was asked for, at most.
_BEFORE_US: Final = 65_000_000
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Range(msgspec.Struct, frozen=True, rename={"begin": "from", "end": "to"}):
    begin: _Moment
    end: _Moment


class _Gap(msgspec.Struct, frozen=True, rename={"begin": "from", "end": "to"}):
    begin: _Moment
    end: _Moment
    reason: str = ""


class _Timeline(msgspec.Struct, frozen=True):
    ranges: list[_Range]
    gaps: list[_Gap]


_TIMELINES: Final = msgspec.json.Decoder(_Timeline)
Told = tuple[list[tuple[int, int]], list[tuple[int, int, str]]]
"""What a partner has of a time, and what not and why (µs)."""


@dataclass(slots=True)
class FromPartner:
    """The recordings of partners, as this process plays them: so many at a time."""

    vault: Vault
    relays: Relays
    taken: int = 0

    async def far(self, tx: Tx, camera: Camera, ask: Ask) -> Far | None:
        """The look as the partner is told of it; None of a camera that is no partner's, or recorded here alone. Raises Unavailable."""
        if camera.details.footage_kept is FootageKept.HERE:
            return None
        return await far_look(tx, self.vault, camera, ask)

    async def beside(
        self, here: forms.Timeline, far: Far, begin_us: int, end_us: int, now_us: int
    ) -> forms.Timeline:
        """What is here of that time, and beside it what the partner has. Raises as `timeline`, but where there is something here."""
        try:
            return both_of(here, await self.timeline(far, begin_us, end_us, now_us))
        except WatchfloorError:
            if not here["ranges"]:
                raise
            return here

    async def timeline(self, far: Far, begin_us: int, end_us: int, now_us: int) -> forms.Timeline:
        """What it has of that time. Raises Unavailable, NotFound, Full with the partner's words."""
        until_us = min(end_us, now_us)
        told: Told = ([], [])
        if begin_us < until_us:
            asked = f"/cameras/{far.camera}/timeline"
            told = told_of(
                await self._talk(far).asks(asked, _span(begin_us, until_us), far.told), begin_us, until_us
            )
        ranges, gaps = told
        return {
            "from": at(begin_us),
            "to": at(end_us),
            "ranges": [{"from": at(a), "to": at(b), "run": 0, "at_site": True} for a, b in ranges],
            "gaps": [{"from": at(a), "to": at(b), "reason": why} for a, b, why in gaps],
            "filled": [],
        }

    async def stretch(self, far: Far, begin_us: int, end_us: int, *, keys_only: bool) -> Stretch:
        """The video of that time, as the partner sends it. Not in a transaction. Raises as `told`."""
        if self.taken >= MOST_AT_ONCE:
            raise Full("Recordings of partners are at their limit.", reason="sites_full", retry_after_s=5)
        longest = LONGEST_KEYS_US if keys_only else LONGEST_US
        query = _span(begin_us, min(end_us, begin_us + longest)) | (
            {"pictures": "keyframes"} if keys_only else {}
        )
        async with contextlib.AsyncExitStack() as stack:
            place = _Place(self)
            stack.callback(place.close)
            opened = self._talk(far).opened(f"/cameras/{far.camera}/video", query, far.told)
            response = await stack.enter_async_context(opened)
            mime, from_us, to_us = head_of(response.headers, begin_us, begin_us + longest)
            play = _Play(far.partner.name, response)
            first = await play.first()
            held = stack.pop_all()
        parts = play.parts(first, held)
        # Whoever goes before the first byte never begins it, so that it would not end either.
        weakref.finalize(parts, place.close)
        return Stretch(mime, from_us, to_us, parts)

    def _talk(self, far: Far) -> Talk:
        return Talk(far.partner, self.relays.reach, self.relays.sessions)


class _Place:
    """A place among those that are played, given back once."""

    def __init__(self, of: FromPartner) -> None:
        of.taken += 1
        self._of: FromPartner | None = of

    def close(self) -> None:
        """Give it back."""
        of, self._of = self._of, None
        if of is not None:
            of.taken -= 1


class _Play:
    """One answer that is read."""

    def __init__(self, name: str, response: httpx.Response) -> None:
        self._name, self._source, self._boxes = name, response.aiter_raw(), Boxes()

    async def first(self) -> list[bytes]:
        """What it begins with. Raises Unavailable for what is no video of ours."""
        while (data := await self._next()) is not None:
            if found := self._boxes.take(data):
                return found
        raise other_version()

    async def parts(self, first: list[bytes], held: contextlib.AsyncExitStack) -> AsyncIterator[bytes]:
        """All of it, whole fragments each. What breaks off has been shown so far: whoever asks for the rest is told why."""
        async with held:
            for part in first:
                yield part
            with contextlib.suppress(Unavailable):
                while (data := await self._next()) is not None:
                    for part in self._boxes.take(data):
                        yield part

    async def _next(self) -> bytes | None:
        try:
            async with asyncio.timeout(_SILENT_AFTER_S):
                return await anext(self._source, None)
        except (httpx.HTTPError, httpx.StreamError, OSError, TimeoutError) as error:
            raise away(f"{self._name} sends no more of it.") from error


class Boxes:
    """Bytes as they come are made whole: first what the video begins with, then one fragment after the other. Pure."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._init, self._moof = b"", b""

    def take(self, data: bytes) -> list[bytes]:
        """What is whole by now. Raises Unavailable for what is no video of ours."""
        self._waiting += data
        found: list[bytes] = []
        while (box := self._box()) is not None:
            name = box[4:8]
            if name == b"ftyp" and not self._init:
                self._init = box
            elif name == b"moov" and self._init:
                found.append(self._init + box)
            elif name == b"moof":
                self._moof = box
            elif name == b"mdat" and is_fragment(self._moof + box):
                found.append(self._moof + box)
                self._moof = b""
            else:
                raise other_version()
        return found

    def _box(self) -> bytes | None:
        if len(self._waiting) < 8:
            return None
        size = int.from_bytes(self._waiting[:4], "big")
        if not 8 <= size <= _LARGEST_BOX:
            raise other_version()
        if len(self._waiting) < size:
            return None
        box = bytes(self._waiting[:size])
        del self._waiting[:size]
        return box


def head_of(headers: httpx.Headers, begin_us: int, latest_us: int) -> tuple[str, int, int]:
    """The codec, and from when to when the video is. Raises Unavailable where it is none of that time. Pure."""
    kind = _TYPE.fullmatch(headers.get("content-type", ""))
    try:
        from_us, to_us = (us(datetime.fromisoformat(headers[name])) for name in ("wf-from", "wf-to"))
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise other_version() from error
    if kind is None or not begin_us - _BEFORE_US <= from_us < to_us or from_us > latest_us:
        raise other_version()
    return kind[1], from_us, min(to_us, latest_us + _BEFORE_US)


def told_of(data: bytes, begin_us: int, end_us: int) -> Told:
    """What a partner says of a time, cut to it. Raises Unavailable where it cannot be read. Pure."""
    try:
        told = _TIMELINES.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise other_version() from error
    ranges = [
        (a, b)
        for one in told.ranges[:_MOST_TOLD]
        if (a := max(us(one.begin), begin_us)) < (b := min(us(one.end), end_us))
    ]
    gaps = [
        (a, b, line(one.reason, 300))
        for one in told.gaps[:_MOST_TOLD]
        if (a := max(us(one.begin), begin_us)) < (b := min(us(one.end), end_us))
    ]
    return _rising(ranges), gaps


def both_of(here: forms.Timeline, there: forms.Timeline) -> forms.Timeline:
    """One timeline of what is here and, where nothing is, of what the partner has; a gap is what neither has, by the partner's word
    where it says one, else by ours: it may keep days of what we keep for a month. Pure."""
    whole = [Range(us(one["from"]), us(one["to"]), one["run"]) for one in here["ranges"]]
    ranges: list[forms.Range] = [
        {"from": at(a), "to": at(b), "run": 0, "at_site": True}
        for one in there["ranges"]
        for a, b in missing(whole, us(one["from"]), us(one["to"]))
    ]
    gaps: list[forms.Gap] = [
        {"from": at(a), "to": at(b), "reason": one["reason"]}
        for one in there["gaps"]
        for a, b in missing(whole, us(one["from"]), us(one["to"]))
    ]
    told = [Range(us(one["from"]), us(one["to"]), 0) for one in (*there["ranges"], *there["gaps"])]
    gaps += [
        {"from": at(a), "to": at(b), "reason": one["reason"]}
        for one in here["gaps"]
        for a, b in missing(told, us(one["from"]), us(one["to"]))
    ]
    return {
        **here,
        "ranges": sorted([*here["ranges"], *ranges], key=lambda one: one["from"]),
        "gaps": sorted(gaps, key=lambda one: one["from"]),
    }


def _rising(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """In their order, and none over another."""
    found: list[tuple[int, int]] = []
    for a, b in sorted(ranges):
        if not found or a >= found[-1][1]:
            found.append((a, b))
    return found


def _span(begin_us: int, end_us: int) -> dict[str, str]:
    return {"from": rfc3339(at(begin_us)), "to": rfc3339(at(end_us))}
