"""What an edge box and the center say to each other, over one connection that the box opened. It knows no socket.

    u32 length · u8 what · a message (JSON), or: 16 bytes of the camera's id · u8 stream · a frame of a tap

A frame is one of `cameras/wire.py`: RUN, how the pictures that follow are coded, or PICTURE, one coded picture. The same frames
go on to the recorder through a tap.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from watchfloor.cameras import wire
from watchfloor.cameras.nal import BadStream, split_prefixed
from watchfloor.cameras.stream import Codec, Frame, Run
from watchfloor.cameras.wire import Kind
from watchfloor.kit.errors import Invalid

VERSION: Final = 2
SERVER_NAME: Final = "gate.watchfloor"
"""What the gate's certificate says, whatever the address by which a box reaches it."""
LONGEST: Final = 8 * 1024 * 1024
LONGEST_WORD: Final = 256 * 1024
_WORD, _MEDIA = 0, 1
_PAST: Final = 2
_HEAD: Final = struct.Struct(">B16sB")
_TIMES: Final = struct.Struct(">qq")
_MOST_SETS: Final = 16
_LONGEST_SET: Final = 4096


class DiskTrouble(StrEnum):
    """What is wrong with the disk on which a box keeps pictures, while it is."""

    FULL = "full"
    FAILING = "failing"
    SLOW = "slow"


class Introduce(msgspec.Struct, frozen=True, tag="introduce", forbid_unknown_fields=True):
    """A box that has only a code asks who answers there."""


class Introduction(msgspec.Struct, frozen=True, tag="introduction", forbid_unknown_fields=True):
    """The edge authority, in PEM: the box holds it against its code, and dials again trusting nobody else."""

    authority: str


class Enrol(msgspec.Struct, frozen=True, tag="enrol", forbid_unknown_fields=True):
    """A box without a certificate shows its one-time code and asks for one (`request`, a PEM certificate request)."""

    code: str
    request: str


class Enrolled(msgspec.Struct, frozen=True, tag="enrolled", forbid_unknown_fields=True):
    """The box's name, and its certificate in PEM."""

    name: str
    certificate: str


class Refusal(msgspec.Struct, frozen=True, tag="refusal", forbid_unknown_fields=True):
    """Why the center goes no further. `over`: for good, the box forgets what it kept."""

    reason: str
    detail: str
    next_step: str = ""
    over: bool = False


class Hello(msgspec.Struct, frozen=True, tag="hello", forbid_unknown_fields=True):
    """The first word of a box: its software, and the names of the cameras that its own file has."""

    version: int
    software: str
    names: list[str]


