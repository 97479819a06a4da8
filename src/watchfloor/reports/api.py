"""Routes of reports: translate in, call a use case, translate out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query

from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import case_text_of, inside, outside
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose
from watchfloor.identity.api import Signed
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.reports import forms, things
from watchfloor.reports.look_back import Seen, look_back
from watchfloor.reports.sight import Could
from watchfloor.reports.store import Look
from watchfloor.storage.tx import Row

DOES: Final = {
    Need.CAMERA_LIVE: "could watch it live",
    Need.CAMERA_PLAYBACK: "could play what was recorded of it",
    Need.CAMERA_SNAPSHOT: "could save a picture of it as a file",
    Need.AIMING_PICTURE: "could see it so coarsely that nobody is made out, to draw masks by,",
    Need.CAMERA_LENT: "could take its stream and record it in its own center, to which it was lent,",
    Need.CAMERA_RECORD: "recorded it",
}


@dataclass(frozen=True, slots=True)
class Reports:
    """What the routes of reports need."""

    door: Door


def routes(parts: Reports) -> APIRouter:
    """The routes of reports."""
    router = APIRouter(tags=["reports"], route_class=Stated)

    @router.get("/audit/sight", openapi_extra=asks(Need.AUDIT_VIEW))
    async def camera_sight(
        actor: Signed,
        camera: Annotated[str, Query(max_length=40, description="The camera's id.")],
        day: Annotated[date, Query(description="A day of the agency's time zone.")],
        extent: InPages,
    ) -> forms.Sight:
        """Who could see a camera on a day, by the roles, authorisations and cameras of then, and who asked to."""
        wanted = inside("camera", camera)
        return sight_form(wanted, day, await look_back(parts.door, actor, wanted, day, extent))

    @router.get("/audit/things", openapi_extra=asks((Need.AUDIT_VIEW, Need.OWN_AUDIT_VIEW)))
    async def list_things(
        actor: Signed,
        extent: InPages,
        find: Annotated[
            str, Query(max_length=100, description="Part of a name, or `kind:id`; empty for all.")
        ] = "",
        kind: Annotated[
            str | None, Query(description="One kind; else those that the reader may know.")
        ] = None,
    ) -> Page[forms.Thing]:
        """What the log can be about, by name: of the kinds that whoever asks may see."""
        found = await things.found(parts.door, actor, find.strip(), kind, extent)
        return page(found.of(_thing))

    return router


def _thing(row: Row) -> forms.Thing:
    return {
        "about": f"{row['kind']}:{outside(row['kind'], row['id'])}",
        "kind": row["kind"],
        "text": row["text"],
        "more": row["more"],
    }


def sight_form(camera: UUID, day: date, seen: Seen) -> forms.Sight:
    """The outside form of a look back."""
    stood = seen.camera
    return {
        "camera": {"id": outside("camera", camera), "name": stood.name, "technology": stood.technology},
        "agency": seen.agency.name,
        "time_zone": seen.agency.time_zone,
        "day": day,
        "since": seen.day.since,
        "until": seen.day.until,
        "remarks": list(seen.remarks),
        "permitted": [
            {
                "authorisation": {"id": outside("authorisation", approval.id), "title": approval.title},
                "purposes": _words(approval.purposes),
                "roles": sorted(approval.roles),
                "since": span.since,
                "until": span.until,
            }
            for approval, span in seen.permitted
        ],
        "asked": [_asked(look, seen) for look in seen.asked],
        "items": [_could(one, seen.agency.name) for one in seen.could.items],
        "next": seen.could.following,
    }


def _could(one: Could, agency: str) -> forms.CouldSee:
    acted = ", ".join(sorted(role.value for role in one.roles))
    as_what = "A process of the center" if one.kind == "process" else f"As {acted}"
    return {
        "who": {"id": outside("person", one.who), "kind": one.kind, "name": one.name},
        "agency": agency,
        "need": one.need.word,
        "roles": sorted(one.roles),
        "authorisation": {"id": outside("authorisation", one.authorisation), "title": one.title},
        "purposes": _words(one.purposes),
        "since": one.span.since,
        "until": one.span.until,
        "reason": f"{as_what} {DOES[one.need]} while “{one.title}” was in force"
        + (", with a purpose of it and the case it served." if one.purposes else "."),
    }


def _asked(look: Look, seen: Seen) -> forms.AskedToSee:
    return {
        "entry": outside("entry", look.entry),
        "who": {"id": outside("person", look.actor), "kind": "person", "name": seen.names.get(look.actor)},
        "need": look.need,
        "result": look.result,
        "reason": look.reason,
        "purpose": look.purpose,
        "case": case_text_of(look.case),
        "case_name": seen.cases.get(look.case_id) if look.case_id else None,
        "authorisation": outside("authorisation", look.authorisation) if look.authorisation else None,
        "first_at": look.first_at,
        "last_at": look.last_at,
        "times": look.times,
        "watched_s": round(look.watched_s, 1),
    }


def _words(purposes: frozenset[Purpose]) -> list[str]:
    return sorted(purpose.word for purpose in purposes)
