"""The systemd units that ship with the program."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

UNITS = files("watchfloor.engines") / "systemd"


@pytest.fixture(params=["watchfloor.service", "watchfloor-edge.service"])
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The unit with a program that exists on every machine, for systemd's own judge."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    path = tmp_path / str(request.param)
    written = (UNITS / path.name).read_text()
    path.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", written, flags=re.MULTILINE))
    return path


def test_systemd_finds_nothing_wrong_with_the_unit(unit: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", unit], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert unit.name not in done.stderr


def test_the_unit_leaves_the_program_little_that_it_could_harm(unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", unit], check=False, capture_output=True, text=True
    )
    score = re.search(r"Overall exposure level for .*: ([0-9.]+)", done.stdout)
    if score is None:
        pytest.skip(f"this systemd-analyze judges no file: {done.stderr.strip()[:80]}")
    assert float(score.group(1)) < 2.5
