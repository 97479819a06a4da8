"""What passes between a center and an edge box before anything is believed: whom a box trusts, what it is told, how often it may ask."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from watchfloor.cameras import wire as live
from watchfloor.cameras.boxes import wire
from watchfloor.cameras.boxes.kept import GONE, kept_by_box
from watchfloor.cameras.boxes.link import Link
from watchfloor.cameras.boxes.model import BoxCamera
from watchfloor.cameras.boxes.permit import us
from watchfloor.cameras.boxes.session import Through
from watchfloor.cameras.boxes.streams import KEPT
from watchfloor.cameras.rtsp.replay import NotReplayed, Span
from watchfloor.cameras.tap import read_frame
from watchfloor.cameras.wire import EndNote, Kind
from watchfloor.edge.enrol import pinned
from watchfloor.engines.edge_tls import BoxName, EdgeAuthority
from watchfloor.engines.layout import Layout
from watchfloor.kit.clock import ManualClock
from watchfloor.kit.errors import Invalid

NOW = datetime(2026, 6, 1, 22, 0, tzinfo=UTC)
CAMERA = UUID(int=7)


def authority(folder: Path) -> EdgeAuthority:
    layout = Layout.of(folder)
    layout.prepare()
    return EdgeAuthority.of(layout, NOW)


def test_a_box_trusts_the_one_certificate_of_its_code_and_nothing_that_comes_beside_it(
    tmp_path: Path,
) -> None:
    center, between = authority(tmp_path / "a"), authority(tmp_path / "b")
    assert pinned(f"center of {between.pin}\n{center.pem}", center.pin) == center.pem
    for said in (center.pem + between.pem, between.pem + center.pem, between.pem, "", "nothing"):
        with pytest.raises(Invalid, match="not the center that made this code") as refused:
            pinned(said, center.pin)
        assert refused.value.reason == "pin"


@asynccontextmanager
async def linked(
    clock: ManualClock, renewed: dict[UUID, float] | None = None
) -> AsyncIterator[tuple[Link, asyncio.StreamReader]]:
    """A box's link, and what the box hears. `renewed`: what the gate remembers from one to the next."""
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    hears, box = await asyncio.open_connection(sock=theirs)
    who = BoxName(UUID(int=1), UUID(int=2), b"")
    try:
        yield (
            Link(
                who, "Yard", reader, writer, clock, 1_000_000, NOW, renewed={} if renewed is None else renewed
            ),
            hears,
        )
    finally:
        writer.transport.abort()
        box.transport.abort()


async def heard(hears: asyncio.StreamReader) -> list[str]:
    async with asyncio.timeout(60):
        said = wire.read(await read_frame(hears, wire.LONGEST))
    assert isinstance(said, wire.Cameras)
    return [one.name for one in said.cameras]


async def test_a_box_whose_last_camera_was_taken_away_is_told_so_when_it_is_there_again() -> None:
    async with linked(ManualClock(NOW)) as (link, hears):
        link.are([], frozenset())
        assert await heard(hears) == []
        link.are([], frozenset())  # once is enough
        link.are([BoxCamera(CAMERA, "Yard", "yard")], frozenset())
        assert await heard(hears) == ["yard"]


async def test_a_box_gets_a_certificate_once_in_ten_minutes_however_often_it_asks() -> None:
    clock, asked = ManualClock(NOW), list[str]()

    async def signed(request: str) -> str:
        return request

    def renew(request: str) -> asyncio.Task[str]:
        asked.append(request)
        return asyncio.create_task(signed(request))

    renewed = dict[UUID, float]()
    for minutes in range(20):
        # However often it dials.
        async with linked(clock, renewed) as (link, _):
            link._heed(wire.Renew(str(minutes)), renew)
            link._heed(wire.Renew("again"), renew)
            await clock.advance(timedelta(minutes=1))
    assert asked == ["0", "10"]


@contextmanager
def giving(at: Path, end: Callable[[int], EndNote]) -> Iterator[list[int]]:
    """A gate that gives no pictures and ends each answer so; from when on it was asked, each time."""
    asked = list[int]()

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, connection.makefile("rwb") as talk:
                    size = int.from_bytes(talk.read(4), "big")
                    asked.append(live.ask_of(talk.read(size)).from_us)
                    note = live.note(Kind.END, end(asked[-1]))
                    talk.write(len(note).to_bytes(4, "big") + note)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(at))
        listener.listen()
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield asked
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def fetched(at: Path) -> NotReplayed:
    """Why ten seconds of what a box kept were not fetched."""
    place = Through(f"unix:{at}", CAMERA, False, lambda: "leave")
    with pytest.raises(NotReplayed) as refused:
        list(kept_by_box(place, Span(us(NOW), us(NOW) + 10_000_000), camera=CAMERA))
    return refused.value


def test_a_box_that_gives_what_it_kept_by_the_microsecond_is_left(sockets: Path) -> None:
    with giving(sockets / "slow", lambda from_us: EndNote(KEPT, str(from_us + 1))) as asked:
        assert "too many parts" in fetched(sockets / "slow").why
    assert len(asked) == 30


def test_what_a_full_box_lost_of_a_gap_is_said_and_the_rest_of_it_is_asked_for(sockets: Path) -> None:
    with giving(sockets / "full", lambda _: EndNote(KEPT, "0", "gone")):
        refused = fetched(sockets / "full")
    assert (refused.why, refused.lasting) == (GONE, False)
