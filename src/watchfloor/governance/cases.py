"""Cases: opened under a purpose of the list, provisional where the number is unknown, confirmed by a second person, closed.

A provisional case ends by itself: its end is compared with the clock at every ask. What runs for it only writes that down,
and ends what rests on it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.governance import case_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.case_file import PROVISIONAL_FOR, CaseFile
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Actor, Ask, Denied, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import named
from watchfloor.kit.clock import Clock, rfc3339
from watchfloor.kit.errors import Conflict, NotFound, WatchfloorError
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.kit.said import moment
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx

# Whether a number is one of the agency's own: the slices that give numbers stand above and say how to find out.
KnowsNumber = Callable[[Tx, str], Awaitable[bool]]
# Ends what rests on cases that are over: the slices that keep it stand above too.
EndsWithCases = Callable[[Tx], Awaitable[None]]

_EVERY_S: Final = 5.0
_log = logger("governance")


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case as somebody asks for it; without a number it gets one of ours, which nobody else knows."""

    number: str
    title: str
    purpose: str


async def open_case(door: Door, actor: Actor, new: NewCase, known: Sequence[KnowsNumber]) -> CaseFile:
    """Open a case. Raises Refused (what is no purpose or a prohibited one, `number_lapsed`), or Conflict while the number is taken.

    It is provisional unless one of `known` knows its number, for 24 hours, which a person has once for a number.
    """
    why = Why(named(new.purpose))
    async with door.open(Ask(actor, Need.CASES_CHANGE, why, detail={"number": new.number})) as tx:
        case_id = uuid7(tx.now)
        number = new.number.strip() or f"provisional-{outside('case', case_id)[-8:]}"
        until = None if await _is_known(tx, number, known) else await _provisional_until(tx, number)
        await _lapsed(
            tx, await case_store.end_lapsed(tx, number)
        )  # the number of one that lapsed is free again
        if not await case_store.insert_case(tx, case_id, number, new.title, why.allowed.word, until):
            raise Conflict(f"The number {number} is taken.", reason="number_taken")
        more = {"provisional_until": rfc3339(until) if until else None}
        detail = {"number": number, "title": new.title}
        await effect(tx, "case.opened", About("case", case_id), more=more, detail=detail)
        return sure(await case_store.case_of(tx, case_id))


async def confirm(door: Door, actor: Actor, case_id: UUID) -> CaseFile:
    """Say as a second person that a provisional case is one. Raises NotFound, Refused (`same_person`) or Conflict."""
    async with door.open(Ask(actor, Need.CASES_CONFIRM, about=About("case", case_id))) as tx:
        case = await _open(tx, case_id)
        if case.provisional_until is None:
            raise Conflict(f"Case {case.number} is not provisional.", reason="not_provisional")
        if case.opened_by == actor.id:
            raise Refused(
                Denied("same_person", "You opened this case yourself; another supervisor confirms it.")
            )
        await case_store.confirm_case(tx, case_id)
        await effect(tx, "case.confirmed", About("case", case_id), detail={"number": case.number})
        return replace(case, provisional_until=None, confirmed_by=actor.id, confirmed_at=tx.now)


async def close(door: Door, actor: Actor, case_id: UUID) -> CaseFile:
    """Close a case: nothing more can be looked at for it. Raises NotFound, or Conflict when it has ended."""
    async with door.open(Ask(actor, Need.CASES_CHANGE, about=About("case", case_id))) as tx:
        case = await _open(tx, case_id)
        await case_store.close_case(tx, case_id)
        await effect(tx, "case.closed", About("case", case_id), detail={"number": case.number})
        return replace(case, closed_at=tx.now)


async def write_lapses(door: Door, agency: UUID, ends_with: Sequence[EndsWithCases] = ()) -> None:
    """Write down which provisional cases have lapsed, and what has ended with a case."""
    async with door.open(Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
        await _lapsed(tx, await case_store.end_lapsed(tx))
        for end in ends_with:
            await end(tx)


async def watch(
    door: Door, clock: Clock, agencies: Sequence[UUID], ends_with: Sequence[EndsWithCases]
) -> None:
    """Look every few seconds, for ever; an engine that is away is asked again."""
    while True:
        for agency in agencies:
            try:
                await write_lapses(door, agency, ends_with)
            except WatchfloorError as error:
                _log.warning("the end of cases waits to be written down", why=error.detail)
        await clock.sleep(_EVERY_S)


async def _lapsed(tx: Tx, cases: Sequence[CaseFile]) -> None:
    for case in cases:
        more = {"provisional_until": rfc3339(sure(case.provisional_until))}
        await effect(tx, "case.lapsed", About("case", case.id), more=more, detail={"number": case.number})


async def _open(tx: Tx, case_id: UUID) -> CaseFile:
    case = await case_store.case_to_change(tx, case_id)
    if case is None:
        raise NotFound("There is no open case of that id.")
    if ended := case.ended(tx.now, tx.zone):
        raise Conflict(ended.sentence, reason=ended.reason)
    return case


async def _provisional_until(tx: Tx, number: str) -> datetime:
    """In 24 hours, or when those end that the asker had for this number before. Raises Refused when they have ended."""
    before = await case_store.own_end(tx, number)
    if before is None:
        return tx.now + PROVISIONAL_FOR
    if before > tx.now:
        return before
    said = f"Your provisional case {number} lapsed on {moment(before, tx.zone)}; only another person opens this number again."
    raise Refused(
        Denied(
            "number_lapsed",
            said,
            next_step="Ask another person to open it and a supervisor to confirm it in time.",
        )
    )


async def _is_known(tx: Tx, number: str, known: Sequence[KnowsNumber]) -> bool:
    for knows in known:
        if await knows(tx, number):
            return True
    return False
