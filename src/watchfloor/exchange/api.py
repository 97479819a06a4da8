"""Routes of outside forms: translate in, ask the stores, write it."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Response

from watchfloor.exchange.sound_cap import MEDIA_TYPE, Said, message
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.incidents import alert_store, sound_store
from watchfloor.incidents.model import SAYS_NOT_OF_SOUNDS, AlertState
from watchfloor.kit.errors import Conflict, NotFound
from watchfloor.kit.route import BYTES, Stated
from watchfloor.kit.sure import sure
from watchfloor.owners.store import agency_name
from watchfloor.storage.tx import Tx


def routes(door: Door, public_url: str) -> APIRouter:
    """The routes of outside forms; messages are sent by `public_url`."""
    router = APIRouter(tags=["exchange"], route_class=Stated)
    sender = urlsplit(public_url).netloc or "watchfloor"

    @router.get(
        "/alerts/{alert_id}/cap",
        responses={200: {"content": {MEDIA_TYPE: BYTES}}},
        openapi_extra=asks(Need.ALERTS_VIEW),
    )
    async def alert_as_cap(actor: Signed, alert_id: str) -> Response:
        """A confirmed sound as a CAP 1.2 message for other centers, as it is told now: its ellipse is a polygon."""
        wanted = inside("alert", alert_id)
        async with door.open(Ask(actor, Need.ALERTS_VIEW, about=About("alert", wanted))) as tx:
            said = await _said(tx, wanted, sender)
        name = f'attachment; filename="{said.identifier}.cap.xml"'
        return Response(
            message(said),
            media_type=MEDIA_TYPE,
            headers={"Content-Disposition": name, "Cache-Control": "no-store"},
        )

    return router


async def _said(tx: Tx, wanted: UUID, sender: str) -> Said:
    """What the message says. Raises NotFound, or Conflict of what no person confirmed as gunfire, and of what has fallen."""
    alert = await alert_store.alert_of(tx, wanted)
    if alert is None:
        raise NotFound("There is no such alert.")
    if alert.sound is None or alert.state is not AlertState.CONFIRMED:
        raise Conflict(
            "Only a sound that a person confirmed as gunfire is handed on.", reason="not_confirmed"
        )
    sound = alert.sound
    if not sound.standing:
        raise Conflict("With all that was heard since, nothing is located there any more.", reason="fallen")
    versions = await sound_store.versions_of(tx, wanted)
    sent = max(sure(alert.decided_at), *(one.kept_at for one in versions))
    identifier = f"{outside('alert', wanted)}.{len(versions)}"
    return Said(identifier, sender, await agency_name(tx), sent, alert.spot.text, SAYS_NOT_OF_SOUNDS, sound)
