"""What an edge box kept while the center was away, fetched through the gate: runs and frames with the times they were taken at.

It stores nothing and asks nobody for leave. What comes is a box's word: pictures of another time than was asked for are left out.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID

import msgspec

from watchfloor.cameras import wire
from watchfloor.cameras.boxes.session import Through, connected
from watchfloor.cameras.boxes.streams import KEPT
from watchfloor.cameras.boxes.wire import LONGEST, picture_of, run_of
from watchfloor.cameras.frames import NewRun
from watchfloor.cameras.rtsp.replay import NotReplayed, Past, Span
from watchfloor.cameras.state import NotThere
from watchfloor.cameras.stream import Frame
from watchfloor.cameras.timed import Believed, Timed
from watchfloor.cameras.wire import Kind, TapAsk
from watchfloor.kit.errors import Invalid

_SILENT_S: Final = 15.0
# A group of pictures that began before is sent whole.
_BEFORE_US: Final = 65_000_000
_NOT_UNDERSTOOD: Final = "What the edge box sends as kept cannot be understood."
_NO_END: Final = "The edge box gives what it kept in too many parts."
# A part has 3 MB, but the last: twice this is far more than a camera makes in a second.
_PARTS_PER_S: Final = 2
_PARTS_BESIDES: Final = 10
GONE: Final = "The edge box was full: the oldest of that time gave way."


def kept_by_box(
    place: Through, span: Span, *, camera: UUID, goes_on: Callable[[int], bool] = lambda sent: True
) -> Iterator[NewRun | Frame]:
    """What the box kept of a time by the center's clock. Raises NotReplayed: at its end, where the box says that some is gone."""
    try:
        yield from Believed().checked(_kept(place, span, camera, goes_on))
    except (Invalid, ValueError) as error:
        raise NotReplayed(_NOT_UNDERSTOOD) from error


def _kept(
    place: Through, span: Span, camera: UUID, goes_on: Callable[[int], bool]
) -> Iterator[NewRun | Frame]:
    timed: Timed | None = None
    begin_us, gone = span.begin_us, False
    parts = (span.end_us - span.begin_us) * _PARTS_PER_S // 1_000_000 + _PARTS_BESIDES
    while begin_us < span.end_us:
        if (parts := parts - 1) < 0:
            raise NotReplayed(_NO_END)
        next_us = 0
        for frame in _asked(place, begin_us, span.end_us):
            match wire.head(frame).kind:
                case Kind.RUN:
                    if timed is not None:
                        yield from timed.rest()
                    timed = Timed(camera, *run_of(frame), 0)
                case Kind.PICTURE if timed is not None:
                    sent = picture_of(frame)
                    if span.begin_us - _BEFORE_US <= sent.captured_us < span.end_us:
                        yield from timed.take(Past(sent.units, sent.pts, sent.captured_us))
                case Kind.END:
                    note = wire.end_of(frame)
                    if note.reason != KEPT:
                        raise NotReplayed(note.detail)
                    next_us, gone = int(note.detail or 0), gone or note.next_step is not None
                case _:
                    pass
            if not goes_on(len(frame)):
                next_us = 0
                break
        begin_us = next_us if next_us > begin_us else span.end_us
    if timed is not None:
        yield from timed.rest()
    if gone:
        raise NotReplayed(GONE)  # what came later of the same gap may be there


def _asked(place: Through, begin_us: int, end_us: int) -> Iterator[bytes]:
    """The frames of one answer, its end among them. Raises NotReplayed."""
    ask = msgspec.json.encode(TapAsk(place.camera, place.token(), False, begin_us, end_us))
    try:
        with contextlib.closing(connected(place, _SILENT_S)) as connection:
            connection.settimeout(_SILENT_S)
            connection.sendall(len(ask).to_bytes(4, "big") + ask)
            while True:
                size = int.from_bytes(_exactly(connection, 4), "big")
                if size > LONGEST:
                    raise Invalid("a frame that is too long")
                frame = _exactly(connection, size)
                yield frame
                if frame[0] == Kind.END:
                    return
    except NotThere as error:
        raise NotReplayed(str(error)) from None
    except OSError as error:
        raise NotReplayed("What the edge box kept did not come.") from error


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = connection.recv(min(size, 1 << 20))
        if not part:
            raise ConnectionResetError("the gate closed the connection")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
