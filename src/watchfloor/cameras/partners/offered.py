"""Which of our cameras a partner center is offered: those that an authorisation in force lets partners look at, and no other's; and which
of them it may record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from watchfloor.cameras import store
from watchfloor.cameras.model import Camera, shown
from watchfloor.cameras.outward import state_form
from watchfloor.cameras.partners.forms import OfferedCamera
from watchfloor.cameras.partners.model import OFFERED, is_offered
from watchfloor.governance import lending_store
from watchfloor.governance import store as governance_store
from watchfloor.governance.decide import Facts, authorised
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.lending import Lending, NotLent, lent
from watchfloor.governance.model import About, Actor, Allowed, Ask, Authorisation
from watchfloor.governance.needs import Need
from watchfloor.kit.extent import Cut, Extent


async def listing(door: Door, actor: Actor, extent: Extent) -> Cut[OfferedCamera]:
    """A part of what this partner is offered. Raises Refused."""
    async with door.open(Ask(actor, Need.CAMERAS_OFFERED)) as tx:
        found = await store.cameras(tx, extent)
        approved = await governance_store.authorisations(tx, sorted(kind.value for kind in OFFERED))
        lendings = await lending_store.of_partners(tx, [actor.id], [one.id for one in found.items])
        items = [
            _form(one, tx.now, lent(lendings.about(actor.id, one.id), tx.now))
            for one in found.items
            if is_open_to(actor, one, approved, tx.now)
        ]
        return Cut(items, found.following)


def is_open_to(actor: Actor, camera: Camera, approved: Sequence[Authorisation], now: datetime) -> bool:
    """Whether it is offered at all, in use, and where an authorisation that names partners is in force. Pure."""
    if not camera.enabled or not is_offered(camera):
        return False
    # Of the authorisation alone: which purposes it is for, each look is judged by.
    ask = Ask(actor, Need.CAMERA_RECORD, None, About("camera", camera.id), camera.technology, camera.place)
    return isinstance(authorised(ask, Facts(approved, None, False), now=now), Allowed)


def _form(camera: Camera, now: datetime, given: Lending | NotLent) -> OfferedCamera:
    return {
        "id": outside("camera", camera.id),
        "name": camera.name,
        "technology": camera.technology,
        "place": {"text": camera.place_text, "lat": camera.place.lat, "lon": camera.place.lon},
        "heading_deg": camera.heading_deg,
        "field_deg": camera.field_deg,
        "range_m": camera.range_m,
        "state": state_form(shown(camera, now=now), camera.said),
        "lent": {"id": outside("lending", given.id), "until": given.until}
        if isinstance(given, Lending)
        else None,
    }
