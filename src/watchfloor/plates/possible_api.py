"""Routes of possible hits: translate in, call a use case, translate out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Actor
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import PICTURE, Page, page
from watchfloor.plates import possible, possible_forms
from watchfloor.plates.model import HitId, Plate, ReaderId, state_of
from watchfloor.plates.picture import MEDIA_TYPE
from watchfloor.plates.possible import Shown, Typed, why_no_alarm
from watchfloor.plates.possible_store import Given, PossibleHit, Sifted
from watchfloor.plates.record import OWN_FROM
from watchfloor.plates.search_api import odds_json
from watchfloor.plates.take import Intake


class PossibleHitBody(BaseModel):
    """What the picture says; null where it cannot be read."""

    plate: str | None = Field(max_length=60)
    state: str | None = Field(default=None, max_length=20)


def add_routes(router: APIRouter, parts: Intake) -> None:
    """The routes of possible hits."""
    _add_looking(router, parts)
    _add_each(router, parts)
    _add_judging(router, parts)


def _add_looking(router: APIRouter, parts: Intake) -> None:
    door = parts.door

    @router.get("/possible-hits", openapi_extra=asks(Need.POSSIBLE_HITS_VIEW))
    async def list_possible_hits(
        actor: Signed,
        extent: InPages,
        given: Annotated[Given, Query(description="Whether a verdict was given.")] = Given.WAITING,
        reader: Annotated[str | None, Query(max_length=60)] = None,
    ) -> Page[possible_forms.PossibleHit]:
        """Hits that alerted nobody and have a picture, the newest first; all but that and the reader is shown to who judged it."""
        sifted = Sifted(given, ReaderId(inside("reader", reader)) if reader is not None else None)
        shown = await possible.sift(door, actor, sifted, extent)
        return page(shown.hits.of(lambda hit: possible_json(hit, shown, actor)))


def _add_each(router: APIRouter, parts: Intake) -> None:
    door = parts.door

    @router.get("/possible-hits/readers", openapi_extra=asks(Need.POSSIBLE_HITS_VIEW))
    async def readers_waiting(actor: Signed) -> possible_forms.ReadersWaiting:
        """Which readers lack verdicts, and how many of their possible hits could be judged, or have no picture."""
        found = await possible.waiting(door, actor)
        return {
            "needed": OWN_FROM,
            "readers": [
                {
                    "reader": {"id": outside("reader", one.reader), "name": one.name},
                    "verdicts": one.verdicts,
                    "waiting": one.waiting,
                    "unseen": one.unseen,
                }
                for one in found
            ],
        }

    @router.get("/possible-hits/{possible_hit_id}", openapi_extra=asks(Need.POSSIBLE_HITS_VIEW))
    async def get_possible_hit(actor: Signed, possible_hit_id: str) -> possible_forms.PossibleHit:
        """One of them."""
        return _one(await possible.one(door, actor, _hit_id(possible_hit_id)), actor)

    @router.get(
        "/possible-hits/{possible_hit_id}/picture",
        responses=PICTURE,
        openapi_extra=asks(Need.POSSIBLE_HITS_VIEW),
    )
    async def possible_hit_picture(actor: Signed, possible_hit_id: str) -> Response:
        """What the reader saw."""
        found = await possible.picture_of(door, parts.objects, actor, _hit_id(possible_hit_id))
        return Response(found, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _add_judging(router: APIRouter, parts: Intake) -> None:
    door = parts.door

    @router.post("/possible-hits/{possible_hit_id}/typed", openapi_extra=asks(Need.POSSIBLE_HITS_JUDGE))
    async def judge_possible_hit(
        actor: Signed, possible_hit_id: str, body: PossibleHitBody
    ) -> possible_forms.PossibleHit:
        """Type what the picture says: that is the verdict, and it raises no alert; the answer shows the entry beside it."""
        plate = Plate.of(body.plate) if body.plate is not None else None
        typed = Typed(plate, state_of(body.state))
        return _one(await possible.judged(door, actor, _hit_id(possible_hit_id), typed), actor)

    @router.post("/possible-hits/{possible_hit_id}/take-back", openapi_extra=asks(Need.POSSIBLE_HITS_JUDGE))
    async def take_back_verdict(actor: Signed, possible_hit_id: str) -> possible_forms.PossibleHit:
        """Let one's own verdict count no more, having mistyped; within ten minutes."""
        return _one(await possible.take_back(door, actor, _hit_id(possible_hit_id)), actor)


def _hit_id(text: str) -> HitId:
    return HitId(inside("plate_hit", text))


def _one(shown: Shown, actor: Actor) -> possible_forms.PossibleHit:
    return possible_json(shown.hits.items[0], shown, actor)


def possible_json(hit: PossibleHit, shown: Shown, actor: Actor) -> possible_forms.PossibleHit:
    """The outside form of a possible hit; what was read and is wanted only for those who typed a word of it."""
    hit_id = outside("plate_hit", hit.id)
    seen = hit.judged is not None and actor.id in hit.judged.seen_by
    return {
        "id": hit_id,
        "reader": {"id": outside("reader", hit.read.device), "name": hit.reader},
        "picture": f"/api/v1/possible-hits/{hit_id}/picture" if hit.read.picture else None,
        "waits": hit.waits,
        "compared": _compared_json(hit) if seen else None,
        "judged": _judged_json(hit, shown, actor),
    }


def _compared_json(hit: PossibleHit) -> possible_forms.Compared:
    read = hit.read
    return {
        "at": read.at,
        "clock_suspect": read.clock_suspect,
        "place": {"text": hit.place, "lat": hit.point.lat, "lon": hit.point.lon},
        "hot_list": {"id": outside("hot_list", hit.list), "name": hit.list_name},
        "plate": read.plate.text,
        "state": read.state,
        "confidence": read.confidence,
        "reason": hit.reason,
        "kind": hit.kind,
        "odds": odds_json(hit.odds),
        "why_no_alarm": why_no_alarm(hit),
        "entry": {
            "plate": hit.wanted.text,
            "state": hit.wanted_state,
            "reason": hit.wanted_for,
            "vehicle": hit.vehicle,
        },
    }


def _judged_json(hit: PossibleHit, shown: Shown, actor: Actor) -> possible_forms.GivenVerdict | None:
    judged = hit.judged
    if judged is None:
        return None
    return {
        "verdict": judged.verdict,
        "at": judged.at,
        "by": {"id": outside("person", judged.by), "name": shown.names.get(judged.by, "")},
        "own": judged.by == actor.id,
    }
