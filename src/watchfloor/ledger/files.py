"""The log's files in the data directory: written whole, on disk before they count, and never changed again.

It knows nothing of the database. Everything below its root may be served to anybody as it lies.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from watchfloor.governance.checkpoint import BadNote, Checkpoint, VerifierKey, open_checkpoint
from watchfloor.governance.tiles import WIDTH, Tile
from watchfloor.kit.errors import Invalid
from watchfloor.ledger.errors import LogDamaged
from watchfloor.ledger.source import Folder, read_tile

CHECKPOINT: Final = "checkpoint"
KEY: Final = "key.pub"
_UNFINISHED: Final = ".new"  # in the same file system, so that a rename is one step


class LogFiles:
    """Checkpoint, public key, tiles and entry bundles under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._touched: set[Path] = set()

    def prepare(self) -> None:
        """Make the folder, and forget what a crash left half written."""
        self.root.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.root / _UNFINISHED, ignore_errors=True)
        (self.root / _UNFINISHED).mkdir()

    def read(self, tile: Tile) -> bytes:
        """A tile's bytes, cut from the full one that has replaced it. Raises LogDamaged when neither is there."""
        content = read_tile(Folder(self.root), tile)
        if content is None:
            raise LogDamaged(f"The log's file {tile.path} is missing, though it was signed.")
        return content

    def put(self, tile: Tile, content: bytes) -> None:
        """Write a tile; on disk for good after `settle`. Raises LogDamaged when another content is already there."""
        path = self.root / tile.path
        if path.exists():
            if path.read_bytes() != content:
                raise LogDamaged(
                    f"The log's file {tile.path} already holds something else than the log's entries."
                )
        else:
            self._write(path, content, mode=0o444)
        # A file from before a crash may be there without its name being on disk.
        self._touch(path.parent)

    def settle(self) -> None:
        """Make the names of everything put so far durable."""
        for folder in sorted(self._touched):
            _sync_folder(folder)
        self._touched.clear()

    def publish(self, note: bytes) -> None:
        """Replace the checkpoint in one step; durable when this returns."""
        self._write(self.root / CHECKPOINT, note, mode=0o644)
        _sync_folder(self.root)

    def checkpoint(self, key: VerifierKey) -> Checkpoint | None:
        """The published checkpoint, None before the first. Raises LogDamaged when it is not ours."""
        try:
            return open_checkpoint((self.root / CHECKPOINT).read_bytes(), key)
        except FileNotFoundError:
            return None
        except BadNote as error:
            raise LogDamaged(
                f"The published checkpoint is not what this log signed: {error.detail}."
            ) from error

    def publish_key(self, key: VerifierKey) -> None:
        """Put the public key beside the checkpoint. Raises Invalid when another key or name stands there."""
        path = self.root / KEY
        try:
            there = VerifierKey.parse(path.read_text())
        except FileNotFoundError:
            self._write(path, (key.text + "\n").encode(), mode=0o444)
            _sync_folder(self.root)
            return
        if there != key:
            raise Invalid(
                f"The log was begun as {there.name} with the key {there.key_id.hex()};"
                f" the settings and keys/ now say {key.name} with {key.key_id.hex()}.",
                next_step="Set ledger.log_name back and restore keys/ledger.key from the backup of the keys.",
            )

    def tidy(self, full: Iterable[Tile]) -> None:
        """Remove the partial forms of tiles that are full and covered by the published checkpoint."""
        for tile in full:
            if tile.width == WIDTH:
                partials = self.root / f"{tile.path}.p"
                shutil.rmtree(partials, ignore_errors=True)

    def _write(self, path: Path, content: bytes, *, mode: int) -> None:
        unfinished = self.root / _UNFINISHED / path.name
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.rename(path)

    def _touch(self, folder: Path) -> None:
        # New folders are names in their parents, up to the root.
        while folder != self.root:
            self._touched.add(folder)
            folder = folder.parent
        self._touched.add(self.root)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
