"""Routes of agreements: staff offer, owners agree and end, the room asks. Translate in, call a use case, translate out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import cast
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.cameras import store as camera_store
from watchfloor.governance.agreement import Covered, Mode, NotCovered, Window, agreement_allows, hours_words
from watchfloor.governance.agreement_store import OpenIncidents, agreements_about
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside, why_of
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.geo import Point
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.owners import agree, look, sharing_forms
from watchfloor.owners.agreement_store import Request, Shared
from watchfloor.owners.sign_up import Owners
from watchfloor.owners.terms import Terms
from watchfloor.owners.uses import SEALING, Use


@dataclass(frozen=True, slots=True)
class SharingRoutes:
    """What the routes need: the use cases, the folder of the published log, and where incidents are open."""

    owners: Owners
    ledger: Path
    incidents: OpenIncidents


class WindowBody(BaseModel):
    """Hours of a weekday, 0 for Monday."""

    day: int = Field(ge=0, le=6)
    begin: str = Field(max_length=8)
    end: str = Field(max_length=8)


class TermsBody(BaseModel):
    """In which way, in which hours, until when."""

    mode: Mode
    radius_m: int = 300
    hours: list[WindowBody] = Field(default_factory=list, max_length=50)
    ends_at: Instant | None = None


class OfferBody(TermsBody):
    """The same, about a registered camera."""

    camera: str = Field(max_length=40)


class AskBody(BaseModel):
    """For how long a camera is wanted, and why."""

    minutes: int
    purpose: str = Field(max_length=60)
    case: str | None = Field(default=None, max_length=60)


class AnswerBody(BaseModel):
    """Yes for so many minutes; no without any."""

    minutes: int | None = None


def routes(parts: SharingRoutes) -> APIRouter:
    """The routes of agreements."""
    router = APIRouter(tags=["sharing"], route_class=Stated)
    _add_offer(router, parts)
    _add_own(router, parts)
    _add_acts(router, parts.owners)
    return router


def _add_offer(router: APIRouter, parts: SharingRoutes) -> None:
    owners = parts.owners

    @router.post("/owners/{owner_id}/agreements", status_code=201, openapi_extra=asks(Need.OWNERS_DECIDE))
    async def offer(actor: Signed, owner_id: str, body: OfferBody) -> sharing_forms.SharingAgreement:
        """Offer an agreement about a camera to its owner, who is written and says yes, or nothing."""
        owner, camera = inside("owner", owner_id), inside("camera", body.camera)
        made = await agree.offer(owners, actor, owner, camera, _terms(body))
        return _agreement(made, owners.clock.now(), ())

    @router.get("/cameras/{camera_id}/sharing", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def get_sharing(actor: Signed, camera_id: str) -> sharing_forms.Sharing:
        """Whether a camera of an owner is shared now, and why not."""
        return await _sharing(parts, actor, inside("camera", camera_id))

    @router.post(
        "/cameras/{camera_id}/sharing-requests", status_code=201, openapi_extra=asks(Need.SHARING_ASK)
    )
    async def ask(actor: Signed, camera_id: str, body: AskBody) -> sharing_forms.Asked:
        """Ask the owner of a camera that is shared only after a yes."""
        why = why_of(body.purpose, body.case)
        return {
            "expires_at": await agree.request(owners, actor, inside("camera", camera_id), why, body.minutes)
        }


def _add_own(router: APIRouter, parts: SharingRoutes) -> None:
    owners = parts.owners

    @router.get("/own-cameras", openapi_extra=asks(Need.OWN_CAMERAS_VIEW))
    async def own_cameras(actor: Signed) -> sharing_forms.OwnCameras:
        """What is agreed about one's own cameras, who asks, and what became of their pictures this month."""
        own = await agree.own(owners, actor)
        found = await look.month(owners, actor)
        return {
            "sentence": found,
            "sealing": SEALING,
            "agreements": [_agreement(one, own.now, ()) for one in own.shared],
            "requests": [_request(one) for one in own.asked],
        }

    @router.get("/own-cameras/uses", openapi_extra=asks(Need.OWN_CAMERAS_VIEW))
    async def own_uses(actor: Signed, extent: InPages) -> Page[sharing_forms.CameraUse]:
        """Each look at one's own cameras and each export, the newest first."""
        return page((await look.looked(owners, actor, extent)).uses.of(_use))

    @router.get("/own-cameras/uses/{entry_id}/proof", openapi_extra=asks(Need.OWN_CAMERAS_VIEW))
    async def own_proof(actor: Signed, entry_id: str) -> sharing_forms.UseProof:
        """The extract of the log that shows one use: checked by anybody, without the center."""
        found = await look.proof(owners, actor, inside("entry", entry_id), parts.ledger)
        extract = found.extract.as_json() if found.extract else None
        return {
            "state": found.state,
            "trouble": found.trouble,
            "extract": cast("sharing_forms.UseExtract", extract) if extract else None,
        }


