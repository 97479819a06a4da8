"""Which entries still answer: not withdrawn, of an open case, of a file that is still allowed. Matching asks at each read.

It ends no entry for its time: who matches compares that with the clock. What rests on a call, an incident or an alert
goes on when those are closed, which they are within hours; it ends when it was said to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from watchfloor.governance import case_store
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About
from watchfloor.kit.said import moment
from watchfloor.plates import entry_store, file_kind_store, hot_list_store
from watchfloor.plates.file_kinds import FileKind
from watchfloor.plates.hot_list_store import Standing
from watchfloor.plates.model import EntryId, HotListId, Wanted
from watchfloor.storage.tx import Tx


async def still_wanted(tx: Tx, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Those of them that still answer; each says of its list when that was not renewed in time."""
    if not wanted:
        return []
    lists = await hot_list_store.standings(tx, {one.list for one in wanted})
    over = await _why_over(tx, wanted, lists)
    stale = {
        id: f"“{row.name}” was last renewed on {moment(row.filled_at, tx.zone)}, and is due every"
        f" {row.refresh_hours} hours"
        for id, row in lists.items()
        if row.filled_at is not None and row.is_stale(tx.now)
    }
    return [
        replace(one, stale=stale.get(one.list))
        for one, ended in zip(wanted, over, strict=True)
        if ended is None
    ]


async def why_over(tx: Tx, wanted: Sequence[Wanted]) -> list[str | None]:
    """Of each why it alerts no more, in a sentence; None while it does."""
    if not wanted:
        return []
    return await _why_over(tx, wanted, await hot_list_store.standings(tx, {one.list for one in wanted}))


async def _why_over(
    tx: Tx, wanted: Sequence[Wanted], lists: Mapping[HotListId, Standing]
) -> list[str | None]:
    over = await case_store.over(tx, {one.case for one in wanted if one.case is not None})
    withdrawn = await entry_store.withdrawn(tx, [one.id for one in wanted])
    kinds = {id: row.file_kind for id, row in lists.items() if row.file_kind is not None}
    allowed = await file_kind_store.in_force(tx) if kinds else frozenset()

    def ended(one: Wanted) -> str | None:
        if one.id in withdrawn:
            found = withdrawn[one.id]
            return f"It was withdrawn on {moment(found.at, tx.zone)}: {found.why}"
        if one.case in over:
            return over[one.case].sentence
        kind = kinds.get(one.list)
        if kind is not None and kind not in allowed:
            return f"No approval in force allows files of the kind “{FileKind.of(kind).title}”."
        return None

    return [ended(one) for one in wanted]


async def why_gone(tx: Tx, entries: Sequence[EntryId]) -> Mapping[EntryId, str]:
    """Of these entries those that answer no more, each with why in a sentence."""
    gone: dict[EntryId, str] = {}
    there: list[Wanted] = []
    for entry in entries:
        row = await entry_store.entry_in_force(tx, entry)
        if row is None:
            found = await entry_store.entry_withdrawn(tx, entry)
            said = f"It was withdrawn on {moment(found.at, tx.zone)}: {found.why}" if found else None
            gone[entry] = said or "It is not on its list any more."
        elif row.wanted.expires_at <= tx.now:
            gone[entry] = f"It expired on {moment(row.wanted.expires_at, tx.zone)}."
        else:
            there.append(row.wanted)
    for one, why in zip(there, await why_over(tx, there), strict=True):
        if why is not None:
            gone[one.id] = why
    return gone


async def end_with_cases(tx: Tx) -> None:
    """Write down which entries have ended with their case, each once."""
    resting = await entry_store.resting(tx)
    over = await case_store.over(tx, set(resting.values()))
    for entry, case in resting.items():
        if case in over and await entry_store.end_entry(tx, entry):
            more = {"why": over[case].reason, "of_case": str(case)}
            await effect(tx, "hot_list_entry.ended", About("hot_list_entry", entry), more=more)
            await hot_list_store.raise_version(tx)


async def end_unratified(tx: Tx) -> None:
    """Write down which entries of one person died because nobody ratified them, each once. They expired by then."""
    for entry in await entry_store.end_unratified(tx):
        await effect(tx, "hot_list_entry.died", About("hot_list_entry", entry))
        await hot_list_store.raise_version(tx)
