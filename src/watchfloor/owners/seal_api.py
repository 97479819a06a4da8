"""Routes of seals: ask for one, see them all. Approving one is deciding its proposal. Translate in, call a use case, translate out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside, why_of
from watchfloor.governance.inner_forms import Acted
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.owners import seal, sharing_forms
from watchfloor.owners.seal_store import Seal
from watchfloor.owners.sign_up import Owners


class SealBody(BaseModel):
    """Which use, for which case, for how many days, and why."""

    entry: str = Field(max_length=40)
    purpose: str = Field(max_length=40)
    case: str = Field(max_length=60)
    days: int = Field(default=seal.LONGEST_DAYS)
    reason: str = Field(min_length=3, max_length=500)


def routes(owners: Owners) -> APIRouter:
    """The routes of seals."""
    router = APIRouter(tags=["sharing"], route_class=Stated)

    @router.get("/use-seals", openapi_extra=asks(Need.USE_SEALS_VIEW))
    async def list_seals(actor: Signed, extent: InPages) -> Page[sharing_forms.UseSeal]:
        """Every use of an owner's camera that is or was sealed, the newest first."""
        found, names = await seal.everything(owners, actor, extent)
        now = owners.clock.now()
        return page(found.of(lambda one: _seal(one, now, names)))

    @router.post("/use-seals", status_code=201, openapi_extra=asks(Need.USE_SEAL))
    async def ask_for_seal(actor: Signed, body: SealBody) -> sharing_forms.SealAsked:
        """Ask that an owner is told of a use only later; a second person approves the proposal."""
        made = await seal.ask_for(
            owners, actor, why_of(body.purpose, body.case), inside("entry", body.entry), body.days, body.reason.strip()
        )  # fmt: skip
        return {"proposal": outside("proposal", made)}

    return router


def _seal(one: Seal, now: datetime, names: Mapping[UUID, str]) -> sharing_forms.UseSeal:
    return {
        "id": outside("use_seal", one.id),
        "entry": outside("entry", one.entry),
        "camera": outside("camera", one.camera),
        "camera_name": one.camera_name,
        "case": f"case:{outside('case', one.case)}",
        "case_number": one.case_number,
        "reason": one.reason,
        "asked_by": _person(one.asked_by, names),
        "sealed_by": _person(one.sealed_by, names),
        "sealed_at": one.sealed_at,
        "until": one.until,
        "told_at": one.opened_at,
        "sealed": one.opened_at is None and now < one.until,
    }


def _person(person: UUID, names: Mapping[UUID, str]) -> Acted:
    return {"id": outside("person", person), "name": names.get(person)}