def _add_acts(router: APIRouter, owners: Owners) -> None:
    @router.put(
        "/own-agreements/{agreement_id}", openapi_extra=asks(Need.OWN_CAMERAS_CHANGE, Need.OWN_CAMERAS_VIEW)
    )
    async def change(actor: Signed, agreement_id: str, body: TermsBody) -> sharing_forms.SharingAgreement:
        """Other hours, another way or end, from now on."""
        agreement = inside("agreement", agreement_id)
        await agree.change(owners, actor, agreement, _terms(body))
        return await _view(owners, actor, agreement)

    for word, act, sentence in (
        ("agree", agree.agree, "The owner's yes: from now on it holds."),
        ("suspend", agree.suspend, "Dark at once, for everybody."),
        ("resume", agree.resume, "Go on as agreed."),
        (
            "revoke",
            agree.revoke,
            "Dark at once and for good; what was recorded is deleted, but for what is preserved.",
        ),
    ):
        _add_act(router, owners, word, act, sentence)

    @router.post(
        "/own-requests/{request_id}/answer", status_code=204, openapi_extra=asks(Need.OWN_CAMERAS_CHANGE)
    )
    async def answer(actor: Signed, request_id: str, body: AnswerBody) -> None:
        """Yes for so many minutes, or no."""
        await agree.answer(owners, actor, inside("sharing_request", request_id), body.minutes)


def _add_act(router: APIRouter, owners: Owners, word: str, act: agree.OwnAct, sentence: str) -> None:
    async def do(actor: Signed, agreement_id: str) -> sharing_forms.SharingAgreement:
        agreement = inside("agreement", agreement_id)
        await act(owners, actor, agreement)
        return await _view(owners, actor, agreement)

    do.__name__, do.__doc__ = word, sentence
    needs = asks(Need.OWN_CAMERAS_CHANGE, Need.OWN_CAMERAS_VIEW)
    router.post(f"/own-agreements/{{agreement_id}}/{word}", openapi_extra=needs)(do)


async def _view(owners: Owners, actor: Actor, agreement: UUID) -> sharing_forms.SharingAgreement:
    own = await agree.own(owners, actor)
    found = next((one for one in own.shared if one.agreement.id == agreement), None)
    if found is None:
        raise NotFound("There is no such agreement.")
    return _agreement(found, own.now, ())


async def _sharing(parts: SharingRoutes, actor: Actor, camera: UUID) -> sharing_forms.Sharing:
    ask = Ask(actor, Need.CAMERAS_VIEW, about=About("camera", camera))
    async with parts.owners.door.open(ask) as tx:
        found = await camera_store.camera_of(tx, camera)
        if found is None:
            raise NotFound("There is no such camera.")
        about = Ask(actor, Need.CAMERA_LIVE, None, About("camera", camera), found.technology)
        agreed = await agreements_about(tx, [about], parts.incidents)
        one = agreed.of(camera)
        said = agreement_allows(one, tx.now, agreed.incidents)
    return {
        "agreed": one is not None,
        "mode": one.mode if one else None,
        "hours": hours_words(one.windows) if one else None,
        "shared": isinstance(said, Covered),
        "why_not": said.sentence if isinstance(said, NotCovered) else None,
        "next_step": said.next_step if isinstance(said, NotCovered) else None,
    }


def _terms(body: TermsBody) -> Terms:
    windows = tuple(Window(one.day, _minute(one.begin), _minute(one.end)) for one in body.hours)
    return Terms(body.mode, body.radius_m, windows, body.ends_at)


def _minute(said: str) -> int:
    try:
        at = time.fromisoformat(said)
    except ValueError as error:
        raise Invalid("Hours are written as 18:00.", reason="hours") from error
    return at.hour * 60 + at.minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _agreement(shared: Shared, now: datetime, incidents: Sequence[Point]) -> sharing_forms.SharingAgreement:
    one = shared.agreement
    said = agreement_allows(one if shared.agreed_at is not None else None, now, incidents)
    return {
        "id": outside("agreement", one.id),
        "camera": outside("camera", one.camera),
        "camera_name": shared.camera_name,
        "mode": one.mode,
        "radius_m": one.radius_m,
        "hours": [
            {"day": w.day, "begin": _clock(w.begin_min), "end": _clock(w.end_min)} for w in one.windows
        ],
        "hours_words": hours_words(one.windows),
        "time_zone": one.zone.key,
        "begins_at": one.begins_at,
        "ends_at": one.ends_at,
        "agreed_at": shared.agreed_at,
        "suspended_at": one.suspended_at,
        "revoked_at": one.revoked_at,
        "shared": isinstance(said, Covered),
        "why_not": said.sentence if isinstance(said, NotCovered) else None,
        "version": shared.version,
    }


def _request(one: Request) -> sharing_forms.SharingRequest:
    return {
        "id": outside("sharing_request", one.id),
        "camera_name": one.camera_name,
        "purpose": one.purpose,
        "minutes": one.minutes,
        "asked_at": one.asked_at,
        "expires_at": one.expires_at,
        "answered_at": one.answered_at,
        "yes": one.yes,
        "until": one.until,
    }


def _use(one: Use) -> sharing_forms.CameraUse:
    return {
        "entry": outside("entry", one.entry),
        "camera": outside("camera", one.camera),
        "camera_name": one.camera_name,
        "at": one.at,
        "way": one.way,
        "roles": list(one.roles),
        "purpose": one.purpose,
        "seconds": one.seconds,
        "of_from": one.of[0] if one.of else None,
        "of_to": one.of[1] if one.of else None,
        "index": one.index,
        "sealed_at": one.sealed_at,
        "sealed_until": one.sealed_until,
    }
