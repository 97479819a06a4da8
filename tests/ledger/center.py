"""As much of a center as the ledger needs, and what a whole log must look like."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.fixtures.engines import Dsns
from tests.governance import naive_tree
from tests.ledger.conftest import NAME, Log
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.layout import Layout
from watchfloor.governance.checkpoint import Checkpoint, Note, VerifierKey, open_checkpoint
from watchfloor.governance.tiles import ENTRIES, decode_bundle, tile_at, tiles_of
from watchfloor.kit.clock import SystemClock
from watchfloor.ledger.run import STATE, run
from watchfloor.settings import LedgerSettings, Settings


class Center:
    """As much of a center as the ledger needs: a data directory, its key folder, the database's place."""

    def __init__(self, data: Path, dsns: Dsns, log: Log) -> None:
        self.layout = Layout.of(data)
        self.layout.prepare()
        parts = conninfo_to_dict(dsns.ledger)
        (self.layout.keys / "postgres.wf_ledger").write_text(str(parts.pop("password")) + "\n")
        parts.pop("user")
        place = make_conninfo("", **{name: str(value) for name, value in parts.items()})
        self.endpoints = Endpoints(data, "", "", place, nats="", mqtt=None, runtime=self.layout.runtime)
        self.endpoints.write()
        log.root, log.keys = self.layout.ledger, self.layout.keys
        self.log = log

    @asynccontextmanager
    async def running(self, *, name: str = NAME, dirs: str = "", webhooks: str = "") -> AsyncIterator[None]:
        """The ledger's loop, told to stop at the end of the block and awaited; its error ends the block."""
        stop, owner = asyncio.Event(), asyncio.current_task()
        chosen = LedgerSettings(log_name=name, checkpoint_dirs=dirs, checkpoint_webhooks=webhooks)
        task = asyncio.create_task(run(Settings(self.layout.data, ledger=chosen), self.endpoints, stop))
        task.add_done_callback(lambda _: stop.is_set() or (owner and owner.cancel()))
        try:
            yield
        except asyncio.CancelledError:
            if not task.done():
                raise
        finally:
            stop.set()
            await task

    def size(self) -> int:
        try:
            return Checkpoint.parse(Note.parse((self.layout.ledger / "checkpoint").read_bytes()).text).size
        except FileNotFoundError:
            return -1

    def state(self) -> str:
        """What the ledger keeps about itself, as it lies on disk."""
        path = self.layout.runtime / STATE
        return path.read_text() if path.exists() else "{}"

    def trouble(self) -> str | None:
        found: str | None = json.loads(self.state()).get("trouble")
        return found


async def until(true: Callable[[], bool]) -> None:
    """Wait for a condition, looking often; the test's own time limit ends it."""
    while not true():
        await SystemClock().sleep(0.01)


def published(log: Log) -> Checkpoint:
    key = VerifierKey.parse((log.root / "key.pub").read_text())
    return open_checkpoint((log.root / "checkpoint").read_bytes(), key)


def leaves(log: Log, size: int) -> list[bytes]:
    """The entries as anybody reads them from the files."""
    found: list[bytes] = []
    for index in range(-(-size // 256)):
        found += decode_bundle(log.files.read(tile_at(ENTRIES, index, size)))
    return found


async def check_whole(log: Log, size: int) -> None:
    """The database's indices are 0..n-1, once each; the files hold exactly those leaves; the root is the tree's."""
    rows = await log.as_owner("select leaf_index, leaf, id::text from audit_entry order by leaf_index")
    assert [row[0] for row in rows] == list(range(size))
    entries = leaves(log, size)
    assert entries == [row[1] for row in rows]
    assert [json.loads(leaf)["id"] for leaf in entries] == [row[2] for row in rows]
    assert published(log) == Checkpoint(NAME, size, naive_tree.mth(entries))
    there = {p.relative_to(log.root).as_posix() for p in (log.root / "tile").rglob("*") if p.is_file()}
    assert {tile.path for tile in tiles_of(size)} <= there
