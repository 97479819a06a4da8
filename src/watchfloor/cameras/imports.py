"""Cameras are brought in from a file: looked at, confirmed by a person, then kept row by row as a job that may die and go on.

Nothing of the file is kept but what each row comes to. No login is taken from one.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from watchfloor.cameras import import_store, store
from watchfloor.cameras.address import Address, permitted
from watchfloor.cameras.details import CameraKind
from watchfloor.cameras.import_columns import columns_of
from watchfloor.cameras.import_file import FileForm, read
from watchfloor.cameras.import_judge import Judge, Judged, Verdict
from watchfloor.cameras.import_store import Import, Pending
from watchfloor.cameras.partners import borrowed_store
from watchfloor.cameras.register import CHANGED, Cameras, News
from watchfloor.cameras.sites import store as site_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.storage import jobs
from watchfloor.storage.jobs import Job
from watchfloor.storage.tx import Tx

KIND: Final = "cameras.import"
PREVIEW_FOR: Final = timedelta(hours=24)
KEPT_FOR: Final = timedelta(days=30)
BATCH: Final = 100
_AT_ONCE: Final = 16
_RESOLVE_S: Final = 5.0
_RESOLVE_ALL_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it was handed in; `said` names columns that are called otherwise, `kind` is that of rows without one."""

    data: bytes
    form: FileForm
    file_name: str
    said: Mapping[str, str]
    kind: CameraKind | None = None


async def preview(cameras: Cameras, actor: Actor, given: Given) -> Import:
    """Judge every row; nothing of the registry changes. Raises Refused, and Invalid for a file that cannot be used."""
    ask = Ask(actor, Need.CAMERAS_IMPORT, about=About("camera_import"))
    # Ask before working: a large file takes a second, and not everybody may have it read.
    async with cameras.door.open(ask) as tx:
        known, sites = (await store.cameras(tx)).items, (await site_store.sites(tx)).items
    sheet = await asyncio.to_thread(read, given.data, given.form)
    judge = Judge(columns_of(sheet, given.said), known, {}, given.kind, sites)
    judge.nowhere = await _nowhere(cameras, judge.hosts(sheet))
    rows = await asyncio.to_thread(judge.all, sheet)
    digest = await asyncio.to_thread(lambda: hashlib.sha256(given.data).hexdigest())
    async with cameras.door.open(ask) as tx:
        made = _looked_at(tx, given.file_name, judge.columns, rows)
        await import_store.insert_import(tx, made, digest, rows)
        await effect(
            tx, "camera_import.previewed", About("camera_import", made.id), more={**_counts(made), "sha256": digest}
        )  # fmt: skip
    return made


def _looked_at(tx: Tx, file_name: str, columns: Mapping[str, str], rows: Sequence[Judged]) -> Import:
    count = Counter(row.verdict for row in rows)
    name = "".join(c for c in file_name if c.isprintable()).strip()[:120]
    return Import(
        uuid7(tx.now),
        name or "a file",
        columns,
        "previewed",
        count[Verdict.NEW],
        count[Verdict.CHANGED],
        count[Verdict.UNCHANGED],
        count[Verdict.REFUSED],
        sum(bool(row.warnings) for row in rows),
        0,
        0,
        tx.actor,
        tx.now,
        None,
        None,
        None,
        tx.now + PREVIEW_FOR,
    )


def _counts(one: Import) -> dict[str, Json]:
    return {"new": one.new, "changed": one.changed, "unchanged": one.unchanged, "refused": one.refused}


