"""The form of live video on its way: recorder to server, and server to browser. The same frame on both.

    u8 kind · u8 flags · u32 run · u32 seq · i64 captured_us · payload          (big-endian; 18 bytes of head)

On the tap's stream each frame stands after its length (u32). It knows no socket.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from watchfloor.kit.errors import Invalid

_HEAD: Final = struct.Struct(">BBIIq")
HEAD_SIZE: Final = _HEAD.size
KEY_FLAG: Final = 1
LONGEST: Final = 64 * 1024 * 1024
# Where `tfdt` stands in a fragment of ours: moof 8, mfhd 16, traf 8, tfhd 16, tfdt 12.
TFDT_AT: Final = 60
_U32: Final = 0xFFFF_FFFF
TOKEN_FOR: Final = timedelta(seconds=60)


class Kind(IntEnum):
    """What a live frame is."""

    INIT = 1  # u8 length, codec string, init segment; again at each new run
    FRAGMENT = 2  # one fMP4 fragment; flag bit 0: begins with a keyframe
    DROP = 3  # {dropped, reason}: left out for this viewer; the next fragment is a keyframe
    STATE = 4  # {level, word, reason}
    END = 5  # {reason, detail, next_step, refused}: the last frame
    STREAM = 6  # {stream, has_sub}: which of the camera's streams follows; only to who asked for one
    RUN = 7  # of an edge box, to the recorder alone: {codec, sets}, how the pictures that follow are coded
    PICTURE = 8  # of an edge box: i64 dts, i64 pts, one coded picture
    PIECE = 9  # of the playback socket: {to} or a problem; what was asked for is sent


@dataclass(frozen=True, slots=True)
class LiveHead:
    """The head of a live frame."""

    kind: Kind
    key: bool
    run: int
    seq: int
    captured_us: int


class StateNote(msgspec.Struct, frozen=True):
    """How the camera is doing."""

    level: str
    word: str
    reason: str


class StreamNote(msgspec.Struct, frozen=True):
    """Which of the camera's streams follows (`main` or `sub`), and whether it has a sub stream at all."""

    stream: str
    has_sub: bool


class DropNote(msgspec.Struct, frozen=True):
    """What this viewer did not get."""

    dropped: int
    reason: str


class EndNote(msgspec.Struct, frozen=True):
    """Why it is over."""

    reason: str
    detail: str
    next_step: str | None = None
    refused: bool = False


class TapAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the server asks a recorder's tap for, and again to renew it; with `sub`, the camera's sub stream.

    With `to_us`, a recorder asks the gate for what an edge box kept of [from, to).
    """

    camera: UUID
    token: str
    sub: bool = False
    from_us: int = 0
    to_us: int = 0


class _Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    camera: UUID
    grant: UUID
    until: datetime


_N = TypeVar("_N", StateNote, EndNote, DropNote)

_asks = msgspec.json.Decoder(TapAsk)
_claims = msgspec.json.Decoder(_Claim)
_STATES: Final = msgspec.json.Decoder(StateNote)
_ENDS: Final = msgspec.json.Decoder(EndNote)
_DROPS: Final = msgspec.json.Decoder(DropNote)


def frame(kind: Kind, run: int, seq: int, captured_us: int, payload: bytes, *, key: bool = False) -> bytes:
    """One live frame."""
    return _HEAD.pack(kind, KEY_FLAG if key else 0, run & _U32, seq & _U32, captured_us) + payload


def note(kind: Kind, what: StateNote | DropNote | EndNote | StreamNote) -> bytes:
    """A live frame that carries a word, not a picture."""
    return frame(kind, 0, 0, 0, msgspec.json.encode(what))


def init(run: int, began_us: int, mime: str, segment: bytes) -> bytes:
    """The frame that begins a run."""
    codec = mime.encode("ascii")
    return frame(Kind.INIT, run, 0, began_us, bytes((len(codec),)) + codec + segment)


def segment_of(data: bytes) -> bytes:
    """The init segment of an init frame."""
    return data[HEAD_SIZE + 1 + data[HEAD_SIZE] :]


def decode_time(fragment: bytes) -> int:
    """Where a fragment of ours stands in its run, in ticks."""
    (ticks,) = struct.unpack_from(">Q", fragment, TFDT_AT)
    return int(ticks)


def from_zero(fragment: bytes, base: int) -> bytes:
    """The fragment with its time counted from `base`."""
    ticks = decode_time(fragment) - base
    return b"".join((fragment[:TFDT_AT], struct.pack(">Q", ticks), fragment[TFDT_AT + 8 :]))


def head(data: bytes) -> LiveHead:
    """The head of a live frame. Raises Invalid."""
    if len(data) < HEAD_SIZE:
        raise Invalid("A live frame breaks off.")
    kind, flags, run, seq, captured_us = _HEAD.unpack_from(data)
    try:
        return LiveHead(Kind(kind), bool(flags & KEY_FLAG), run, seq, captured_us)
    except ValueError as error:
        raise Invalid(f"There is no live frame of kind {kind}.") from error


def state_of(data: bytes) -> StateNote:
    """What a state frame says. Raises Invalid."""
    return _note(_STATES, data)


def end_of(data: bytes) -> EndNote:
    """What an end frame says. Raises Invalid."""
    return _note(_ENDS, data)


def drop_of(data: bytes) -> DropNote:
    """What a drop frame says. Raises Invalid."""
    return _note(_DROPS, data)


def ask_of(data: bytes) -> TapAsk:
    """What a client of the tap asks. Raises Invalid."""
    try:
        return _asks.decode(data)
    except msgspec.DecodeError as error:
        raise Invalid("That is not what a tap is asked.") from error


def make_token(key: bytes, camera: UUID, grant: UUID, now: datetime) -> str:
    """A leave to tap one camera for 60 s, signed with the key that server and recorders share."""
    claim = msgspec.json.encode(_Claim(camera, grant, now + TOKEN_FOR))
    return f"{hmac.new(key, claim, hashlib.sha256).hexdigest()}.{claim.decode()}"


def token_until(key: bytes, token: str, camera: UUID, now: datetime) -> datetime | None:
    """Until when a token lets its bearer tap this camera; None when it does not."""
    mac, _, text = token.partition(".")
    claim = text.encode()
    if not hmac.compare_digest(mac.encode(), hmac.new(key, claim, hashlib.sha256).hexdigest().encode()):
        return None
    try:
        said = _claims.decode(claim)
    except msgspec.DecodeError:
        return None
    return (
        said.until
        if said.camera == camera and now < said.until <= now + TOKEN_FOR + timedelta(seconds=5)
        else None
    )


def _note(decoder: msgspec.json.Decoder[_N], data: bytes) -> _N:
    try:
        return decoder.decode(data[HEAD_SIZE:])
    except msgspec.DecodeError as error:
        raise Invalid("A live frame cannot be read.") from error
