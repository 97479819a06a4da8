"""Trailers as people see them: each with its state, what is on it, and what was counted around its placements."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.carried_store import offsets_of
from watchfloor.cameras.model import Camera
from watchfloor.cameras.model import shown as camera_shown
from watchfloor.governance import store as governance
from watchfloor.governance.forms import outside
from watchfloor.governance.inner_forms import Acted
from watchfloor.governance.inner_forms import Place as PlaceForm
from watchfloor.governance.model import Allowed, Authorisation, Denied
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.store import names_of
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.plates.carried_store import on_trailer
from watchfloor.plates.reader_store import readers
from watchfloor.storage.tx import Tx
from watchfloor.trailers import figure_store, forms, store
from watchfloor.trailers.aboard import leave_under
from watchfloor.trailers.model import Limits, Placement, Trailer
from watchfloor.trailers.periods import Figure
from watchfloor.trailers.show import in_short, is_stale, shown, warnings


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is read once for several trailers."""

    approved: list[Authorisation]
    names: Mapping[UUID, str]
    figures: Mapping[UUID, list[Figure]]


async def listed(tx: Tx, extent: Extent | None, limits: Limits) -> Cut[forms.Trailer]:
    """A part of the trailers, by name."""
    found = await store.trailers(tx, extent)
    beside = await _beside(tx, found.items)
    return Cut([await _trailer(tx, one, beside, limits) for one in found.items], found.following)


async def trailer_form(tx: Tx, trailer: Trailer, limits: Limits) -> forms.Trailer:
    """One trailer as people see it."""
    return await _trailer(tx, trailer, await _beside(tx, [trailer]), limits)


def saying(limits: Limits) -> Callable[[Tx, Sequence[UUID]], Awaitable[Mapping[UUID, str]]]:
    """What trailers say of themselves, for who offers the nearest one."""

    async def says(tx: Tx, trailers: Sequence[UUID]) -> Mapping[UUID, str]:
        if not trailers:
            return {}
        every = (await store.trailers(tx)).items
        return {one.id: in_short(one, limits, tx.now) for one in every if one.id in trailers}

    return says


async def placements(tx: Tx, trailer: UUID, extent: Extent | None) -> Cut[forms.TrailerPlacement]:
    """Where it was placed, the newest first, with what was counted around each."""
    found = await store.placements(tx, trailer, extent)
    figures = await figure_store.figures_of(tx, [one.id for one in found.items])
    people = [person for one in found.items for person in (one.placed_by, one.ended_by) if person]
    names = await names_of(tx, people)
    return found.of(lambda one: placement_form(one, names, figures[one.id]))


async def _beside(tx: Tx, trailers: Sequence[Trailer]) -> _Beside:
    placed = [one.placement for one in trailers if one.placement is not None]
    people = [one.placed_by for one in placed]
    people += [one.told.switched.by for one in trailers if one.told.switched is not None]
    return _Beside(
        await governance.authorisations(tx, [TechnologyKind.MOBILE_TRAILER.value]),
        await names_of(tx, people),
        await figure_store.figures_of(tx, [one.id for one in placed]),
    )


async def _trailer(tx: Tx, trailer: Trailer, beside: _Beside, limits: Limits) -> forms.Trailer:
    told, place, placement = trailer.told, trailer.place, trailer.placement
    leave = leave_under(beside.approved, tx, place) if place is not None else None
    state = shown(trailer, leave, limits, tx.now)
    own = await offsets_of(tx, trailer.id)
    cameras = await camera_store.cameras_of(tx, list(own))
    under = leave.authorisation if isinstance(leave, Allowed) else None
    figures = beside.figures.get(placement.id, []) if placement is not None else []
    return {
        "id": outside("trailer", trailer.id),
        "name": trailer.name,
        "standing": trailer.standing,
        "state": {"level": state.level, "word": state.word, "reason": state.reason, "since": state.since},
        "warnings": [{"word": word, "sentence": said} for word, said in warnings(trailer, limits, tx.now)],
        "place": _place(placement.place_text if placement is not None else "", place),
        "placement": placement_form(placement, beside.names, figures) if placement is not None else None,
        "covered": None if leave is None else not isinstance(leave, Denied),
        "authorisation": outside("authorisation", under.id) if under is not None else None,
        "position": _place("", told.place),
        "position_at": told.position_at,
        "heard_at": told.heard_at,
        "stale": is_stale(trailer, limits, tx.now),
        "battery_pct": told.battery_pct,
        "solar_w": told.solar_w,
        "signal_dbm": told.signal_dbm,
        "carrier": told.carrier,
        "lights": told.lights,
        "switches": trailer.lights_url is not None,
        "switched": _switched(trailer, beside.names),
        "cameras": [_aboard(tx, camera, own[camera.id]) for camera in cameras],
        "readers": await _readers(tx, trailer),
        "version": trailer.version,
    }


def _aboard(tx: Tx, camera: Camera, offset_deg: float | None) -> forms.CameraAboard:
    state = camera_shown(camera, now=tx.now)
    return {
        "id": outside("camera", camera.id),
        "name": camera.name,
        "level": state.level,
        "word": state.word,
        "offset_deg": offset_deg,
    }


async def _readers(tx: Tx, trailer: Trailer) -> list[forms.ReaderAboard]:
    own = await on_trailer(tx, trailer.id)
    if not own:
        return []
    return [
        {"id": outside("reader", one.id), "name": one.name, "offset_deg": own[one.id]}
        for one in (await readers(tx)).items
        if one.id in own
    ]


def _switched(trailer: Trailer, names: Mapping[UUID, str]) -> forms.LightsSwitched | None:
    switched = trailer.told.switched
    if switched is None:
        return None
    return {
        "lights": switched.asked,
        "at": switched.at,
        "by": _acted(switched.by, names),
        "ok": switched.ok,
        "answer": switched.answer,
    }


def placement_form(
    placement: Placement, names: Mapping[UUID, str], figures: Sequence[Figure]
) -> forms.TrailerPlacement:
    """The outside form of a placement."""
    return {
        "id": outside("placement", placement.id),
        "place": {
            "text": placement.place_text,
            "lat": placement.place.lat,
            "lon": placement.place.lon,
        },
        "heading_deg": placement.heading_deg,
        "reason": placement.reason,
        "placed_at": placement.placed_at,
        "placed_by": _acted(placement.placed_by, names),
        "authorisation": outside("authorisation", placement.authorisation)
        if placement.authorisation
        else None,
        "ended_at": placement.ended_at,
        "ended_by": _acted(placement.ended_by, names) if placement.ended_by else None,
        "ended_how": placement.ended_how,
        "figures": [_figure(one) for one in figures],
    }


def _figure(figure: Figure) -> forms.TrailerFigure:
    return {
        "period": figure.period,
        "what": figure.what,
        "kind": figure.kind,
        "from": figure.begin,
        "to": figure.end,
        "days": round(figure.days, 2),
        "radius_m": figure.radius_m,
        "count": figure.count,
        "counted_at": figure.counted_at,
    }


def _acted(person: UUID, names: Mapping[UUID, str]) -> Acted:
    return {"id": outside("person", person), "name": names.get(person)}


def _place(text: str, place: Point | None) -> PlaceForm | None:
    if place is None:
        return None
    return {"text": text or f"{place.lat:.5f}, {place.lon:.5f}", "lat": place.lat, "lon": place.lon}
