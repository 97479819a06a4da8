"""What lies of one camera's one day: rows, files, thumbnails, parts of the spool, put together by segment; and whether a hold keeps it.

It deletes nothing. What it cannot tell the time of, any hold of that day keeps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.kit.errors import NotFound
from watchfloor.recordings.keystore import Keystore
from watchfloor.recordings.model import GAP_FROM_US, Segment, at, day_name
from watchfloor.recordings.segment import whole_so_far
from watchfloor.recordings.spool import BAD, PART, waiting_rows
from watchfloor.recordings.thumbnails import folder_of
from watchfloor.storage.objects import Objects, Stored
from watchfloor.sweep.withdraw_store import CameraDay, Span

# What a recorder still gathers of a part that it has open.
_STILL_WRITTEN: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lying:
    """One segment, wherever it is; `span` is None where nobody can tell its time."""

    id: str
    span: Span | None
    indexed: bool
    file: Stored | None
    thumbnails: tuple[str, ...]
    parts: tuple[Path, ...]


def stays(one: Lying, held: Sequence[Span]) -> bool:
    """Whether a hold keeps it: one that overlaps it; of what has no time, any."""
    if one.span is None:
        return bool(held)
    return any(hold.begin <= one.span.end and one.span.begin <= hold.end for hold in held)


def runs(spans: Iterable[Span]) -> list[Span]:
    """Spans put together where less than a gap is between them, oldest first."""
    found: list[Span] = []
    for one in sorted(spans, key=lambda span: span.begin):
        if found and one.begin - found[-1].end < timedelta(microseconds=GAP_FROM_US):
            found[-1] = Span(found[-1].begin, max(found[-1].end, one.end))
        else:
            found.append(one)
    return found


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where footage of a camera lies beside the index: objects, keys and this machine's spool."""

    objects: Objects
    keystore: Keystore
    spool: Path

    def days(self, camera: UUID) -> set[CameraDay]:
        """The days of which there is a key of the camera, or anything in the spool."""
        keys = {CameraDay(*of) for of in self.keystore.days() if camera in self.keystore.keys(*of)}
        rows = {CameraDay(one.label.rule, one.label.day) for one in waiting_rows(self.spool, camera)}
        return keys | rows | {_day_of(segment) for segment in self._parts(camera).values()}

    async def lying(
        self, camera: UUID, of: CameraDay, indexed: Mapping[str, Span]
    ) -> tuple[list[Lying], list[str]]:
        """What lies of the day, oldest first, and the thumbnails of what does not. Raises Unavailable, also while a disk is away."""
        listed = self.objects.listed(f"footage/r{of.rule}/{day_name(of.day)}/{camera}")
        files = {_stem(stored.key): stored async for stored in listed}
        small: dict[str, list[str]] = {}
        async for stored in self.objects.listed(folder_of(of.rule, day_name(of.day), camera)):
            small.setdefault(_stem(stored.key).rsplit("-", 1)[0], []).append(stored.key)
        waiting, parts = await asyncio.to_thread(self._spooled, camera, of)
        found = []
        for name in sorted({*indexed, *files, *parts}):
            # The index knows best: what a part holds by now, nobody knows.
            span = indexed.get(name) or waiting.get(name)
            if span is None and name in files:
                span = await self._read(files[name])
            elif span is None:
                span = parts[name][1]
            paths = (parts[name][0],) if name in parts else ()
            thumbnails = tuple(small.pop(name, ()))
            found.append(Lying(name, span, name in indexed, files.get(name), thumbnails, paths))
        found.sort(key=lambda one: (one.span is not None, one.span.begin if one.span else one.id, one.id))
        return found, [key for keys in small.values() for key in keys]

    def _spooled(
        self, camera: UUID, of: CameraDay
    ) -> tuple[dict[str, Span], dict[str, tuple[Path, Span | None]]]:
        rows = {
            str(one.id): Span(at(one.began_us), at(one.ended_us))
            for one in waiting_rows(self.spool, camera)
            if _day_of(one) == of
        }
        parts = {
            path.stem: (path, Span(at(one.began_us), at(one.ended_us) + _STILL_WRITTEN))
            for path, one in self._parts(camera).items()
            if _day_of(one) == of
        }
        return rows, dict(parts)

    def _parts(self, camera: UUID) -> dict[Path, Segment]:
        """The files of the spool that say what they hold: written, finished or set aside."""
        found = {}
        for path in sorted(self.spool.glob(f"*/{camera}/*")):
            if path.suffix in (PART, BAD):
                try:
                    segment = whole_so_far(path.read_bytes())
                except FileNotFoundError:  # among the objects by now
                    continue
                if segment is not None:
                    found[path] = segment
        return found

    async def _read(self, stored: Stored) -> Span | None:
        """The time of a file that no row tells of, by its own heads."""
        try:
            segment = whole_so_far(await self.objects.get(stored.key))
        except NotFound:
            return None
        return Span(at(segment.began_us), at(segment.ended_us)) if segment is not None else None


def _day_of(segment: Segment) -> CameraDay:
    return CameraDay(segment.label.rule, segment.label.day)


def _stem(key: str) -> str:
    return key.rsplit("/", 1)[-1].split(".", 1)[0]
