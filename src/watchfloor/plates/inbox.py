"""Folders that readers, or a server for SFTP, put files of reads into: each file is taken as a reader's request is, and removed.

Which reader it is says the folder, which that reader alone may write to. It parses nothing and keeps no read.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import outside
from watchfloor.governance.keep import DAY, is_brief
from watchfloor.governance.model import Actor, Ask, Refused
from watchfloor.governance.needs import Need
from watchfloor.identity.devices import actor_of
from watchfloor.kit.errors import Conflict, Full, Invalid, NotFound, Unavailable
from watchfloor.kit.logs import logger
from watchfloor.plates import cap, hot_list_store, picture, take_cap
from watchfloor.plates import inbox_files as files
from watchfloor.plates.hot_lists import TECHNOLOGY
from watchfloor.plates.inbox_files import Found, Seen
from watchfloor.plates.ingest import columns
from watchfloor.plates.ingest.adapters import ADAPTERS
from watchfloor.plates.ingest.claim import Claim, Rejected
from watchfloor.plates.model import HotListId, ReaderId
from watchfloor.plates.take import Intake, admit, sentence_of, take_reads
from watchfloor.plates.take_table import CSV, mapping_of, take_rows
from watchfloor.storage.classes import DataClass
from watchfloor.storage.streams import TRANSIENT_WAITS

MAPPING: Final = "csv.json"
FORMS: Final = frozenset({CSV, *ADAPTERS})
# What a hot list's folder takes: alerts of missing children and elders.
CAP: Final = "cap"
_LIST: Final = "hot_list"
LOOK_EVERY_S: Final = 1.0
MOST_PICTURES: Final = 64 * 1024 * 1024
_FORGET_EVERY_S: Final = 60.0
# So that one reader's thousands do not keep the others waiting.
_MOST_A_LOOK: Final = 200
_MOST_MAPPING: Final = 64 * 1024
_TAKING, _FAILED = "taking", "failed"
_PICTURES: Final = (".jpg", ".jpeg")
# An upload that was broken off, what may not be taken, and pictures that no table named.
# What a fault of our own shows itself as.
_FAULTS: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
_ABANDONED_AFTER: Final = timedelta(days=1)

_log = logger("plates.inbox")


@dataclass(frozen=True, slots=True)
class Inbox:
    """What taking files needs."""

    intake: Intake
    agencies: Sequence[UUID]
    root: Path
    settle_s: float
    keep_failed: timedelta


def root_of(folder: str) -> Path:
    """The folder that a setting names. Raises Invalid for a path that depends on where the process was started."""
    root = Path(folder)
    if not root.is_absolute():
        raise Invalid(f"inbox.folder has to be an absolute path, not {folder!r}.")
    return root


@dataclass(frozen=True, slots=True)
class Place:
    """The folder for one form of one reader. What is in it has to be its owner's."""

    root: Path
    reader: str
    form: str
    actor: Actor
    owner: int

    @property
    def folder(self) -> Path:
        return self.root / self.reader / self.form

    @property
    def taking(self) -> Path:
        return self.root / _TAKING / f"{self.reader}.{self.form}"

    @property
    def failed(self) -> Path:
        return self.root / _FAILED / f"{self.reader}.{self.form}"

    @property
    def most_bytes(self) -> int:
        if self.form == CAP:
            return cap.MOST_BYTES
        return columns.MOST_BYTES if self.form == CSV else ADAPTERS[self.form].most_bytes


