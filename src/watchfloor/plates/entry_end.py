"""Manual entries end with the case that they were approved for: matching asks at each read, the log is told by the sweep.

It ends no entry for its time: who matches compares that with the clock. What rests on a call, an incident or an alert
goes on when those are closed, which they are within hours; it ends when it was said to.
"""

from __future__ import annotations

from collections.abc import Sequence

from watchfloor.governance import case_store
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About
from watchfloor.plates import entry_store, hot_list_store
from watchfloor.plates.model import Wanted
from watchfloor.storage.tx import Tx


async def still_wanted(tx: Tx, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Those of them that rest on no case which is over."""
    over = await case_store.over(tx, {one.case for one in wanted if one.case is not None})
    return [one for one in wanted if one.case not in over]


async def why_over(tx: Tx, wanted: Sequence[Wanted]) -> list[str | None]:
    """Of each why it alerts no more, in a sentence that names its case; None while it does."""
    over = await case_store.over(tx, {one.case for one in wanted if one.case is not None})
    return [over[one.case].sentence if one.case in over else None for one in wanted]


async def end_with_cases(tx: Tx) -> None:
    """Write down which entries have ended with their case, each once."""
    resting = await entry_store.resting(tx)
    over = await case_store.over(tx, set(resting.values()))
    for entry, case in resting.items():
        if case in over and await entry_store.end_entry(tx, entry):
            more = {"why": over[case].reason, "of_case": str(case)}
            await effect(tx, "hot_list_entry.ended", About("hot_list_entry", entry), more=more)
            await hot_list_store.raise_version(tx)
