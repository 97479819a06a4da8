"""Routes of other vendors' alerts: translate in, call a use case, translate out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from watchfloor.dispatch.sounds import bring, forms
from watchfloor.dispatch.sounds.bring import Looked
from watchfloor.dispatch.sounds.record import Sounds
from watchfloor.dispatch.sounds.vendor import VendorForm
from watchfloor.governance.asks import asks
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.route import Stated, takes

_SHOWN_ROWS, _SHOWN_BAD = 10, 100
Vendor = Annotated[str, Query(max_length=80, description="Whose alerts they are.")]


def routes(parts: Sounds) -> APIRouter:
    """The routes of other vendors' alerts."""
    router = APIRouter(tags=["sounds"], route_class=Stated)
    told = asks(Need.SOUNDS_IMPORT) | takes("text/csv", "application/json")

    @router.post("/sounds/imports/look", openapi_extra=told)
    async def look_at_import(
        actor: Signed, request: Request, vendor: Vendor, form: VendorForm = VendorForm.CSV
    ) -> forms.SoundImport:
        """Look at a file of another vendor's alerts: what it says, what is new, what is refused and why. Nothing is kept."""
        return _form(await bring.look(parts, actor, vendor, await request.body(), form))

    @router.post("/sounds/imports", status_code=201, openapi_extra=told)
    async def bring_in_sounds(
        actor: Signed,
        request: Request,
        vendor: Vendor,
        sha256: Annotated[str, Query(max_length=64, description="Of the file that was looked at.")],
        form: VendorForm = VendorForm.CSV,
    ) -> forms.SoundImport:
        """Take the alerts of a file that was looked at into the ledger, as that vendor's; those that are kept stay as they are."""
        return _form(await bring.bring(parts, actor, vendor, await request.body(), form, sha256))

    return router


def _form(looked: Looked) -> forms.SoundImport:
    said = looked.parsed
    return {
        "vendor": looked.vendor,
        "sha256": looked.sha256,
        "alerts": len(said.alerts),
        "new": looked.new,
        "refused": len(said.bad),
        "columns": dict(said.columns),
        "first": [
            {
                "ref": one.ref,
                "at": one.at,
                "told_at": one.told_at,
                "lat": one.place.lat,
                "lon": one.place.lon,
                "what": one.what,
                "district": one.area,
            }
            for one in said.alerts[:_SHOWN_ROWS]
        ],
        "bad": [{"row": one.row, "why": one.why} for one in said.bad[:_SHOWN_BAD]],
    }
