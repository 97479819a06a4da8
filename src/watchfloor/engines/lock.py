"""One `watchfloor up` per data directory: a lock that the kernel lets go of when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Conflict


@contextmanager
def held(path: Path, *, by: str, now: datetime, of: Path | None = None) -> Iterator[None]:
    """Hold the lock file of a directory (`of`; without it the one it lies in) while the block runs.

    Raises Conflict, saying who holds it, when somebody does.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(handle, 400, 0).decode(errors="replace").strip() or "somebody"
            raise Conflict(
                f"{of or path.parent} is in use by {holder}.",
                next_step="Use that one, or end it before starting another.",
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(
            handle,
            f"{by}, process {os.getpid()} on {socket.gethostname()}, since {rfc3339(now)}\n".encode(),
            0,
        )
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def holder(path: Path) -> str | None:
    """Who holds the lock, in words; None when nobody does."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(handle, 400, 0).decode(errors="replace").strip() or "somebody"
    finally:
        os.close(handle)
    return None
