"""Runs the parts of `make check` and `make test` side by side: each is shown whole, and all run to their end.

It knows no part by name, and nothing but the standard library.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Part:
    """A command and what it is called."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class _Ended:
    part: Part
    status: int
    took_s: float
    said: bytes = b""


def run(
    what: str, first: Sequence[Part], *beside: Sequence[Part], more: Mapping[str, str] | None = None
) -> int:
    """Run the parts of each row one after the other, the rows beside each other; 0 when every part was content.

    What the first row says is shown as it comes; what another part says, whole, when nothing else is being said. `more`
    is their environment beside our own.
    """
    # Hundreds of processes are started: each would compile the program anew where nothing compiled is kept.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""} | dict(more or {})
    ended: SimpleQueue[_Ended] = SimpleQueue()
    stopped = threading.Event()

    def go(row: Sequence[Part]) -> None:
        for part in row:
            if not stopped.is_set():
                with tempfile.TemporaryFile() as said:
                    result = _result(part, environment, said.fileno())
                    said.seek(0)
                    ended.put(replace(result, said=said.read() + result.said))

    rows = [threading.Thread(target=go, args=(row,)) for row in beside]
    for row in rows:
        row.start()
    try:
        failed = [part.name for part in first if not _told(what, _result(part, environment, None))]
        failed += [one.part.name for _ in range(sum(map(len, beside))) if not _told(what, one := ended.get())]
    finally:
        stopped.set()  # Interrupted, the parts that run end by themselves, and no other begins.
        for row in rows:
            row.join()
    print(f"{what}: not content: {' '.join(failed)}" if failed else f"{what}: all well", flush=True)
    return 1 if failed else 0


def _result(part: Part, environment: Mapping[str, str], out: int | None) -> _Ended:
    began = time.monotonic()
    nothing, same = subprocess.DEVNULL, subprocess.STDOUT
    try:
        process = subprocess.Popen(
            part.command, cwd=ROOT, env=environment, stdin=nothing, stdout=out, stderr=same
        )
    except OSError as error:
        return _Ended(part, 127, 0.0, f"{error}\n".encode())
    try:
        status = process.wait()
    except KeyboardInterrupt:
        process.wait()  # It was interrupted too, and puts away what it made.
        raise
    return _Ended(part, status, time.monotonic() - began)


def _told(what: str, ended: _Ended) -> bool:
    """Say how a part ended; whether it was content."""
    sys.stdout.buffer.write(ended.said)
    how = "ok" if ended.status == 0 else "NOT OK"
    print(f"{what}: {ended.part.name:<14} {how:<6} {ended.took_s:4.0f} s", flush=True)
    return ended.status == 0
