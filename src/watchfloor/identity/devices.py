"""Which device a token belongs to, asked for all who ask at one moment together. It gives no leave: what a device may hand in the
door decides. It remembers no token but for an outage: a token that is withdrawn is refused at the next request.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.grant import OUTAGE_FOR
from watchfloor.governance.model import Actor, ActorKind, AgencyId, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity import device_store
from watchfloor.identity.model import hash_of
from watchfloor.identity.sign_in import REMEMBERED, Identity, agency_of
from watchfloor.kit.errors import Unauthenticated, Unavailable
from watchfloor.kit.together import Together


async def device_of(identity: Identity, token: str) -> Actor:
    """The device a bearer token belongs to, as an actor. Raises Unauthenticated.

    With the database away, a device that was known within 15 minutes still is: its reads and pulses wait in the intake
    buffer, and whether they may be taken the door decides by its last answer.
    """
    hashed, now = hash_of(token), identity.clock.now()
    try:
        actor = await _live_device(identity, hashed)
    except Unavailable:
        known = identity.devices.get(hashed)
        if known is None or now - known[1] > OUTAGE_FOR:
            raise
        return known[0]
    except Unauthenticated:
        identity.devices.pop(hashed, None)
        raise
    if len(identity.devices) >= REMEMBERED:
        identity.devices.clear()
    identity.devices[hashed] = (actor, now)
    return actor


async def device_now(identity: Identity, token: str) -> Actor:
    """The device a token belongs to at this moment, for what lasts: with the database away nobody knows, and Unavailable is raised.

    Raises Unauthenticated.
    """
    return await _live_device(identity, hash_of(token))


async def live_tokens(identity: Identity, agency: UUID, devices: Sequence[UUID]) -> dict[UUID, bytes]:
    """The hashes of the tokens by which those of these devices of an agency that have one may sign in now."""
    async with identity.door.open(Ask(process_actor(agency, "serve"), Need.SESSION_LOOK_UP)) as tx:
        return await device_store.live_tokens(tx, devices)


async def _live_device(identity: Identity, hashed: bytes) -> Actor:
    agency = await agency_of(identity, "device", hashed)
    if agency is not None:
        asked = identity.asked.get(agency)
        if asked is None:
            asked = identity.asked[agency] = Together(partial(_devices, identity, agency), identity.clock)
        found = await asked.of(hashed)
        if found is not None:
            return actor_of(agency, found[0], found[1])
    raise Unauthenticated("This device's token is not known.", next_step="Issue a new token for the device.")


async def _devices(
    identity: Identity, agency: UUID, hashes: Sequence[bytes]
) -> dict[bytes, tuple[UUID, str]]:
    async with identity.door.single(Ask(process_actor(agency, "serve"), Need.SESSION_LOOK_UP)) as tx:
        return await device_store.devices(tx, hashes)


def actor_of(agency: UUID, device: UUID, kind: str) -> Actor:
    """A device that has proved which it is: by its token, or by what it alone can write to."""
    machine = process_actor(agency, "device")
    return Actor(device, ActorKind.DEVICE, AgencyId(agency), machine.roles, name=kind)


def named_token(credentials: str) -> tuple[str, str]:
    """Name and token of a device that knows only name and password (RFC 7617); two empty ones for what cannot be read."""
    try:
        name, _, token = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return name.strip(), token.strip()
