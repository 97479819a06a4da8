"""Whether a few seconds of sound may be pulled: the sensor decides that itself, by what it heard and what the center signed. Pure.

It trusts the center's signature for what it cannot see: that the others heard it, that somebody may, that it stands in the log. What it
can see it does not take on trust: that it heard this itself, how near and how long the window is, and how often it was asked.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SIGNED_FOR: Final = b"watchfloor sound pull 1\n"
"""Goes before what is signed, so that a signature of anything else is none of this."""
NEAR: Final = timedelta(seconds=2)
LONGEST: Final = timedelta(seconds=4)
FEWEST: Final = 3
MOST_BYTES: Final = 16 * 1024
MOST_NAMED: Final = 100
KEPT: Final = timedelta(minutes=10)
FRESH: Final = timedelta(minutes=2)
"""A request is of no use longer: what it asks for is gone in ten minutes, and a clock may be off a little."""
MOST_AN_HOUR: Final = 12
MOST_A_DAY: Final = 60
"""So many clips leave, whoever asks: many short ones in a row would be listening."""
_SLACK: Final = timedelta(milliseconds=1)
_MOST_SIGNS: Final = 64

Why = Literal[
    "unreadable", "no_key", "forged", "not_mine", "stale", "replayed", "too_few", "not_heard", "backwards", "too_long", "too_far",
    "not_over", "too_many", "gone", "not_held", "not_logged",
]  # fmt: skip
SENTENCES: Final[Mapping[Why, str]] = {
    "unreadable": "The request cannot be read.",
    "no_key": "This sensor was given no key of a center: no sound leaves it.",
    "forged": "The request is not signed by this sensor's center.",
    "not_mine": "The request is for another sensor.",
    "stale": "The request is not of this moment.",
    "replayed": "This request was answered before.",
    "too_few": "Fewer than three sensors are said to have heard it.",
    "not_heard": "This sensor sent no such pulse within the last ten minutes.",
    "backwards": "The window ends before it begins.",
    "too_long": "The window is longer than four seconds.",
    "too_far": "The window is not within two seconds of this sensor's pulse.",
    "not_over": "The window is not over: nobody listens to what is now.",
    "too_many": "As many clips left within the hour or the day as may.",
    "gone": "The sound of then is not kept any more.",
    "not_held": "This sensor cannot keep its memory off a disk, so it keeps no sound.",
    "not_logged": "This sensor cannot write down that it was asked, so nothing leaves it.",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What a center asks: the sound from `begins` to `ends`, for `incident`, located by `heard_by` (sensor and its pulse's id), under
    `authorisation`, written in the center's log as `log_entry`."""

    pull: str
    sensor: str
    incident: str
    heard_by: tuple[tuple[str, str], ...]
    begins: datetime
    ends: datetime
    authorisation: str
    log_entry: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """No, why, and of which request where that is known."""

    why: Why
    pull: str | None = None

    @property
    def sentence(self) -> str:
        """For people."""
        return SENTENCES[self.why]


@dataclass(frozen=True, slots=True)
class Heard:
    """A pulse that this sensor sent: when, and the sample that it began with."""

    at: datetime
    index: int


