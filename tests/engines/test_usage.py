"""What the system says of processes: real ones, that work, have children and die."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from watchfloor.engines.usage import Usages

_WORKS = "import sys, time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\nsys.stdin.read()"


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A child of ours that has worked for a moment and waits."""
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", _WORKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_process_that_works_uses_something_and_one_that_died_is_not_there(
    child: subprocess.Popen[bytes],
) -> None:
    usages, pids = Usages(), {"serve": child.pid}
    usage = usages.look(pids)["serve"]
    assert usage is not None
    assert usage.cpu_s >= 0.25 and usage.resident_bytes > 2**20 and usage.started_at_s > 1_600_000_000
    child.kill()
    assert os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT) is not None
    assert usages.look(pids) == {"serve": None}, "dead, though nobody has waited for it"
    child.wait()
    assert usages.look(pids) == {"serve": None}


def test_what_a_process_started_is_counted_with_it_but_for_up(child: subprocess.Popen[bytes]) -> None:
    found = Usages().look({"postgres": os.getpid(), "up": os.getpid()})
    with_child, alone = found["postgres"], found["up"]
    assert with_child is not None and alone is not None
    assert with_child.cpu_s >= alone.cpu_s + 0.2
    assert with_child.resident_bytes > alone.resident_bytes


def test_a_count_of_cpu_never_falls_when_a_child_ends(child: subprocess.Popen[bytes]) -> None:
    usages, us = Usages(), {"postgres": os.getpid()}
    before = usages.look(us)["postgres"]
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    between = usages.look(us)["postgres"]
    child.wait()
    after = usages.look(us)["postgres"]
    assert before is not None and between is not None and after is not None
    assert before.cpu_s <= between.cpu_s <= after.cpu_s