class OfBox(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A camera of the box: its id, and the name by which the box's own file has it."""

    id: UUID
    name: str
    has_sub: bool


class Cameras(msgspec.Struct, frozen=True, tag="cameras", forbid_unknown_fields=True):
    """The box's cameras, all of them: what is not here is forgotten."""

    box: str
    cameras: list[OfBox]


class Keeping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be kept while the center is away: in these hours of that zone (`windows` as of an agreement), until then."""

    from_us: int
    until_us: int
    zone: str
    windows: list[tuple[int, int, int]]


class Permit(msgspec.Struct, frozen=True, tag="permit", forbid_unknown_fields=True):
    """The center's word on one camera: sent may be until `until_us`, in the center's time; 0 is a no, and `why` says it.

    Without `keeping` nothing may be kept while the center is away. `forget`: what was kept is deleted.
    """

    camera: UUID
    until_us: int
    why: str
    keeping: Keeping | None = None
    forget: bool = False


class Want(msgspec.Struct, frozen=True, tag="want", forbid_unknown_fields=True):
    """Somebody wants a stream, or nobody does any more."""

    camera: UUID
    sub: bool
    on: bool


class Said(msgspec.Struct, frozen=True, tag="said", forbid_unknown_fields=True):
    """How a stream is doing that does not play: the word of a camera's state."""

    camera: UUID
    sub: bool
    status: str


class Fetch(msgspec.Struct, frozen=True, tag="fetch", forbid_unknown_fields=True):
    """The center wants what the box kept of [from, to), by the center's time. One is answered at a time for each camera."""

    number: int
    camera: UUID
    from_us: int
    to_us: int


class Fetched(msgspec.Struct, frozen=True, tag="fetched", forbid_unknown_fields=True):
    """So much was sent: up to `next_us`, from where the rest can be asked for; 0 when it was all.

    `gone`: the oldest of that time was kept and had to give way.
    """

    number: int
    camera: UUID
    next_us: int = 0
    gone: bool = False


class Ping(msgspec.Struct, frozen=True, tag="ping", forbid_unknown_fields=True):
    """A sign of life of the box: what its own clock shows, what it keeps, how its disk is, and how many pictures it could not keep."""

    number: int
    clock_us: int
    kept_bytes: int = 0
    most_bytes: int = 0
    oldest_us: int = 0
    disk: DiskTrouble | None = None
    lost: int = 0


class Pong(msgspec.Struct, frozen=True, tag="pong", forbid_unknown_fields=True):
    """The answer: what the center's clock shows."""

    number: int
    center_us: int


class Renew(msgspec.Struct, frozen=True, tag="renew", forbid_unknown_fields=True):
    """The box asks for its next certificate."""

    request: str


class Renewed(msgspec.Struct, frozen=True, tag="renewed", forbid_unknown_fields=True):
    """The next certificate, in PEM."""

    certificate: str


Word = (
    Fetch
    | Fetched
    | Introduce
    | Introduction
    | Enrol
    | Enrolled
    | Refusal
    | Hello
    | Cameras
    | Permit
    | Want
    | Said
    | Ping
    | Pong
    | Renew
    | Renewed
)
_words: Final[msgspec.json.Decoder[Word]] = msgspec.json.Decoder(Word)


class _Coded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    codec: Codec
    sets: list[bytes]


_coded: Final = msgspec.json.Decoder(_Coded)


@dataclass(frozen=True, slots=True)
class Media:
    """A frame of a stream on its way through the box's connection; `past`: of what was kept and is fetched."""

    camera: UUID
    sub: bool
    frame: bytes
    past: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """One picture as a box sent it: its NAL units, when it is shown in ticks of its run, and when the box says it was taken."""

    units: list[bytes]
    key: bool
    dts: int
    pts: int
    captured_us: int


def word(said: Word) -> bytes:
    """A message as it is sent."""
    return bytes((_WORD,)) + msgspec.json.encode(said)


def media(camera: UUID, frame: bytes, *, sub: bool, past: bool = False) -> bytes:
    """A frame of a stream as it is sent."""
    return _HEAD.pack(_MEDIA, camera.bytes, _PAST if past else sub) + frame


def read(data: bytes) -> Word | Media:
    """What was sent. Raises Invalid."""
    if data and data[0] == _WORD and len(data) <= LONGEST_WORD:
        try:
            return _words.decode(data[1:])
        except (msgspec.DecodeError, ValueError) as error:
            raise Invalid("a word of an edge box that cannot be read") from error
    if len(data) > _HEAD.size and data[0] == _MEDIA:
        _, camera, stream = _HEAD.unpack_from(data)
        frame = data[_HEAD.size :]
        if wire.head(frame).kind not in (Kind.RUN, Kind.PICTURE):
            raise Invalid("a frame that no edge box sends")
        return Media(UUID(bytes=camera), stream == 1, frame, stream == _PAST)
    raise Invalid("neither a word nor a frame of an edge box")


def run_frame(run: Run) -> bytes:
    """How the pictures that follow are coded."""
    sets = [unit for kind in run.format.sets for unit in kind]
    coded = msgspec.json.encode(_Coded(run.format.codec, sets))
    return wire.frame(Kind.RUN, run.number, 0, run.began_us, coded)


def picture_frame(run: int, seq: int, frame: Frame) -> bytes:
    """One picture."""
    times = _TIMES.pack(frame.dts, frame.pts)
    return wire.frame(Kind.PICTURE, run, seq, frame.captured_us, times + frame.data, key=frame.key)


def dated(frame: bytes, later_us: int) -> bytes:
    """The same picture, taken so much later."""
    head = wire.head(frame)
    payload = frame[wire.HEAD_SIZE :]
    return wire.frame(head.kind, head.run, head.seq, head.captured_us + later_us, payload, key=head.key)


def run_of(frame: bytes) -> tuple[Codec, list[bytes]]:
    """The codec and the parameter sets of a RUN. Raises Invalid; whether the sets make sense whoever parses them says."""
    try:
        said = _coded.decode(frame[wire.HEAD_SIZE :])
    except (msgspec.DecodeError, ValueError) as error:
        raise Invalid("an edge box does not say how its pictures are coded") from error
    if len(said.sets) > _MOST_SETS or any(not 0 < len(one) <= _LONGEST_SET for one in said.sets):
        raise Invalid("an edge box sends parameter sets that no camera has")
    return said.codec, said.sets


def picture_of(frame: bytes) -> Sent:
    """The picture of a PICTURE. Raises Invalid."""
    head, at = wire.head(frame), wire.HEAD_SIZE
    if len(frame) <= at + _TIMES.size:
        raise Invalid("a picture of an edge box breaks off")
    dts, pts = _TIMES.unpack_from(frame, at)
    try:
        units = split_prefixed(frame[at + _TIMES.size :])
    except BadStream as error:
        raise Invalid("a picture of an edge box cannot be taken apart") from error
    return Sent(units, head.key, dts, pts, head.captured_us)
