"""The lights of a trailer are switched by who may: a signed question to its webhook, its answer shown, all of it in the log."""

from __future__ import annotations

import base64
import secrets
from typing import Final
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.envelope import Unreadable
from watchfloor.kit.errors import Conflict, Invalid, NotFound, Unavailable
from watchfloor.kit.ids import uuid7
from watchfloor.trailers import store
from watchfloor.trailers.change import held
from watchfloor.trailers.model import Lights, Switched
from watchfloor.trailers.parts import Trailers, tell
from watchfloor.trailers.webhook import Answer, Switch, ask, look_up, switch_address

_SECRET_BYTES: Final = 32


async def set_up(trailers: Trailers, actor: Actor, trailer: UUID, url: str | None) -> str | None:
    """Say where its lights are switched; the new secret, shown once. None forgets both. Raises NotFound or Invalid."""
    where = switch_address(url) if url else None
    if where is not None:
        await look_up(where, trailers.networks, trailers.resolve)
    about = About("trailer", trailer)
    async with trailers.door.open(Ask(actor, Need.TRAILERS_CHANGE, about=about)) as tx:
        await held(tx, trailer)
        secret = None
        if where is None:
            await store.forget_lights(tx, trailer)
        else:
            secret = base64.urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).decode().rstrip("=")
            await store.keep_lights(
                tx, trailer, where, trailers.envelope.seal(secret.encode(), _about(trailer))
            )
        await effect(tx, "trailer.lights_set_up", about, more={"switched": where is not None})
        tell(trailers, tx, trailer)
        return secret


async def switch(trailers: Trailers, actor: Actor, trailer: UUID, lights: Lights, reason: str) -> Answer:
    """Ask for it and keep what was answered. Raises NotFound, Invalid, Conflict or Unavailable."""
    reason = " ".join(reason.split())
    if not 3 <= len(reason) <= 200 or not reason.isprintable():
        raise Invalid("Say why, in 3 to 200 characters.", reason="reason")
    about, detail = About("trailer", trailer), {"lights": lights.value, "reason": reason}
    wanted = Ask(actor, Need.TRAILER_LIGHTS, about=about, detail=detail)
    async with trailers.door.open(wanted) as tx:
        found = await store.trailer_of(tx, trailer)
        if found is None:
            raise NotFound("There is no such trailer.")
        sealed = await store.secret_of(tx, trailer)
        if found.lights_url is None or sealed is None:
            raise Conflict(
                "Nobody said how its lights are switched.",
                reason="no_lights",
                next_step="A technician enters the address of its switch on the trailer's page.",
            )
        asked = Switch(outside("trailer", trailer), lights, str(uuid7(tx.now)), tx.now)
        await effect(tx, "trailer.lights_asked", about, more={"lights": lights.value, "number": asked.number})
    secret = _opened(trailers, trailer, sealed)
    # Outside of any transaction: another machine takes its time.
    answer = await ask(found.lights_url, secret, asked, trailers.networks, trailers.resolve)
    async with trailers.door.open(wanted) as tx:
        kept = Switched(lights, asked.at, actor.id, answer.ok, answer.sentence)
        await store.keep_switched(tx, trailer, kept)
        await effect(
            tx,
            "trailer.lights_switched" if answer.ok else "trailer.lights_not_switched",
            about,
            more={"lights": lights.value, "number": asked.number},
            detail={"answer": answer.sentence},
        )
        tell(trailers, tx, trailer)
    return answer


def _opened(trailers: Trailers, trailer: UUID, sealed: bytes) -> bytes:
    try:
        return trailers.envelope.open(sealed, _about(trailer))
    except Unreadable as error:
        raise Unavailable("The secret of its lights cannot be read; set them up again.") from error


def _about(trailer: UUID) -> bytes:
    return b"trailer lights/" + trailer.bytes
