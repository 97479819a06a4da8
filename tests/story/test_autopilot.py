"""The whole night, as `watchfloor demo --autopilot` plays it: over the public API, to a log that verifies from outside."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.fixtures.wheel import ROOT, Installed
from watchfloor.governance.checkpoint import Checkpoint, VerifierKey
from watchfloor.governance.merkle import leaf_hash
from watchfloor.kit.sure import sure
from watchfloor.ledger.key import signer_of
from watchfloor.storage.classes import FILES

STEPS = [
    "up",
    "people",
    "authorised",
    "authorised",
    "camera",
    "live",
    "streets",
    "unit",
    "wanted",
    "alert",
    "confirmed",
]
# The least that a camera of the demo shows.
FPS = 10
LAST = ["proposed", "outcome", "played", "verified"]


@pytest.fixture
def passable() -> Iterator[Path]:
    """A folder that the database's own user may pass through, when root runs the tests."""
    with tempfile.TemporaryDirectory(prefix="wf-night-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_the_wheel_carries_the_finished_console_and_all_that_the_program_reads(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.startswith("watchfloor-")}
        page = archive.read("watchfloor/web/console/index.html").decode()
    called = set(re.findall(r'(?:src|href)="/([^"]+)"', page))
    assert called and {f"watchfloor/web/console/{name}" for name in called} <= held
    # Whatever lies in the packages of a clone belongs to the program: code, migrations, clips, the city, the unit.
    list_files = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src"]
    listed = subprocess.run(list_files, cwd=ROOT, check=True, capture_output=True, text=True)
    ours = {name.removeprefix("src/") for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    assert ours <= held
    built = {name for name in held - ours if not name.startswith("watchfloor/web/console/")}
    assert built == set(), "of what git does not know only the console belongs into the wheel"


@pytest.mark.timeout(600)
def test_from_the_wheel_a_stolen_car_is_found_a_unit_sent_and_an_outsider_verifies_the_log(
    passable: Path, installed: Installed
) -> None:
    """In an empty environment, with nothing on its path: whoever installs the wheel needs no node and no clone."""
    done = subprocess.run(
        [installed.program, "demo", "--data", passable / "night", "--autopilot", "--exit", "--json"],
        cwd=passable,
        env=installed.environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=580,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr[-2000:]
    assert [step["step"] for step in told] == STEPS + LAST
    by_step = {step["step"]: step for step in told}
    assert by_step["proposed"]["how"] == "road"
    assert by_step["played"]["frames"] >= 4 * FPS - 2
    assert set(by_step["outcome"]["results"]) == {"vehicle_recovered", "arrest"}
    report = by_step["verified"]["report"]
    assert (report["verdict"], report["findings"]) == ("verified", [])
    assert by_step["verified"]["checkpoints"] >= 1
    assert _still_running(passable) == []
    # Only an outage of the database leaves decisions in the spool; nobody asked for an export, a small picture or evidence, no reader
    # puts files into a folder, and every read is stored for days.
    asked_for = {
        "objects/exports",
        "objects/thumbnails",
        "spool/received",
        "inbox",
        "objects/transient-pictures",
        "objects/brief-pictures",
    }
    assert _folders(passable / "night") == set(FILES) - {"spool/decisions"} - asked_for
    assert _told_in_logs(passable, ("QZ04417", "QZ0-4417", "a quiet night by the river")) == []


@contextmanager
def _night(folder: Path) -> Iterator[_Night]:
    """An autopilot that has just told that its center is up, for something to happen to it."""
    command = [sys.executable, "-m", "watchfloor", "demo", "--data", str(folder / "night")]
    with subprocess.Popen(
        [*command, "--autopilot", "--exit", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        night = _Night(process, folder / "night")
        night.until("up")
        yield night
    assert _still_running(folder) == []


class _Night:
    def __init__(self, process: subprocess.Popen[str], data: Path) -> None:
        self._process = process
        self.data = data
        self.steps: list[str] = []

    def until(self, step: str) -> None:
        """Read on until that step is told."""
        while step not in self.steps:
            self.steps.append(json.loads(sure(self._process.stdout).readline())["step"])

    def end(self) -> tuple[int, str]:
        """Its exit status, and what it complained of."""
        said, complaint = self._process.communicate(timeout=580)
        self.steps += [json.loads(line)["step"] for line in said.splitlines()]
        assert "Traceback" not in complaint
        return self._process.returncode, complaint


@pytest.mark.timeout(600)
def test_a_log_that_denies_what_an_outsider_holds_ends_the_night_with_a_failure(passable: Path) -> None:
    with _night(passable) as night:
        _hold_another_history(night.data, passable / "night-outside")
        status, complaint = night.end()
    assert night.steps == STEPS + LAST[:-1]
    assert status == 1
    assert "The log does not verify" in complaint


def _hold_another_history(data: Path, outside: Path) -> None:
    """What somebody outside holds when the log was written anew behind their back: its first entry was another one."""
    name = VerifierKey.parse((data / "ledger" / "key.pub").read_text()).name
    other = Checkpoint(name, 1, leaf_hash(b"another first entry"))
    note = signer_of(data / "keys" / "ledger.key", name, may_make=False).sign(other)
    (outside / "000000000001-20260101T000000Z.checkpoint").write_bytes(note)


def _folders(data: Path) -> set[str]:
    """Where the night left files: each folder of the data directory but the tables', and each one of objects and spool."""
    top = {path for path in data.iterdir() if path.is_dir()} - {data / "pg"}
    parted = {data / "objects", data / "spool"}
    found = (top - parted) | {path for folder in parted for path in folder.iterdir()}
    return {path.relative_to(data).as_posix() for path in found}


def _still_running(data: Path) -> list[str]:
    return [
        p.info["name"]
        for p in psutil.process_iter(["name", "cmdline"])
        if str(data) in " ".join(p.info["cmdline"] or ())
    ]


def _told_in_logs(data: Path, secrets: tuple[str, ...]) -> list[str]:
    logs = [path for path in (data / "night" / "logs").iterdir() if path.is_file()]
    assert logs
    return [
        f"{path.name}: {word}"
        for path in logs
        for word in secrets
        if word in path.read_text(errors="replace")
    ]