class Watch:
    """Looks at the folders again and again."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._seen: dict[Path, dict[int, Seen]] = {}
        self._said: dict[tuple[str, str], float] = {}
        self._left: set[tuple[Path, int, str]] = set()
        self._forgot_at: float | None = None
        self._kept: dict[str, timedelta] = {}
        self._lists: dict[UUID, list[HotListId]] = {}

    async def run(self) -> None:
        """Look each second; where nothing can be taken at present, as soon as it is worth it."""
        while True:
            wait = LOOK_EVERY_S
            try:
                await self.look()
            except (Full, Unavailable) as error:
                wait = float(error.retry_after_s or 2)
            except OSError as error:
                self._say(self._inbox.root, f"{error.strerror}")
            await self._inbox.intake.clock.sleep(wait)

    async def look(self) -> None:
        """Forget what is old, and take what is whole, from each place though another cannot be served.

        Raises Full, or the last Unavailable once all were looked at: what was claimed waits for the next look.
        """
        places, actors = await self._places()
        now = self._inbox.intake.clock.monotonic()
        if self._forgot_at is None or now - self._forgot_at >= _FORGET_EVERY_S:
            await self._forget(places, actors)
            self._forgot_at = now
        away: Unavailable | None = None
        for place in places:
            try:
                await self._take_of(place)
            except Unavailable as error:
                away = error
                self._say(place.folder, error.detail)
            except OSError as error:
                self._say(place.folder, f"{error.strerror}")
        if away is not None:
            raise away

    async def _places(self) -> tuple[list[Place], Mapping[str, Actor]]:
        actors: dict[str, Actor] = {}
        for agency in self._inbox.agencies:
            for reader in await self._inbox.intake.readers.of(agency):
                actors[outside("reader", reader)] = actor_of(agency, reader, "reader")
            for list_id in await self._lists_of(agency):
                actors[outside(_LIST, list_id)] = actor_of(agency, list_id, _LIST)
        places, odd = await asyncio.to_thread(_places, self._inbox.root, actors)
        for path, why in odd:
            self._say(path, why)
        return places, actors

    async def _lists_of(self, agency: UUID) -> list[HotListId]:
        """The lists that machines write, as they were a minute ago; none where nobody may load lists."""
        now = self._inbox.intake.clock.monotonic()
        if self._forgot_at is None or now - self._forgot_at >= _FORGET_EVERY_S or agency not in self._lists:
            ask = Ask(process_actor(agency, "serve"), Need.HOT_LIST_LOAD, technology=TECHNOLOGY)
            try:
                async with self._inbox.intake.door.open(ask) as tx:
                    self._lists[agency] = await hot_list_store.written_by_machines(tx)
            except Refused:
                self._lists[agency] = []
            except Unavailable:
                return self._lists.get(agency, [])
        return self._lists[agency]

    async def _take_of(self, place: Place) -> None:
        """What was claimed before, by a process that died too, then what is whole now."""
        for path in await asyncio.to_thread(files.left_over, place.taking):
            await self._take(place, path)
        found = await asyncio.to_thread(files.looked, place.folder, place.owner, place.most_bytes)
        for one in found:
            await self._leave(place, one)
        sound = [one for one in found if one.fault is None and not _is_picture(place.form, one.name)]
        now = self._inbox.intake.clock.monotonic()
        before = self._seen.get(place.folder, {})
        self._seen[place.folder], ready = files.whole(before, sound, at=now, settle_s=self._inbox.settle_s)
        for one in ready[:_MOST_A_LOOK]:
            claimed = await asyncio.to_thread(files.claimed, one, place.folder, place.taking)
            if claimed is not None:
                await self._take(place, claimed)

    async def _leave(self, place: Place, found: Found) -> None:
        """Say once of what may not be taken why it stays where it is."""
        key = (place.folder, found.node, found.fault or "")
        if found.fault is None or key in self._left:
            return
        if len(self._left) >= files.MOST_LOOKED_AT:
            self._left.clear()
        self._left.add(key)
        await asyncio.to_thread(files.tell, place.failed, files.own_name(found), found.fault)
        _log.warning(
            "a file in the inbox is not taken", reader=place.reader, form=place.form, why=found.fault
        )

    async def _take(self, place: Place, path: Path) -> None:
        """Take one claimed file; then it is gone, or lies aside with what was wrong with it."""
        try:
            wrong, used = await self._taken(place, path)
        except FileNotFoundError as error:
            if Path(str(error.filename)) != path:
                raise
            return
        except Refused as error:
            # Nothing may be kept without an approval, not even aside.
            await asyncio.to_thread(files.tell, place.failed, path.name, f"{error.detail} It was removed.")
            wrong, used = "", ()
        except (Invalid, NotFound, Conflict) as error:
            wrong, used = error.detail, ()
        except _FAULTS:
            # It stays until it is dealt with: not set aside, it would end the server again at each start.
            _log.exception("taking a file failed", reader=place.reader, form=place.form)
            wrong, used = "It met a fault of the center, which is in its log.", ()
        if wrong:
            await asyncio.to_thread(files.fail, path, place.failed, wrong)
            _log.warning("a file in the inbox could not be taken", reader=place.reader, form=place.form)
        for gone in (*used, *(() if wrong else (path,))):
            await asyncio.to_thread(gone.unlink, missing_ok=True)

    async def _taken(self, place: Place, path: Path) -> tuple[str, tuple[Path, ...]]:
        """What was wrong with some of its reads, and the pictures beside it that were used. Raises Invalid or Refused for the whole."""
        body = await asyncio.to_thread(files.content_of, path, owner=place.owner, most=place.most_bytes)
        if place.form == CAP:
            door, list_id = self._inbox.intake.door, HotListId(place.actor.id)
            await take_cap.take(door, place.actor, list_id, body, need=Need.HOT_LIST_FEED)
            return "", ()
        if place.form != CSV:
            taken = await take_reads(self._inbox.intake, place.actor, ADAPTERS[place.form], body, {})
            return sentence_of(taken.rejected) if taken.rejected else "", ()
        mapping = await asyncio.to_thread(_mapping, place) or await self._saved(place)
        beside = _Pictures(place)
        parsed = await asyncio.to_thread(columns.parse, body, mapping, beside)
        wrong = await self._rows(place, parsed)
        return wrong, tuple(place.folder / name for name in beside.used)

    async def _saved(self, place: Place) -> columns.Mapping | None:
        """The mapping that was saved in the console; None where there is none. Raises Invalid."""
        readers = await self._inbox.intake.readers.of(place.actor.agency)
        reader = readers.get(ReaderId(place.actor.id))
        return mapping_of(reader) if reader is not None else None

    async def _rows(self, place: Place, parsed: tuple[Claim | Rejected, ...] | Rejected) -> str:
        """Take a table; what was wrong with its rows."""
        rows = (parsed,) if isinstance(parsed, Rejected) else parsed
        return (await take_rows(self._inbox.intake, place.actor, rows)).wrong

    async def _forget(self, places: Sequence[Place], actors: Mapping[str, Actor]) -> None:
        now, root = self._inbox.intake.clock.now(), self._inbox.root
        ours = [
            folder
            for name in (_TAKING, _FAILED)
            for folder in await asyncio.to_thread(files.folders, root / name)
        ]
        names = {folder.name.partition(".")[0] for folder in ours} | {place.reader for place in places}
        keeps = {name: await self._kept_for(name, actors.get(name)) for name in names}
        for folder in ours:
            kept = keeps[folder.name.partition(".")[0]]
            within = min(self._inbox.keep_failed, kept) if folder.parent.name == _FAILED else kept
            await asyncio.to_thread(files.forget, folder, before=now - within)
        for place in places:
            kept = keeps[place.reader]
            await asyncio.to_thread(_forget_abandoned, place, now - min(_ABANDONED_AFTER, kept))
            if kept < DAY and place.form != CAP:
                # Where reads are kept for minutes, or never, none waits for longer to be taken.
                before = now - max(kept, TRANSIENT_WAITS)
                if gone := await asyncio.to_thread(files.forget, place.folder, before=before):
                    _log.error("files waited as long as they may and went untaken", alarm=True, files=gone)
        standing = {place.folder for place in places}
        self._seen = {folder: seen for folder, seen in self._seen.items() if folder in standing}

    async def _kept_for(self, name: str, actor: Actor | None) -> timedelta:
        """How long files of this reader may be kept, as when it was last known; not at all without an approval. Of reads that are
        kept for minutes a look shorter, so that they are gone in time.
        """
        if actor is None or actor.name == _LIST:
            return self._inbox.keep_failed
        try:
            _, leave = await admit(self._inbox.intake, actor)
        except (Refused, NotFound):
            return timedelta(0)
        except Unavailable:
            if name not in self._kept:
                raise
            return self._kept[name]
        approval = leave.authorisation
        kept = approval.keeping(DataClass.PLATE_READ).keep_for if approval else timedelta(0)
        self._kept[name] = kept - timedelta(seconds=_FORGET_EVERY_S + 10) if is_brief(kept) else kept
        return self._kept[name]

    def _say(self, path: Path, why: str) -> None:
        """Log once a minute what keeps a folder from being used."""
        now, key = self._inbox.intake.clock.monotonic(), (str(path), why)
        if now - self._said.get(key, -_FORGET_EVERY_S) >= _FORGET_EVERY_S:
            self._said = {known: at for known, at in self._said.items() if now - at < _FORGET_EVERY_S}
            self._said[key] = now
            _log.error("a folder of the inbox cannot be used", path=str(path), why=why)


class _Pictures:
    """Pictures beside a table, by name, as far as there is room; it remembers which were used."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._room = MOST_PICTURES
        self.used: list[str] = []

    def __call__(self, name: str) -> bytes | None:
        if not _is_picture(CSV, name):
            return None
        most = min(picture.MOST_BYTES, self._room)
        found = files.beside(self._place.folder, name, owner=self._place.owner, most=most)
        if found is not None:
            self._room -= len(found)
            self.used.append(name)
        return found


