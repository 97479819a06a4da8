"""The outside forms of sounds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from watchfloor.acoustics.alarm import SHIFT
from watchfloor.acoustics.kind import SoundKind
from watchfloor.acoustics.located import Counted, Located, Ring, SourceId, ring
from watchfloor.acoustics.model import Ellipse
from watchfloor.governance.forms import outside
from watchfloor.incidents import sound_forms as forms
from watchfloor.incidents.model import AlertState, HeardAt
from watchfloor.incidents.sound import Sound, SoundSource
from watchfloor.incidents.sound_card import where_of
from watchfloor.incidents.sound_known import LOOKS_BACK, Past, alarm_of
from watchfloor.incidents.sound_store import ToldVersion
from watchfloor.kit.geo import distance_m


def sound_form(sound: Sound) -> forms.Sound:
    """What an alert of a sound tells."""
    surest = sound.surest
    return {
        "kind": sound.taken_for.kind,
        "percent": sound.taken_for.percent,
        "sentence": sound.taken_for.sentence,
        "likely": [
            {"kind": kind, "percent": round(100 * share, 1)}
            for kind, share in sorted(sound.taken_for.likely.items(), key=lambda pair: -pair[1])
        ],
        "reasons": [
            {"sentence": one.sentence, "speaks_for": one.speaks_for, "rests_on": one.rests_on}
            for one in sound.taken_for.reasons
        ],
        "cannot": sound.taken_for.cannot,
        "rounds": sound.rounds,
        "at": sound.at,
        "until": sound.until,
        "where": where_of(surest.located),
        "sources": [_source_form(one) for one in sound.sources],
        "surest": sound.sources.index(surest),
    }


def alarm_form(past: Sequence[Past], allowed: float | None, *, now: datetime) -> forms.SoundAlarm:
    """From which probability sounds are raised, and how many were kept back."""
    alarm, back = alarm_of(past, allowed, now=now), AlertState.KEPT_BACK
    return {
        "allowed_per_shift": allowed,
        "from_percent": round(100 * alarm.probability, 1) if alarm else None,
        "derived": alarm is not None and alarm.derived,
        "false_per_shift": round(alarm.false_per_shift, 2) if alarm else None,
        "missed_per_shift": round(alarm.missed_per_shift, 2) if alarm else None,
        "sources": len(past),
        "judged": sum(one.taken is not None for one in past),
        "kept_back_shift": sum(one.state is back and now - one.at <= SHIFT for one in past),
        "kept_back": sum(one.state is back for one in past),
        "days": LOOKS_BACK.days,
    }


def heard_at_form(heard: HeardAt) -> forms.HeardAt:
    """Where a confirmed sound came from."""
    return {
        "rounds": heard.rounds,
        "where": heard.where,
        "area": [_ring_form(part) for part in heard.area],
        "half_area": [_ring_form(part) for part in heard.half_area],
    }


def versions_form(versions: Sequence[ToldVersion]) -> list[forms.SoundVersion]:
    """Every version that was told, with how far its place moved from the one before."""
    number: dict[SourceId, int] = {}
    last: dict[SourceId, Located] = {}
    told: list[forms.SoundVersion] = []
    for one in versions:
        before = last.get(one.source)
        points = (before.point if before else None, one.located.point)
        told.append(
            {
                "source": number.setdefault(one.source, len(number)),
                "version": one.version,
                "at": one.kept_at,
                "fallen": one.fallen,
                "rounds": len(one.located.rounds),
                "heard": len(one.located.heard),
                "where": where_of(one.located),
                "kind": one.kind,
                "percent": one.percent,
                "moved_m": round(distance_m(points[0], points[1]), 1) if points[0] and points[1] else None,
            }
        )
        last[one.source] = one.located
    return told


def _source_form(source: SoundSource) -> forms.SoundSource:
    one = source.located
    point = one.point
    ellipses: forms.SoundEllipses = {
        "half": _ellipse_form(one.half),
        "most": _ellipse_form(one.most),
        "half_area": [_ring_form(ring(one.middle, one.half))],
    }
    return {
        "version": source.version,
        "fallen": source.fallen,
        "lat": point.lat if point else None,
        "lon": point.lon if point else None,
        "ellipses": ellipses if point else None,
        "area": [_ring_form(part) for part in one.region or (ring(one.middle, one.most),)],
        "rounds": [fired.at for fired in one.rounds],
        "heard": [outside("microphone", who) for who in one.heard],
        "missed": [outside("microphone", who) for who in one.missed],
        "kind": source.taken.kind if source.taken is not None else SoundKind.UNKNOWN,
        "percent": source.taken.percent if source.taken is not None else None,
        "count": _count_form(one.counted) if one.counted is not None else None,
        "air": (
            {"sentence": one.aired.sentence, "read_at": one.aired.read_at, "widens_m": one.aired.widens_m}
            if one.aired is not None
            else None
        ),
    }


def _count_form(counted: Counted) -> forms.SoundCount:
    return {
        "percent": min(99, round(100 * counted.exact)),
        "low": counted.low,
        "high": counted.high,
        "fire": counted.fire,
        "fire_percent": min(99, round(100 * counted.likely)),
        "per_s": counted.per_s,
    }


def _ellipse_form(ellipse: Ellipse) -> forms.Ellipse:
    return {"major_m": ellipse.major_m, "minor_m": ellipse.minor_m, "bearing_deg": ellipse.bearing_deg}


def _ring_form(edge: Ring) -> list[tuple[float, float]]:
    return [(point.lon, point.lat) for point in edge]
