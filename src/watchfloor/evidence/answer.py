"""Whoever is asked for evidence answers by the link: says no, or sends files part by part, to be gone on with after a break.

A part is kept once all of it has come, sealed; a file once its last part has, with its hash in the log. Nobody is signed in
here: the link says all.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final
from uuid import UUID

from watchfloor.evidence import asked_store, unfinished
from watchfloor.evidence.asked import MOST_FILES, MOST_PARTS, PART, Asked, File, begins_as, named
from watchfloor.evidence.asking import Asking
from watchfloor.evidence.sealed import object_path, open_piece, seal_piece
from watchfloor.evidence.unfinished import part_of
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.model import hash_of
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, Expired, Invalid, NotFound, TooLarge
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.owners.sign_up import LinkOver
from watchfloor.storage.tx import Tx

_SNIFFED: Final = 512


@dataclass(frozen=True, slots=True)
class Answering:
    """The agency and the link of whoever answers."""

    agency: UUID
    token: str


async def shown(parts: Asking, by: Answering) -> tuple[Asked, tzinfo]:
    """What is asked, and in which zone its times are said. Looking writes nothing down: mail programs do it too. Raises LinkOver."""
    async with _door(parts, by) as tx:
        return await _found(tx, by), tx.zone


async def seen(parts: Asking, by: Answering) -> None:
    """A person has the page open."""
    async with _door(parts, by) as tx:
        found = await _found(tx, by)
        if await asked_store.seen(tx, found.id):
            await effect(tx, "evidence.seen", About("evidence_request", found.id))


async def decline(parts: Asking, by: Answering) -> None:
    """No. The link opens nothing any more."""
    async with _door(parts, by) as tx:
        found = await _found(tx, by)
        if found.received_at is not None:
            raise Conflict("Something was sent already.", reason="received")
        await asked_store.declined(tx, found.id)
        await unfinished.drop(tx, parts.parts, parts.keys, found.id)
        await effect(tx, "evidence.declined", About("evidence_request", found.id))


async def finish(parts: Asking, by: Answering) -> Asked:
    """Everything was sent: the link opens nothing any more."""
    async with _door(parts, by) as tx:
        found = await _found(tx, by)
        if found.received_at is None:
            raise Conflict("Nothing was sent yet.", reason="nothing")
        await asked_store.ended(tx, found.id)
        await unfinished.drop(tx, parts.parts, parts.keys, found.id)
        await effect(tx, "evidence.answered", About("evidence_request", found.id))
        return found


async def begin(parts: Asking, by: Answering, name: str, size: int, before: UUID | None = None) -> File:
    """A file is to come; the one of that name and size that is on its way already, to go on with, or that was kept where it is the one
    that was sent `before` a break. Raises Invalid, TooLarge, Conflict."""
    kept, kind = named(name)
    if size < 1:
        raise Invalid("An empty file says nothing.", reason="size")
    if size > parts.most_bytes:
        raise TooLarge(f"One file has at most {parts.most_bytes // 2**20} MB.")
    async with _door(parts, by) as tx:
        found = await _found(tx, by)
        same = [one for one in found.files if (one.name, one.size) == (kept, size)]
        again = next((one for one in same if one.id == before or one.sha256 is None), None)
        if again is None:
            if len(found.files) >= MOST_FILES:
                raise Conflict(f"At most {MOST_FILES} files are sent by one link.", reason="files")
            _refuse_when_full(parts, 2 * size)
            file = File(uuid7(tx.now), kept, kind, size, 0, tx.now, None, None, None)
            await asked_store.begin_file(tx, found.id, file)
            return file
        if again.sha256 is not None:
            return again
        taken = await _taken(parts, again)
        if taken != again.taken:
            await asked_store.took(tx, again.id, again.taken, taken)
    if taken == size:
        return await _keep(parts, by, found, again)
    return replace(again, taken=taken)


async def take(parts: Asking, by: Answering, file: UUID, offset: int, content: bytes) -> File:
    """The next part; the file as it is then, kept once all of it is here. Raises NotFound, Conflict (`offset`), Invalid."""
    async with _door(parts, by) as tx:
        found = await _found(tx, by)
        one = next((one for one in found.files if one.id == file), None)
        if one is None:
            raise NotFound("There is no such file.")
        if one.sha256 is not None:
            raise Conflict("All of this file is here.", reason="kept")
        # All of it may be here already, where keeping it failed: what comes now is not looked at.
        taken = await _taken(parts, one)
        after = taken if taken == one.size else await _took(parts, tx, one, (taken, offset), content)
    if after is None:
        raise Invalid(f"This file is no {one.kind}: it begins otherwise.", reason="kind")
    if after == one.size:
        return await _keep(parts, by, found, replace(one, taken=after))
    return replace(one, taken=after)


async def _took(parts: Asking, tx: Tx, file: File, at: tuple[int, int], content: bytes) -> int | None:
    """Where the file stands after a part: `at` is how far it is, and where the part begins. None when it is not what its name says."""
    taken, offset = at
    if offset != taken:
        raise Conflict(
            f"The next part begins at {taken}.",
            reason="offset",
            next_step="Begin the file anew: it goes on there.",
        )
    after = _after(file, offset, len(content))
    if offset == 0 and not begins_as(file.kind, content[:_SNIFFED]):
        await asked_store.drop_file(tx, file.id)
        return None
    _refuse_when_full(parts, len(content))
    await asyncio.to_thread(_append, parts, file, offset, content)
    if not await asked_store.took(tx, file.id, file.taken, after):
        raise Conflict("Another part came at the same moment.", reason="offset")
    return after


def _refuse_when_full(parts: Asking, size: int) -> None:
    """Raises Full. Parts lie on a disk of ours first, wherever the objects are."""
    parts.parts.mkdir(mode=0o700, parents=True, exist_ok=True)
    parts.objects.refuse_when_full(size, first_in=parts.parts)


def _after(file: File, offset: int, length: int) -> int:
    """Where the file stands after a part of that length. Raises Invalid."""
    after = offset + length
    if not 0 < length <= MOST_PARTS * PART or after > file.size or (after < file.size and length % PART):
        raise Invalid(f"A part has whole megabytes, {MOST_PARTS} at most, but the last.", reason="part")
    return after


async def _keep(parts: Asking, by: Answering, asked: Asked, file: File) -> File:
    """All of it is here: its hash, its place among the objects, its entry in the log. Raises Conflict.

    Gigabytes take longer than a proxy waits, and the page asks again: that waits for the first, and has what the first kept.
    """
    async with parts.keeping.setdefault(file.id, asyncio.Lock()):
        async with _door(parts, by) as tx:
            there = await _there(tx, asked, file)
        if there.sha256 is not None:
            return there
        path = part_of(parts.parts, file.id)
        try:
            sha256 = await asyncio.to_thread(_hash, parts, file)
            await parts.objects.take_in(object_path(by.agency, file.id), path)
        except Expired:
            raise _gone() from None
        except (FileNotFoundError, NotFound):
            if path.exists():
                raise
            raise _gone() from None
        async with _door(parts, by) as tx:
            await _there(tx, asked, file)
            more: dict[str, Json] = {
                "request": str(asked.id), "for_case": f"case:{asked.case}", "sha256": sha256, "bytes": file.size, "form": file.kind,
            }  # fmt: skip
            entry = await effect(tx, "evidence.received", About("received_file", file.id), more=more)
            if not await asked_store.kept(tx, asked.id, file.id, sha256, entry):
                raise _gone()
            return replace(file, sha256=sha256, kept_at=tx.now, entry=entry)


async def _there(tx: Tx, asked: Asked, file: File) -> File:
    """The file as it is known now. Raises Conflict."""
    request = sure(await asked_store.one(tx, asked.id))
    found = next((one for one in request.files if one.id == file.id), None)
    if found is None:
        raise _gone()
    return found


def _gone() -> Conflict:
    return Conflict(
        "The file went at this moment, as when its request ends.",
        reason="offset",
        next_step="Begin the file anew: it goes on where it is.",
    )


async def _taken(parts: Asking, file: File) -> int:
    """How much of it is here. While it is being kept that is all of it, wherever it lies at that moment."""
    keeping = parts.keeping.get(file.id)
    if keeping is not None and keeping.locked():
        return file.size
    return await asyncio.to_thread(_lies, parts, file, file.taken)


def _lies(parts: Asking, file: File, said: int) -> int:
    """How much of it lies there: what was written and not said is cut off, what was said and is not there has to come again."""
    path = part_of(parts.parts, file.id)
    sealed = path.stat().st_size if path.exists() else 0
    if said == file.size and sealed == file.size + -(-file.size // PART) * _more():
        return said
    whole = sealed // (PART + _more()) * PART
    return min(said, whole) // PART * PART


def _more() -> int:
    return len(seal_piece(b"\0" * 32, UUID(int=0), 0, b"", last=False))


def _append(parts: Asking, file: File, offset: int, content: bytes) -> None:
    key = parts.keys.make_or_find(file.id)
    with os.fdopen(os.open(part_of(parts.parts, file.id), os.O_RDWR | os.O_CREAT, 0o600), "r+b") as out:
        out.truncate(offset // PART * (PART + _more()))
        out.seek(0, os.SEEK_END)
        for at in range(0, len(content), PART):
            number, last = (offset + at) // PART, offset + at + PART >= file.size
            out.write(seal_piece(key, file.id, number, content[at : at + PART], last=last))
        out.flush()
        os.fsync(out.fileno())


def _hash(parts: Asking, file: File) -> str:
    """The SHA-256 of what was sent, read back from where it lies."""
    key, digest, pieces = parts.keys.find(file.id), hashlib.sha256(), -(-file.size // PART)
    with part_of(parts.parts, file.id).open("rb") as lying:
        for number in range(pieces):
            sealed = lying.read(min(PART, file.size - number * PART) + _more())
            digest.update(open_piece(key, file.id, number, sealed, last=number == pieces - 1))
    return digest.hexdigest()


def _door(parts: Asking, by: Answering) -> AbstractAsyncContextManager[Tx]:
    ask = Ask(process_actor(by.agency, "serve"), Need.EVIDENCE_ANSWER, about=About("evidence_request"))
    return parts.owners.door.open(ask)


async def _found(tx: Tx, by: Answering) -> Asked:
    found = await asked_store.by_link(tx, hash_of(by.token))
    if found is None or not found.is_open(tx.now):
        raise LinkOver
    return found
