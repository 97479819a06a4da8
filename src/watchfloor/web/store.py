"""All SQL of the web: idempotency keys."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from watchfloor.governance.model import Act
from watchfloor.kit.sure import sure
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of a key: its request's digest, whether it was done, and the answer once there is one."""

    request_sha256: bytes
    done: bool
    status: int | None
    body: bytes | None


@touches(DataClass.MACHINERY, READ, DataClass.MACHINERY, WRITE)
async def claim_key(tx: Tx, actor: UUID, act: Act, route: str, digest: bytes) -> Earlier | None:
    """Take the key; None when it is ours now, else what an earlier request left. A key whose request came to nothing in eight
    seconds is free: its request fell with a server, or it is slow and its transaction will be refused.
    """
    done = await tx.execute(
        "insert into idempotency (agency_id, actor_id, key, route, request_sha256, held_by, done, at)"
        " values (%(agency)s, %(actor)s, %(key)s, %(route)s, %(digest)s, %(request)s, false, %(now)s)"
        " on conflict (agency_id, actor_id, key) do update set at = excluded.at, request_sha256 = excluded.request_sha256,"
        " held_by = excluded.held_by where not idempotency.done and idempotency.status is null"
        " and idempotency.at < %(now)s - interval '8 seconds'",
        agency=tx.agency,
        actor=actor,
        key=act.key,
        route=route,
        digest=digest,
        request=act.request,
        now=tx.now,
    )
    if done:
        return None
    row = sure(
        await tx.fetch_one(
            "select request_sha256, done, status, body from idempotency where actor_id = %(actor)s and key = %(key)s",
            actor=actor,
            key=act.key,
        )
    )
    body = bytes(row["body"]) if row["body"] is not None else None
    return Earlier(bytes(row["request_sha256"]), row["done"], row["status"], body)


@touches(DataClass.MACHINERY, WRITE)
async def keep_answer(tx: Tx, actor: UUID, act: Act, status: int, body: bytes) -> None:
    """Keep the answer for the same key."""
    await tx.execute(
        "update idempotency set status = %(status)s, body = %(body)s where actor_id = %(actor)s and key = %(key)s"
        " and held_by = %(request)s",
        actor=actor,
        key=act.key,
        request=act.request,
        status=status,
        body=body,
    )


@touches(DataClass.MACHINERY, WRITE)
async def release_key(tx: Tx, actor: UUID, act: Act) -> bool:
    """Let the key be used again, if nothing was done; whether it may."""
    return (
        await tx.execute(
            "delete from idempotency where actor_id = %(actor)s and key = %(key)s and held_by = %(request)s and not done",
            actor=actor,
            key=act.key,
            request=act.request,
        )
        == 1
    )
