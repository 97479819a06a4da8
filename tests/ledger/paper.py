"""A log made without a database, quickly, by an honest or a dishonest hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from watchfloor.governance.checkpoint import Checkpoint
from watchfloor.governance.tiles import Edge
from watchfloor.ledger.key import Signer
from watchfloor.ledger.report import Outside, Report
from watchfloor.ledger.source import Folder
from watchfloor.ledger.verify import verify

NAME = "paper.watchfloor.example/log"
OURS = Signer(NAME, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
FOREIGN = Signer(NAME, Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))


def entry_id(number: int) -> UUID:
    return UUID(int=0x0189 << 112 | 7 << 76 | 2 << 62 | number)


def leaf(number: int, **said: object) -> bytes:
    """An entry of about the size that real ones have."""
    fields: dict[str, object] = {
        "about": {"id": str(UUID(int=7)), "kind": "camera"},
        "actor": str(UUID(int=number % 5)),
        "agency": str(UUID(int=1)),
        "at": f"2026-03-01T22:{number // 60 % 60:02d}:{number % 60:02d}.000000Z",
        "cause": None,
        "commitment": None,
        "id": str(entry_id(number)),
        "kind": "decision",
        "need": "camera.live",
        "purpose": "violent_crime",
        "reason": "authorised",
        "result": "allowed",
        "v": 1,
    }
    return json.dumps(fields | said, separators=(",", ":"), sort_keys=True).encode()


def leaves(count: int) -> list[bytes]:
    return [leaf(number) for number in range(count)]


@dataclass
class Paper:
    """A log in a folder."""

    root: Path

    def write(
        self, entries: Sequence[bytes], signer: Signer = OURS, extensions: tuple[str, ...] = ()
    ) -> bytes:
        """Make it the log of exactly these entries, signed; the signed note."""
        edge = Edge()
        contents: dict[str, bytes] = {}
        for entry in entries:
            contents |= {tile.path: content for tile, content in edge.append(entry)}
        contents |= {tile.path: content for tile, content in edge.partial()}
        note = signer.sign(Checkpoint(NAME, edge.size, edge.root(), extensions))
        for path, content in (contents | {"key.pub": signer.key.text.encode(), "checkpoint": note}).items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes(content)
        return note

    @property
    def note(self) -> bytes:
        return (self.root / "checkpoint").read_bytes()

    def contents(self) -> dict[Path, bytes]:
        """Every published file with its bytes."""
        return {
            p: p.read_bytes() for p in sorted(self.root.rglob("*")) if p.is_file() and ".new" not in p.parts
        }

    def put(self, path: Path, content: bytes) -> None:
        """Write over a file, as an attacker does."""
        path.write_bytes(content)

    def verify(self, *earlier: bytes, entry: UUID | None = None) -> Report:
        """What an outsider finds who has our key and these earlier checkpoints."""
        outside = [Outside(f"kept {n}", note) for n, note in enumerate(earlier)]
        return verify(Folder(self.root), key=OURS.key, checkpoints=outside, entry=entry)
