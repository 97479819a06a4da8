"""A recorder as a process of its own, to be killed: python -m tests.recordings.process DSN DATA SOCKETS AGENCY NAME SPOOL

Its tap is NAME.tap. On a machine of its own it has a SPOOL of its own, which no other recorder looks into.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from uuid import UUID

from watchfloor.cameras.address import Networks
from watchfloor.cameras.vault import Vault
from watchfloor.governance.door import Door, DoorRules
from watchfloor.identity import store as identity_store
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.envelope import key_from_file
from watchfloor.kit.running import beside, until_told
from watchfloor.recordings.keystore import Keystore, load_wrapping_key
from watchfloor.recordings.record import RecordParts, run
from watchfloor.recordings.tap import TapPlace
from watchfloor.settings import ObjectSettings, RecordSettings
from watchfloor.storage.database import Database
from watchfloor.storage.objects import Objects


async def main(dsn: str, data: Path, sockets: Path, agency: UUID, name: str, spool: Path) -> None:
    clock = SystemClock()
    database = await Database.connect(dsn, role="wf_app", clock=clock, max_size=4)
    door = Door(database, clock, DoorRules({}, identity_store.why_ended, second_factor_required=False))

    async def news(kind: str, of: UUID, camera: UUID) -> None: ...

    parts = RecordParts(
        name=name,
        door=door,
        clock=clock,
        agencies=[agency],
        settings=RecordSettings(segment_s=4),
        spool=spool,
        objects=Objects(ObjectSettings(min_free_mb=10), data / "objects"),
        keystore=Keystore(data / "keystore", load_wrapping_key(data / "keys" / "footage.key")),
        vault=Vault.of(data / "keys"),
        networks=Networks.of("127.0.0.0/8"),
        tap=TapPlace(sockets / f"{name}.tap"),
        tap_key=key_from_file(data / "keys" / "tap.key"),
        least_free=1024 * 1024,
        news=news,
    )

    async def work(stop: asyncio.Event) -> None:
        async with beside(door.watch([agency])):
            await run(parts, stop, lambda: None)

    await until_told(work)


if __name__ == "__main__":
    dsn, data, sockets, agency, name, spool = sys.argv[1:]
    asyncio.run(main(dsn, Path(data), Path(sockets), UUID(agency), name, Path(spool)))
