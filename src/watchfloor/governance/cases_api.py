"""Routes of cases: what a purpose can point at. Translate in, use case, translate out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.governance import case_store, cases
from watchfloor.governance.api import GovernanceParts
from watchfloor.governance.asker import Asker
from watchfloor.governance.asks import asks
from watchfloor.governance.case_file import CaseFile
from watchfloor.governance.cases import NewCase
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.inner_forms import Acted
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_forms import Case
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.pages import Cut, InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.storage.tx import Tx


class CaseBody(BaseModel):
    """A case; a number that the agency does not know makes it provisional, and so does none."""

    number: str = Field(default="", max_length=40)
    title: str = Field(min_length=3, max_length=200)
    purpose: str = "violent_crime"


def routes(parts: GovernanceParts) -> APIRouter:
    """The routes of cases."""
    router = APIRouter(tags=["governance"], route_class=Stated)
    _add_lists(router, parts)
    _add_acts(router, parts)
    return router


def _add_lists(router: APIRouter, parts: GovernanceParts) -> None:
    @router.get("/cases", openapi_extra=asks(Need.CASES_VIEW))
    async def list_cases(actor: Asker, extent: InPages, state: str = "all") -> Page[Case]:
        """Cases, newest first; `state=open` leaves out those that were closed or have lapsed."""
        if state not in ("open", "all"):
            raise Invalid("`state` is open or all.", reason="state")
        async with parts.door.open(Ask(actor, Need.CASES_VIEW)) as tx:
            found = await case_store.cases(tx, extent, open_only=state == "open")
            return await _listed(tx, found, parts)

    @router.get("/cases/provisional", openapi_extra=asks(Need.CASES_CONFIRM))
    async def list_provisional(actor: Asker, extent: InPages) -> Page[Case]:
        """Provisional cases, which wait for a second person; the one that lapses next first."""
        async with parts.door.open(Ask(actor, Need.CASES_CONFIRM)) as tx:
            return await _listed(tx, await case_store.provisional_cases(tx, extent), parts)

    @router.get("/cases/{case_id}", openapi_extra=asks(Need.CASES_VIEW))
    async def get_case(actor: Asker, case_id: str) -> Case:
        """One case, open or not."""
        case = inside("case", case_id)
        async with parts.door.open(Ask(actor, Need.CASES_VIEW, about=About("case", case))) as tx:
            found = await case_store.case_of(tx, case)
            if found is None:
                raise NotFound("There is no such case.")
            return (await _listed(tx, Cut([found]), parts))["items"][0]


def _add_acts(router: APIRouter, parts: GovernanceParts) -> None:
    @router.post("/cases", status_code=201, openapi_extra=asks(Need.CASES_CHANGE))
    async def open_case(actor: Asker, body: CaseBody) -> Case:
        """Open a case; with a number the agency does not know it is provisional, and ends after 24 hours unless confirmed."""
        new = NewCase(body.number, body.title, body.purpose)
        return _done(await cases.open_case(parts.door, actor, new, parts.numbers), actor, parts)

    @router.post("/cases/{case_id}/confirm", openapi_extra=asks(Need.CASES_CONFIRM))
    async def confirm_case(actor: Asker, case_id: str) -> Case:
        """Confirm another person's provisional case: it no longer ends by itself."""
        return _done(await cases.confirm(parts.door, actor, inside("case", case_id)), actor, parts)

    @router.post("/cases/{case_id}/close", openapi_extra=asks(Need.CASES_CHANGE))
    async def close_case(actor: Asker, case_id: str) -> Case:
        """Close a case: nothing more can be looked at for it."""
        return _done(await cases.close(parts.door, actor, inside("case", case_id)), actor, parts)


async def _listed(tx: Tx, found: Cut[CaseFile], parts: GovernanceParts) -> Page[Case]:
    people = {p for case in found.items for p in (case.opened_by, case.confirmed_by) if p is not None}
    names = await parts.names_of(tx, list(people))
    return page(found.of(lambda case: case_json(case, tx.now, names)))


def _done(case: CaseFile, actor: Actor, parts: GovernanceParts) -> Case:
    return case_json(case, parts.clock.now(), {actor.id: actor.name})


def case_json(case: CaseFile, now: datetime, names: Mapping[UUID, str]) -> Case:
    """The outside form of a case."""
    return {
        "id": outside("case", case.id),
        "kind": "case",
        "number": case.number,
        "title": case.title,
        "purpose": case.purpose,
        "state": case.state(now),
        "provisional_until": case.provisional_until,
        "opened_by": _person(case.opened_by, names),
        "opened_at": case.opened_at,
        "confirmed_by": _person(case.confirmed_by, names) if case.confirmed_by else None,
        "confirmed_at": case.confirmed_at,
    }


def _person(person: UUID, names: Mapping[UUID, str]) -> Acted:
    return {"id": outside("person", person), "name": names.get(person)}
