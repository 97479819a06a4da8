"""A whole `watchfloor up` under test, with small processes in place of the center's: started, watched, killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from watchfloor.engines.endpoints import Endpoints
from watchfloor.kit.clock import SystemClock

CLOCK = SystemClock()
ROOT = Path(__file__).resolve().parents[2]


async def until(true: Callable[[], bool], what: str, within_s: float = 60.0) -> None:
    """Wait for a condition; the test's own failure when it never comes."""
    end = CLOCK.monotonic() + within_s
    while not true():
        assert CLOCK.monotonic() < end, f"never came: {what}"
        await CLOCK.sleep(0.02)


def runs(pid: int) -> bool:
    """Whether the process works; a dead one that nobody has waited for does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Center:
    """One run of `up`. What it says goes to a file, so that it belongs to no event loop of a test."""

    def __init__(self, data: Path, said: Path | None = None) -> None:
        self.data = data
        self._said = said or data.parent / "said"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *names: str, environment: dict[str, str] | None = None, user: str | None = None) -> None:
        """Start `up`; as another `user` with the machine's own Python, for ours may lie in a home of root's."""
        python = sys.executable if user is None else "/usr/bin/python3"
        paths = [str(ROOT / "src"), str(ROOT), *(p for p in sys.path if p.endswith("site-packages"))]
        with self._said.open("wb") as out:
            self.process = subprocess.Popen(
                [python, "-B", "-m", "tests.engines.programs.center", str(self.data), *names],
                cwd="/",
                user=user,
                env={"PATH": "/usr/bin:/bin", "PYTHONPATH": os.pathsep.join(paths), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    async def up(
        self, *names: str, environment: dict[str, str] | None = None, user: str | None = None
    ) -> None:
        """Start and wait until everything runs."""
        self.start(*names, environment=environment, user=user)
        await until(lambda: bool(self.heard("up")) or self.ended, "up", 90)
        assert not self.ended, self._said.read_text()

    @property
    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    @property
    def text(self) -> str:
        """All it said."""
        return self._said.read_text()

    def heard(self, event: str, **facts: object) -> list[dict[str, Any]]:
        """What was said of that event, with those facts."""
        whole, _, _ = self.text.rpartition("\n")
        said = [json.loads(line) for line in whole.split("\n") if line.startswith("{")]
        return [s for s in said if s["event"] == event and all(s.get(k) == v for k, v in facts.items())]

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints.read(self.data)

    def pid(self, name: str) -> int:
        return self.endpoints.pids[name]

    def kill(self, name: str) -> int:
        """kill -9 of a part, of `up` itself too; its pid."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        if name == "up" and self.process is not None:
            self.process.wait(30)
        return pid

    def end(self, number: signal.Signals | None = signal.SIGTERM, within_s: float = 60) -> int:
        """Ask it to end (None: it ends by itself) and wait; its exit status."""
        assert self.process is not None
        if not self.ended and number is not None:
            self.process.send_signal(number)
        return self.process.wait(within_s)

    def left(self) -> list[str]:
        """Command lines of processes that still work on the data directory."""
        found = []
        for process in psutil.process_iter(["pid", "cmdline"]):
            line = " ".join(process.info["cmdline"] or [])
            if str(self.data) in line and "pytest" not in line and runs(process.info["pid"]):
                found.append(line)
        return found


@contextmanager
def a_center(template: Path | None = None) -> Iterator[Center]:
    """A center in a short directory that the engines' user may enter, perhaps with data made before."""
    folder = Path(tempfile.mkdtemp(prefix="wfc-"))
    folder.chmod(0o711)
    center = Center(folder / "data")
    if template is not None:
        # With owners and modes, as a machine would be cloned.
        subprocess.run(["cp", "-a", template, center.data], check=True)
        (center.data / "endpoints.json").unlink()
    try:
        yield center
    finally:
        if not center.ended:
            center.end()
        for line in center.left():
            raise AssertionError(f"left behind: {line}")
        shutil.rmtree(folder)
