"""All SQL of the tokens of devices. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

_C: Final = DataClass.CREDENTIAL


@touches(_C, WRITE)
async def insert_device_token(tx: Tx, token_hash: bytes, device: UUID, kind: str) -> None:
    """Keep a device's new token; the one before is revoked."""
    await tx.execute(
        "update device_token set revoked_at = %(now)s where device_id = %(id)s and revoked_at is null",
        id=device,
        now=tx.now,
    )
    await tx.execute(
        "insert into device_token (token_hash, agency_id, device_id, device_kind, issued_by, issued_at)"
        " values (%(hash)s, %(agency)s, %(device)s, %(kind)s, %(by)s, %(now)s)",
        hash=token_hash,
        agency=tx.agency,
        device=device,
        kind=kind,
        by=tx.actor,
        now=tx.now,
    )


@touches(_C, READ)
async def devices(tx: Tx, token_hashes: Sequence[bytes]) -> dict[bytes, tuple[UUID, str]]:
    """The devices (id, kind) of those of these tokens that are live, by the token's hash."""
    rows = await tx.fetch(
        "select * from wf_devices(%(agency)s, %(hashes)s::bytea[])",
        agency=tx.agency,
        hashes=list(token_hashes),
    )
    return {bytes(row["token_hash"]): (row["device_id"], row["device_kind"]) for row in rows}


@touches(_C, READ)
async def live_tokens(tx: Tx, devices: Sequence[UUID]) -> dict[UUID, bytes]:
    """The hash of the live token of those of these devices that have one."""
    rows = await tx.fetch(
        "select device_id, token_hash from device_token where device_id = any(%(ids)s) and revoked_at is null",
        ids=list(devices),
    )
    return {row["device_id"]: bytes(row["token_hash"]) for row in rows}
