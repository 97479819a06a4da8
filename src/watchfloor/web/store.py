"""All SQL of the web: idempotency keys."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from watchfloor.kit.sure import sure
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of a key: its request's digest, and the answer once there is one."""

    request_sha256: bytes
    status: int | None
    body: bytes | None


@touches(DataClass.MACHINERY, READ, DataClass.MACHINERY, WRITE)
async def claim_key(tx: Tx, actor: UUID, key: str, route: str, digest: bytes) -> Earlier | None:
    """Take the key; None when it is ours now, else what an earlier request left. A claim without an answer after a minute is void."""
    done = await tx.execute(
        "insert into idempotency (agency_id, actor_id, key, route, request_sha256, at)"
        " values (%(agency)s, %(actor)s, %(key)s, %(route)s, %(digest)s, %(now)s)"
        " on conflict (agency_id, actor_id, key) do update set at = excluded.at, request_sha256 = excluded.request_sha256"
        " where idempotency.status is null and idempotency.at < %(now)s - interval '1 minute'",
        agency=tx.agency,
        actor=actor,
        key=key,
        route=route,
        digest=digest,
        now=tx.now,
    )
    if done:
        return None
    row = sure(
        await tx.fetch_one(
            "select request_sha256, status, body from idempotency where actor_id = %(actor)s and key = %(key)s",
            actor=actor,
            key=key,
        )
    )
    return Earlier(
        bytes(row["request_sha256"]), row["status"], bytes(row["body"]) if row["body"] is not None else None
    )


@touches(DataClass.MACHINERY, WRITE)
async def keep_answer(tx: Tx, actor: UUID, key: str, status: int, body: bytes) -> None:
    """Keep the answer for the same key."""
    await tx.execute(
        "update idempotency set status = %(status)s, body = %(body)s where actor_id = %(actor)s and key = %(key)s",
        actor=actor,
        key=key,
        status=status,
        body=body,
    )


@touches(DataClass.MACHINERY, WRITE)
async def release_key(tx: Tx, actor: UUID, key: str) -> None:
    """Nothing was done: the key may be used again."""
    await tx.execute(
        "delete from idempotency where actor_id = %(actor)s and key = %(key)s", actor=actor, key=key
    )
