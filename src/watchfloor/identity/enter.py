"""Signing in by a one-time link of another slice, which has used it up: the link was the proof. It gives a session, no leave."""

from __future__ import annotations

from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.model import Browser
from watchfloor.identity.sign_in import Identity, Opened, open_session


async def enter(identity: Identity, agency: UUID, person: UUID, browser: Browser) -> Opened:
    """Open a session for somebody. Raises Unauthenticated when the account is suspended."""
    async with identity.door.open(Ask(process_actor(agency, "serve"), Need.SIGN_IN)) as tx:
        return await open_session(identity, tx, person, browser, second_factor=False)
