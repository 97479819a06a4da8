"""Where a file lies, sealed, until all of it has come, and how it goes when its request is over first. It keeps nothing for good."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.evidence import asked_store
from watchfloor.evidence.sealed import ExportKeys
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.storage.tx import Tx

# What no request knows is removed after so long: it may have been written a moment before its row was.
_LEFT_S: Final = 15 * 86_400.0


def part_of(folder: Path, file: UUID) -> Path:
    """Where it lies."""
    return folder / f"{file}.part"


async def drop(tx: Tx, folder: Path, keys: ExportKeys, request: UUID | None = None) -> None:
    """What came half for a request that is over goes, its key first; for every such request where none is named.

    It goes before the commit: where that fails the row is still there, and the next look finds it.
    """
    gone = await asked_store.drop_unfinished(tx, request)
    await asyncio.to_thread(_remove, folder, keys, gone)


async def forget(door: Door, folder: Path, keys: ExportKeys, agency: UUID, now: datetime) -> None:
    """The same for an agency: links lapse without anybody acting."""
    async with door.open(Ask(process_actor(agency, "sweep"), Need.EXPORT_STATE)) as tx:
        await drop(tx, folder, keys)
    await asyncio.to_thread(_clear, folder, now.timestamp())


def _remove(folder: Path, keys: ExportKeys, files: Iterable[UUID]) -> None:
    for file in files:
        keys.destroy(file)
        part_of(folder, file).unlink(missing_ok=True)


def _clear(folder: Path, now: float) -> None:
    """What nobody went on with, and no row names."""
    for path in folder.glob("*.part"):
        # Whoever answers may finish it, or have it go, in between.
        with contextlib.suppress(FileNotFoundError):
            if now - path.stat().st_mtime > _LEFT_S:
                path.unlink()
