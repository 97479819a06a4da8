"""Routes of looking back: outcomes of a time, and their sums. Translate in, ask the stores, translate out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query

from watchfloor.dispatch import forms, outcome_store
from watchfloor.dispatch.model import Outcome, Result
from watchfloor.dispatch.show import outcome_form
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.incidents import alert_store, incident_store
from watchfloor.incidents.model import AlertState
from watchfloor.incidents.review import DismissReason
from watchfloor.incidents.show import incident_form
from watchfloor.kit.errors import Invalid
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page

_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)

Begin = Annotated[Instant | None, Query(alias="from")]
End = Annotated[Instant | None, Query(alias="to")]


def routes(door: Door) -> APIRouter:
    """The routes of outcomes that were recorded."""
    router = APIRouter(tags=["dispatch"], route_class=Stated)
    _add_list(router, door)
    _add_sums(router, door)
    return router


def _add_list(router: APIRouter, door: Door) -> None:
    @router.get("/outcomes", openapi_extra=asks(Need.OUTCOMES_VIEW))
    async def list_outcomes(
        actor: Signed, extent: InPages, begin: Begin = None, end: End = None, result: Result | None = None
    ) -> Page[forms.RecordedOutcome]:
        """What came of incidents, the newest first; of a time and a kind, where they are named."""
        since, until = _span(begin, end)
        async with door.open(Ask(actor, Need.OUTCOMES_VIEW)) as tx:
            found = await outcome_store.outcomes(tx, extent, since=since, until=until, result=result)
            incidents = await incident_store.incidents_of(tx, [one.incident for one in found.items])
            names = await names_of(tx, [one.recorded_by for one in found.items])

        def form(one: Outcome) -> forms.RecordedOutcome:
            closed = incidents.get(one.incident)
            return {**outcome_form(one, names), "incident": incident_form(closed) if closed else None}

        return page(found.of(form))


def _add_sums(router: APIRouter, door: Door) -> None:
    @router.get("/outcomes/sums", openapi_extra=asks(Need.OUTCOMES_VIEW))
    async def sum_outcomes(actor: Signed, begin: Begin = None, end: End = None) -> forms.OutcomeSums:
        """Outcomes of a time by kind, and how the alerts ended that were decided in it."""
        since, until = _span(begin, end)
        async with door.open(Ask(actor, Need.OUTCOMES_VIEW)) as tx:
            sums = await outcome_store.sums(tx, since=since, until=until)
            decided = await alert_store.decided(tx, since, until)
        reasons: Counter[DismissReason] = Counter()
        for (state, reason), count in decided.items():
            if state is AlertState.DISMISSED:
                reasons[DismissReason(reason or DismissReason.OTHER)] += count
        confirmed = sum(count for (state, _), count in decided.items() if state is AlertState.CONFIRMED)
        return {
            "outcomes": sums.outcomes,
            "results": {result: sums.results.get(result, 0) for result in Result},
            "arrests": sums.arrests,
            "charges": sums.charges,
            "alerts": {
                "confirmed": confirmed,
                "dismissed": reasons.total(),
                "reasons": dict(reasons),
                "wrong": sums.wrong,
            },
        }


def _span(begin: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """From when to when; without a bound, all there is. Raises Invalid."""
    since, until = begin or _EARLIEST, end or _LATEST
    if since >= until:
        raise Invalid("It must end after it begins.", reason="to")
    return since, until
