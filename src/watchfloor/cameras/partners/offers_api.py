"""Routes of what other centers offer, and of what is offered to them. Translate in, call a use case, translate out."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.cameras.partners import bring, forms, offered
from watchfloor.cameras.partners.bring import Offer, Partners
from watchfloor.cameras.partners.model import OfferVerdict
from watchfloor.cameras.sites import forms as site_forms
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page


class OffersBody(BaseModel):
    """Which of what is offered is brought in; none named: all that is new. What changed is refreshed in any event."""

    channels: list[str] | None = Field(default=None, max_length=5000)


def routes(partners: Partners) -> APIRouter:
    """The routes of offers."""
    router = APIRouter(tags=["sites"], route_class=Stated)

    @router.get("/sites/{site_id}/offers", openapi_extra=asks(Need.CAMERAS_FIND))
    async def look_at_offers(actor: Signed, site_id: str) -> site_forms.SiteOffers:
        """Ask another center what it offers us, beside what we have of it; nothing changes."""
        return _offers(await bring.looked(partners, actor, inside("site", site_id)))

    @router.post("/sites/{site_id}/offers", openapi_extra=asks(Need.CAMERAS_FIND, Need.CAMERAS_CHANGE))
    async def bring_in(actor: Signed, site_id: str, body: OffersBody) -> site_forms.SiteOffers:
        """Bring in what another center offers, and refresh what changed there; what was done, camera by camera."""
        return _offers(await bring.bring(partners, actor, inside("site", site_id), body.channels))

    @router.get("/offered-cameras", openapi_extra=asks(Need.CAMERAS_OFFERED))
    async def list_offered(actor: Signed, extent: InPages) -> Page[forms.OfferedCamera]:
        """The cameras that a partner center is offered, by name. A page may hold fewer than were asked for, or none, and go on."""
        return page(await offered.listing(partners.cameras.door, actor, extent))

    return router


def _offers(found: Sequence[Offer]) -> site_forms.SiteOffers:
    def many(verdict: OfferVerdict) -> int:
        return sum(one.verdict is verdict for one in found)

    return {
        "new": many(OfferVerdict.NEW),
        "changed": many(OfferVerdict.CHANGED),
        "gone": many(OfferVerdict.GONE),
        "offers": [
            {
                "channel": one.channel,
                "name": one.name,
                "verdict": one.verdict,
                "place": one.place_text,
                "word": one.word,
                "id": outside("camera", one.camera) if one.camera else None,
                "lent_until": one.lent_until,
            }
            for one in found
        ],
    }
