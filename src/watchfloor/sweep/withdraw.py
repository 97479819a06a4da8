"""Deletes what was recorded of a camera whose owner revoked the agreement: keys first, then files, then rows, with receipts.

What a hold preserves stays, day by day. A camera that its owner shares again meanwhile is left alone.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.agreement_store import agreements
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.recordings.keystore import Keystore
from watchfloor.recordings.model import day_name
from watchfloor.recordings.segment import whole_so_far
from watchfloor.recordings.spool import open_parts, waiting_rows
from watchfloor.recordings.thumbnails import folder_of
from watchfloor.storage.classes import DataClass
from watchfloor.storage.jobs import Job
from watchfloor.storage.objects import Objects
from watchfloor.sweep import store, withdraw_store
from watchfloor.sweep.store import Day, Receipt
from watchfloor.sweep.withdraw_store import CameraDay


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The work of a job: one camera, all its days but those that are held."""

    door: Door
    objects: Objects
    keystore: Keystore
    spool: Path

    async def work(self, job: Job) -> None:
        """Delete. Doing so again deletes what is left."""
        agency, camera = sure(job.agency, "the agency of a job"), UUID(str(job.payload["camera"]))
        ask = Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP, about=About("camera", camera))
        async with self.door.open(ask) as tx:
            agreed = (await agreements(tx, [camera])).get(camera)
            if agreed is None or agreed.revoked_at is None:
                return
            days = await withdraw_store.days_of_camera(tx, camera) | await asyncio.to_thread(
                self._lying, camera
            )
            held = {one for one in days if camera in await store.holds(tx, DataClass.FOOTAGE, one.day)}
        gone = [await self._forget(ask, camera, one) for one in sorted(days - held)]
        segments = sum(gone)
        async with self.door.open(ask) as tx:
            forgotten = sum(count > 0 for count in gone)
            await withdraw_store.keep_deleted(tx, agreed.id, segments, forgotten, len(held))
            if segments:
                more = {"segments": segments, "days": forgotten, "days_held": len(held)}
                await effect(tx, "agreement.footage_deleted", About("camera", camera), more=more)

    def _lying(self, camera: UUID) -> set[CameraDay]:
        """The days of which there is a key of the camera, or anything in this machine's spool."""
        found = {
            CameraDay(rule, day)
            for rule, day in self.keystore.days()
            if camera in self.keystore.keys(rule, day)
        }
        found |= {CameraDay(one.label.rule, one.label.day) for one in waiting_rows(self.spool, camera)}
        return found | set(self._parts(camera).values())

    def _parts(self, camera: UUID) -> Mapping[Path, CameraDay]:
        found = {}
        for path in open_parts(self.spool, camera):
            segment = whole_so_far(path.read_bytes())
            if segment is not None:
                found[path] = CameraDay(segment.label.rule, segment.label.day)
        return found

    async def _forget(self, ask: Ask, camera: UUID, of: CameraDay) -> int:
        """Forget one day of it; how many segments the index had. From its key's end on nobody opens the files."""
        key = await asyncio.to_thread(self.keystore.forget, camera, of.rule, of.day)
        count, size, digest = 0, 0, hashlib.sha256()
        folder = f"footage/r{of.rule}/{day_name(of.day)}/{camera}"
        thumbnails = folder_of(of.rule, day_name(of.day), camera)
        for stored in [one async for one in self.objects.listed(thumbnails)]:
            await self.objects.delete(stored.key)
        for stored in [one async for one in self.objects.listed(folder)]:
            digest.update(f"{stored.key} {stored.size}\n".encode())
            count, size = count + 1, size + stored.size
            await self.objects.delete(stored.key)
        for path, day in (await asyncio.to_thread(self._parts, camera)).items():
            if day == of:
                path.unlink(missing_ok=True)
        async with self.door.open(ask) as tx:
            rows = await withdraw_store.delete_day(tx, camera, of)
            if rows or count or key:
                receipt = Receipt(
                    DataClass.FOOTAGE,
                    Day("segment", of.rule, of.day),
                    count,
                    size,
                    digest.hexdigest(),
                    int(key),
                    0,
                    tx.now,
                )
                await store.insert_receipt(tx, uuid7(tx.now), receipt)
        return rows
