"""Processes of ours out of the fork server: asked for, and looked after as if we had started them.

Where it cannot fork now, whoever asks starts the process by itself; nobody waits for it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import sys
from collections.abc import Collection, Iterable
from typing import Final

import psutil

from watchfloor.engines.fork_server import GO, MOST_BYTES, READY, Asked
from watchfloor.engines.layout import Layout
from watchfloor.engines.processes import Process
from watchfloor.engines.spawn import Child, open_log, spawn
from watchfloor.engines.supervise import Part
from watchfloor.kit.beat import Beats
from watchfloor.kit.clock import Clock

NAME: Final = "fork-server"
_PROGRAM: Final = "watchfloor.engines.fork_server"
_PR_SET_CHILD_SUBREAPER: Final = 36
_ANSWERS_WITHIN_S: Final = 3.0
_HANGS_S: Final = 6.0
_LOADS_WITHIN_S: Final = 60.0
_POLL_S: Final = 0.005
# Each try loads the whole program; without it everything runs, only slower to start.
_AGAIN_WITHIN_S: Final = 300.0
# The word before, and the number of the file of beats.
_BEATS_BYTES: Final = 24


class Forked:
    """How a process ended that is our child and that we did not start."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        """Its exit status, negative for a signal; None while it lives."""
        if self._status is None:
            try:
                pid, status = os.waitpid(self._pid, os.WNOHANG)
            except ChildProcessError:  # somebody else asked first: how it ended nobody knows
                pid, status = self._pid, 0
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status


class Forks:
    """The fork server of one `up`."""

    def __init__(
        self, layout: Layout, clock: Clock, module: str, commands: Iterable[tuple[str, ...]]
    ) -> None:
        """`module` is what each process runs; `commands` are those that will be asked for, `--data DIR` included."""
        self._layout = layout
        self._clock = clock
        self._module = module
        self._room = max(len(os.fsencode(" ".join(command))) for command in commands) + _BEATS_BYTES
        self._server: Child | None = None
        self._asks: socket.socket | None = None
        self._beats: Beats | None = None
        self._said = b""

    def part(self) -> Part:
        """To be kept running like any other part."""
        return Part(
            NAME, self._start, self._answers, stops_with=3, ready_s=_LOADS_WITHIN_S, stop_signal=signal.SIGKILL,
            silent_s=_HANGS_S, silent_signal=signal.SIGKILL, goes_on=self._goes_on, longest_pause_s=_AGAIN_WITHIN_S,
        )  # fmt: skip

    async def _start(self) -> Child:
        self._forget()
        self._asks, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._asks.setblocking(False)
        self._beats = Beats()
        data = ["--data", str(self._layout.data)]
        files = ["--asks", str(theirs.fileno()), "--beats", str(self._beats.theirs)]
        command = [sys.executable, "-P", "-m", _PROGRAM, "--module", self._module, *data, *files]
        try:
            self._server = spawn(
                NAME,
                [*command, "--room", "." * self._room],
                log=self._layout.log(NAME),
                # It has nothing to end in order, and is not to outlive us where it stands still.
                death_signal=signal.SIGKILL,
                keeps=[theirs.fileno(), self._beats.theirs],
            )
        finally:
            theirs.close()
            self._beats.begun()
        return self._server

    def _forget(self) -> None:
        self._said, self._server = b"", None
        if self._asks is not None:
            self._asks.close()
            self._asks = None
        if self._beats is not None:
            self._beats.close()
            self._beats = None

    async def _answers(self) -> bool:
        if not self._said and self._asks is not None:
            with contextlib.suppress(OSError):
                self._said = self._asks.recv(MOST_BYTES)
        return bool(self._said)

    async def _goes_on(self) -> bool:
        return self._beats is not None and self._beats.heard()

    async def forked(self, process: Process, command: tuple[str, ...], beats: int | None) -> Child | None:
        """A process of ours that runs this command (Python's arguments), forked; None when there is nothing to fork it now.

        `beats` is where it is to say that it goes on.
        """
        if process.module != self._module:
            return None
        if not await self._answers() or self._asks is None or self._server is None or self._said != READY:
            return None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            ours.setblocking(False)
            log = open_log(self._layout.log(process.name))
            asked = Asked(command, os.getpid(), process.nice, beats is not None)
            files = [theirs.fileno(), log, log if beats is None else beats]
            try:
                socket.send_fds(self._asks, [asked.written()], files)
            except OSError:
                return None
            finally:
                os.close(log)
            theirs.close()
            return await self._known(process.name, ours, self._server)

    async def _known(self, name: str, ours: socket.socket, server: Child) -> Child | None:
        """What was forked, once it is our child; it waits until we have seen that. A server that does not answer is ended."""
        pid, until = 0, self._clock.monotonic() + _ANSWERS_WITHIN_S
        while self._clock.monotonic() < until:
            if not pid:
                with contextlib.suppress(BlockingIOError):
                    pid = int(ours.recv(MOST_BYTES) or b"-1")
            if pid < 0:  # nobody has the other end any more
                return None
            if pid and _is_ours(pid):
                try:
                    ours.send(GO)
                except OSError:
                    return None
                return Child(name, psutil.Process(pid), Forked(pid))
            await self._clock.sleep(_POLL_S)
        server.send(signal.SIGKILL)
        return None


def _is_ours(pid: int) -> bool:
    try:
        return psutil.Process(pid).ppid() == os.getpid()
    except psutil.NoSuchProcess:
        return False


def take_in() -> bool:
    """Be the parent of what is forked for us, and of whatever else our children leave behind; whether the system lets us."""
    # Where it is ignored, as whoever started us may have it, nobody learns how a child ended.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    return os.getpid() == 1 or ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


class LeftBehind:
    """Ended processes that became our children when their parents died: nobody asks how they ended, and each would stay a zombie."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def bury(self, known: Collection[int]) -> None:
        """Forget those that had ended when this was asked before already: whoever started one of ours has long asked by then."""
        ended = {child.pid for child in psutil.Process().children() if _is_zombie(child)} - set(known)
        for pid in ended & self._seen:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        self._seen = ended - self._seen


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
