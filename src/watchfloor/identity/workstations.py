"""Workstations: the browsers of the room. While one is locked, the live pictures of open incidents that were on it stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from watchfloor.governance.actors import NO_AGENCY, process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity import store as identity_store
from watchfloor.identity import workstation_store as store
from watchfloor.identity.model import Browser, SignIn, Workstation, hash_of, new_token
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.settings import IdentitySettings
from watchfloor.storage.tx import Tx

_NEED = Need.WORKSTATIONS_CHANGE
SIGNED_IN = "Somebody signed in at the workstation."


async def listing(door: Door, actor: Actor, extent: Extent) -> Cut[Workstation]:
    """A part of the agency's workstations, by name."""
    async with door.open(Ask(actor, _NEED)) as tx:
        return await store.workstations(tx, extent)


async def register(door: Door, actor: Actor, name: str) -> tuple[Workstation, str]:
    """Make the browser that asks a workstation. Returns it and its token, which goes into that browser's cookie and nowhere else.

    Raises Invalid, or Conflict when another has the name.
    """
    name = name.strip()
    if not 2 <= len(name) <= 60:
        raise Invalid("A workstation has a name of 2 to 60 characters.", reason="name")
    token = new_token()
    async with door.open(Ask(actor, _NEED, detail={"name": name})) as tx:
        new = uuid7(tx.now)
        if not await store.insert_workstation(tx, new, name, hash_of(token), actor.id):
            raise Conflict(f"Another workstation is called {name}.", reason="name_taken")
        await effect(tx, "workstation.registered", About("workstation", new), more={"name": name})
        return sure(await store.workstation(tx, hash_of(token))), token


async def remove(door: Door, actor: Actor, workstation: UUID) -> None:
    """It is one no more, and nothing stays on it. Raises NotFound."""
    async with door.open(Ask(actor, _NEED, about=About("workstation", workstation))) as tx:
        if not await store.remove_workstation(tx, workstation):
            raise NotFound("There is no such workstation.")
        await effect(tx, "workstation.removed", About("workstation", workstation))
        await _end(tx, door, workstation, "The workstation is registered no more.")


async def workstation_at(door: Door, session: SignIn, browser: Browser) -> Workstation | None:
    """The workstation that this browser is in the session's agency."""
    if browser.workstation is None:
        return None
    async with door.open(Ask(process_actor(session.agency, "serve"), Need.SESSION_LOOK_UP)) as tx:
        return await store.workstation(tx, hash_of(browser.workstation))


async def looks_stay(
    tx: Tx, settings: IdentitySettings, session: SignIn, browser: Browser
) -> Workstation | None:
    """Keep what the session watches of open incidents on the workstation that is being locked; None where nothing stays."""
    if browser.workstation is None or settings.looks_stay_min == 0:
        return None
    here = await store.workstation(tx, hash_of(browser.workstation))
    if here is not None:
        until = tx.now + timedelta(minutes=settings.looks_stay_min)
        await store.looks_stay(tx, session.id, here.id, until)
    return here


async def looks_end(tx: Tx, door: Door, browser: Browser, why: str) -> None:
    """Nothing stays on this browser's workstation from now on."""
    here = (
        await store.workstation(tx, hash_of(browser.workstation)) if browser.workstation is not None else None
    )
    if here is not None:
        await _end(tx, door, here.id, why)


async def looks_end_elsewhere(door: Door, browser: Browser, agency: UUID, why: str) -> None:
    """The same where another agency than `agency` registered this browser, whose workstations no transaction of that one sees."""
    if browser.workstation is None:
        return
    async with door.open(Ask(process_actor(NO_AGENCY, "serve"), Need.SESSION_LOOK_UP)) as tx:
        of = await identity_store.agency_of(tx, "workstation", hash_of(browser.workstation))
    if of is not None and of != agency:
        async with door.open(Ask(process_actor(of, "serve"), Need.SIGN_IN)) as tx:
            await looks_end(tx, door, browser, why)


async def _end(tx: Tx, door: Door, workstation: UUID, why: str) -> None:
    tx.after_commit(partial(_end_here, door, await store.looks_stay_no_more(tx, workstation), why))


async def _end_here(door: Door, sessions: Sequence[UUID], why: str) -> None:
    """In this process at once; the others learn it when they renew, within the minute that a leave lasts."""
    for session in sessions:
        door.grants.end_of_session(session, why)
