"""Routes of watches: translate in, call a use case, translate out. Approving one is a proposal's route."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from watchfloor.governance.api import proposal_json
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import case_of, case_text, inside, outside, why_given
from watchfloor.governance.model import Actor, Case
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_forms import Proposal
from watchfloor.governance.words import CaseKind
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import PICTURE, Page, page
from watchfloor.plates import watch_forms, watch_hits, watches
from watchfloor.plates.list_api import ListParts, tell
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.model import HitId, HotListId, ReaderId, state_of
from watchfloor.plates.picture import MEDIA_TYPE
from watchfloor.plates.search_api import WhereBody, where_json
from watchfloor.plates.watch import MOST_READERS, Expected, Watched, WatchId, pattern_of
from watchfloor.plates.watch_store import WatchHit
from watchfloor.plates.watches import Limits, Standing, WatchDraft, too_broad
from watchfloor.plates.where import Where


class HoursBody(BaseModel):
    """Hours of the agency's clock, from the one up to and not including the other."""

    from_hour: int = Field(ge=0, le=23)
    to_hour: int = Field(ge=0, le=23)


class WatchedBody(BaseModel):
    """What to look for in coming reads: a part of a plate with ? and *, or a description at a place; for an open case."""

    pattern: str | None = Field(default=None, max_length=60)
    state: str | None = Field(default=None, max_length=20)
    colour: str | None = Field(default=None, max_length=40)
    make: str | None = Field(default=None, max_length=40)
    body: str | None = Field(
        default=None, max_length=40, description="The kind of vehicle, as readers say it."
    )
    where: WhereBody | None = None
    readers: list[str] = Field(default_factory=list, max_length=MOST_READERS)
    hours: HoursBody | None = None
    purpose: str
    case: str


class WatchBody(WatchedBody):
    """A watch to propose."""

    reason: str = Field(min_length=3, max_length=200)
    expires_at: Instant


class WithdrawWatchBody(BaseModel):
    """Why a watch looks no more."""

    why: str = Field(min_length=3, max_length=200)


def add_routes(router: APIRouter, parts: ListParts, limits: Limits, look_ups: LookUps) -> None:
    """The routes of watches."""
    _add_asking(router, parts, limits, look_ups)
    _add_deciding(router, parts)
    _add_hits(router, parts)


def _add_asking(router: APIRouter, parts: ListParts, limits: Limits, look_ups: LookUps) -> None:
    door, clock = parts.intake.door, parts.clock

    @router.get("/plate-watches", openapi_extra=asks(Need.WATCH_VIEW))
    async def list_plate_watches(
        actor: Signed,
        extent: InPages,
        case: Annotated[str | None, Query(max_length=60, description="Only those of this case.")] = None,
    ) -> Page[watch_forms.PlateWatch]:
        """Watches, the last begun first; those that are over say why."""
        of = _case_id(case) if case is not None else None
        found = await watches.every(door, actor, extent, of)
        return page(found.of(watch_json))

    @router.post("/plate-watches/estimate", openapi_extra=asks(Need.WATCH_PROPOSE))
    async def estimate_plate_watch(actor: Signed, body: WatchedBody) -> watch_forms.WatchEstimate:
        """How many of the reads of the last week would have answered: the number alone."""
        why = why_given(body.purpose, body.case)
        found = await watches.estimate(door, look_ups, actor, watched_of(body), why, clock)
        most = limits.most_per_shift
        return {**expected_json(found), "too_broad": too_broad(found, limits), "most_per_shift": most}

    @router.post("/plate-watches", status_code=201, openapi_extra=asks(Need.WATCH_PROPOSE))
    async def propose_plate_watch(actor: Signed, body: WatchBody) -> Proposal:
        """Propose a watch for a case; a second person, who reads how many hits to expect, puts it in force."""
        draft = WatchDraft(watched_of(body), body.reason.strip(), body.expires_at)
        why = why_given(body.purpose, body.case)
        proposal = await watches.propose_watch(door, look_ups, actor, draft, why, limits, clock)
        return proposal_json(proposal, proposal.proposed_at)


def _add_deciding(router: APIRouter, parts: ListParts) -> None:
    door = parts.intake.door

    @router.get("/plate-watches/{watch_id}", openapi_extra=asks(Need.WATCH_VIEW))
    async def get_plate_watch(actor: Signed, watch_id: str) -> watch_forms.PlateWatch:
        """One watch."""
        return await _shown(parts, actor, _watch_id(watch_id))

    @router.post(
        "/plate-watches/{watch_id}/withdraw", openapi_extra=asks(Need.WATCH_WITHDRAW, Need.WATCH_VIEW)
    )
    async def withdraw_plate_watch(
        actor: Signed, watch_id: str, body: WithdrawWatchBody
    ) -> watch_forms.PlateWatch:
        """End a watch: from now no read answers to it."""
        await watches.withdraw(door, actor, _watch_id(watch_id), body.why.strip())
        tell(parts, actor, HotListId(_watch_id(watch_id)))
        return await _shown(parts, actor, _watch_id(watch_id))

    @router.post("/plate-watches/{watch_id}/resume", openapi_extra=asks(Need.WATCH_APPROVE, Need.WATCH_VIEW))
    async def resume_plate_watch(actor: Signed, watch_id: str) -> watch_forms.PlateWatch:
        """Let a watch look again that paused by itself, having brought more hits than it may."""
        await watches.resume(door, actor, _watch_id(watch_id))
        tell(parts, actor, HotListId(_watch_id(watch_id)))
        return await _shown(parts, actor, _watch_id(watch_id))


