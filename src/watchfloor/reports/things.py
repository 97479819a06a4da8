"""What the log can be about, found by its name: for whoever looks something up in the log. It shows nothing but names."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from watchfloor.governance.door import Door
from watchfloor.governance.forms import PREFIX, inside
from watchfloor.governance.model import Actor, Ask
from watchfloor.governance.names import kinds_told
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid
from watchfloor.kit.pages import Cut, Extent
from watchfloor.reports import store
from watchfloor.storage.tx import Row

# So many are raised, each of a name that others have too, that a name finds none of them.
_NEVER_FOUND: Final = "alert"


async def found(door: Door, actor: Actor, find: str, kind: str | None, extent: Extent) -> Cut[Row]:
    """Things whose name has `find` in it, of the kinds that the actor may know; by `kind:id` the one. Raises Invalid."""
    told = kinds_told(actor)
    only = _only(find)
    offered = [word for word in told if only or word != _NEVER_FOUND]
    if kind is not None and kind not in offered:
        raise Invalid(f"The kind is one of: {', '.join(offered)}.", reason="kind")
    kinds = offered if kind is None else [kind]
    need = Need.AUDIT_VIEW if actor.roles & Need.AUDIT_VIEW.roles else Need.OWN_AUDIT_VIEW
    async with door.open(Ask(actor, need, detail={"find": find})) as tx:
        return await store.things(tx, kinds, find="" if only else find, only=only, extent=extent)


def _only(find: str) -> UUID | None:
    kind, colon, thing = find.partition(":")
    if not colon or kind not in PREFIX:
        return None
    try:
        return inside(kind, thing)
    except Invalid:
        return None
