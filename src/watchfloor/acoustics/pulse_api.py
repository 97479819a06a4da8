"""The route that microphones call: translate in, take, translate out. It needs a device token."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import BaseModel, Field, ValidationError
from typing_extensions import TypedDict

from watchfloor.acoustics.pulse import MOST_FEATURES, MOST_KEY, MOST_PULSES, Message, Pulse, Why
from watchfloor.acoustics.take import Intake, take
from watchfloor.governance.asks import asks
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Device
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.kit.instant import Instant
from watchfloor.kit.route import Stated

MOST_BYTES: Final = 256 * 1024
"""Of a message over MQTT: a full one has some 130,000."""
_Feature = Annotated[int, Field(ge=-128, le=127)]


class PulseBody(BaseModel):
    """One short loud sound. `at`: when it arrived, by the microphone's clock."""

    id: str = Field(min_length=1, max_length=MOST_KEY, pattern="^[!-~]+$")
    at: Instant
    clock_bound_ms: float = Field(
        ge=0, le=60_000, description="How far that clock may be off; kept to two digits."
    )
    snr_db: float = Field(ge=-50, le=200, description="Above the noise; kept to a decibel.")
    peak_db: float = Field(ge=0, le=250, description="Peak level, dB SPL; kept to a decibel.")
    features: list[_Feature] = Field(
        default_factory=list, max_length=MOST_FEATURES, description="Numbers of its form; no sample of it."
    )


class PulsesBody(BaseModel):
    """What a microphone sends at once, in any order; without pulses it says that it is there."""

    sent_at: Instant = Field(description="By the same clock, at this try.")
    lat: float | None = Field(default=None, ge=-90, le=90, description="Where it says that it is.")
    lon: float | None = Field(default=None, ge=-180, le=180)
    position_error_m: float = Field(default=10, ge=0, le=1000, description="Counts for at most 50.")
    pulses: list[PulseBody] = Field(default_factory=list, max_length=MOST_PULSES)


class SentPulsesBody(PulsesBody):
    """The same where it came by a way that has a name on it: it may say whose it is, and then must say what the way says."""

    microphone: str | None = Field(default=None, max_length=64)


class RefusedPulse(TypedDict):
    """A pulse that is not kept: its place in what was sent, and why. Sending it again does not help."""

    index: int
    reason: Why
    detail: str


class TakenPulses(TypedDict):
    """What became of pulses. `doubled` were kept before; `late` are kept, and came too late to tell anybody in time."""

    kept: int
    doubled: int
    late: int
    clock_suspect: Annotated[
        bool,
        Field(
            description="This came more than 10 s after its `sent_at`, or the clock jumped ahead within ten minutes, or nothing came"
            " soon after it was sent for five to ten; pulses are kept with that said."
        ),
    ]
    refused: list[RefusedPulse]


def routes(intake: Intake) -> APIRouter:
    """The route that microphones call."""
    router = APIRouter(tags=["acoustics"], route_class=Stated)

    @router.post("/acoustic-pulses", openapi_extra=asks(Need.PULSES_INGEST))
    async def take_pulses(actor: Device, body: PulsesBody) -> TakenPulses:
        """Take pulses; what is said to be kept is. Late, doubled and out of order are all well. Which microphone its token says."""
        taken = await take(intake, actor, message_of(body), received_at=intake.clock.now())
        return {
            "kept": taken.kept,
            "doubled": taken.doubled,
            "late": taken.late,
            "clock_suspect": taken.clock_suspect,
            "refused": [
                {"index": one.index, "reason": one.why, "detail": one.sentence} for one in taken.refused
            ],
        }

    return router


def sent(payload: bytes, *, by: str) -> Message:
    """What a microphone sent over MQTT, `by` the outside id that it may send for. Raises Invalid, in words that hold nothing of it."""
    if len(payload) > MOST_BYTES:
        raise Invalid(f"It is longer than {MOST_BYTES} bytes.")
    try:
        body = SentPulsesBody.model_validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"{where}: {first['msg']}." if where else f"{first['msg']}.") from error
    if body.microphone is not None and body.microphone != by:
        raise Invalid("It says that it is of another microphone.")
    return message_of(body)


def message_of(body: PulsesBody) -> Message:
    """What is meant by it. Raises Invalid."""
    if (body.lat is None) != (body.lon is None):
        raise Invalid("A position has lat and lon.", reason="lat")
    position = Point(body.lat, body.lon) if body.lat is not None and body.lon is not None else None
    pulses = tuple(
        Pulse(one.id, one.at, one.clock_bound_ms, one.snr_db, one.peak_db, tuple(one.features))
        for one in body.pulses
    )
    return Message(body.sent_at, pulses, position, body.position_error_m)