def _add_hits(router: APIRouter, parts: ListParts) -> None:
    door = parts.intake.door

    @router.get("/plate-watches/{watch_id}/hits", openapi_extra=asks(Need.WATCH_HITS, Need.WATCH_VIEW))
    async def list_plate_watch_hits(
        actor: Signed, watch_id: str, extent: InPages
    ) -> Page[watch_forms.PlateWatchHit]:
        """The reads that answered to a watch, the newest first: looked at for the watch's own case, while that is open."""
        _, found = await watch_hits.hits_of(door, actor, _watch_id(watch_id), extent)
        return page(found.of(hit_json))

    @router.get(
        "/plate-watches/{watch_id}/hits/{plate_hit_id}/picture",
        responses=PICTURE,
        openapi_extra=asks(Need.WATCH_HITS, Need.WATCH_VIEW),
    )
    async def plate_watch_hit_picture(actor: Signed, watch_id: str, plate_hit_id: str) -> Response:
        """The picture of a read that answered to a watch."""
        hit = HitId(inside("plate_hit", plate_hit_id))
        shown = await watch_hits.picture_of(door, parts.intake.objects, actor, _watch_id(watch_id), hit)
        return Response(shown, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _watch_id(text: str) -> WatchId:
    return WatchId(inside("plate_watch", text))


def _case_id(text: str) -> UUID:
    case = case_of(text)
    if case.kind is not CaseKind.CASE:
        raise Invalid("Watches are under cases: write case:case_….", reason="case")
    return case.id


async def _shown(parts: ListParts, actor: Actor, watch_id: WatchId) -> watch_forms.PlateWatch:
    return watch_json(await watches.one(parts.intake.door, actor, watch_id))


def watched_of(body: WatchedBody) -> Watched:
    """What the body asks for. Raises Invalid or BadPlate."""

    def word(said: str | None) -> str | None:
        return " ".join((said or "").split()) or None

    where, pattern = body.where, word(body.pattern)
    return Watched(
        pattern_of(pattern) if pattern is not None else None,
        state_of(body.state),
        word(body.colour),
        word(body.make),
        word(body.body),
        Where(where.kind, tuple(Point(one.lat, one.lon) for one in where.points), where.within_m)
        if where
        else None,
        tuple(ReaderId(inside("reader", one)) for one in body.readers),
        (body.hours.from_hour, body.hours.to_hour) if body.hours else None,
    )


def expected_json(found: Expected) -> watch_forms.ExpectedHits:
    """The outside form of what is expected."""
    return {
        "reads": found.reads,
        "hours": found.hours,
        "per_shift": found.per_shift,
        "sentence": found.sentence,
    }


def watch_json(row: Standing) -> watch_forms.PlateWatch:
    """The outside form of a watch."""
    watch, names = row.watch, row.names
    paused = watch.paused_at is not None
    return {
        "id": outside("plate_watch", watch.id),
        "state": "ended" if row.ended is not None else "paused" if paused else "watching",
        "sought": _sought_json(watch.watched),
        "sentence": watch.watched.sentence,
        "reason": watch.reason,
        "case": case_text(Case(CaseKind.CASE, watch.case)),
        "purpose": watch.purpose.word,
        "expected": expected_json(watch.expected),
        "most_per_shift": watch.most_per_shift,
        "started_at": watch.started_at,
        "expires_at": watch.expires_at,
        "proposed_by": {"id": outside("person", watch.proposed_by), "name": names.get(watch.proposed_by)},
        "approved_by": {"id": outside("person", watch.approved_by), "name": names.get(watch.approved_by)},
        "paused_at": watch.paused_at,
        "ended": row.ended,
        "hits": row.hits,
        "last_hit_at": row.last_hit_at,
        "version": watch.version,
    }


def _sought_json(watched: Watched) -> watch_forms.WatchedFor:
    hours = watched.hours
    return {
        "pattern": watched.pattern,
        "state": watched.state,
        "colour": watched.colour,
        "make": watched.make,
        "body": watched.body,
        "where": where_json(watched.where),
        "readers": [outside("reader", one) for one in watched.readers],
        "hours": {"from_hour": hours[0], "to_hour": hours[1]} if hours else None,
    }


def hit_json(hit: WatchHit) -> watch_forms.PlateWatchHit:
    """The outside form of a read that answered to a watch."""
    read, hit_id = hit.read, outside("plate_hit", hit.id)
    vehicle = read.vehicle
    path = f"/api/v1/plate-watches/{outside('plate_watch', hit.watch)}/hits/{hit_id}/picture"
    return {
        "id": hit_id,
        "plate": read.plate.text,
        "state": read.state,
        "confidence": read.confidence,
        "at": read.at,
        "received_at": read.received_at,
        "clock_suspect": read.clock_suspect,
        "reader": {"id": outside("reader", read.device), "name": hit.reader},
        "place": {"text": hit.place, "lat": hit.point.lat, "lon": hit.point.lon},
        "heading_deg": read.heading_deg,
        "lane": read.lane,
        "vehicle": {
            "colour": vehicle.colour,
            "make": vehicle.make,
            "model": vehicle.model,
            "body": vehicle.body,
        },
        "strict": hit.strict,
        "reason": hit.reason,
        "picture": path if read.picture else None,
    }
