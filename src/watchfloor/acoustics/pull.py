"""A few seconds of sound asked of a microphone: what it is sent, signed, and what it answers. Pure; it decides nothing of who may.

The microphone judges by itself and may say no to everything here (`watchfloor_sensor`, which shares no code with this). An answer is
material of a device: nothing of it is believed but that it came on that microphone's own subject.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.kit.instant import Instant

LONGEST: Final = timedelta(seconds=4)
NEAR: Final = timedelta(seconds=2)
FEWEST: Final = 3
_SIGNED_FOR: Final = b"watchfloor sound pull 1\n"
MOST_BYTES: Final = 1024 * 1024
_PRINTABLE: Final = r"^[^\p{C}\p{Zl}\p{Zp}]*$"
_MOST_RATE: Final = 192_000
_BEGINS_WITHIN: Final = timedelta(milliseconds=5)
_AS_LONG_WITHIN_S: Final = 0.010


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs what microphones are asked. `public` is what each is given when it is enrolled: 32 bytes in base64."""

    public: str
    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> Signer:
        """The signer of a secret: one secret, one key."""
        key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(secret).digest())
        return cls(base64.b64encode(key.public_key().public_bytes_raw()).decode(), key)

    def signed(self, asked: Asked) -> bytes:
        """What is sent to the microphone."""
        request = json.dumps(asked.form()).encode()
        signature = self._key.sign(_SIGNED_FOR + request)
        both = {"request": request, "signature": signature}
        return json.dumps({name: base64.b64encode(raw).decode() for name, raw in both.items()}).encode()


@dataclass(frozen=True, slots=True)
class Asked:
    """Sound of a located source, from `begins` to `ends`: all ids as they are outside. `heard_by`: each microphone that it was located
    by, with the id of its pulse there. Raises Invalid for what every microphone would refuse."""

    pull: str
    microphone: str
    incident: str
    heard_by: tuple[tuple[str, str], ...]
    begins: datetime
    ends: datetime
    authorisation: str
    log_entry: str
    asked_at: datetime

    def __post_init__(self) -> None:
        heard_by = dict(self.heard_by)
        if len(heard_by) < FEWEST or self.microphone not in heard_by:
            raise Invalid("Sound is pulled of what three microphones located, from one of them.")
        if not timedelta(0) < self.ends - self.begins <= LONGEST:
            raise Invalid(f"Sound is pulled of at most {LONGEST.total_seconds():.0f} seconds.")

    def form(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "pull": self.pull,
            "microphone": self.microphone,
            "incident": self.incident,
            "heard_by": [{"microphone": one, "pulse": key} for one, key in self.heard_by],
            "begins": rfc3339(self.begins),
            "ends": rfc3339(self.ends),
            "authorisation": self.authorisation,
            "log_entry": self.log_entry,
            "asked_at": rfc3339(self.asked_at),
        }


@dataclass(frozen=True, slots=True)
class Clip:
    """Sound: 16 bits, one channel, little-endian, from `begins` on. It may hold speech."""

    pull: str
    begins: datetime
    rate: int
    sha256: str
    samples: bytes = field(repr=False)

    @property
    def seconds(self) -> float:
        return len(self.samples) / 2 / self.rate


@dataclass(frozen=True, slots=True)
class NoClip:
    """A microphone's no; `pull` where it could tell which one it refused."""

    pull: str | None
    reason: str
    detail: str


def answer(payload: bytes, *, by: str) -> Clip | NoClip:
    """What a microphone answered, `by` the outside id that it may answer for. Raises Invalid, in words that hold nothing of it."""
    if len(payload) > MOST_BYTES:
        raise Invalid(f"It is longer than {MOST_BYTES} bytes.")
    try:
        said = _SAID.validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise Invalid(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
    if said.microphone != by:
        raise Invalid("It says that it is of another microphone.")
    return said.no() if isinstance(said, _Refused) else said.clip()


def believed(asked: Asked, said: Clip | NoClip | None) -> Clip | NoClip | None:
    """The answer, or a no of the center's own to a clip that is not of the moment and the length that were asked for."""
    if not isinstance(said, Clip):
        return said
    off_s = abs(said.seconds - (asked.ends - asked.begins).total_seconds())
    if abs(said.begins - asked.begins) <= _BEGINS_WITHIN and off_s <= _AS_LONG_WITHIN_S:
        return said
    return NoClip(
        said.pull, "another_time", "The microphone sent sound of another time or length than was asked for."
    )


class _Answer(BaseModel):
    microphone: str = Field(max_length=64)


class _Refused(_Answer):
    verdict: Literal["refused"]
    pull: str | None = Field(default=None, max_length=64)
    reason: str = Field(max_length=40, pattern="^[a-z_]+$")
    detail: str = Field(max_length=200, pattern=_PRINTABLE)

    def no(self) -> NoClip:
        return NoClip(self.pull, self.reason, self.detail)


class _Clip(_Answer):
    verdict: Literal["clip"]
    pull: str = Field(max_length=64)
    begins: Instant
    rate: int = Field(ge=8_000, le=_MOST_RATE)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    samples: str = Field(max_length=MOST_BYTES)

    def clip(self) -> Clip:
        """Raises Invalid."""
        try:
            raw = base64.b64decode(self.samples, validate=True)
        except ValueError as error:
            raise Invalid("Its samples are no base64.") from error
        if not raw or len(raw) % 2 or len(raw) / 2 > (LONGEST.total_seconds() + 0.01) * self.rate:
            raise Invalid("It is no sound of four seconds at most.")
        if hashlib.sha256(raw).hexdigest() != self.sha256:
            raise Invalid("Its samples are not those that it says.")
        return Clip(self.pull, self.begins, self.rate, self.sha256, raw)


_SAID: Final[TypeAdapter[_Refused | _Clip]] = TypeAdapter(
    Annotated[_Refused | _Clip, Field(discriminator="verdict")]
)
