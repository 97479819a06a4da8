"""The profiles of a device and where it shows each: by Media2 where it has that, for H.265 stands there alone; else by Media1.

It decides nothing of them. Media2 is spoken without a packaged description: the library brings none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from watchfloor.cameras.onvif.model import (
    MEDIA,
    MEDIA2,
    Limits,
    Profile,
    at,
    only,
    pixels,
    stream_at,
    word,
)
from watchfloor.kit.errors import Invalid

if TYPE_CHECKING:
    from lxml import etree

    from watchfloor.cameras.address import Address
    from watchfloor.cameras.onvif.model import Reach
    from watchfloor.cameras.onvif.session import Session

TOKEN_CHARACTERS: Final = 64
MOST_OF_MANY: Final = 2048
"""How many profiles of a recorder are looked at."""
_MOST_MODULES: Final = 64
# A recorder says of hundreds what a camera says of one, in one answer.
_BYTES: Final = 4 * 1024 * 1024
_SETUP: Final = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
# What a device does that names Media2 and has no more than a part of it: then Media1 is asked.
_NOT_THERE: Final = ("device_refuses", "not_onvif", "not_offered", "redirect")


@dataclass(frozen=True, slots=True)
class Told:
    """What a device tells of a profile. `source` is the lens that it shows, `source_by` the configuration of it; width and height are 0
    where they cannot be; `analytics` is the token of what it notices by itself, `modules` the types of that."""

    service: str
    token: str
    name: str
    source: str | None
    source_by: str | None
    width: int
    height: int
    codec: str
    turns: bool
    hears: bool
    analytics: str | None
    modules: tuple[str, ...]

    @property
    def readable(self) -> bool:
        """Whether it has a picture of a size that can be."""
        return self.width > 0 and self.height > 0


def of_many(reach: Reach, whole_s: float = 0.0) -> Reach:
    """The same, for what a recorder says of hundreds in one answer; the whole talk may take so long."""
    given = reach.limits
    return replace(
        reach, limits=Limits(given.call_s, max(given.whole_s, whole_s), max(given.most_bytes, _BYTES))
    )


async def told(talk: Session, most: int) -> list[Told]:
    """The device's profiles, at most so many. Raises Invalid."""
    if talk.has(MEDIA2):
        try:
            found = _of_two(await ask_two(talk, "GetProfiles", Type="All"), most)
        except Invalid as error:
            if error.reason not in _NOT_THERE:
                raise
            found = []
        if any(one.readable for one in found):
            return found
    return await told_by_one(talk, most)


async def told_by_one(talk: Session, most: int) -> list[Told]:
    """The same by Media1 alone. Raises Invalid."""
    return [one for said in only(await talk.ask(MEDIA, "GetProfiles"), most) if (one := _of_one(said))]


async def address_of(talk: Session, profile: Told) -> Address | None:
    """Where the device shows a profile, always at its own host; None where it does not say. Raises Invalid where it does not answer."""
    named: object = None
    if profile.service == MEDIA2:
        named = await _uri_by_two(talk, profile.token)
    if named is None:
        said = {"StreamSetup": _SETUP, "ProfileToken": profile.token}
        named = at(await talk.may(MEDIA, "GetStreamUri", said), "Uri")
    if named is None:
        return None
    try:
        found, remark = stream_at(talk.device, named)
    except Invalid:
        found, remark = None, "It names a stream at an address that is none."
    talk.remark(remark)
    return found


async def profile_of(talk: Session, profile: Told) -> Profile | None:
    """A profile and where it is shown; None for one without a picture. Raises Invalid where the device does not answer."""
    if not profile.readable:
        return None
    address = await address_of(talk, profile)
    url = None if address is None else str(address)
    return Profile(profile.token, profile.name, profile.width, profile.height, profile.codec, url)


async def ask_two(talk: Session, operation: str, **said: str) -> etree._Element:
    """What Media2 answers. Raises Invalid."""
    from lxml import etree

    body = etree.Element(f"{{{MEDIA2}}}{operation}", nsmap={None: MEDIA2})
    for name, text in said.items():
        etree.SubElement(body, f"{{{MEDIA2}}}{name}").text = text
    return await talk.say(talk.address_of(MEDIA2), f"{MEDIA2}/{operation}", body)


def local(element: etree._Element) -> str:
    """The name of an element, whatever its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


async def _uri_by_two(talk: Session, token: str) -> str | None:
    try:
        answer = await ask_two(talk, "GetStreamUri", Protocol="RtspUnicast", ProfileToken=token)
    except Invalid as error:
        if error.reason not in _NOT_THERE:
            raise
        return None
    return _text(answer, "Uri") or None


def _of_one(said: object) -> Told | None:
    token, encoder = at(said, "token"), at(said, "VideoEncoderConfiguration")
    if not _is_token(token):
        return None
    source = at(said, "VideoSourceConfiguration")
    analytics = at(said, "VideoAnalyticsConfiguration")
    modules = only(at(analytics, "AnalyticsEngineConfiguration", "AnalyticsModule"), _MOST_MODULES)
    return Told(
        MEDIA, str(token), word(at(said, "Name")), _token(at(source, "SourceToken")), _token(at(source, "token")),
        pixels(at(encoder, "Resolution", "Width")), pixels(at(encoder, "Resolution", "Height")),
        word(at(encoder, "Encoding"), 8), bool(at(said, "PTZConfiguration")),
        bool(at(said, "AudioSourceConfiguration")), _token(at(analytics, "token")),
        tuple(word(at(module, "Type")) for module in modules),
    )  # fmt: skip


def _of_two(answer: etree._Element, most: int) -> list[Told]:
    each = [one for one in answer if local(one) == "Profiles"][:most]
    return [found for one in each if (found := _one_of_two(one)) is not None]


def _one_of_two(said: etree._Element) -> Told | None:
    token, set_up = said.get("token"), _under(said, "Configurations")
    parts = {} if set_up is None else {local(part): part for part in set_up}
    if not _is_token(token):
        return None
    encoder, source, analytics = (parts.get(name) for name in ("VideoEncoder", "VideoSource", "Analytics"))
    size, engine = _under(encoder, "Resolution"), _under(analytics, "AnalyticsEngineConfiguration")
    modules = [] if engine is None else [one for one in engine if local(one) == "AnalyticsModule"]
    return Told(
        MEDIA2, str(token), word(_text(said, "Name")), _token(_text(source, "SourceToken")), _own_token(source),
        _pixels(_text(size, "Width")), _pixels(_text(size, "Height")), word(_text(encoder, "Encoding"), 8),
        "PTZ" in parts, "AudioSource" in parts, _own_token(analytics),
        tuple(word(one.get("Type")) for one in modules[:_MOST_MODULES]),
    )  # fmt: skip


def _under(element: etree._Element | None, name: str) -> etree._Element | None:
    return None if element is None else next((part for part in element if local(part) == name), None)


def _text(element: etree._Element | None, name: str) -> str:
    found = _under(element, name)
    return "" if found is None else (found.text or "").strip()


def _pixels(said: str) -> int:
    return pixels(int(said)) if said.isascii() and said.isdigit() and len(said) < 10 else 0


def _own_token(element: etree._Element | None) -> str | None:
    return None if element is None else _token(element.get("token"))


def _is_token(said: object) -> bool:
    return isinstance(said, str) and 0 < len(said) <= TOKEN_CHARACTERS


def _token(said: object) -> str | None:
    return str(said) if _is_token(said) else None