def _places(root: Path, actors: Mapping[str, Actor]) -> tuple[list[Place], list[tuple[Path, str]]]:
    """The folders of readers, and what lies there that is none of them."""
    places, odd = [], []
    if not root.is_dir():
        raise FileNotFoundError(2, os.strerror(2))
    for folder in files.folders(root):
        if folder.name in (_TAKING, _FAILED):
            continue
        actor = actors.get(folder.name)
        if actor is None:
            odd.append((folder, "no reader and no list of a machine has this id"))
            continue
        for form in files.folders(folder):
            forms = {CAP} if actor.name == _LIST else FORMS
            if form.name in forms:
                places.append(Place(root, folder.name, form.name, actor, files.owner_of(form)))
            else:
                odd.append((form, f"a folder is called after a form: {', '.join(sorted(forms))}"))
    return places, odd


def _mapping(place: Place) -> columns.Mapping | None:
    """The reader's mapping; None where it has none. Raises Invalid."""
    path = place.root / place.reader / MAPPING
    try:
        owner = files.owner_of(path)
        if owner not in (0, os.geteuid()):
            raise Invalid(f"{MAPPING} belongs to user {owner}; it has to be the administrator's.")
        mapping = columns.mapping_of(files.content_of(path, owner=owner, most=_MOST_MAPPING))
    except FileNotFoundError:
        return None
    except Invalid as error:
        raise Invalid(f"The mapping of columns cannot be used: {error.detail}") from error
    if isinstance(mapping, Rejected):
        raise Invalid(sentence_of([mapping]))
    return mapping


def _is_picture(form: str, name: str) -> bool:
    return form == CSV and name.casefold().endswith(_PICTURES)


def _forget_abandoned(place: Place, before: datetime) -> None:
    """Uploads that were broken off, files that may not be taken, pictures that no table named; never what waits to be taken."""
    idle = {
        one.name
        for one in files.looked(place.folder, place.owner, place.most_bytes)
        if one.fault or files.is_temporary(one.name) or _is_picture(place.form, one.name)
    }
    files.forget(place.folder, before=before, only=idle.__contains__)
