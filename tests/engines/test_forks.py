"""Processes out of the fork server: the same in all that anybody sees as those that are started by themselves, and as safe without it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.engines.center import Center, a_center, runs, until
from tests.fixtures.engines import run
from watchfloor.engines import fork_server
from watchfloor.engines.forks import NAME, LeftBehind


def seen(center: Center, name: str) -> dict[str, Any]:
    """What the process that runs now saw of itself as it began."""
    log = (center.data / "logs" / f"{name}.log").read_text()
    found: dict[str, Any] = json.loads([line for line in log.splitlines() if line.startswith("{")][-1])
    return found


def shown(pid: int) -> list[str]:
    return [part for part in psutil.Process(pid).cmdline() if part]


@pytest.fixture(scope="module")
def center() -> Iterator[Center]:
    """One for all: each test leaves it at work."""
    with a_center() as made:
        made.start("serve", "record", "read")
        run(until(lambda: bool(made.heard("up")) or made.ended, "up", 90))
        yield made


async def kills(center: Center, name: str) -> None:
    """Kill it, and wait until it is at work again."""
    times = len(center.heard("ready", part=name))
    center.kill(name)
    await again(center, name, times)


async def again(center: Center, name: str, times: int) -> None:
    await until(lambda: len(center.heard("ready", part=name)) > times, f"{name} again")


async def test_what_is_forked_is_to_all_the_world_a_process_that_up_started(center: Center) -> None:
    up, server = center.pid("up"), center.pid(NAME)
    for name in ("serve", "read"):
        pid = center.pid(name)
        process = psutil.Process(pid)
        assert process.ppid() == up
        assert (os.getsid(pid), os.getpgid(pid)) == (pid, pid)
        assert process.name() == psutil.Process(server).name()
        command = ["-P", "-m", "tests.engines.programs.worker", name, "--data", str(center.data)]
        assert shown(pid) == [sys.executable, *command]
        # Its log alone, and nothing of what the fork server holds: no way to ask, no beats.
        files = {n: os.readlink(f"/proc/{pid}/fd/{n}") for n in os.listdir(f"/proc/{pid}/fd")}
        log = str(center.data / "logs" / f"{name}.log")
        assert files == {"0": "/dev/null", "1": log, "2": log}
        told = seen(center, name)
        assert told["argv"] == [name, "--data", str(center.data)]
        assert told["umask"] == 0o077
        assert told["cwd"] == psutil.Process(up).cwd()
        assert psutil.Process(up).environ().items() <= process.environ().items()
    assert psutil.Process(center.pid("read")).nice() - psutil.Process(center.pid("serve")).nice() == 7
    assert shown(server)[1:] == ["-P", "-m", "watchfloor.engines.fork_server", "--data", str(center.data)]
    assert (center.data / "logs" / f"{NAME}.log").read_text() == ""
    await kills(center, "read")
    assert "SIGKILL" in center.heard("ended", part="read")[0]["text"]


async def test_no_two_of_them_draw_the_same_by_chance(center: Center) -> None:
    one, other = (seen(center, name)["drawn"] for name in ("serve", "read"))
    assert sorted(one) == ["id", "random", "secret"]
    assert [what for what in one if one[what] == other[what]] == []


async def test_when_the_fork_server_is_killed_nothing_else_ends_and_it_comes_back(center: Center) -> None:
    serve, times = center.pid("serve"), len(center.heard("ready", part=NAME))
    center.kill(NAME)
    await kills(center, "record")  # there may be none yet to fork it
    await again(center, NAME, times)
    await kills(center, "record")
    assert psutil.Process(center.pid("record")).ppid() == center.pid("up")
    assert center.pid("serve") == serve
    assert runs(serve)


async def test_nobody_waits_for_a_fork_server_that_stands_still(center: Center) -> None:
    serve, stopped, times = center.pid("serve"), center.pid(NAME), len(center.heard("ready", part=NAME))
    os.kill(stopped, signal.SIGSTOP)
    await kills(center, "record")
    assert not runs(stopped)
    await again(center, NAME, times)
    assert center.pid("serve") == serve
    assert runs(serve)
    # What was asked of the one that stood still is not done as well.
    assert len([line for line in center.left() if "worker record" in line]) == 1


def test_a_command_that_there_is_no_room_for_is_not_shown_cut_off() -> None:
    with pytest.raises(ValueError, match="hold no command"):
        fork_server.show(["x" * 1_000_000])


def test_who_ended_and_is_nobodys_is_forgotten_and_nobody_else() -> None:
    asked, unasked = (os.posix_spawn("/bin/true", ["true"], {}) for _ in range(2))
    for pid in (asked, unasked):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    left = LeftBehind()
    left.bury(known=[asked])
    assert psutil.pid_exists(unasked)  # it may be that somebody is about to ask
    left.bury(known=[asked])
    assert not psutil.pid_exists(unasked)
    assert os.waitpid(asked, 0) == (asked, 0)


_HOLDS = """
import asyncio, gc, json, os, random, sys, threading
from watchfloor import process
gc.disable()
gc.freeze = lambda: None  # what is frozen cannot be looked at
process.load_ahead()
drawn = [o for o in gc.get_objects() if isinstance(o, random.Random) and not isinstance(o, random.SystemRandom)]
files = {n: f"/proc/self/fd/{n}" for n in os.listdir("/proc/self/fd")}
print(json.dumps({
    "threads": len(os.listdir("/proc/self/task")),
    "drawn": len([o for o in drawn if o is not random._inst]),
    "numpy's": "numpy.random" in sys.modules,
    "loops": len([o for o in gc.get_objects() if isinstance(o, asyncio.AbstractEventLoop)]),
    "files": [os.readlink(path) for n, path in files.items() if int(n) > 2 and os.path.exists(path)],
}))
"""


def test_what_the_processes_load_ahead_holds_nothing_that_two_must_not_share(tmp_path: Path) -> None:
    environment = {"OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-P", "-c", _HOLDS]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=tmp_path)
    assert json.loads(done.stdout) == {"threads": 1, "drawn": 0, "numpy's": False, "loops": 0, "files": []}
