"""Makes approved exports: cuts, signs, packs, seals. One at a time, beside everything else; a killed one is begun anew.

It asks the door for each camera, for the purpose and the case that was approved: what is no longer allowed stops.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.cameras import mask_store
from watchfloor.cameras import store as camera_store
from watchfloor.cameras.cover import Cover
from watchfloor.cameras.mask_book import covering
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners import borrowed_store
from watchfloor.evidence import bag, store
from watchfloor.evidence.at_site import EARLIER_US, Way, fetch, not_here
from watchfloor.evidence.bag import Cutting, People, Proven
from watchfloor.evidence.cut import AWAY, Say, Taken, cut
from watchfloor.evidence.logged import extract_of
from watchfloor.evidence.model import Export, MasksOf, Span, holes
from watchfloor.evidence.reads_make import gather, with_reads
from watchfloor.evidence.request import CHANGED, FORGET, MAKE, RUNNING, News
from watchfloor.evidence.sealed import ExportKeys, SealingFile, object_path, remove
from watchfloor.evidence.sign import signing_of
from watchfloor.evidence.wait import wait
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Ask, Denied, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.prove import KEY
from watchfloor.identity.store import names_of, roles_of
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Full, Unavailable, WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.kit.sure import sure
from watchfloor.recordings import store as recording_store
from watchfloor.recordings.archives import Archives, AtSite
from watchfloor.recordings.model import at, us
from watchfloor.recordings.play import MARGIN, Kept, Player
from watchfloor.recordings.play import missing as missing_of
from watchfloor.storage import jobs
from watchfloor.storage.jobs import MOST_ATTEMPTS, Job
from watchfloor.storage.objects import Objects
from watchfloor.storage.tx import Tx

_SAY_EVERY_S: Final = 1.0
_LOG_WITHIN_S: Final = 20.0
# A clip lies there raw, plain and signed for a moment, then in the package.
_COPIES: Final = 3
_log = logger("evidence")


class Cancelled(WatchfloorError):
    """Somebody cancelled it while it was made; nobody is told."""

    kind = Full.kind


@dataclass(frozen=True, slots=True)
class MakeParts:
    """What making needs: where footage and keys are, where to work, what signs, how long a package is kept."""

    door: Door
    clock: Clock
    player: Player
    objects: Objects
    keys: Path
    export_keys: ExportKeys
    scratch: Path
    ledger: Path
    name: str
    time_stamps: str
    keep_for: timedelta
    news: News
    dwelling_limit: timedelta = timedelta(hours=2)
    archives: Archives | None = None


def works(parts: MakeParts) -> dict[str, Callable[[Job], Awaitable[None]]]:
    """The work of a job to make an export."""

    async def make(job: Job) -> None:
        await _Making(parts, job).run()

    return {MAKE: make}


class _Making:
    """One export in the making."""

    def __init__(self, parts: MakeParts, job: Job) -> None:
        self._parts, self._job = parts, job
        self._agency = sure(job.agency, "an export's agency")
        self._id = UUID(job.payload["export"])
        self._state = Ask(
            process_actor(self._agency, "sweep"), Need.EXPORT_STATE, about=About("export", self._id)
        )
        self._said_at = 0.0
        self._done_ms = 0

    async def run(self) -> None:
        """Make it, or say why not. What passes is raised, and the job is tried again."""
        async with self._parts.door.open(self._state) as tx:
            found = await store.export_of(tx, self._id)
        if found is None or found.state not in RUNNING:
            return
        folder = self._parts.scratch / str(self._id)
        try:
            await self._make(found, folder)
        except Cancelled:
            await self._clear_away()
        except Refused as refused:
            await self._end("stopped", refused.detail)
        except WatchfloorError as error:
            if error.reason in AWAY:
                async with self._parts.door.open(self._state) as tx:
                    over = await wait(tx, found.id, self._job, error)
                await (self._tell() if over is None else self._end("failed", over))
                return
            if self._job.attempts >= MOST_ATTEMPTS:
                await self._end("failed", error.detail)
                return
            async with self._parts.door.open(self._state) as tx:
                await store.waits(tx, self._id, f"{error.detail} It is tried again.")
            await self._tell()
            raise
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _make(self, export: Export, folder: Path) -> None:
        # What a worker that was killed left lies there in the plain.
        await asyncio.to_thread(_emptied, folder)
        await self._say("Looking for what is asked for.", anew=True)
        if export.of_reads is not None:
            await self._make_reads(export, folder)
            return
        cuttings = []
        for number, span in enumerate(export.spans):
            await self._say(f"Cutting {span.camera_name}.", doing=span.camera)
            cuttings.append(await self._cut(export, number, span, folder))
            self._done_ms += span.length_ms
        unanswered = [one.taken.unanswered for one in cuttings if one.taken.unanswered]
        if unanswered and not any(one.taken.clips for one in cuttings):
            raise Unavailable(unanswered[0], reason="site_away")
        await self._say("Signing and packing.")
        manifest = await self._pack(export, cuttings, folder)
        await self._say("Sealing the package.")
        size = await self._seal(export, folder)
        await self._done(manifest, size)

    async def _make_reads(self, export: Export, folder: Path) -> None:
        """A table, pictures and a manifest; nothing of it is cut or signed apart: the approval binds each of them."""
        whole, now = folder / outside("export", export.id), self._parts.clock.now()
        (whole / "data").mkdir(parents=True)
        gathered = await gather(self._parts.door, self._parts.objects, self._agency, export, whole)
        proven, people = await self._proven(export), await self._people(export)
        manifest = with_reads(bag.manifest_of(export, [], proven, people, whole, now), gathered, whole)
        await asyncio.to_thread(bag.write_bag, whole, manifest, proven, None)
        await self._say("Sealing the package.")
        await self._done(manifest, await self._seal(export, folder))

    async def _cut(self, export: Export, number: int, span: Span, folder: Path) -> Cutting:
        begin, end = us(span.from_at), us(span.to_at)
        ask = Ask(
            process_actor(self._agency, "sweep"), Need.EXPORT_MAKE, Why(export.purpose, export.case),
            About("camera", span.camera), span.technology, span.place,
        )  # fmt: skip
        async with self._parts.door.open(ask) as tx:
            segments = await recording_store.segments_of(
                tx, span.camera, span.from_at, span.to_at, margin=span.from_at - MARGIN
            )
            gaps = (await recording_store.gaps_of(tx, [span.camera], span.from_at, span.to_at))[span.camera]
            forgotten = await store.forgotten_days(tx, span.from_at, span.to_at)
            camera = await camera_store.camera_of(tx, span.camera)
            kept: list[Kept] = self._parts.player.together([], segments, begin, end)
            # The files begin at the keyframe before, and end with the group that holds the end.
            first_us = min([begin, *(one.segment.began_us for one in kept)])
            last_us = max([end, *(one.segment.ended_us for one in kept)])
            there = await self._at_site(tx, ask, camera)
            if there is not None:
                first_us = min(first_us, begin - EARLIER_US)
            masks = await self._masks(tx, export, span, (at(first_us), at(last_us)))
            lent = await borrowed_store.over(tx, span.camera, at(first_us), at(last_us))
        self._refuse_when_full(sum(one.size for one in segments))
        into = folder / "raw" / str(number)
        into.mkdir(parents=True)
        say = self._telling(span, f"Cutting {span.camera_name}.")
        taken = await cut(self._parts.player, kept, (begin, end), into, say, masks.painted)
        if there is not None:
            wanted = missing_of(taken.whole, begin, end)
            say = self._telling(span, f"Fetching {span.camera_name} from {there.site}.")
            taken = taken.and_of(await self._fetched(ask, there, wanted, into, say, masks.painted))
        known = [*taken.lost, *(not_here(camera, there) if camera is not None else [])]
        missing = holes(taken.whole, known, gaps, forgotten, begin_us=begin, end_us=end)
        names = tuple(bag.clip_name(number, n, clip) for n, clip in enumerate(taken.clips))
        skew = camera.said.skew_ms if camera is not None and camera.said is not None else None
        return Cutting(span, taken, names, tuple(missing), skew, masks, tuple(lent))

    def _telling(self, span: Span, words: str) -> Say:
        """What says how far a span is, by the time that is reached of it."""
        begin, end = us(span.from_at), us(span.to_at)

        async def say(reached_us: int) -> None:
            done = self._done_ms + max(0, min(reached_us, end) - begin) // 1000
            await self._say(words, done_ms=done, doing=span.camera, each=False)

        return say

    async def _at_site(self, tx: Tx, ask: Ask, camera: Camera | None) -> AtSite | None:
        if self._parts.archives is None or camera is None:
            return None
        return await self._parts.archives.at_site(tx, ask, camera)

    async def _fetched(
        self,
        ask: Ask,
        there: AtSite,
        wanted: Sequence[tuple[int, int]],
        into: Path,
        say: Say,
        cover: Cover,
    ) -> Taken:
        """What the camera's site keeps of it: fetched under a grant, which ends at once where the rules say no."""
        grant = await self._parts.door.grant(ask)
        taken = Taken()
        last = self._job.attempts >= MOST_ATTEMPTS
        way = Way(
            into,
            self._parts.clock,
            say,
            lambda: not grant.ended.is_set(),
            self._refuse_when_full,
            cover,
            last,
        )
        try:
            taken = await fetch(there, wanted, way)
            if grant.ended.is_set():
                raise Refused(Denied("grant_ended", grant.end_reason or "The leave has ended."), grant.entry)
        finally:
            await grant.close({"clips": len(taken.clips)})
        return taken

    async def _masks(self, tx: Tx, export: Export, span: Span, shown: tuple[datetime, datetime]) -> MasksOf:
        """What is painted over: left open by a court's order where the door let whoever asked see beneath, and the log has it."""
        masks = await mask_store.masks_of(tx, span.camera)
        cover = await covering(
            tx, span.camera, shown[0] - MARGIN, shown[1] + MARGIN, self._parts.dwelling_limit
        )
        hidden = masks or cover.over(us(shown[0]), us(shown[1]))
        # Since then the account may be suspended, or have lost that role.
        bare = span.unmasked and bool(await roles_of(tx, export.asked_by) & Need.CAMERA_UNMASKED.roles)
        if bare and hidden:
            more: dict[str, Json] = {"export": outside("export", self._id), "masks": len(masks)}
            await effect(tx, "export.unmasked", About("camera", span.camera), more=more)
        return MasksOf(masks, cover, bare)

    def _refuse_when_full(self, size: int) -> None:
        free = shutil.disk_usage(self._parts.scratch).free
        if free < _COPIES * size:
            raise Full(
                f"Making this export needs about {_COPIES * size // 2**20} MB, and the disk has {free // 2**20} MB left.",
                reason="disk_full",
            )
        self._parts.objects.refuse_when_full(_COPIES * size)

    async def _pack(self, export: Export, cuttings: list[Cutting], folder: Path) -> Mapping[str, Json]:
        whole, now = folder / outside("export", export.id), self._parts.clock.now()
        proven, people = await self._proven(export), await self._people(export)
        signing = await asyncio.to_thread(
            signing_of, self._parts.keys, self._parts.name, now, self._parts.time_stamps
        )

        def pack() -> Mapping[str, Json]:
            (whole / "data" / "clips").mkdir(parents=True)
            for number, one in enumerate(cuttings):
                for name, clip in zip(one.names, one.taken.clips, strict=True):
                    signing.sign(clip.path, whole / name, bag.clip_says(export, one, clip, number))
                    clip.path.unlink()
            manifest = bag.manifest_of(export, cuttings, proven, people, whole, now)
            bag.write_bag(whole, manifest, proven, signing.authority)
            return manifest

        return await asyncio.to_thread(pack)

    async def _proven(self, export: Export) -> Proven:
        """The approval's entry, once the signed log holds it; the ledger takes a second or two."""
        entry, ends = (
            sure(export.approval_entry, "an approved export"),
            self._parts.clock.monotonic() + _LOG_WITHIN_S,
        )
        extract = None
        while extract is None and self._parts.clock.monotonic() < ends:
            async with self._parts.door.open(self._state) as tx:
                extract = await extract_of(tx, self._parts.ledger, entry)
            if extract is None:
                if not (self._parts.ledger / KEY).exists():
                    break  # no ledger has ever run here
                await self._parts.clock.sleep(0.5)
        key = self._parts.ledger / KEY
        return Proven(outside("entry", entry), extract, key.read_text().strip() if key.exists() else None)

    async def _people(self, export: Export) -> People:
        async with self._parts.door.open(self._state) as tx:
            approver = export.decided_by or export.asked_by
            names = await names_of(tx, [export.asked_by, approver])
        return People(names.get(export.asked_by, ""), names.get(approver, ""))

    async def _seal(self, export: Export, folder: Path) -> int:
        def seal() -> tuple[Path, int]:
            path = folder / "package"
            sealing = SealingFile(path, self._parts.export_keys.make_or_find(export.id), export.id)
            name = outside("export", export.id)
            bag.write_zip(folder / name, sealing, name)  # type: ignore[arg-type]  # it writes and flushes, and no more is asked
            sealing.close()
            return path, sealing.size

        path, size = await asyncio.to_thread(seal)
        await self._parts.objects.take_in(object_path(self._agency, export.id), path)
        return size

    async def _done(self, manifest: Mapping[str, Json], size: int) -> None:
        clips, missing = manifest["clips"], manifest["missing"]
        sha256 = hashlib.sha256(bag.manifest_bytes(manifest)).hexdigest()
        async with self._parts.door.open(self._state) as tx:
            count = len(clips) if isinstance(clips, list) else 0
            lost = [one for one in missing if isinstance(one, dict)] if isinstance(missing, list) else []
            more: dict[str, Json] = {
                "manifest_sha256": sha256,
                "clips": count,
                "missing": len(lost),
                "bytes": size,
            }
            entry = await effect(tx, "export.made", About("export", self._id), more=more)
            expires_at = tx.now + self._parts.keep_for
            if not await store.ready(
                tx, self._id, size=size, clips=count, manifest_sha256=sha256, missing=lost, entry=entry,
                expires_at=expires_at,
            ):  # fmt: skip
                raise Cancelled("It was cancelled.")
            await jobs.add(
                tx, FORGET, {"export": str(self._id)}, run_at=expires_at, key=f"{FORGET} {self._id}"
            )
        _log.info("an export was made", clips=count, missing=len(lost), bytes=size)
        await self._tell()

    async def _say(
        self, said: str, *, done_ms: int | None = None, doing: UUID | None = None, anew: bool = False, each: bool = True
    ) -> None:  # fmt: skip
        """Keep how far it is, once a second; the lease of the job begins anew. Raises Cancelled."""
        now = self._parts.clock.monotonic()
        if not each and now - self._said_at < _SAY_EVERY_S:
            return
        self._said_at, done = now, self._done_ms if done_ms is None else done_ms
        async with self._parts.door.open(self._state) as tx:
            going = await store.progress(tx, self._id, done_ms=done, doing=doing, said=said, anew=anew)
            mine = going and await jobs.progressed(tx, self._job, 0.5)
        await self._tell()
        if not mine:
            raise Cancelled("It was cancelled, or another worker has it.")

    async def _end(self, state: str, said: str) -> None:
        await self._clear_away()
        async with self._parts.door.open(self._state) as tx:
            if await store.end(tx, self._id, state, said, RUNNING):
                await effect(tx, f"export.{state}", About("export", self._id), detail={"why": said})
        await self._tell()

    async def _clear_away(self) -> None:
        """Nothing of what was begun stays, unless another worker has it by now."""
        async with self._parts.door.open(self._state) as tx:
            found = await store.export_of(tx, self._id)
        if found is None or found.state not in ("cutting", "ready"):
            await remove(self._parts.objects, self._parts.export_keys, self._agency, self._id)

    async def _tell(self) -> None:
        await self._parts.news(CHANGED, self._agency, self._id)


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
