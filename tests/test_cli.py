"""The command line as one types it."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module


def test_what_is_listed_as_a_bench_can_be_run() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "watchfloor", "bench"], check=True, capture_output=True, text=True
    ).stdout
    listed = said.split()[2].split("|")
    assert listed == ["alerts", "audit", "floor", "hotlist", "live", "record"]
    for name in listed:
        assert callable(import_module(f"watchfloor.bench.{name}").run), name
