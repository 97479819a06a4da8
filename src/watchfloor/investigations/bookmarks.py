"""Bookmarks: a moment or a span of recorded video, marked with a note for a case or an incident.

A bookmark opens no picture and preserves none: whoever follows it asks the door, and footage is forgotten when its time is over.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Actor, Ask, Case, Denied, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import CaseKind
from watchfloor.investigations import bookmark_store as store
from watchfloor.investigations.bookmark_store import Bookmark, Moment
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Invalid, NotFound, Stale
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx

MOST_CAMERAS: Final = 9
LONGEST: Final = timedelta(hours=24)
LONGEST_NOTE: Final = 500
# Who sees the case sees what was marked for it.
SEEN_BY: Final = {CaseKind.CASE: Need.CASES_VIEW, CaseKind.INCIDENT: Need.INCIDENTS_VIEW}


def kinds_of(actor: Actor) -> list[CaseKind]:
    """Of which kinds of cases somebody sees the bookmarks."""
    return [kind for kind, need in SEEN_BY.items() if actor.roles & need.roles]


async def listed(
    door: Door, actor: Actor, case: Case | None, camera: UUID | None, extent: Extent
) -> Cut[Bookmark]:
    """What was marked: of one case, of one camera, or all that the asker may see. Raises Refused."""
    async with door.open(Ask(actor, Need.BOOKMARKS_VIEW)) as tx:
        return await store.bookmarks(tx, kinds_of(actor), case, camera, extent)


async def view(door: Door, actor: Actor, bookmark: UUID) -> Bookmark:
    """One bookmark. Raises NotFound or Refused."""
    async with door.open(Ask(actor, Need.BOOKMARKS_VIEW, about=About("bookmark", bookmark))) as tx:
        return await _there(tx, actor, bookmark)


async def keep(door: Door, actor: Actor, why: Why, of: Moment, note: str) -> Bookmark:
    """Mark it for the case. Raises Invalid, NotFound for a camera that is none, or Refused."""
    if why.case is None or why.case.kind not in SEEN_BY:
        raise Invalid(
            "A bookmark is kept with a case or an incident.",
            reason="case",
            next_step="Choose one, or open a case first.",
        )
    async with door.open(Ask(actor, Need.BOOKMARKS_CHANGE, why, About("bookmark"))) as tx:
        note = _checked(of, note, tx.now)
        if set(of.cameras) - await store.known(tx, of.cameras):
            raise NotFound("There is no such camera.", reason="cameras")
        bookmark = uuid7(tx.now)
        await store.insert(tx, bookmark, why.case, of, note)
        more: dict[str, Json] = {"cameras": [outside("camera", camera) for camera in of.cameras]}
        await effect(tx, "bookmark.kept", About("bookmark", bookmark), more=more, detail={"note": note})
        return sure(await store.bookmark_of(tx, kinds_of(actor), bookmark))


async def change(
    door: Door, actor: Actor, bookmark: UUID, of: Moment | None, note: str | None, *, version: int | None
) -> Bookmark:
    """Change one of one's own; what is None stays. Raises Invalid, NotFound, Refused or Stale."""
    async with door.open(Ask(actor, Need.BOOKMARKS_CHANGE, about=About("bookmark", bookmark))) as tx:
        before = await _own(tx, actor, bookmark, version, "change")
        of = before.of if of is None else Moment(before.of.cameras, of.from_at, of.to_at)
        note = _checked(of, before.note if note is None else note, tx.now)
        await store.update(tx, bookmark, of, note)
        detail = {"note": note, "was": before.note}
        await effect(tx, "bookmark.changed", About("bookmark", bookmark), detail=detail)
        return sure(await store.bookmark_of(tx, kinds_of(actor), bookmark))


async def remove(door: Door, actor: Actor, bookmark: UUID, *, version: int | None) -> None:
    """Take one of one's own away. Raises NotFound, Refused or Stale."""
    async with door.open(Ask(actor, Need.BOOKMARKS_CHANGE, about=About("bookmark", bookmark))) as tx:
        before = await _own(tx, actor, bookmark, version, "remove")
        await store.remove(tx, bookmark)
        await effect(tx, "bookmark.removed", About("bookmark", bookmark), detail={"note": before.note})


def _checked(of: Moment, note: str, now: datetime) -> str:
    """The note as it is kept. Raises Invalid."""
    note = note.strip()
    if not 1 <= len(note) <= LONGEST_NOTE:
        raise Invalid(f"A bookmark has a note of 1 to {LONGEST_NOTE} characters.", reason="note")
    if not 1 <= len(of.cameras) <= MOST_CAMERAS or len(set(of.cameras)) < len(of.cameras):
        raise Invalid(f"A bookmark is of 1 to {MOST_CAMERAS} cameras, each once.", reason="cameras")
    if max(of.from_at, of.to_at or of.from_at) > now:
        raise Invalid("What is to come cannot be marked.", reason="from" if of.from_at > now else "to")
    if of.to_at is not None and not timedelta(0) < of.to_at - of.from_at <= LONGEST:
        raise Invalid("A span ends after it begins, and within a day.", reason="to")
    return note


async def _there(tx: Tx, actor: Actor, bookmark: UUID) -> Bookmark:
    found = await store.bookmark_of(tx, kinds_of(actor), bookmark)
    if found is None:
        raise NotFound("There is no such bookmark.")
    return found


async def _own(tx: Tx, actor: Actor, bookmark: UUID, version: int | None, act: str) -> Bookmark:
    await store.lock(tx, bookmark)
    found = await _there(tx, actor, bookmark)
    if found.made_by != actor.id:
        said = f"Another person made this bookmark; only they {act} it."
        raise Refused(Denied("not_the_author", said, next_step="Make one of your own beside it."))
    if version is not None and version != found.version:
        raise Stale("The bookmark was changed since you read it.", next_step="Read it again.")
    return found
