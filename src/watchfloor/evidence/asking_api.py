"""Routes of evidence requests: ask, look, remind, withdraw, fetch what came. Translate in, call a use case, translate out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from watchfloor.evidence import asking, forms
from watchfloor.evidence.asked import Asked, File
from watchfloor.evidence.asking import Asking, Sent, Wanted
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import case_of, inside, outside, why_of
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Purposed, Signed
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import BYTES, Page, Stated, page

MOST_ASKED: Final = 20
_FILE: Final[dict[int | str, dict[str, object]]] = {
    200: {"description": "The file as it was sent.", "content": {"application/octet-stream": BYTES}}
}


class WhomBody(BaseModel):
    """An owner, the owner of a camera, or a witness by an address: one of them."""

    owner: str | None = Field(default=None, max_length=40)
    camera: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=254)


class EvidenceBody(BaseModel):
    """What is asked for, of whom, for which case."""

    purpose: str = Field(max_length=40)
    case: str = Field(max_length=60)
    place: str = Field(max_length=200)
    from_at: Instant
    to_at: Instant
    words: str = Field(max_length=1000)
    of: list[WhomBody] = Field(min_length=1, max_length=MOST_ASKED)


def routes(parts: Asking) -> APIRouter:
    """The routes of evidence requests."""
    router = APIRouter(tags=["evidence"], route_class=Stated)
    clock = parts.owners.clock

    @router.get("/evidence-requests", openapi_extra=asks(Need.EVIDENCE_VIEW))
    async def list_requests(
        actor: Signed, extent: InPages, case: Annotated[str | None, Query(max_length=60)] = None
    ) -> Page[forms.EvidenceRequest]:
        """Whom evidence is asked of, and what came, the newest first. Nobody is named."""
        wanted = case_of(case).id if case else None
        found = await asking.everything(parts, actor, wanted, extent)
        return page(found.of(lambda one: _request(one, clock.now())))

    @router.post("/evidence-requests", status_code=201, openapi_extra=asks(Need.EVIDENCE_ASK))
    async def ask_for_evidence(actor: Signed, body: EvidenceBody) -> forms.EvidenceAsked:
        """Ask each of these for what their camera has; they are written a link that works for 14 days."""
        sent = await asking.ask_for(parts, actor, why_of(body.purpose, body.case), _wanted(body))
        return {"items": [sent_form(one, clock.now()) for one in sent]}

    _add_acts(router, parts)
    _add_files(router, parts)
    return router


def _add_acts(router: APIRouter, parts: Asking) -> None:
    clock = parts.owners.clock

    @router.post("/evidence-requests/{evidence_id}/remind", openapi_extra=asks(Need.EVIDENCE_CHANGE))
    async def remind(actor: Signed, evidence_id: str) -> forms.EvidenceSent:
        """Write once more, with a new link; once a day at most."""
        return sent_form(
            await asking.remind(parts, actor, inside("evidence_request", evidence_id)), clock.now()
        )

    @router.post("/evidence-requests/{evidence_id}/link", openapi_extra=asks(Need.EVIDENCE_CHANGE))
    async def hand_over(actor: Signed, evidence_id: str) -> forms.EvidenceLink:
        """A new link to hand over, where no mail server is set."""
        return {"link": await asking.hand_over(parts, actor, inside("evidence_request", evidence_id))}

    @router.post("/evidence-requests/{evidence_id}/withdraw", openapi_extra=asks(Need.EVIDENCE_CHANGE))
    async def withdraw(actor: Signed, evidence_id: str) -> forms.EvidenceRequest:
        """It is not needed any more: the link opens nothing from now on."""
        return _request(
            await asking.withdraw(parts, actor, inside("evidence_request", evidence_id)), clock.now()
        )


def _add_files(router: APIRouter, parts: Asking) -> None:
    @router.get(
        "/evidence-files/{file_id}", response_class=StreamingResponse, responses=_FILE,
        openapi_extra=asks(Need.EVIDENCE_FETCH),
    )  # fmt: skip
    async def fetch_file(
        actor: Signed,
        why: Purposed,
        file_id: str,
        purpose: Annotated[str | None, Query(max_length=40, description="In place of the header.")] = None,
        case: Annotated[str | None, Query(max_length=60, description="In place of the header.")] = None,
    ) -> StreamingResponse:
        """What was sent, byte for byte, for the case that it was asked for."""
        found = await asking.hand_out(
            parts, actor, why or why_of(purpose, case), inside("received_file", file_id)
        )
        ending = found.file.name.rpartition(".")[2].lower()
        headers = {
            "Content-Length": str(found.file.size),
            "Content-Disposition": f'attachment; filename="{file_id}.{ending}"',
            "Cache-Control": "no-store",
        }
        return StreamingResponse(found.pieces, media_type="application/octet-stream", headers=headers)


def _wanted(body: EvidenceBody) -> list[Wanted]:
    return [
        Wanted(
            body.place, body.from_at, body.to_at, body.words,
            inside("owner", one.owner) if one.owner else None,
            inside("camera", one.camera) if one.camera else None,
            one.email.strip().lower() if one.email else None,
        )
        for one in body.of
    ]  # fmt: skip


def sent_form(sent: Sent, now: datetime) -> forms.EvidenceSent:
    """A request as it was sent, with its link where no mail server brings it."""
    return {"request": _request(sent.asked, now), "link": sent.link}


def _request(one: Asked, now: datetime) -> forms.EvidenceRequest:
    return {
        "id": outside("evidence_request", one.id),
        "case": f"case:{outside('case', one.case)}",
        "case_number": one.case_number,
        "purpose": one.purpose.word,
        "of": "owner" if one.owner is not None else "witness",
        "camera": outside("camera", one.camera) if one.camera else None,
        "place": one.place,
        "from_at": one.from_at,
        "to_at": one.to_at,
        "words": one.words,
        "asked_by": outside("person", one.asked_by),
        "asked_at": one.asked_at,
        "expires_at": one.expires_at,
        "reminded_at": one.reminded_at,
        "state": one.state(now),
        "open": one.is_open(now),
        "files": [_file(file) for file in one.files],
    }


def _file(file: File) -> forms.EvidenceFile:
    return {
        "id": outside("received_file", file.id),
        "name": file.name,
        "size": file.size,
        "taken": file.taken,
        "sha256": file.sha256,
        "received_at": file.kept_at,
        "entry": outside("entry", file.entry) if file.entry else None,
    }
