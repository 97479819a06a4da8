"""Routes of cases: what a purpose can point at. Translate in, use case, translate out."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.governance import policy_store
from watchfloor.governance.api import GovernanceParts
from watchfloor.governance.asker import Asker
from watchfloor.governance.asks import asks
from watchfloor.governance.audit import effect
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_forms import Case
from watchfloor.kit.errors import Conflict, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Row

PROVISIONAL_FOR: Final = timedelta(hours=24)


class CaseBody(BaseModel):
    """A case; without a number it is provisional for 24 hours."""

    number: str = Field(default="", max_length=40)
    title: str = Field(min_length=3, max_length=200)
    purpose: str = "violent_crime"


def routes(parts: GovernanceParts) -> APIRouter:
    """The routes of cases."""
    router = APIRouter(tags=["governance"], route_class=Stated)
    _add_cases(router, parts)
    return router


def _add_cases(router: APIRouter, parts: GovernanceParts) -> None:
    @router.get("/cases", openapi_extra=asks(Need.CASES_VIEW))
    async def list_cases(actor: Asker, extent: InPages) -> Page[Case]:
        """Cases, newest first."""
        async with parts.door.open(Ask(actor, Need.CASES_VIEW)) as tx:
            return page((await policy_store.cases(tx, extent)).of(case_json))

    @router.post("/cases", status_code=201, openapi_extra=asks(Need.CASES_CHANGE))
    async def open_case(actor: Asker, body: CaseBody) -> Case:
        """Open a case; without a number it is provisional and ends after 24 hours unless numbered."""
        async with parts.door.open(Ask(actor, Need.CASES_CHANGE, detail={"number": body.number})) as tx:
            case_id = uuid7(tx.now)
            number = body.number.strip() or f"provisional-{outside('case', case_id)[-8:]}"
            until = None if body.number.strip() else tx.now + PROVISIONAL_FOR
            if not await policy_store.insert_case(tx, case_id, number, body.title, body.purpose, until):
                raise Conflict(f"The number {number} is taken.", reason="number_taken")
            await effect(
                tx, "case.opened", About("case", case_id), detail={"number": number, "title": body.title}
            )
            return case_json(sure(await policy_store.case_of(tx, case_id)))

    @router.post("/cases/{case_id}/close", openapi_extra=asks(Need.CASES_CHANGE))
    async def close_case(actor: Asker, case_id: str) -> Case:
        """Close a case: nothing more can be looked at for it."""
        wanted = inside("case", case_id)
        async with parts.door.open(Ask(actor, Need.CASES_CHANGE, about=About("case", wanted))) as tx:
            if not await policy_store.close_case(tx, wanted):
                raise NotFound("There is no open case of that id.")
            await effect(tx, "case.closed", About("case", wanted))
            return case_json(sure(await policy_store.case_of(tx, wanted)))


def case_json(row: Row) -> Case:
    """The outside form of a case."""
    return {
        "id": outside("case", row["id"]),
        "kind": "case",
        "number": row["number"],
        "title": row["title"],
        "purpose": row["purpose"],
        "state": "closed" if row["closed_at"] else "open",
        "provisional_until": row["provisional_until"],
        "opened_at": row["opened_at"],
    }