async def _nowhere(cameras: Cameras, hosts: Mapping[str, int]) -> dict[str, str]:
    """The hosts where no camera may be, with the reason. What was not looked up in time is judged when it is opened."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def why(host: str, port: int) -> str | None:
        async with room:
            try:
                async with asyncio.timeout(_RESOLVE_S):
                    looked_up = await asyncio.to_thread(cameras.resolve, host, port)
                permitted(Address("rtsp", host, port, "/"), cameras.networks, looked_up)
            except (OSError, TimeoutError):
                return "The name in the address leads nowhere."
            except Invalid as error:
                return error.detail
        return None

    asked = {host: asyncio.create_task(why(host, port)) for host, port in hosts.items()}
    if asked:
        _, late = await asyncio.wait(asked.values(), timeout=_RESOLVE_ALL_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    said = {host: task.result() for host, task in asked.items() if not task.cancelled()}
    return {host: reason for host, reason in said.items() if reason is not None}


async def confirm(cameras: Cameras, actor: Actor, import_id: UUID) -> Import:
    """Have it applied. Raises NotFound, and Conflict when it was confirmed before, is too old or would change nothing."""
    about = About("camera_import", import_id)
    async with cameras.door.open(Ask(actor, Need.CAMERAS_IMPORT, about=about)) as tx:
        found = await there(tx, import_id)
        if found.new + found.changed == 0:
            raise Conflict("No row of it is new or changes anything.", reason="nothing_to_do")
        if not await import_store.confirm(tx, import_id, tx.actor, tx.now + KEPT_FOR):
            raise Conflict(
                "It was confirmed before, or was looked at more than a day ago.",
                reason="not_previewed",
                next_step="Send the file again: what is registered by now is laid beside it anew.",
            )
        await jobs.add(tx, KIND, {"import": str(import_id)}, run_at=tx.now, key=f"{KIND} {import_id}")
        await effect(tx, "camera_import.confirmed", about, more=_counts(found))
        return await there(tx, import_id)


async def discard(cameras: Cameras, actor: Actor, import_id: UUID) -> None:
    """Forget a list that was not confirmed. Raises NotFound or Conflict."""
    about = About("camera_import", import_id)
    async with cameras.door.open(Ask(actor, Need.CAMERAS_IMPORT, about=about)) as tx:
        await there(tx, import_id)
        if not await import_store.discard(tx, import_id):
            raise Conflict("It was confirmed already.", reason="not_previewed")
        await effect(tx, "camera_import.discarded", about)


async def there(tx: Tx, import_id: UUID) -> Import:
    """The list. Raises NotFound."""
    found = await import_store.import_of(tx, import_id)
    if found is None:
        raise NotFound("There is no such list of cameras; one that nobody confirmed is kept for a day.")
    return found


def applier(door: Door, news: News) -> Callable[[Job], Awaitable[None]]:
    """The work of a job that applies a confirmed list: batch after batch, each of them one transaction."""

    async def work(job: Job) -> None:
        if job.agency is not None:
            import_id = UUID(str(job.payload["import"]))
            while await _batch(door, job, job.agency, import_id, news):
                pass

    return work


async def _batch(door: Door, job: Job, agency: UUID, import_id: UUID, news: News) -> bool:
    about = About("camera_import", import_id)
    async with door.open(Ask(process_actor(agency, "sweep"), Need.CAMERAS_BRING_IN, about=about)) as tx:
        found = await import_store.import_of(tx, import_id)
        if found is None or found.state != "waiting" or found.confirmed_by is None:
            return False
        rows = await import_store.pending(tx, import_id, BATCH)
        outcomes = [(row.line, *await _keep(tx, found, row)) for row in rows]
        if outcomes:
            await import_store.tried(tx, import_id, outcomes)
            share = (found.done + len(outcomes)) / max(found.new + found.changed, 1)
            # Whoever took over meanwhile does the rest: this batch is not kept then.
            if not await jobs.progressed(tx, job, min(share, 1.0)):
                raise Conflict("Another process goes on with this list.", reason="taken_over")
            if kept := next((camera for _, camera, why in outcomes if camera and not why), None):
                tx.after_commit(partial(news, CHANGED, agency, kept))
            return True
        await import_store.ended(tx, import_id, tx.now + KEPT_FOR)
        await effect(tx, "camera_import.applied", about, more={"done": found.done, "failed": found.failed})
        return False


async def _keep(tx: Tx, found: Import, row: Pending) -> tuple[UUID | None, str]:
    """The camera of a row, and why it could not be kept, or nothing."""
    by = found.confirmed_by or tx.actor
    more: dict[str, Json] = {"import": str(found.id), "confirmed_by": str(by)}
    site = row.fields["site_id"]
    if site is not None and await site_store.held(tx, UUID(str(site))) is None:
        return row.camera, "Its site was removed since the list was looked at."
    if row.camera is None:
        camera = uuid7(tx.now)
        if not await store.insert_camera(tx, camera, row.fields, by=by):
            return (
                None,
                "A camera of this name or outside id, or one at this channel of its site, came in meanwhile.",
            )
        await site_store.settle(tx, camera)
        await effect(tx, "camera.registered", About("camera", camera), detail={"name": row.name}, more=more)
        return camera, ""
    before = await store.camera_of(tx, row.camera)
    if before is None or before.version != row.version:
        return row.camera, "It was changed or removed since the list was looked at."
    if not await store.update_camera(tx, row.camera, row.fields):
        return row.camera, "Another camera has this name or outside id, or this channel of its site, by now."
    await site_store.settle(tx, row.camera)
    await borrowed_store.moved(tx, camera=row.camera)
    if row.moved:
        await store.put_secret(tx, row.camera, None)
    await effect(tx, "camera.changed", About("camera", row.camera), detail={"name": row.name}, more=more)
    return row.camera, ""
