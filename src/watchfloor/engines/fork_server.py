"""The fork server: it has loaded what all processes of ours need, and each of them is forked from it, so that none loads it again.

It has no thread, no loop, no connection and no secret, and knows nothing of the center. What it forks is the child of whoever asked
(`forks.py`) and needs it no more.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from watchfloor.engines.spawn import at_birth
from watchfloor.kit.beat import EVERY_S

READY: Final = b"ready"
UNFIT: Final = b"unfit"
GO: Final = b"go"
MOST_BYTES: Final = 65536
_FILES: Final = 3
_ARG_START, _ARG_END = 45, 46  # of /proc/PID/stat, counted after the name
# NumPy's library of linear algebra starts a thread for each processor as it is loaded, and no thread lives through a fork. What we reckon
# with it are small matrices, which it reckons in one.
_ONE_THREAD: Final = "OPENBLAS_NUM_THREADS"


@dataclass(frozen=True, slots=True)
class Asked:
    """A process that is asked for: Python's arguments from `-m` on, whose child it is to be, and its niceness beyond ours.

    Three files come with it: a socket on which it hears GO, its log, and where it says that it goes on, if it `beats`.
    """

    command: tuple[str, ...]
    parent: int
    nice: int
    beats: bool

    def written(self) -> bytes:
        """As it is sent."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def read(cls, text: bytes) -> Asked:
        """As it was sent."""
        found = json.loads(text)
        return cls(tuple(found["command"]), found["parent"], found["nice"], found["beats"])


def serve(asks: socket.socket, beats: int) -> bool:
    """Fork what is asked for, until nobody can ask any more: False. True in what was forked, which is then what was asked for."""
    os.set_blocking(beats, False)
    while True:
        with contextlib.suppress(BlockingIOError):
            os.write(beats, b".")
        if not select.select([asks], [], [], EVERY_S)[0]:
            continue
        try:
            text, files, _, _ = socket.recv_fds(asks, MOST_BYTES, _FILES, socket.MSG_CMSG_CLOEXEC)
        except ConnectionResetError:
            return False
        if not text:
            return False
        if len(files) == _FILES and _forked(files[0]):
            asks.close()
            os.close(beats)
            _become(Asked.read(text), *files)
            return True
        for file in files:
            os.close(file)


def _forked(channel: int) -> bool:
    """Fork by way of a process that ends at once, so that the child is its grandparent's, who hears its pid. True in the child."""
    try:
        between = os.fork()
    except OSError as error:  # whoever asked sees that nobody answers
        sys.stderr.write(f"nothing can be forked: {error}\n")
        return False
    if between:
        os.waitpid(between, 0)
        return False
    try:
        child = os.fork()
        if child == 0:
            return True
        os.write(channel, str(child).encode())
    except OSError:
        os._exit(1)
    os._exit(0)


def _become(asked: Asked, channel: int, log: int, beats: int) -> None:
    """Be what was asked for, as far as anybody can see, once whoever asked knows of us. Without that we end."""
    if os.read(channel, len(GO)) != GO:
        os._exit(1)
    os.close(channel)
    os.setsid()
    at_birth(signal.SIGTERM, asked.nice, parent=asked.parent)()
    for output in (1, 2):
        os.dup2(log, output)
    os.close(log)
    command = list(asked.command)
    if asked.beats:
        command += ["--beats", str(beats)]
    else:
        os.close(beats)
    python = [sys.executable, "-P", *command]
    sys.argv, sys.orig_argv = command[1:], python
    show(python)


def show(command: Sequence[str]) -> None:
    """Be shown by `ps` as this command. Raises ValueError when it is longer than the one that we were started by."""
    # What the kernel shows is what lies where it put our arguments.
    stat = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    start, end = int(stat[_ARG_START]), int(stat[_ARG_END])
    shown = b"\0".join(os.fsencode(part) for part in command)
    if len(shown) >= end - start:
        raise ValueError(f"{end - start} bytes hold no command of {len(shown)}")
    ctypes.memmove(start, shown.ljust(end - start, b"\0"), end - start)


def _load(module: str) -> None:
    """Load what the processes need, in one thread, and set it aside: no collection of a process looks at it, and copies its pages."""
    os.putenv(_ONE_THREAD, "1")
    gc.disable()
    import_module(module).load_ahead()
    gc.freeze()
    gc.disable()
    os.unsetenv(_ONE_THREAD)


def main() -> int:
    """Load, say so, and fork until nobody can ask; then its exit status, or that of what was forked."""
    given = argparse.ArgumentParser(prog="python -m watchfloor.engines.fork_server")
    given.add_argument("--module", required=True, help="What runs in each process: `load_ahead`, and `main`.")
    given.add_argument("--data", required=True, help="The center's directory, to be known by.")
    given.add_argument("--asks", type=int, required=True)
    given.add_argument("--beats", type=int, required=True)
    given.add_argument("--room", default="", help="Takes the room of the longest command.")
    told = given.parse_args()
    show([sys.executable, "-P", "-m", "watchfloor.engines.fork_server", "--data", told.data])
    _load(told.module)
    with socket.socket(fileno=told.asks) as asks:
        alone = len(os.listdir("/proc/self/task")) == 1
        if not alone:
            sys.stderr.write("threads run here that no fork would live through: nothing is forked\n")
        asks.send(READY if alone else UNFIT)
        if not serve(asks, told.beats):
            return 0
    gc.enable()
    status: int = import_module(told.module).main()
    return status


if __name__ == "__main__":
    sys.exit(main())
