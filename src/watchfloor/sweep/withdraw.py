"""Deletes what was recorded of a camera whose owner revoked the agreement: keys first, then files, then rows, with receipts.

What a hold overlaps stays, segment by segment, and with it the key of its day; when the hold ends, that goes too. A camera
that its owner shares again meanwhile is left alone.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.agreement import Agreement
from watchfloor.governance.agreement_store import agreements
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.storage import jobs
from watchfloor.storage.classes import DataClass
from watchfloor.storage.jobs import Job
from watchfloor.storage.tx import Tx
from watchfloor.sweep import store, withdraw_store
from watchfloor.sweep.lying import Lying, Shelves, runs, stays
from watchfloor.sweep.store import Day, Receipt
from watchfloor.sweep.withdraw_store import CameraDay, Gone

# Whoever places a hold waits for so many files at most.
_AT_ONCE: Final = 100
# How soon what a hold kept goes after it ended.
_LOOKS_AGAIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The work of a job: one camera, all of it but what is held."""

    door: Door
    shelves: Shelves

    async def work(self, job: Job) -> None:
        """Delete. Doing so again deletes what is left."""
        agency, camera = sure(job.agency, "the agency of a job"), UUID(str(job.payload["camera"]))
        ask = Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP, about=About("camera", camera))
        async with self.door.open(ask) as tx:
            agreed = await _revoked(tx, camera)
            if agreed is None:
                return
            days = await withdraw_store.days_of_camera(tx, camera)
        days |= await asyncio.to_thread(self.shelves.days, camera)
        stays_now = Gone()
        for one in sorted(days):
            stays_now += await self._day(ask, camera, one)
        async with self.door.open(ask) as tx:
            news = await withdraw_store.keep_deleted(tx, agreed.id, stays_now)
            if news is not None:
                await effect(tx, "agreement.footage_deleted", About("camera", camera), more=news.said())
            if stays_now.kept:
                again = tx.now + _LOOKS_AGAIN
                # One an hour, however many of the first looks find something that is held.
                key = f"{job.kind} {agreed.id} held {again:%Y%m%d%H}"
                await jobs.add(tx, job.kind, job.payload, run_at=again, key=key)

    async def _day(self, ask: Ask, camera: UUID, of: CameraDay) -> Gone:
        """Delete of one day what nobody holds; what stays of it."""
        await self._key(ask, camera, of)
        async with self.door.open(ask) as tx:
            indexed = await withdraw_store.rows_of(tx, camera, of)
        lying, strays = await self.shelves.lying(camera, of, indexed)
        for thumbnail in strays:
            await self.shelves.objects.delete(thumbnail)
        staying = Gone()
        for begin in range(0, len(lying), _AT_ONCE):
            staying += await self._batch(ask, camera, of, lying[begin : begin + _AT_ONCE])
        if not staying.kept:
            await self._key(ask, camera, of, emptied=True)
        return staying

    async def _key(self, ask: Ask, camera: UUID, of: CameraDay, *, emptied: bool = False) -> None:
        """Of a day that no hold touches, or that is empty: from its key's end on nobody opens the files, whatever becomes of them."""
        async with self.door.open(ask) as tx:
            await store.lock_holds(tx)
            if await _revoked(tx, camera) is None:
                return
            needed = (
                withdraw_store.rows_of(tx, camera, of) if emptied else withdraw_store.held(tx, camera, of.day)
            )
            if await needed:
                return
            if await asyncio.to_thread(self.shelves.keystore.forget, camera, of.rule, of.day):
                await _receipt(tx, of, [], 0, keys=1)

    async def _batch(self, ask: Ask, camera: UUID, of: CameraDay, batch: Sequence[Lying]) -> Gone:
        """Files, rows and receipt of some segments while no hold can be placed: one that comes is before all of it or after. What stays."""
        async with self.door.open(ask) as tx:
            await store.lock_holds(tx)
            agreed = await _revoked(tx, camera)
            if agreed is None:
                return Gone()
            held = await withdraw_store.held(tx, camera, of.day)
            kept = [one for one in batch if stays(one, held)]
            going = [one for one in batch if not stays(one, held)]
            files = [stored for one in going if (stored := await self._delete(one)) is not None]
            rows = await withdraw_store.delete_rows(tx, camera, of, [one.id for one in going if one.indexed])
            for run in runs(rows):
                await withdraw_store.keep_gap(tx, camera, of, run)
            if files or rows:
                await _receipt(tx, of, files, len(kept))
                seconds = sum((span.seconds for span in rows), 0.0)
                await withdraw_store.add_deleted(tx, agreed.id, len(rows), seconds)
        staying = sum((one.span.seconds for one in kept if one.span), 0.0)
        return Gone(kept=len(kept), kept_seconds=staying)

    async def _delete(self, one: Lying) -> tuple[str, int] | None:
        """Delete its files; name and size of the segment's own, if it was there."""
        objects = self.shelves.objects
        for thumbnail in one.thumbnails:
            await objects.delete(thumbnail)
        for path in one.parts:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        if one.file is None or not await objects.delete(one.file.key):
            return None
        return one.file.key, one.file.size


async def _revoked(tx: Tx, camera: UUID) -> Agreement | None:
    """The agreement about a camera, if it is revoked and no other was made since."""
    agreed = (await agreements(tx, [camera])).get(camera)
    return agreed if agreed is not None and agreed.revoked_at is not None else None


async def _receipt(
    tx: Tx, of: CameraDay, files: Sequence[tuple[str, int]], kept: int, *, keys: int = 0
) -> None:
    digest = hashlib.sha256("".join(f"{name} {size}\n" for name, size in files).encode()).hexdigest()
    size = sum(size for _, size in files)
    day = Day("segment", of.rule, of.day)
    receipt = Receipt(DataClass.FOOTAGE, day, len(files), size, digest, keys, kept, tx.now)
    await store.insert_receipt(tx, uuid7(tx.now), receipt)
