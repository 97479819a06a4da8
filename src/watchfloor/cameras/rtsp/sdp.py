"""Reads what a device says it can send (SDP, RFC 8866): the first video track that is recorded. It asks nothing itself."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from watchfloor.cameras.stream import TICKS_PER_S, Codec

_CODECS: Final = {"h264": Codec.H264, "h265": Codec.H265, "hevc": Codec.H265}
_SETS: Final = {Codec.H264: ("sprop-parameter-sets",), Codec.H265: ("sprop-vps", "sprop-sps", "sprop-pps")}


class NoVideo(ValueError):
    """The device offers nothing that is recorded; the text says what it does offer."""


@dataclass(frozen=True, slots=True)
class Track:
    """A video track: where it is set up, how it is coded, the parameter sets the description brings along.

    `rate` is the ticks a second of its time stamps; `ordered` says that its packets carry decoding order numbers.
    """

    control: str
    aggregate: str
    payload_type: int
    codec: Codec
    rate: int
    sets: tuple[bytes, ...]
    ordered: bool


def video_track(text: str, base: str) -> Track:
    """The track to record; `base` is the address its controls are relative to. Raises NoVideo."""
    session, *media = _sections(text)
    offered: list[str] = []
    aggregate = _resolved(base, _control(session) or "*")
    for section in media:
        kind, types = _media(section[0])
        if kind != "video":
            continue
        for number in types:
            name, rate = _mapping(section, number)
            offered.append(name)
            codec = _CODECS.get(name)
            if codec is None:
                continue
            said = _parameters(section, number)
            control = _resolved(base, _control(section) or "")
            ordered = codec is Codec.H265 and said.get("sprop-max-don-diff", "0") != "0"
            return Track(control, aggregate, number, codec, rate, _sets(codec, said), ordered)
    if not offered:
        raise NoVideo("The camera offers no video.")
    raise NoVideo("The camera sends a codec that is not recorded; use H.264 or H.265.")


def _sections(text: str) -> list[list[str]]:
    """The session's lines, then those of each medium."""
    sections: list[list[str]] = [[]]
    for line in text.replace("\r\n", "\n").split("\n"):
        if line.startswith("m="):
            sections.append([])
        if line.strip():
            sections[-1].append(line.strip())
    return sections


def _media(line: str) -> tuple[str, list[int]]:
    words = line.removeprefix("m=").split()
    return words[0] if words else "", [int(word) for word in words[3:] if word.isdigit() and int(word) < 128]


def _attributes(section: list[str], name: str) -> list[str]:
    return [line.removeprefix(f"a={name}:").strip() for line in section if line.startswith(f"a={name}:")]


def _control(section: list[str]) -> str | None:
    return next(iter(_attributes(section, "control")), None)


def _mapping(section: list[str], number: int) -> tuple[str, int]:
    for value in _attributes(section, "rtpmap"):
        of, _, what = value.partition(" ")
        if of == str(number):
            name, _, rate = what.strip().partition("/")
            rate = rate.partition("/")[0]
            return name.lower(), int(rate) if rate.isdigit() and int(rate) > 0 else TICKS_PER_S
    return "", TICKS_PER_S


def _parameters(section: list[str], number: int) -> dict[str, str]:
    said: dict[str, str] = {}
    for value in _attributes(section, "fmtp"):
        of, _, what = value.partition(" ")
        if of == str(number):
            for parameter in what.split(";"):
                name, _, content = parameter.strip().partition("=")
                said[name.lower()] = content.strip()
    return said


def _sets(codec: Codec, said: dict[str, str]) -> tuple[bytes, ...]:
    found: list[bytes] = []
    for name in _SETS[codec]:
        for text in said.get(name, "").split(","):
            try:
                unit = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
            except (binascii.Error, ValueError):
                continue  # the sets come in the stream as well; what cannot be read here is not needed
            if unit:
                found.append(unit)
    return tuple(found)


def _resolved(base: str, control: str) -> str:
    """A control's address (RFC 2326 C.1.1): whole, or under the base. Another host in it is never gone to."""
    if control in ("", "*"):
        return base
    if urlsplit(control).scheme:
        return control
    # Most devices mean "base/control"; urljoin would put the control in place of the base's last part.
    return urljoin(base, control) if control.startswith("/") else f"{base.rstrip('/')}/{control}"
