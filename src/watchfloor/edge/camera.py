"""One camera at an edge box: its streams are opened while something may be done with them, and cut at once when not."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from watchfloor.cameras.address import Address, Networks, Resolve, permitted, resolve
from watchfloor.cameras.boxes.wire import OfBox
from watchfloor.cameras.follow import Follower
from watchfloor.cameras.rtsp.session import Place
from watchfloor.cameras.source import CameraSource
from watchfloor.cameras.state import CameraStatus, NotThere, Status
from watchfloor.cameras.transport import TLS
from watchfloor.edge.config import OwnCamera
from watchfloor.edge.outlet import Keep, Outlet
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid

# Who wants a stream lets go of it for a moment when it is opened anew.
_STAYS_S: Final = 5.0
_GOODBYE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Tools:
    """What all cameras of the box share."""

    clock: Clock
    chance: random.Random
    gate: threading.BoundedSemaphore
    follower: Follower
    networks: Networks
    stall_after_s: float
    recent_bytes: int
    resolve: Resolve = resolve


class Stream:
    """One stream of a camera."""

    def __init__(
        self,
        of: OfBox,
        own: OwnCamera,
        tools: Tools,
        say: Callable[[Status], None],
        *,
        sub: bool,
        keep: Keep | None,
    ) -> None:
        self.of, self.sub = of, sub
        self.outlet = Outlet(keep, tools.recent_bytes)
        self.wanted = False
        self.status: Status | None = None
        self._own, self._tools, self._say = own, tools, say
        self._source: CameraSource | None = None
        self._leaving: list[tuple[CameraSource, float]] = []
        self._idle_since: float | None = None

    @property
    def running(self) -> bool:
        """Whether it is open, or being opened."""
        return self._source is not None

    @property
    def address(self) -> Address | None:
        """Where it is on this network."""
        return self._own.sub_url if self.sub else self._own.url

    def go(self, now: float, *, on: bool) -> None:
        """Open it, or close it when it was of no use for some seconds."""
        if on:
            self._idle_since = None
            if self._source is None and not self._leaving and self.address is not None:
                self._start()
            return
        if self._source is not None:
            self._idle_since = now if self._idle_since is None else self._idle_since
            if now - self._idle_since > _STAYS_S:
                self.cut(now)

    def cut(self, now: float) -> None:
        """End it at once: the connection to the camera is shut, nothing stays in memory."""
        self.outlet.close()
        source, self._source, self._idle_since = self._source, None, None
        if source is not None:
            source.stop()
            source.wake()
            self._leaving.append((source, now))
            self.status = None

    def watch(self, now: float) -> None:
        """The watchdog, a few times a second."""
        for source, since in self._leaving:
            if source.alive and now - since > _GOODBYE_S:
                source.wake()
        self._leaving = [(source, since) for source, since in self._leaving if source.alive]
        if self._source is not None:
            self._source.watch(now)

    def join(self) -> None:
        """Wait for the end after `cut`."""
        for source, _ in self._leaving:
            source.join(_GOODBYE_S)

    def _start(self) -> None:
        tools = self._tools
        self._source = CameraSource(
            self.of.id,
            self._place,
            [self.outlet],
            clock=tools.clock,
            chance=tools.chance,
            gate=tools.gate,
            follower=tools.follower,
            stall_after_s=tools.stall_after_s,
            report=self._say,
        )
        self._source.start()

    def _place(self) -> Place:
        """Where the camera is, looked up anew at each try. In the camera's thread."""
        address = self.address
        if address is None:
            raise NotThere(CameraStatus.UNREACHABLE, "The box's own file has no sub stream of this camera.")
        try:
            ip = permitted(address, self._tools.networks, self._tools.resolve(address.host, address.port))
        except OSError as error:
            raise NotThere(CameraStatus.UNREACHABLE, "The camera's name leads nowhere at present.") from error
        except Invalid as error:
            raise NotThere(CameraStatus.UNREACHABLE, error.detail) from error
        own = self._own
        return Place(
            str(address), str(ip), address.port, address.scheme == TLS, own.login, own.transport, own.certificate
        )  # fmt: skip
