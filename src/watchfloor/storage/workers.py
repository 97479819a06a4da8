"""Which processes of a kind are alive: each renews a lease every 2 s and is believed dead 7 s after. SQL of `worker`.

Whether a lease holds is judged by the database's clock alone, so that two machines cannot disagree.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

# Nobody is without a recorder for ten seconds: these, one until another looks, and what opening the camera takes.
TTL_S: Final = 7.0
RENEW_EVERY_S: Final = 2.0


@touches(DataClass.MACHINERY, WRITE)
async def start(tx: Tx, worker: UUID, kind: str, host: str, url: str | None, *, before: UUID | None) -> int:
    """Say that a worker begins; its epoch. `before` is the worker it is the successor of, known to be dead."""
    if before is not None:
        await stop(tx, before)
    row = await tx.fetch_one(
        "insert into worker (id, kind, host, url, started_at, until) values (%(id)s, %(kind)s, %(host)s, %(url)s,"
        " clock_timestamp(), clock_timestamp() + make_interval(secs => %(ttl)s)) returning epoch",
        id=worker,
        kind=kind,
        host=host,
        url=url,
        ttl=TTL_S,
    )
    return int(row["epoch"]) if row else 0


@touches(DataClass.MACHINERY, WRITE)
async def renew(tx: Tx, worker: UUID) -> bool:
    """Renew the lease; False when it is over or was taken away: the worker must begin anew."""
    done = await tx.execute(
        "update worker set until = clock_timestamp() + make_interval(secs => %(ttl)s)"
        " where id = %(id)s and stopped_at is null",
        id=worker,
        ttl=TTL_S,
    )
    return bool(done)


@touches(DataClass.MACHINERY, WRITE)
async def stop(tx: Tx, worker: UUID) -> None:
    """Say that a worker is over; what it held is free at once."""
    await tx.execute(
        "update worker set until = least(until, clock_timestamp()),"
        " stopped_at = coalesce(stopped_at, clock_timestamp()) where id = %(id)s",
        id=worker,
    )


@touches(DataClass.MACHINERY, WRITE)
async def bury(tx: Tx, worker: UUID) -> None:
    """Say that a worker was found dead: what it held is free at once. It did not stop by itself."""
    await tx.execute("update worker set until = least(until, clock_timestamp()) where id = %(id)s", id=worker)


@touches(DataClass.MACHINERY, READ)
async def alive(tx: Tx, kind: str) -> int:
    """How many workers of a kind are alive."""
    row = await tx.fetch_one(
        "select count(*) as n from worker where kind = %(kind)s and until > clock_timestamp()", kind=kind
    )
    return int(row["n"]) if row else 0


@touches(DataClass.MACHINERY, READ)
async def alive_ids(tx: Tx, kind: str) -> list[UUID]:
    """Which workers of a kind are alive, in one order for all who ask."""
    rows = await tx.fetch(
        "select id from worker where kind = %(kind)s and until > clock_timestamp() order by id", kind=kind
    )
    return [row["id"] for row in rows]
