"""What the signed log says of an export, as a file for outsiders: an entry with its proof, and no payload, which names people."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from watchfloor.evidence import store
from watchfloor.governance.extract import Extract
from watchfloor.governance.prove import prove
from watchfloor.kit.canonical import Json
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx


async def extract_of(tx: Tx, ledger: Path, entry: UUID) -> Mapping[str, Json] | None:
    """The extract of an entry, once the signed log holds it."""
    row = await store.logged(tx, entry)
    proof = await asyncio.to_thread(prove, ledger, row.index, row.leaf) if row is not None else None
    if row is None or proof is None or proof.state != "included" or proof.checkpoint is None:
        return None
    hashes = tuple(bytes.fromhex(step) for step in proof.hashes)
    return Extract(row.leaf, sure(row.index), hashes, proof.checkpoint.encode()).as_json()
