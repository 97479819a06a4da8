"""Holds the log's files, its database rows and its checkpoints against each other, for `watchfloor check`.

It reads and reports, a plain sentence each; it mends nothing. What an outsider can know is `verify.py`'s.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.layout import Layout
from watchfloor.governance.checkpoint import BadNote, Checkpoint, VerifierKey, open_checkpoint
from watchfloor.governance.extract import fields_of
from watchfloor.governance.tiles import (
    ENTRIES,
    WIDTH,
    Edge,
    TreeOfTiles,
    decode_bundle,
    tile_at,
)
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid, Unavailable, WatchfloorError
from watchfloor.ledger import store
from watchfloor.ledger.errors import LogDamaged
from watchfloor.ledger.files import KEY, LogFiles
from watchfloor.ledger.hold_outside import FolderHolder, holders_of
from watchfloor.ledger.restored import restores_in
from watchfloor.ledger.run import STATE
from watchfloor.ledger.source import Folder
from watchfloor.ledger.verify import verify
from watchfloor.settings import Settings, load
from watchfloor.storage.session import Session
from watchfloor.storage.tx import Row

_LONGEST_WAIT: Final = timedelta(seconds=10)
_RECENT: Final = 2 * WIDTH
_CHECKPOINTS: Final = 100
_MEANING: Final = (
    "Until it is understood, the log proves nothing about what came after the last checkpoint kept outside."
)
_COMPARE: Final = "Compare with a checkpoint kept outside: watchfloor verify {ledger} --checkpoint FILE"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong with the log, what it means, and what to do."""

    what: str
    so_what: str
    do: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


async def check(
    settings: Settings, endpoints: Endpoints, *, now: datetime, deep: bool = False
) -> list[Wrong]:
    """Everything: the files, and the database as far as it answers. `deep` goes through every entry."""
    found = check_local(settings.data, settings=settings, deep=deep)
    try:
        session = await Session.open(endpoints.dsn("wf_ledger"), name="check")
    except Unavailable:
        return found  # a database that is away is somebody else's finding
    try:
        return [*found, *await check_database(session, settings.data, now=now, deep=deep)]
    finally:
        await session.close()


def check_local(data: Path, *, settings: Settings | None = None, deep: bool = False) -> list[Wrong]:
    """What the data directory alone shows. `deep` computes the whole tree anew. Raises Invalid for unreadable settings."""
    layout = Layout.of(data)
    ledger = (settings or load(data)).ledger
    found = list(_of_state(layout))
    opened = _opened(layout.ledger)
    if isinstance(opened, Wrong):
        return [*found, opened]
    if opened is None:
        return found
    key, checkpoint = opened
    try:
        edge = Edge.load(checkpoint.size, LogFiles(layout.ledger).read)
        if edge.root() != checkpoint.root:
            found.append(
                _damaged(layout, f"The files do not have the root signed over {checkpoint.size} entries.")
            )
    except (Invalid, LogDamaged) as error:
        found.append(_damaged(layout, _sentence(error)))
    if deep:
        report = verify(Folder(layout.ledger), key=key)
        found += [_damaged(layout, finding.sentence) for finding in report.findings]
    try:
        holders = holders_of(ledger.checkpoint_dirs, ledger.checkpoint_webhooks, layout.data)
    except Invalid as error:
        return [
            *found,
            Wrong(
                error.detail, "The ledger does not start with this.", error.next_step or "Mend config.toml."
            ),
        ]
    for holder in holders:
        if isinstance(holder, FolderHolder):
            found += _of_holder(layout, holder, key, checkpoint)
    return found


def _opened(root: Path) -> tuple[VerifierKey, Checkpoint] | Wrong | None:
    """The log's key and checkpoint; None where no log was begun."""
    if not (root / KEY).exists():
        return None
    try:
        key = VerifierKey.parse((root / KEY).read_text())
        checkpoint = LogFiles(root).checkpoint(key)
    except (WatchfloorError, OSError, UnicodeDecodeError) as error:
        return _damaged(Layout.of(root.parent), _sentence(error))
    return None if checkpoint is None else (key, checkpoint)


def _of_state(layout: Layout) -> Iterator[Wrong]:
    """What the running ledger says of itself."""
    try:
        said: Mapping[str, Json] = json.loads((layout.runtime / STATE).read_text())
    except (FileNotFoundError, ValueError):
        return
    if trouble := said.get("trouble"):
        yield Wrong(
            f"The log is not being signed since {said.get('since')}: {trouble}",
            "Entries are kept and wait; nothing that happens since is provable to an outsider yet.",
            f"Read {layout.log('ledger')}, and {_COMPARE.format(ledger=layout.ledger)}",
        )
    holders = said.get("holders")
    for holding in holders if isinstance(holders, Sequence) else ():
        if isinstance(holding, Mapping) and holding.get("trouble"):
            last = f"the last was taken {holding.get('at')}" if holding.get("at") else "none was ever taken"
            yield Wrong(
                f"A checkpoint does not reach its holder since {holding.get('since')}: {holding.get('trouble')}",
                f"Of checkpoints for this holder {last}; a roll-back to a later state could go unnoticed.",
                "Mount the folder or mend the address; it is tried again by itself.",
            )