@dataclass(frozen=True, slots=True)
class Known:
    """What this sensor knows: its id, the pulses of the last ten minutes by their ids, what was answered, how long ago clips left."""

    sensor: str
    pulses: Mapping[str, Heard]
    answered: frozenset[str]
    left_ago: tuple[timedelta, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """What may leave: seconds from the pulse on (or before it, less than zero) to seconds from it."""

    pulse: Heard
    begins_s: float
    ends_s: float


def read(payload: bytes, key: Ed25519PublicKey | None) -> Request | Refused:
    """The request, where it is one and this center's: its signature is looked at before anything of it is."""
    if key is None:
        return Refused("no_key")
    if len(payload) > MOST_BYTES:
        return Refused("unreadable")
    try:
        outer = _object(payload)
        body, signature = (_bytes(outer, name) for name in ("request", "signature"))
    except (ValueError, RecursionError):
        return Refused("unreadable")
    try:
        key.verify(signature, SIGNED_FOR + body)
    except InvalidSignature:
        return Refused("forged")
    try:
        return _request(_object(body))
    except (ValueError, RecursionError):
        return Refused("unreadable")


def verdict(request: Request, known: Known, now: datetime) -> Window | Refused:
    """Which stretch of sound may leave for it, or why none. `now` is the sensor's own clock."""
    why = _why_not(request, known, now)
    if why is not None:
        return Refused(why, request.pull)
    pulse = known.pulses[dict(request.heard_by)[known.sensor]]
    return Window(
        pulse,
        (request.begins - pulse.at).total_seconds(),
        (request.ends - pulse.at).total_seconds(),
    )


def _why_not(request: Request, known: Known, now: datetime) -> Why | None:
    heard_by = dict(request.heard_by)
    pulse = known.pulses.get(heard_by.get(known.sensor, ""))
    if request.sensor != known.sensor:
        return "not_mine"
    if abs(now - request.asked_at) > FRESH:
        return "stale"
    if request.pull in known.answered:
        return "replayed"
    if len(heard_by) < FEWEST or len(heard_by) != len(request.heard_by):
        return "too_few"
    if pulse is None or now - pulse.at > KEPT:
        return "not_heard"
    return _why_not_then(request, pulse, now) or _too_many(known)


def _why_not_then(request: Request, pulse: Heard, now: datetime) -> Why | None:
    if request.ends <= request.begins:
        return "backwards"
    if request.ends - request.begins > LONGEST:
        return "too_long"
    if request.begins < pulse.at - NEAR - _SLACK or request.ends > pulse.at + NEAR + _SLACK:
        return "too_far"
    return "not_over" if request.ends > now else None


def _too_many(known: Known) -> Why | None:
    hour = sum(ago < timedelta(hours=1) for ago in known.left_ago)
    day = sum(ago < timedelta(days=1) for ago in known.left_ago)
    return "too_many" if hour >= MOST_AN_HOUR or day >= MOST_A_DAY else None


def _request(body: Mapping[str, object]) -> Request:
    named = body.get("heard_by")
    if not isinstance(named, list) or len(named) > MOST_NAMED:
        raise ValueError("heard_by")
    heard_by = []
    for one in named:
        if not isinstance(one, dict):
            raise ValueError("heard_by")
        heard_by.append((_text(one, "microphone"), _text(one, "pulse")))
    return Request(
        pull=_text(body, "pull"),
        sensor=_text(body, "microphone"),
        incident=_text(body, "incident"),
        heard_by=tuple(heard_by),
        begins=_moment(body, "begins"),
        ends=_moment(body, "ends"),
        authorisation=_text(body, "authorisation"),
        log_entry=_text(body, "log_entry"),
        asked_at=_moment(body, "asked_at"),
    )


def _object(raw: bytes) -> dict[str, object]:
    """Raises ValueError; a name that is there twice is read by nobody alike, and refused."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) != len(pairs):
            raise ValueError("a name twice")
        return made

    found = json.loads(raw, object_pairs_hook=once)
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _bytes(fields: Mapping[str, object], name: str) -> bytes:
    said = fields.get(name)
    if not isinstance(said, str):
        raise ValueError(name)
    try:
        return base64.b64decode(said, validate=True)
    except binascii.Error as error:
        raise ValueError(name) from error


def _text(fields: Mapping[str, object], name: str) -> str:
    said = fields.get(name)
    if not isinstance(said, str) or not 0 < len(said) <= _MOST_SIGNS or not said.isprintable():
        raise ValueError(name)
    return said


def _moment(fields: Mapping[str, object], name: str) -> datetime:
    moment = datetime.fromisoformat(_text(fields, name))
    if moment.tzinfo is None:
        raise ValueError(name)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(name) from error
