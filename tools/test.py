"""Every test but those of `make check` and `make soak`: Python's, the browser's, the console's, some on the machine's own PostgreSQL.

python -m tools.test [ARGUMENTS]      with arguments of pytest, those tests alone
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Final

import psutil

from tools.parts import Part, run
from watchfloor.engines.binaries import postgres_binaries
from watchfloor.engines.spawn import engine_user
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.settings import PostgresSettings

# One process more than there are cores, since half of a test and more is waiting; each takes a file at a time, in the order of
# tests/conftest.py, and has a database server of its own. The parts beside them have one process.
_WORKERS: Final = (f"-n{(os.cpu_count() or 1) + 1}", "--dist=loadfile", "--no-loadscope-reorder")
_PYTEST: Final = (sys.executable, "-m", "pytest")
# The browser's driver keeps an event loop of its own, so its tests have a process of their own: two only take turns on two cores.
_BROWSER: Final = Part("browser", (*_PYTEST, "tests/console"))
# SQL is limited to what PostgreSQL 15 knows: the tests of these run on the machine's own server where there is one, all others
# (which go through the same stores) on the packaged one. What a server does by itself (partitions, row security, errors) is shown on both.
_STORES: Final = tuple(f"tests/{name}" for name in ("governance", "ledger", "sweep"))
_ON_BOTH: Final = "tests/storage"
_CONSOLE: Final = Part("console", (sys.executable, "tools/console_build.py", "run", "test"))
_ROOM: Final = 8 * 2**30


def main(arguments: list[str]) -> int:
    """0 when every test passed."""
    with tempfile.TemporaryDirectory(prefix="wft-", dir=_disk()) as folder:
        Path(folder).chmod(0o711)  # the engines' user passes through
        if arguments:
            return run("test", [Part("python", (*_PYTEST, *_WORKERS, *arguments))], more={"TMPDIR": folder})
        apart = [f"--apart={path}" for path in _STORES] if _has_server() else []
        python = (
            *_PYTEST,
            *_WORKERS,
            "-m",
            "not soak",
            "--ignore=tests/console",
            "--ignore=tests/architecture",
            *apart,
        )
        postgres = [Part("postgres", (*_PYTEST, "--postgres", "system", _ON_BOTH, *_STORES))] if apart else []
        more = {"TMPDIR": folder}
        return run("test", [Part("python", python)], [_BROWSER], [*postgres, _CONSOLE], more=more)


def _has_server() -> bool:
    """Whether the machine has a PostgreSQL of its own that the tests can start."""
    try:
        postgres_binaries(PostgresSettings(provider="system"), engine_user())
    except (Unavailable, Invalid) as error:
        print(f"test: no PostgreSQL of the machine's own: {error}", flush=True)
        return False
    return True


def _disk() -> Path | None:
    """Where tests write: nobody will miss it, so into memory where there is plenty; None for the usual place."""
    memory = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it
    if not os.access(memory, os.W_OK | os.X_OK) or psutil.virtual_memory().available < _ROOM:
        return None
    disk = os.statvfs(memory)
    roomy = disk.f_bavail * disk.f_frsize >= _ROOM and not disk.f_flag & os.ST_NOEXEC
    return memory if roomy else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
