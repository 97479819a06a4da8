"""Child processes that die with us: own session, death signal, output to a log file and never to our pipes.

It starts, finds again and ends processes. It decides nothing about when; `supervise.py` does.
"""

from __future__ import annotations

import ctypes
import grp
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import psutil

from watchfloor.kit.clock import Clock

_PR_SET_PDEATHSIG: Final = 1
_POLL_S: Final = 0.05
_NAMES: Final = ("watchfloor", "postgres")


@dataclass(frozen=True, slots=True)
class RunAs:
    """An unprivileged user that engines run as when we are root."""

    name: str
    uid: int
    gid: int


def engine_user() -> RunAs | None:
    """The user that engines run as: None (ourselves) unless we are root.

    As root: `watchfloor` or `postgres` where there is one, else a system user `watchfloor` made now, else `nobody`.
    """
    if os.geteuid() != 0:
        return None
    for name in _NAMES:
        if (found := _user(name)) is not None:
            return found
    if useradd := shutil.which("useradd"):
        command = [
            useradd,
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            "watchfloor",
        ]
        subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True)
    return _user("watchfloor") or _user("nobody")


def user_name() -> str:
    """Who we run as, by name where there is one."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _user(name: str) -> RunAs | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return None if entry.pw_uid == 0 else RunAs(name, entry.pw_uid, entry.pw_gid)


class Started(Protocol):
    """A child of ours, asked how it ended."""

    def poll(self) -> int | None:
        """Its exit status, negative for a signal; None while it lives."""


class Child:
    """A process we look after: started by us, or found running from before."""

    def __init__(self, name: str, process: psutil.Process, started: Started | None = None) -> None:
        self.name = name
        self._process = process
        self._started = started

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def adopted(self) -> bool:
        """True when an earlier `up` started it."""
        return self._started is None

    @property
    def exit_status(self) -> int | None:
        """The exit status, negative for a signal; None while it lives or when it was never our child."""
        return None if self._started is None else self._started.poll()

    def alive(self) -> bool:
        """Whether it runs; a zombie does not."""
        if self._started is not None:
            return self._started.poll() is None
        try:
            return self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def send(self, number: signal.Signals) -> None:
        """Signal it; nothing happens when it is gone."""
        if not self.alive():
            return
        try:
            self._process.send_signal(number)
        except psutil.NoSuchProcess:
            return

    async def gone(self, clock: Clock, *, within_s: float) -> bool:
        """Wait until it is gone; False when it still lives after `within_s`."""
        until = clock.monotonic() + within_s
        while self.alive():
            if clock.monotonic() >= until:
                return False
            await clock.sleep(_POLL_S)
        return True

    async def end(self, clock: Clock, *, by: signal.Signals = signal.SIGTERM, within_s: float = 10.0) -> bool:
        """Ask it to end, then insist with SIGKILL. True when it ended by itself."""
        self.send(by)
        if await self.gone(clock, within_s=within_s):
            return True
        self.send(signal.SIGKILL)
        await self.gone(clock, within_s=5.0)
        return False


def spawn(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    death_signal: signal.Signals = signal.SIGTERM,
    run_as: RunAs | None = None,
    environment: Mapping[str, str] | None = None,
    nice: int = 0,
    cwd: Path | None = None,
    keeps: Sequence[int] = (),
) -> Child:
    """Start a process of its own session that gets `death_signal` when the thread that calls this ends, and `keeps` these of our files.

    Call it from the main thread alone: the kernel ties the signal to the thread that forked. Raises OSError when the
    program cannot be started.
    """
    output = open_log(log)
    try:
        started = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment) if environment is not None else None,
            cwd=cwd,
            pass_fds=keeps,
            start_new_session=True,
            preexec_fn=at_birth(death_signal, nice, parent=os.getpid()),  # noqa: PLW1509  # forks from the main thread, before any other
            user=run_as.uid if run_as else None,
            group=run_as.gid if run_as else None,
            extra_groups=_groups(run_as) if run_as else None,
        )
    finally:
        os.close(output)
    return Child(name, psutil.Process(started.pid), started)


def open_log(log: Path) -> int:
    """The file that a process writes its log into: added to, read by nobody else. Raises OSError."""
    log.parent.mkdir(parents=True, exist_ok=True)
    return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _groups(user: RunAs) -> list[int]:
    return [g.gr_gid for g in grp.getgrall() if user.name in g.gr_mem]


def at_birth(death_signal: signal.Signals, nice: int, *, parent: int) -> Callable[[], None]:
    """What a process does first: it is sent `death_signal` when its parent ends, and ends at once where it has another parent by now."""
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        # Runs after the change of user, which would clear the death signal. If we died meanwhile nobody will send it.
        libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        os.umask(0o077)
        if nice:
            os.nice(nice)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def find(name: str, pid: int, *, marks: Callable[[psutil.Process], bool]) -> Child | None:
    """The running process `pid`, if `marks` knows it for ours: a pid alone may belong to anybody after a restart."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not marks(process):
            return None
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return Child(name, process)


def tail(log: Path, lines: int = 5) -> str:
    """The last lines of a log in one line, for a message to a person."""
    try:
        text = log.read_text(errors="replace").strip().split("\n")
    except OSError:
        return "(no log)"
    return " | ".join(text[-lines:])
