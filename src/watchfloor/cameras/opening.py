"""Opens few cameras at a time, and knows which socket belongs to which, so that a frozen one can be woken.

libav gives no way to end a read from outside but a callback that costs every packet a round trip into Python. Shutting
down the socket is the way: the camera's own thread then sees the end of the stream and closes its container itself.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_FD_DIR: Final = "/proc/self/fd"

Peer = tuple[str, int]


class Socket:
    """A duplicate of a camera's socket, for shutting it down from another thread."""

    def __init__(self, local: Peer, duplicate: socket.socket) -> None:
        self.local = local
        self._duplicate = duplicate
        self._lock = threading.Lock()
        self._open = True

    def shut_down(self) -> None:
        """End the stream: the reader sees its end at once. Harmless when it is over already."""
        with self._lock:
            if self._open:
                try:
                    self._duplicate.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return

    def release(self) -> None:
        """Give the duplicate back; the original is libav's."""
        with self._lock:
            self._open = False
            self._duplicate.close()


class Gate:
    """Lets a few cameras open at once, and one at a time of those behind the same address."""

    def __init__(self, at_once: int = 4) -> None:
        self._room = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._by_peer: dict[Peer, threading.Lock] = {}
        self._known: set[Peer] = set()

    @contextmanager
    def opening(self, peer: Peer) -> Iterator[None]:
        """Hold a place while opening."""
        with self._lock:
            own = self._by_peer.setdefault(peer, threading.Lock())
        with own, self._room:
            yield

    def socket_to(self, peer: Peer) -> Socket | None:
        """The new connection to `peer`, to be asked while still opening; None when there is none: it went elsewhere."""
        for name in os.listdir(_FD_DIR):
            found = self._match(int(name), peer)
            if found is not None:
                return found
        return None

    def forget(self, known: Socket) -> None:
        """The connection is closed."""
        known.release()
        with self._lock:
            self._known.discard(known.local)

    def _match(self, fd: int, peer: Peer) -> Socket | None:
        try:
            if not os.readlink(f"{_FD_DIR}/{fd}").startswith("socket:"):
                return None
            duplicate = socket.socket(fileno=os.dup(fd))
        except OSError:
            return None
        try:
            if duplicate.family not in {socket.AF_INET, socket.AF_INET6}:
                raise OSError
            to, local = duplicate.getpeername()[:2], duplicate.getsockname()[:2]
            with self._lock:
                if (to[0], to[1]) != peer or local in self._known:
                    raise OSError
                self._known.add((local[0], local[1]))
        except OSError:
            duplicate.close()
            return None
        return Socket((local[0], local[1]), duplicate)
