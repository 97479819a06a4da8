"""The route of the reads behind an alert: translate in, call, translate out."""

from __future__ import annotations

from fastapi import APIRouter

from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.incidents import behind, forms
from watchfloor.incidents.behind import Shown
from watchfloor.incidents.behind_store import Behind
from watchfloor.incidents.in_hand import Alerts
from watchfloor.incidents.show import alert_form, picture_path
from watchfloor.plates.search_api import hit_json, others_json, told_json


def add_routes(router: APIRouter, alerts: Alerts) -> None:
    """The route of the reads behind an alert."""

    @router.get("/alerts/{alert_id}/reads", openapi_extra=asks(Need.ALERTS_VIEW, Need.ALERT_REVIEW))
    async def alert_reads(actor: Signed, alert_id: str) -> forms.AlertReads:
        """The reads behind an alert: for whoever typed what its picture shows, and after the verdict."""
        shown = await behind.reads_of(alerts, actor, inside("alert", alert_id))
        return {
            "alert": alert_form(shown.alert, shown.names),
            "items": [_read(shown, one) for one in shown.reads],
        }


def _read(shown: Shown, one: Behind) -> forms.AlertRead:
    name = one.read.picture
    there = name is not None and name in shown.pictures
    return {
        **told_json(one.read, one.reader, one.place, one.point),
        "hit": hit_json(one.hit),
        "others": others_json(one.read),
        "picture": picture_path(shown.alert.id, shown.pictures.index(name)) if there and name else None,
    }
