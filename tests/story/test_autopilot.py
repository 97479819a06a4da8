"""The whole night, as `watchfloor demo --autopilot` plays it: over the public API, to a log that verifies from outside."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

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
    "streets",
    "unit",
    "live",
    "wanted",
    "alert",
    "confirmed",
]
LAST = ["proposed", "outcome", "played", "verified"]


@pytest.fixture
def passable() -> Iterator[Path]:
    """A folder that the database's own user may pass through, when root runs the tests."""
    with tempfile.TemporaryDirectory(prefix="wf-night-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.timeout(600)
def test_a_stolen_car_is_found_a_unit_sent_and_an_outsider_verifies_the_log(passable: Path) -> None:
    command = [sys.executable, "-m", "watchfloor", "demo", "--data", str(passable / "night")]
    done = subprocess.run(
        [*command, "--autopilot", "--exit", "--json"],
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
    assert by_step["played"]["frames"] > 0
    assert set(by_step["outcome"]["results"]) == {"vehicle_recovered", "arrest"}
    report = by_step["verified"]["report"]
    assert (report["verdict"], report["findings"]) == ("verified", [])
    assert by_step["verified"]["checkpoints"] >= 1
    assert _still_running(passable) == []
    # Only an outage of the database leaves decisions in the spool.
    assert _folders(passable / "night") == set(FILES) - {"spool/decisions"}
    assert _told_in_logs(passable, ("QZ04417", "QZ0-4417", "a quiet night by the river")) == []


@pytest.mark.timeout(600)
def test_a_log_that_denies_what_an_outsider_holds_ends_the_night_with_a_failure(passable: Path) -> None:
    data = passable / "night"
    command = [
        sys.executable,
        "-m",
        "watchfloor",
        "demo",
        "--data",
        str(data),
        "--autopilot",
        "--exit",
        "--json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as night:
        out = sure(night.stdout)
        told = [json.loads(out.readline())]
        _hold_another_history(data, passable / "night-outside")
        said, complaint = night.communicate(timeout=580)
    told += [json.loads(line) for line in said.splitlines()]
    assert [step["step"] for step in told] == STEPS + LAST[:-1]
    assert night.returncode == 1
    assert "The log does not verify" in complaint
    assert "Traceback" not in complaint
    assert _still_running(passable) == []


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
