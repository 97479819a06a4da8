"""Taking and closing a call. It opens no incident: whoever decides that the call is answered does."""

from __future__ import annotations

from uuid import UUID

from watchfloor.calls import store
from watchfloor.calls.model import Call, NewCall, checked
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask, Why
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Conflict, Invalid, NotFound, Stale
from watchfloor.kit.ids import uuid7


async def take(door: Door, actor: Actor, call: NewCall) -> Call:
    """Keep a call. Raises Invalid, Refused, or Conflict when its number is taken."""
    call = checked(call)
    ask = Ask(actor, Need.CASES_CHANGE, Why(call.purpose), detail={"call": call.number})
    async with door.open(ask) as tx:
        call_id = uuid7(tx.now)
        if not await store.insert_call(tx, call_id, call):
            raise Conflict(f"There is a call {call.number} already.", reason="number_taken")
        await effect(
            tx, "call.taken", About("call", call_id), detail={"type": call.type, "place": call.place}
        )
        kept = await store.call_of(tx, call_id)
        if kept is None:
            raise AssertionError("a call was kept and is not there")
        return kept


async def close(door: Door, actor: Actor, call: UUID, why: str, *, version: int | None) -> Call:
    """Close a call, with a reason. Raises NotFound, Stale, or Conflict when it is closed already."""
    why = why.strip()
    if not 3 <= len(why) <= 500:
        raise Invalid("Say in 3 to 500 characters why the call is closed.", reason="why")
    async with door.open(Ask(actor, Need.CASES_CHANGE, about=About("call", call))) as tx:
        before = await store.call_of(tx, call)
        if before is None:
            raise NotFound("There is no such call.")
        if version is not None and version != before.version:
            raise Stale("The call was changed since you read it.", next_step="Read it again.")
        if not await store.close_call(tx, call, why):
            raise Conflict(f"Call {before.number} is closed already.", reason="closed")
        await effect(tx, "call.closed", About("call", call), detail={"why": why})
        after = await store.call_of(tx, call)
        if after is None:
            raise AssertionError("a call was closed and is not there")
        return after
