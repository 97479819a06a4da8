"""A viewer who cannot keep up loses pictures, not time, and is told."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.cameras import wire
from watchfloor.cameras.live import Live, Upstream
from watchfloor.cameras.viewer import Viewer
from watchfloor.cameras.wire import Kind
from watchfloor.governance.actors import process_actor
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import AgencyId, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.sure import sure

NOON = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp() * 1_000_000)
FRAME_US = 66_667


def viewer() -> Viewer:
    return Viewer(object.__new__(Grant))  # the grant is not asked here


def fragment(number: int, *, gop: int = 30) -> bytes:
    return wire.frame(Kind.FRAGMENT, 1, number, NOON + number * FRAME_US, b"x" * 100, key=number % gop == 0)


def offer(one: Viewer, data: bytes) -> None:
    one.offer(data, wire.head(data))


async def take(one: Viewer, count: int) -> list[bytes]:
    return [await one.next() for _ in range(count)]


async def test_a_viewer_who_keeps_up_gets_everything_in_order() -> None:
    one = viewer()
    got: list[bytes] = []
    for number in range(90):
        offer(one, fragment(number))
        got += await take(one, 1)
    assert [wire.head(data).seq for data in got] == list(range(90)) and one.dropped == 0


async def test_a_viewer_who_does_not_read_is_never_more_than_a_second_behind() -> None:
    one = viewer()
    for number in range(75):
        offer(one, fragment(number))
    got = await take(one, 1 + 15)
    assert wire.head(got[0]).kind is Kind.DROP
    note = json.loads(got[0][wire.HEAD_SIZE :])
    heads = [wire.head(data) for data in got[1:]]
    assert heads[0].key and heads[0].seq == 60
    assert [head.seq for head in heads] == list(range(60, 75))
    assert note == {"dropped": 60, "reason": "The connection was too slow."}
    assert one.dropped == 60


async def test_what_a_joiner_is_given_at_once_is_no_backlog() -> None:
    one = viewer()
    one.opens_with([fragment(number) for number in range(30)])
    for number in range(30, 40):
        offer(one, fragment(number))
    assert [wire.head(data).seq for data in await take(one, 40)] == list(range(40)) and one.dropped == 0


async def test_who_enlarges_as_the_sub_stream_goes_stays_at_the_main_one() -> None:
    async def nowhere(agency: UUID, camera: UUID) -> str | None:
        await asyncio.Event().wait()
        return None

    live = Live(nowhere, b"k" * 32, SystemClock())
    grant = object.__new__(Grant)
    grant.ask = Ask(process_actor(AgencyId(UUID(int=1)), "serve"), Need.CAMERA_LIVE)
    one = live.join(UUID(int=1), UUID(int=2), grant, stream="sub", has_sub=True)
    sub = sure(one.wants)
    shows(sub)
    assert one.fed is sub and one.wants is None
    live.turn(one, "main")
    main: Upstream = sure(one.wants)
    sub._lose()
    assert one.fed is main and one.wants is None
    for upstream in (main, sub):
        shows(upstream)
    assert one.fed is main and not sub.wanted
    await live.leave(one)
    assert live.tapped == 0
    await live.close()


def shows(upstream: Upstream) -> None:
    """A picture comes."""
    upstream._take(wire.init(1, NOON, "avc1.64001f", b"moov"))
    upstream._take(fragment(0))


async def test_a_new_run_is_never_dropped_with_the_pictures_before_it() -> None:
    one = viewer()
    for number in range(40):
        offer(one, fragment(number))
    offer(one, wire.init(2, NOON, "avc1.64001f", b"moov"))
    for number in range(60, 62):
        offer(one, fragment(number))
    kinds = [wire.head(data).kind for data in await take(one, 4)]
    assert kinds == [Kind.INIT, Kind.DROP, Kind.FRAGMENT, Kind.FRAGMENT]


@settings(deadline=None)
@given(st.lists(st.one_of(st.just("frame"), st.integers(0, 5)), max_size=200))
def test_however_a_viewer_reads_a_picture_never_comes_without_what_it_needs(steps: list[str | int]) -> None:
    """Frames are offered, some are read: what comes is whole groups from a keyframe on, or follows what came."""
    one = viewer()
    number, last = 0, -1
    for step in steps:
        if step == "frame":
            offer(one, fragment(number, gop=10))
            number += 1
            continue
        for _ in range(int(step)):
            if not one.waiting:
                break
            data = one.next()
            try:
                data.send(None)
            except StopIteration as done:
                head = wire.head(done.value)
                if head.kind is Kind.FRAGMENT:
                    assert head.key or head.seq == last + 1
                    last = head.seq
    assert one.waiting <= 1_000_000 // FRAME_US + 3


async def test_a_frame_that_nobody_knows_is_no_frame() -> None:
    with pytest.raises(Exception, match="no live frame of kind"):
        wire.head(b"\x63" + b"\x00" * 17)
