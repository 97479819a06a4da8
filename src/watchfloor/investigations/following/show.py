"""The outside form of what is known of a followed vehicle. Pure: translate out, decide nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras.seeing_api import seeing_form
from watchfloor.governance.forms import outside
from watchfloor.incidents.show import person_form
from watchfloor.investigations.following import forms
from watchfloor.investigations.following.model import SAID, Follow, Sighting
from watchfloor.investigations.following.see import MOMENTS_S, MOST_AHEAD, Followed, Place
from watchfloor.kit.geo import Point
from watchfloor.places.following.ahead import Ahead
from watchfloor.places.following.track import Leg
from watchfloor.plates.forms import ReaderNamed
from watchfloor.plates.model import Reader

NOTHING: Final[forms.Follow] = {
    "state": "none",
    "plate": None,
    "sentence": "No vehicle is followed under this incident.",
    "started_at": None,
    "started_by": None,
    "looked_back_to": None,
    "ratify_by": None,
    "ratified_by": None,
    "ended_at": None,
    "roads": True,
    "sightings": [],
    "legs": [],
    "places": [],
    "ahead": [],
    "cameras": [],
}
# From here on a leg took so much longer than the drive that it is said.
_STOOD: Final = 0.6
# 250 km/h from read to read is no car in a town.
_FASTEST_MPS: Final = 70.0


def follow_form(one: Followed, names: Mapping[UUID, str], *, going_on: bool, now: datetime) -> forms.Follow:
    """The whole of it; what may come only while it goes on."""
    follow, reckoned = one.follow, one.reckoned
    readers: Mapping[int, Sequence[Reader]] = reckoned.at if reckoned else {}
    legs = reckoned.legs if reckoned else ()
    return {
        "state": "following" if going_on else "ended",
        "plate": {"plate": follow.plate.text, "state": follow.state},
        "sentence": sentence_of(one, going_on=going_on),
        "started_at": follow.started_at,
        "started_by": person_form(follow.started_by, names),
        "looked_back_to": follow.looked_back_to,
        "ratify_by": follow.ratify_by if going_on else None,
        "ratified_by": person_form(follow.ratified_by, names) if follow.ratified_by else None,
        "ended_at": follow.ended_at,
        "roads": reckoned is not None or not one.sightings,
        "sightings": [_sighting(follow, sighting) for sighting in one.sightings],
        "legs": [_leg(leg, readers) for leg in legs],
        "places": [_place(place) for place in reckoned.places] if reckoned and going_on else [],
        "ahead": [
            _moment(waited, moment)
            for waited, moment in zip(MOMENTS_S, reckoned.ahead, strict=True)
            if moment is not None
        ]
        if reckoned and going_on
        else [],
        "cameras": [{"place": place.station, "camera": seeing_form(seen, now)} for place, seen in one.cameras]
        if going_on
        else [],
    }


def sentence_of(one: Followed, *, going_on: bool) -> str:
    """Where it stands, in words."""
    follow = one.follow
    if follow.ended_why is not None:
        return f"Followed no more. {SAID[follow.ended_why]}"
    if not going_on:
        return "Followed no more."
    if not one.sightings:
        return "No reader has read this plate in the time looked back to, nor since. What is read from now on appears here."
    if one.reckoned is None:
        return "No street map is loaded: sightings are shown, and no way between them nor anything ahead."
    return f"Last read at {one.sightings[-1].place}. Every sighting is unconfirmed: a machine read it."


def _sighting(follow: Follow, one: Sighting) -> forms.Sighting:
    incident, sighting = outside("incident", follow.incident), outside("sighting", one.id)
    return {
        "id": sighting,
        "at": one.at,
        "received_at": one.received_at,
        "reader": {"id": outside("reader", one.reader), "name": one.reader_name},
        "place": {"text": one.place, "lat": one.point.lat, "lon": one.point.lon},
        "plate": {"plate": one.plate.text, "state": one.state},
        "strict": one.plate == follow.plate,
        "picture": f"/api/v1/incidents/{incident}/sightings/{sighting}/picture" if one.picture else None,
        "told_at": one.told_at,
    }


def _leg(leg: Leg, readers: Mapping[int, Sequence[Reader]]) -> forms.FollowLeg:
    return {
        "since": leg.since,
        "until": leg.until,
        "probability": round(leg.probability, 3),
        "stopped": round(leg.stopped, 3),
        "metres": round(leg.metres),
        "sentence": words_of(leg),
        "stretches": [
            {
                "line": _line(stretch.line),
                "metres": round(stretch.metres),
                "confidence": round(stretch.confidence, 3),
                "unread": stretch.unread,
                "streets": list(stretch.streets),
                "since": stretch.since,
                "until": stretch.until,
            }
            for stretch in leg.stretches
        ],
        "alternatives": [
            {
                "line": _line(other.line),
                "metres": round(other.metres),
                "probability": round(other.probability, 3),
            }
            for other in leg.alternatives
        ],
        "passed": [_named(reader) for station in leg.passed for reader in readers.get(station, ())],
    }


def words_of(leg: Leg) -> str:
    """A leg in a sentence."""
    took_s = (leg.until - leg.since).total_seconds()
    if leg.metres > _FASTEST_MPS * max(took_s, 1.0):
        return (
            f"{leg.metres / 1000:.1f} km in {_lasting(leg.until - leg.since)}: no car drives that fast. One of the two reads is"
            " another vehicle or was misread, or a reader's clock is off."
        )
    unread = sum(stretch.metres for stretch in leg.stretches if stretch.unread)
    said = f"{leg.metres / 1000:.1f} km in {_lasting(leg.until - leg.since)}"
    said += f", {unread / 1000:.1f} km of it unread" if unread >= 50 else ", by the only likely way"
    if leg.stopped >= _STOOD:
        said += "; it took longer than the drive, so it stood somewhere or went another way"
    return said + "."


def _place(place: Place) -> forms.NextPlace:
    first = place.readers[0]
    return {
        "key": place.station,
        "readers": [_named(reader) for reader in place.readers],
        "place": {"text": first.place, "lat": first.point.lat, "lon": first.point.lon},
        "line": _line(place.line),
    }


def _moment(waited: int, moment: Ahead) -> forms.Moment:
    return {
        "elapsed_s": waited,
        "next": [
            {
                "place": one.station,
                "probability": round(one.probability, 3),
                "p10_s": round(one.p10_s),
                "p50_s": round(one.p50_s),
                "p90_s": round(one.p90_s),
            }
            for one in moment.next[:MOST_AHEAD]
        ],
        "none": round(moment.none, 3),
        "stopped": round(moment.stopped, 3),
        "missed": round(moment.missed, 3),
    }


def _named(reader: Reader) -> ReaderNamed:
    return {"id": outside("reader", reader.id), "name": reader.name}


def _line(line: Sequence[Point]) -> list[list[float]]:
    # A metre is as fine as a map is drawn.
    return [[round(point.lat, 5), round(point.lon, 5)] for point in line]


def _lasting(took: timedelta) -> str:
    seconds = round(took.total_seconds())
    return f"{seconds} s" if seconds < 100 else f"{round(seconds / 60)} min"
