"""Fetching an export: through the door for every camera in it, for the purpose and the case it was made for, counted in the log.

A grant for each camera is held while it is sent: what is no longer allowed ends the transfer, and cannot be begun.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.evidence import store
from watchfloor.evidence.logged import extract_of
from watchfloor.evidence.model import Export, Span
from watchfloor.evidence.sealed import ExportKeys, object_path, opened
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import About, Actor, Ask, Denied, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, NotFound, Unavailable, WatchfloorError
from watchfloor.kit.sure import sure
from watchfloor.recordings.model import us
from watchfloor.storage.objects import Objects

# Why there is nothing to fetch, by the state.
NOT_READY: Final = {
    "asked": "Nobody has approved this export yet.",
    "refused": "This export was refused.",
    "lapsed": "Nobody approved this export in its time; ask for it again.",
    "waiting": "This export is not made yet.",
    "cutting": "This export is being made.",
    "stopped": "This export was stopped: it was no longer allowed.",
    "failed": "This export could not be made.",
    "cancelled": "This export was cancelled.",
    "forgotten": "This export was forgotten when its time was over; ask for it again while the footage is there.",
}


@dataclass(frozen=True, slots=True)
class FetchParts:
    """What fetching needs."""

    door: Door
    objects: Objects
    keys: ExportKeys
    ledger: Path


@dataclass(frozen=True, slots=True)
class Package:
    """A package on its way: how large it is, and its content."""

    export: Export
    size: int
    parts: AsyncIterator[bytes]


async def package(parts: FetchParts, actor: Actor, why: Why | None, export_id: UUID) -> Package:
    """The package. Raises NotFound, Conflict, Refused, Expired, Unavailable."""
    found = await _looked_up(parts.door, actor, export_id)
    for span in found.cameras:
        if span.unmasked:
            # What a court's order laid bare for one is no colleague's who may not see beneath.
            async with parts.door.open(replace(_ask(actor, why, found, span), need=Need.CAMERA_UNMASKED)):
                pass
    grants: list[Grant] = []
    try:
        for ask in _asks(actor, why, found):
            grants += [await parts.door.grant(ask)]
        await _its_own(parts.door, grants[0].ask, why, found)
        if found.state != "ready":
            raise Conflict(NOT_READY[found.state], reason=found.state)
        key = await asyncio.to_thread(parts.keys.find, found.id)
        name, size = object_path(actor.agency, found.id), sure(found.size, "a package that is ready")
        content = opened(parts.objects, name, key, found.id, size)
        first = await _first(content)
    except WatchfloorError:
        for grant in grants:
            await grant.close({"bytes": 0})
        raise
    return Package(found, size, _sent(parts.door, grants, found, first, content))


def _ask(actor: Actor, why: Why | None, export: Export, span: Span) -> Ask:
    return Ask(actor, Need.EXPORT_FETCH, why, About("camera", span.camera), span.technology, span.place)


def _asks(actor: Actor, why: Why | None, export: Export) -> list[Ask]:
    """One for each camera; of reads one for their technology."""
    if export.of_reads is not None:
        about = About("export", export.id)
        return [Ask(actor, Need.EXPORT_FETCH, why, about, TechnologyKind.PLATE_READER)]
    return [_ask(actor, why, export, span) for span in export.cameras]


async def _looked_up(door: Door, actor: Actor, export_id: UUID) -> Export:
    """Which cameras are to be asked about: who may know of exports is asked first."""
    ask = Ask(process_actor(actor.agency, "serve"), Need.EXPORT_STATE, about=About("export", export_id))
    async with door.open(ask) as tx:
        found = await store.export_of(tx, export_id)
    if found is None:
        raise NotFound("There is no such export.")
    return found


async def _its_own(door: Door, ask: Ask, why: Why | None, export: Export) -> None:
    """Raises Refused, which is kept, unless it is fetched for what it was made for."""
    if why is not None and (why.purpose, why.case) == (export.purpose, export.case):
        return
    async with door.open(ask):
        raise Refused(
            Denied(
                "other_case",
                "An export is fetched for the purpose and the case that it was made for.",
                next_step="Choose those, or ask for an export for yours.",
            )
        )


async def _first(content: AsyncIterator[bytes]) -> bytes:
    """The first piece: what is away or altered is said before anything is sent."""
    try:
        return await anext(content)
    except NotFound as error:
        raise Unavailable(
            "The store does not have the package of this export.",
            reason="package_gone",
            next_step="Tell whoever runs watchfloor: somebody or something removed it.",
        ) from error


async def _sent(
    door: Door, grants: list[Grant], export: Export, first: bytes, content: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    sent = 0
    try:
        piece: bytes | None = first
        while piece is not None:
            ended = next((grant for grant in grants if grant.ended.is_set()), None)
            if ended is not None:
                # Broken off rather than ended: nobody takes a part for the whole.
                raise Unavailable(ended.end_reason or "It is no longer allowed.")
            sent += len(piece)
            yield piece
            piece = await anext(content, None)
    finally:
        with contextlib.suppress(WatchfloorError):
            await asyncio.shield(_close(door, grants, export, sent))


async def _close(door: Door, grants: list[Grant], export: Export, sent: int) -> None:
    whole = sent == export.size
    lengths: dict[UUID, int] = {}
    for span in export.spans:
        lengths[span.camera] = lengths.get(span.camera, 0) + span.length_ms
    if whole and not grants[0].ended.is_set():
        async with door.under(grants[0]) as tx:
            await store.count_fetch(tx, export.id)
            cameras = 0 if export.of_reads is not None else len(grants)
            more: dict[str, Json] = {"bytes": sent, "clips": export.clips, "cameras": cameras}
            await effect(tx, "export.fetched", About("export", export.id), more=more)
    if export.of_reads is not None:
        await grants[0].close({"bytes": sent})
        return
    for grant, span in zip(grants, export.cameras, strict=True):
        # What broke off had some of it, nobody knows of which camera: its owner is told of all.
        own = [one for one in export.spans if one.camera == span.camera and sent]
        times = {"from_ms": min(map(_begin_ms, own)), "to_ms": max(map(_end_ms, own))} if own else {}
        await grant.close({"bytes": sent, "asked_ms": lengths[span.camera] if sent else 0, **times})


def _begin_ms(span: Span) -> int:
    return us(span.from_at) // 1000


def _end_ms(span: Span) -> int:
    return us(span.to_at) // 1000


async def proof(parts: FetchParts, actor: Actor, export_id: UUID) -> Mapping[str, Json] | None:
    """The extract of the log's entry that has the hash of the package's manifest; None until the signed log holds it.

    Raises NotFound, Conflict before it is made.
    """
    async with parts.door.open(Ask(actor, Need.EXPORTS_VIEW, about=About("export", export_id))) as tx:
        found = await store.export_of(tx, export_id)
        if found is None:
            raise NotFound("There is no such export.")
        if found.made_entry is None:
            raise Conflict(NOT_READY.get(found.state, "This export is not made yet."), reason=found.state)
        return await extract_of(tx, parts.ledger, found.made_entry)