def _of_holder(layout: Layout, holder: FolderHolder, key: VerifierKey, now: Checkpoint) -> Iterator[Wrong]:
    try:
        held = holder.newest(key, restores_in(now))
    except Unavailable:
        return  # the ledger says so itself
    if held is None:
        return
    if held.size > now.size:
        sentence = f"{holder.name} holds a checkpoint over {held.size} entries; the log here has {now.size}."
        yield _damaged(layout, f"{sentence} An older state was put back.")
        return
    try:
        fits = TreeOfTiles(now.size, LogFiles(layout.ledger).read).root(held.size) == held.root
    except (Invalid, LogDamaged):
        fits = False
    if not fits:
        yield _damaged(
            layout, f"The log does not begin with the {held.size} entries of the checkpoint in {holder.name}."
        )


async def check_database(session: Session, data: Path, *, now: datetime, deep: bool = False) -> list[Wrong]:
    """The rows against the files: the newest 512 entries and 100 checkpoints, or all of them when `deep`.

    `session` is connected as wf_ledger. Raises Unavailable when the database goes away.
    """
    layout = Layout.of(data)
    opened = _opened(layout.ledger)
    found = list(await _of_waiting(session, layout, now))
    if opened is None or isinstance(opened, Wrong):
        return found
    key, published = opened
    sequenced = await store.sequenced(session)
    if sequenced < published.size:
        sentence = f"The log was signed with {published.size} entries; the database holds {sequenced}."
        return [*found, _damaged(layout, f"{sentence} An older state of the database was put back.")]
    found += await _of_checkpoints(session, layout, key, published, None if deep else _CHECKPOINTS)
    first = 0 if deep else max(0, published.size - _RECENT) // WIDTH * WIDTH
    for start in range(first, published.size, WIDTH):
        found += await _of_bundle(session, layout, start, published.size)
    return found


async def _of_waiting(session: Session, layout: Layout, now: datetime) -> Sequence[Wrong]:
    count, oldest, unfit = await store.waiting(session)
    found: list[Wrong] = []
    if oldest is not None and count > unfit and now - oldest > _LONGEST_WAIT:
        found.append(
            Wrong(
                f"{count - unfit} entries wait to be signed, the oldest since {rfc3339(oldest)}.",
                "They are kept, but not yet provable to an outsider.",
                f"See whether the ledger runs, and what {layout.log('ledger')} says.",
            )
        )
    if unfit:
        found.append(
            Wrong(
                f"{unfit} entries are too long for the log and will never be signed.",
                "They are in the database alone, where who owns it could change them.",
                "This is a fault of the program: report it with the kind of the entries.",
            )
        )
    return found


async def _of_checkpoints(
    session: Session, layout: Layout, key: VerifierKey, published: Checkpoint, count: int | None
) -> list[Wrong]:
    found: list[Wrong] = []
    tree = TreeOfTiles(published.size, LogFiles(layout.ledger).read)
    for kept in await store.checkpoints(session, published.size, count):
        try:
            fits = tree.root(kept.size) == kept.root
            if kept.origin == key.name:  # a log of another name, begun before this one, had another key
                checkpoint = open_checkpoint(kept.note, key)
                fits = fits and (checkpoint.size, checkpoint.root) == (kept.size, kept.root)
        except BadNote as error:
            found.append(
                _damaged(layout, f"The checkpoint over {kept.size} entries in the database: {error.detail}.")
            )
            continue
        except (Invalid, LogDamaged) as error:
            return [*found, _damaged(layout, _sentence(error))]
        if not fits:
            found.append(
                _damaged(layout, f"The checkpoint over {kept.size} entries does not fit the log's files.")
            )
    return found


async def _of_bundle(session: Session, layout: Layout, start: int, size: int) -> list[Wrong]:
    tile = tile_at(ENTRIES, start // WIDTH, size)
    try:
        leaves = decode_bundle(LogFiles(layout.ledger).read(tile))
    except (Invalid, LogDamaged) as error:
        return [_damaged(layout, _sentence(error))]
    rows = {row["leaf_index"]: row for row in await store.rows_of(session, start, tile.width)}
    found: list[Wrong] = []
    for index, leaf in enumerate(leaves, start):
        row = rows.get(index)
        if row is None:
            found.append(_damaged(layout, f"Entry {index} of the log is missing from the database."))
        elif bytes(row["leaf"]) != leaf:
            found.append(
                _damaged(layout, f"Entry {index} is another in the database than in the signed log.")
            )
        elif differing := _differing(row, leaf):
            found.append(
                _damaged(
                    layout, f"Entry {index} is shown with another {', '.join(differing)} than was signed."
                )
            )
    return found


def _differing(row: Row, leaf: bytes) -> list[str]:
    """The columns of a row that say something else than its leaf: people are shown the columns."""
    said = fields_of(leaf)
    about = said.get("about")
    about = about if isinstance(about, Mapping) else {}
    signed: dict[str, Json] = {
        "id": said.get("id"),
        "agency_id": said.get("agency"),
        "at": said.get("at"),
        "kind": said.get("kind"),
        "actor_id": said.get("actor"),
        "need": said.get("need"),
        "result": said.get("result"),
        "reason": said.get("reason"),
        "about_kind": about.get("kind"),
        "about_id": about.get("id"),
        "cause_id": said.get("cause"),
    }
    return [name for name, value in signed.items() if _as_text(row[name]) != value]


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def _damaged(layout: Layout, sentence: str) -> Wrong:
    return Wrong(f"The log is inconsistent. {sentence}", _MEANING, _COMPARE.format(ledger=layout.ledger))


def _sentence(error: Exception) -> str:
    text = error.detail if isinstance(error, WatchfloorError) else str(error)
    return text[:1].upper() + text[1:].rstrip(".") + "."
