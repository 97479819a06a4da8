"""What comes of one camera through its edge box, for whoever taps it: the recorder that has the camera. It asks nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol
from uuid import UUID

from watchfloor.cameras import wire
from watchfloor.cameras.state import SENTENCES, CameraStatus
from watchfloor.cameras.wire import EndNote, Kind

_LARGEST_GOP: Final = 16 * 1024 * 1024
Give = Callable[[bytes], None]
# What a box may say of a stream that does not play.
OF_A_BOX: Final = frozenset(
    {
        CameraStatus.CONNECTING, CameraStatus.UNREACHABLE, CameraStatus.CREDENTIALS_REFUSED,
        CameraStatus.CERTIFICATE_REFUSED, CameraStatus.SILENT, CameraStatus.BAD_STREAM,
    }
)  # fmt: skip


class Tappable(Protocol):
    """What gives a stream to whoever joins, until they leave."""

    def join(self, give: Give) -> None: ...

    def leave(self, give: Give) -> None: ...


def end(status: CameraStatus, reason: str | None = None) -> bytes:
    """The frame that says why nothing comes."""
    return wire.note(Kind.END, EndNote(status.value, reason or SENTENCES[status]))


class Nothing:
    """In place of a stream that cannot come: whoever joins is told why."""

    def __init__(self, status: CameraStatus, reason: str | None = None) -> None:
        self._end = end(status, reason)

    def join(self, give: Give) -> None:
        give(self._end)

    def leave(self, give: Give) -> None:
        return


KEPT: Final = "kept"
"""The end of what was fetched: `detail` says from which µs on there is more, `next_step` that some had to give way."""


class PastStream:
    """What a box kept, on its way to the recorder that asked for it."""

    def __init__(self, begin: Callable[[PastStream], None]) -> None:
        self._begin = begin
        self._give: Give | None = None

    def join(self, give: Give) -> None:
        self._give = give
        self._begin(self)

    def leave(self, give: Give) -> None:
        self._give = None

    def take(self, frame: bytes) -> None:
        """A frame came from the box."""
        if self._give is not None:
            self._give(frame)

    def done(self, next_us: int, *, gone: bool) -> None:
        """It was all, or there is more from `next_us` on."""
        self.take(wire.note(Kind.END, EndNote(KEPT, str(max(next_us, 0)), "gone" if gone else None)))

    def stop(self, status: CameraStatus, reason: str) -> None:
        """There is no more of it."""
        self.take(end(status, reason))


class BoxStream:
    """One stream of a box. `want` tells the box whether somebody wants it. All in the gate's own loop."""

    def __init__(self, camera: UUID, want: Callable[[bool], None]) -> None:
        self.camera = camera
        self._want = want
        self._takers: list[Give] = []
        self._run: bytes | None = None
        self._gop: list[bytes] = []
        self._gop_bytes = 0

    @property
    def wanted(self) -> bool:
        """Whether somebody wants it."""
        return bool(self._takers)

    def join(self, give: Give) -> None:
        """Begin to give: how it is coded and the group of pictures so far, then what comes."""
        first, self._takers = not self._takers, [*self._takers, give]
        if first:
            self._run, self._gop, self._gop_bytes = None, [], 0
            self._want(True)
        elif self._run is not None:
            for frame in (self._run, *self._gop):
                give(frame)

    def leave(self, give: Give) -> None:
        """Give no more; the box sends none when the last has left."""
        if give in self._takers:
            self._takers = [taker for taker in self._takers if taker is not give]
            if not self._takers:
                self._want(False)

    def take(self, frame: bytes) -> None:
        """A frame came from the box."""
        if not self._takers:
            return
        head = wire.head(frame)
        if head.kind is Kind.RUN:
            self._run, self._gop, self._gop_bytes = frame, [], 0
        elif head.key:
            self._gop, self._gop_bytes = [frame], len(frame)
        elif self._gop:
            self._gop.append(frame)
            self._gop_bytes += len(frame)
            if self._gop_bytes > _LARGEST_GOP:
                self._gop, self._gop_bytes = [], 0
        for taker in self._takers:
            taker(frame)

    def stop(self, status: CameraStatus, reason: str | None = None) -> None:
        """It is over for everybody who takes it."""
        takers, self._takers = self._takers, []
        for taker in takers:
            taker(end(status, reason))
