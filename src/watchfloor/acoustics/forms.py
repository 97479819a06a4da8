"""The outside forms of microphones."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.acoustics import microphone
from watchfloor.acoustics.registry import ShownMicrophone
from watchfloor.acoustics.weather_store import KeptReading
from watchfloor.governance.forms import outside
from watchfloor.governance.inner_forms import AuthorisationId, MicrophoneId, StatusLevel


class MicrophoneState(TypedDict):
    """How a microphone is: `word` is one to three words, `reason` a sentence."""

    level: StatusLevel
    word: str
    reason: str
    since: datetime | None


class PulseCounts(TypedDict):
    """What became of all that a microphone sent. `late` are among those that are kept."""

    kept: int
    doubled: int
    late: int
    refused: int


class Square(TypedDict):
    """A square that a thing is in, in degrees; where in it is not said."""

    south: float
    west: float
    north: float
    east: float


class Microphone(TypedDict):
    """A microphone, how it is, and roughly where."""

    id: MicrophoneId
    name: str
    square: Annotated[Square, Field(description="About 500 m wide; the exact place is asked for by itself.")]
    error_m: Annotated[float, Field(description="How far it may be from where it is registered.")]
    clock_bound_ms: Annotated[float, Field(description="How far its clock may be off.")]
    noise_db: Annotated[
        float | None, Field(description="How loud it is there at night, dB SPL; null: not measured.")
    ]
    state: MicrophoneState
    heard_at: datetime | None
    last_pulse_at: datetime | None
    clock_off_ms: Annotated[
        float | None, Field(description="Its clock less ours at its last message, the way here included.")
    ]
    clutter_per_min: Annotated[
        float | None, Field(description="How many pulses a minute it reports anyway; null until learnt.")
    ]
    pulses: PulseCounts
    retired: bool
    authorised: Annotated[bool, Field(description="Whether an authorisation in force covers it.")]
    authorisation: Annotated[
        AuthorisationId | None, Field(description="Which one; null: none, or you may not ask where it is.")
    ]
    authorised_until: Annotated[datetime | None, Field(description="When that one ends.")]
    version: int


class MicrophoneSpot(TypedDict):
    """Exactly where a microphone is, and how it is reached. Whoever is told stands in the log."""

    id: MicrophoneId
    lat: float
    lon: float
    height_m: Annotated[float | None, Field(description="Above the ground; null: not known.")]
    error_m: float
    mount: str
    version: int


class WeatherReading(TypedDict):
    """What was read of the weather; the wind is told by where it comes from."""

    station: str
    at: datetime
    temperature_c: float
    humidity: float | None
    wind_mps: float
    wind_from_deg: float
    entered_at: datetime


class Weather(TypedDict):
    """The air that a sound of now would be located with: by `readings` and their age, and how far it may be from that."""

    sentence: str
    read_at: Annotated[datetime | None, Field(description="Null: nothing was read within a day.")]
    temperature_c: float
    wind: str
    apart_c: Annotated[float, Field(description="One standard deviation.")]
    apart_mps: Annotated[float, Field(description="One standard deviation, each way.")]
    readings: Annotated[list[WeatherReading], Field(description="The newest first.")]


def reading_json(one: KeptReading) -> WeatherReading:
    """A reading as everybody may see it."""
    read = one.reading
    return {
        "station": read.station,
        "at": read.at,
        "temperature_c": read.temperature_c,
        "humidity": read.humidity,
        "wind_mps": read.wind_mps,
        "wind_from_deg": read.wind_from_deg,
        "entered_at": one.entered_at,
    }


def microphone_json(one: ShownMicrophone) -> Microphone:
    """A microphone as everybody may see it."""
    mic, square, state = one.microphone, microphone.around(one.microphone.spot.point), one.state
    return {
        "id": outside("microphone", mic.id),
        "name": mic.name,
        "square": {
            "south": square.south,
            "west": square.west,
            "north": square.north,
            "east": square.east,
        },
        "error_m": mic.spot.error_m,
        "clock_bound_ms": mic.clock_bound_ms,
        "noise_db": mic.noise_db,
        "state": {
            "level": one.shown.level,
            "word": one.shown.word,
            "reason": one.shown.reason,
            "since": one.shown.since,
        },
        "heard_at": state.heard_at if state else None,
        "last_pulse_at": state.last_pulse_at if state else None,
        "clock_off_ms": state.off_ms if state and state.clock_known else None,
        "clutter_per_min": state.clutter.per_s * 60 if state and state.clutter.learnt else None,
        "pulses": {
            "kept": state.kept if state else 0,
            "doubled": state.doubled if state else 0,
            "late": state.late if state else 0,
            "refused": state.refused if state else 0,
        },
        "retired": mic.retired,
        "authorised": one.authorised,
        "authorisation": outside("authorisation", one.authorisation) if one.authorisation else None,
        "authorised_until": one.authorised_until,
        "version": mic.version,
    }


def spot_json(mic: microphone.Microphone) -> MicrophoneSpot:
    """Where it exactly is."""
    return {
        "id": outside("microphone", mic.id),
        "lat": mic.spot.point.lat,
        "lon": mic.spot.point.lon,
        "height_m": mic.spot.height_m,
        "error_m": mic.spot.error_m,
        "mount": mic.spot.mount,
        "version": mic.version,
    }
