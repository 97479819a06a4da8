"""Routes of findings: translate in, call a use case, translate out."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside, why_given
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Purposed, Signed
from watchfloor.investigations import findings, forms
from watchfloor.investigations.finding_store import Finding
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.plates.search_api import read_json
from watchfloor.plates.search_store import Found


class FindingsBody(BaseModel):
    """Reads that a search found, by their ids, for the case that one looks for."""

    purpose: str = Field(max_length=40)
    case: str = Field(max_length=60)
    search: str = Field(max_length=40, description="The search that found them.")
    reads: list[str] = Field(max_length=100)
    note: str = Field(default="", max_length=1000)


def routes(door: Door) -> APIRouter:
    """The routes of findings."""
    router = APIRouter(tags=["investigations"], route_class=Stated)

    @router.get("/findings", openapi_extra=asks(Need.FINDINGS_VIEW))
    async def list_findings(actor: Signed, why: Purposed, extent: InPages) -> Page[forms.Finding]:
        """Reads that were put into the case that is named with the purpose, the newest first."""
        found = await findings.listed(door, actor, why, extent)
        return page(found.of(lambda one: _form(*one)))

    @router.post("/findings", status_code=201, openapi_extra=asks(Need.FINDINGS_CHANGE))
    async def keep_findings(actor: Signed, body: FindingsBody) -> forms.FindingsKept:
        """Put reads that a search found into a case or an incident. It preserves none of them."""
        why, search = why_given(body.purpose, body.case), inside("entry", body.search)
        put = await findings.keep(door, actor, why, search, body.reads, body.note)
        return {"kept": put.kept, "before": put.before}

    @router.delete("/findings/{finding_id}", status_code=204, openapi_extra=asks(Need.FINDINGS_CHANGE))
    async def remove_finding(actor: Signed, why: Purposed, finding_id: str) -> None:
        """Take one of one's own out of its case."""
        await findings.remove(door, actor, why, inside("finding", finding_id))

    return router


def _form(one: Finding, read: Found | None) -> forms.Finding:
    return {
        "id": outside("finding", one.id),
        "search": outside("entry", one.search),
        "scenes": one.scenes,
        "read_at": one.read[0],
        "read": read_json(read) if read is not None else None,
        "note": one.note,
        "made_by": {"id": outside("person", one.made_by), "name": one.author},
        "made_at": one.made_at,
    }
