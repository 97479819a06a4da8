"""Fetches what is held of cameras whose footage is kept at their site, and stores it here: what a site forgets no hold would keep.

One piece at a time, slowly, and only while recording is allowed, as gaps are filled. What the site does not give is said at the hold:
it is not preserved here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.details import FootageKept
from watchfloor.cameras.rtsp.replay import NotReplayed, Span
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Refused
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.recordings import fill_store, pull_store, store
from watchfloor.recordings.archive import Stretch
from watchfloor.recordings.archives import AtSite
from watchfloor.recordings.left import kept_of, left_of
from watchfloor.recordings.model import at, us
from watchfloor.recordings.play import MARGIN
from watchfloor.recordings.post import Post
from watchfloor.recordings.pull_store import Held
from watchfloor.recordings.refill import MOST_US, SUSPENDED, Came, Refill, asked_of
from watchfloor.storage.tx import Tx

_TRIES: Final = 6
# What a site records at this moment it gives a little later.
_SETTLES: Final = timedelta(seconds=30)
_STILL_COMING: Final = timedelta(minutes=2)
NO_SITE: Final = "Its site cannot be asked for what it keeps: ask there."
NOT_OURS: Final = (
    "What is older than recordings are kept here, or is not shared by its owner, is not fetched."
)
NOT_HERE: Final = "Kept at the site only: not preserved here. Ask the site."


class Pull:
    """Fetches for the cameras of one recorder, by what `refill` fetches by: one of both at a time."""

    def __init__(self, refill: Refill) -> None:
        self._refill, self._parts = refill, refill.parts
        self._first = 0

    async def turn(self) -> None:
        """Fetch the next piece of what is due, where anything is."""
        if self._parts.settings.back_fill_mbit_s <= 0:
            return
        agencies = [*self._parts.agencies[self._first :], *self._parts.agencies[: self._first]]
        for number, agency in enumerate(agencies, self._first + 1):
            posts: dict[UUID, Post] = {
                p.camera.id: p for p in self._refill.posts.values() if p.camera.agency == agency and _may(p)
            }
            if posts and (held := await self._next(next(iter(posts.values())), list(posts))) is not None:
                self._first = number % len(agencies)
                await self._pull(posts[held.camera], held)
                return

    async def _next(self, post: Post, cameras: list[UUID]) -> Held | None:
        try:
            async with self._parts.door.open(post.asks(Need.FOOTAGE_INDEX)) as tx:
                return await pull_store.next_held(tx, cameras)
        except Refused:
            return None

    async def _pull(self, post: Post, held: Held) -> None:
        waiting = await self._refill.waiting(held.camera)
        try:
            async with self._parts.door.open(post.ask(Need.FOOTAGE_FILL)) as tx:
                due = await self._due(tx, post, held, waiting)
                if due is None:
                    return
            there, missing = due
            came = await self._ask(post, there, asked_of(missing, held.tries))
            async with self._parts.door.open(post.ask(Need.FOOTAGE_FILL)) as tx:
                again = tx.now + self._refill.pause(held.tries, came)
                tried = not (came.well or came.ours)
                await pull_store.keep(tx, held, came.said, again, tried=tried, over=False)
        except Refused:
            return  # it is not recorded either at present

    async def _due(
        self, tx: Tx, post: Post, held: Held, waiting: Sequence[Stretch]
    ) -> tuple[AtSite, list[Stretch]] | None:
        """Who is to be asked for what; None where it is over, or waits, which is kept."""
        ask = post.ask(Need.FOOTAGE_FILL)
        camera = await camera_store.camera_of(tx, held.camera)
        there = None if camera is None else await self._parts.archives.at_site(tx, ask, camera)
        if there is None:
            await _over(tx, held, held.end_us - held.begin_us, NO_SITE)
            return None
        if await fill_store.suspended(tx, held.camera, at(held.begin_us)):
            await _over(tx, held, held.end_us - held.begin_us, f"{NOT_HERE} {SUSPENDED}")
            return None
        until = min(held.end_us, us(tx.now - _SETTLES))
        here = sorted([*await _here(tx, held), *waiting])
        lacks = [left for piece in there.open_to_us(held.begin_us, until) for left in left_of(piece, here)]
        # What would be past its retention is not fetched: it would go with the next sweep of its day.
        missing = await self._kept(tx, post, lacks)
        given_up = held.tries >= _TRIES + (held.end_us - held.begin_us) // MOST_US
        if missing and not given_up:
            return there, missing
        if held.end_us > until and not given_up:
            again = tx.now + (
                _STILL_COMING if until > held.begin_us else at(held.begin_us) + _STILL_COMING - tx.now
            )
            await pull_store.keep(tx, held, held.said, again, tried=False, over=False)
            return None
        left_us = sum(b - a for a, b in left_of((held.begin_us, held.end_us), here))
        await _over(tx, held, left_us, held.said if missing else NOT_OURS)
        return None

    async def _kept(self, tx: Tx, post: Post, lacks: Sequence[Stretch]) -> list[Stretch]:
        """What of it would be kept if it were fetched."""
        terms = post.terms
        if terms is None:
            return []
        since_us = us(await fill_store.kept_since(tx, terms.rule))
        keeps = self._parts.tools.keystore.keeps
        return kept_of(lacks, since_us, lambda day: keeps(post.camera.id, terms.rule, day))

    async def _ask(self, post: Post, there: AtSite, span: Span) -> Came:
        try:
            has = await there.has(span.begin_us, span.end_us)
            if has.stretches == ():
                return Came(0, f"{there.site} has nothing of that time.")
            return await self._refill.bring(post, span, await there.pictures(span.begin_us, span.end_us))
        except NotReplayed as error:
            return Came(0, error.why, lasting=error.lasting)


async def _here(tx: Tx, held: Held) -> list[Stretch]:
    begin, end = at(held.begin_us), at(held.end_us)
    return (await store.stretches_of(tx, [held.camera], begin, end, margin=begin - MARGIN))[held.camera]


async def _over(tx: Tx, held: Held, missing_us: int, said: str | None) -> None:
    """No more is fetched; the log has how much is preserved here now."""
    words = (
        None
        if not missing_us
        else NOT_HERE
        if said is None
        else said
        if NOT_HERE in said
        else f"{NOT_HERE} {said}"
    )
    await pull_store.keep(tx, held, words, None, tried=False, over=True)
    more: dict[str, Json] = {
        "hold": str(held.hold),
        "fetched_ms": (held.end_us - held.begin_us - missing_us) // 1000,
        "missing_ms": missing_us // 1000,
    }
    detail = {"from": rfc3339(at(held.begin_us)), "to": rfc3339(at(held.end_us))}
    await effect(tx, "camera.held_fetched", About("camera", held.camera), detail=detail, more=more)


def _may(post: Post) -> bool:
    """A camera whose site keeps its footage, which is recorded under leave, and whose login is known."""
    elsewhere = post.camera.details.footage_kept is not FootageKept.HERE
    return elsewhere and post.lease is not None and post.unlocked


def turns_of(refill: Refill) -> tuple[Callable[[], Awaitable[None]], ...]:
    """What is done again and again: a gap is filled, and a piece of what is held is fetched."""
    return refill.turn, Pull(refill).turn
