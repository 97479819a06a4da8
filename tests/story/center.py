"""A whole center as one starts it, with its real processes: `watchfloor up` as a child, killed in part and in whole."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg
from psycopg.rows import dict_row

from tests.engines.center import CLOCK, runs, until
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.spawn import Child, spawn

UP_WITHIN_S: Final = 180.0
DOWN_WITHIN_S: Final = 90.0
PARTS: Final = ("nats", "postgres", "ledger", "serve", "record", "sense", "sweep")


class Whole:
    """A center of `watchfloor up`. `outside` is the folder that others hold, where checkpoints go."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o711)  # the engines' user passes through
        self.data = folder / "data"
        self.outside = folder / "outside"
        self._said = folder / "said"
        self._up: Child | None = None

    def start(self) -> None:
        """Start `up`; what it says goes to a file, so that it belongs to no event loop of a test."""
        if not self.data.exists():
            self.outside.mkdir(mode=0o700)
            self.data.mkdir(mode=0o755)
            (self.data / "config.toml").write_text(
                f'[ledger]\ncheckpoint_dirs = "{self.outside}"\n[record]\ncamera_networks = "127.0.0.0/8"\n'
                "[reading]\ncores = 0.05\n"
            )
        self._said.unlink(missing_ok=True)
        command = [sys.executable, "-m", "watchfloor", "up", "--data", str(self.data), "--json"]
        # It dies with us, however we die.
        self._up = spawn("up", command, log=self._said)

    async def until_up(self) -> None:
        """Wait until every part runs."""
        await until(lambda: bool(self.heard("up")) or self.ended, "up", UP_WITHIN_S)
        assert not self.ended, self._said.read_text()

    @property
    def ended(self) -> bool:
        return self._up is None or not self._up.alive()

    def heard(self, event: str, **facts: object) -> list[dict[str, Any]]:
        """What was said of that event, with those facts."""
        whole, _, _ = self._said.read_text().rpartition("\n")
        said = [json.loads(line) for line in whole.split("\n") if line.startswith("{")]
        return [s for s in said if s["event"] == event and all(s.get(k) == v for k, v in facts.items())]

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints.read(self.data)

    @property
    def base(self) -> str:
        return self.endpoints.http

    @property
    def first_link(self) -> str:
        """The one-time link of the first administrator."""
        return (self.data / "keys" / "first-link").read_text().strip()

    def kill(self, name: str, by: signal.Signals = signal.SIGKILL) -> int:
        """kill -9 of a part, of `up` itself too, or another signal; its pid."""
        pid = self.endpoints.pids[name]
        os.kill(pid, by)
        return pid

    async def end(self) -> None:
        """Ask it to end and wait until it has."""
        if self._up is not None:
            assert await self._up.end(CLOCK, within_s=DOWN_WITHIN_S), self._said.read_text()

    def left(self) -> list[str]:
        """Command lines of processes that still work on the data directory."""
        found = []
        for process in psutil.process_iter(["pid", "cmdline"]):
            line = " ".join(process.info["cmdline"] or [])
            if str(self.data) in line and runs(process.info["pid"]):
                found.append(line)
        return found

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """What is really in the database, past every process of the center."""
        dsn = self.endpoints.dsn("wf_owner")
        async with await psycopg.AsyncConnection.connect(dsn, row_factory=dict_row) as connection:
            return await (await connection.execute(sql.encode(), values)).fetchall()

    def verified(self) -> str:
        """What an outsider finds who kept an earlier checkpoint: a verdict, and how far a roll-back is excluded."""
        verified = self.verify()
        try:
            report = json.loads(verified.stdout.strip().splitlines()[-1])
        except (IndexError, json.JSONDecodeError):
            return f"nothing: {verified.stdout} {verified.stderr}"
        return f"{report['verdict']}, roll-back {report['rollback']}"

    def verify(self) -> subprocess.CompletedProcess[str]:
        """`watchfloor verify` as an outsider runs it: the address, the key, each checkpoint that was kept outside."""
        kept = [arg for note in sorted(self.outside.iterdir()) for arg in ("--checkpoint", str(note))]
        key = str(self.data / "ledger" / "key.pub")
        source = f"{self.base}/api/v1/ledger"
        command = [sys.executable, "-m", "watchfloor", "verify", source, "--key", key, "--json", *kept]
        return subprocess.run(command, check=False, capture_output=True, text=True)


@asynccontextmanager
async def a_whole_center() -> AsyncIterator[Whole]:
    """A center in a directory of its own; afterwards nothing of it runs or is left."""
    folder = Path(tempfile.mkdtemp(prefix="wfs-"))
    center = Whole(folder)
    try:
        yield center
    finally:
        await center.end()
        if left := center.left():
            raise AssertionError(f"left behind: {left}")
        shutil.rmtree(folder)
