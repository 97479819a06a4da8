"""A federated site and where its cameras are: addresses made of templates and channels. Values and pure functions; it opens nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Final
from uuid import UUID

from watchfloor.cameras.address import HTTPS, Address, Login, parse
from watchfloor.cameras.onvif.model import device_address
from watchfloor.cameras.partners.trust import trust
from watchfloor.cameras.transport import Transport, carried
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point

MOST_AT_ONCE: Final = 256
CHANNEL: Final = "{channel}"
_SCHEMES: Final = ("rtsp", "rtsps")
# Of another watchfloor: its live socket, which is asked for the smaller stream in words, and its recordings.
_LIVE: Final = "/api/v1/live/{channel}"
_LIVE_SUB: Final = "/api/v1/live/{channel}?stream=sub"
_VIDEO: Final = "/api/v1/cameras/{channel}/video"
_MARK: Final = re.compile(r"\{([^{}]*)\}")
_CHANNEL: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")
_RUN: Final = re.compile(r"(\d{1,5})\s*-\s*(\d{1,5})")


class SiteKind(StrEnum):
    """What stands at a site: a recorder, a system that manages many, or another watchfloor."""

    NVR = "nvr"
    VMS = "vms"
    WATCHFLOOR = "watchfloor"


# How a site writes the moments of a replay address; without a word the first. `local` is in the agency's time zone.
_TIMES: Final[Mapping[str, Callable[[datetime, tzinfo], str]]] = {
    "": lambda at, _: f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
    "iso": lambda at, _: f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    "unix": lambda at, _: str(int(at.timestamp())),
    "local": lambda at, zone: f"{at.astimezone(zone):%Y_%m_%d_%H_%M_%S}",
}
_MOMENTS: Final = tuple(f"{name}:{form}" if form else name for name in ("from", "to") for form in _TIMES)


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a site shows one of its cameras, as its recorder tells: paths without marks. `address`: at another port than the site's."""

    stream: str
    sub_stream: str | None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A site of the registry. `address` has neither path nor login; `stream`, `sub_stream` and `replay` are paths with marks.

    `device` is where it speaks ONVIF: there it says what it recorded (Profile G) and which cameras it has. `told` are the paths of
    those, by channel: they go before `stream`, which is empty where nobody said another. `free` are the channels that it tells of
    and at which no camera of the registry is.
    """

    id: UUID
    name: str
    kind: SiteKind
    place_text: str
    place: Point | None
    address: str
    stream: str
    sub_stream: str | None
    replay: str | None
    has_login: bool
    cameras: int
    version: int
    transport: Transport = Transport.TCP
    certificate: str | None = None
    device: str | None = None
    told: Mapping[str, Paths] = field(default_factory=dict, hash=False)
    free: tuple[str, ...] = ()

    @property
    def plays(self) -> bool:
        """Whether what it recorded can be had from here."""
        return self.replay is not None or self.device is not None

    @property
    def says_moments(self) -> bool:
        """Whether the moments of a replay stand in its address; else they are asked for in RTSP."""
        return "{from" in (self.replay or "")

    def shows(self, channel: str) -> bool:
        """Whether it is known where it shows that channel."""
        return bool(self.stream) or channel in self.told

    def stream_of(self, channel: str) -> str:
        """The address of a channel's main stream. Raises Invalid where nobody says where that is."""
        if not self.shows(channel):
            raise Invalid(
                f"The recorder of {self.name} tells of no channel {channel}.",
                reason="channel",
                next_step="Read its channels anew, or enter the path of a stream at the site.",
            )
        own = self.told.get(channel)
        if own is None:
            return self.address + self.stream.replace(CHANNEL, channel)
        return (own.address or self.address) + own.stream

    def sub_stream_of(self, channel: str) -> str | None:
        """The address of its smaller stream."""
        own = self.told.get(channel)
        if own is not None and own.sub_stream is not None:
            return (own.address or self.address) + own.sub_stream
        return None if self.sub_stream is None else self.address + self.sub_stream.replace(CHANNEL, channel)

    def replay_of(self, channel: str, begin: datetime, end: datetime, zone: tzinfo) -> str | None:
        """The address of what the site recorded of a channel from then to then; None where it gives none."""
        if self.replay is None:
            return None

        def filled(mark: re.Match[str]) -> str:
            name, _, form = mark[1].partition(":")
            return channel if name == "channel" else _TIMES[form](begin if name == "from" else end, zone)

        return self.address + _MARK.sub(filled, self.replay)


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """What people say of a site. `address` None: as `stream` says. `stream` empty: as its ONVIF device tells. `login` None leaves the
    login, unless the host is another."""

    name: str
    kind: SiteKind
    place_text: str
    place: Point | None
    address: str | None
    stream: str
    sub_stream: str | None
    replay: str | None
    login: Login | None
    transport: Transport = Transport.TCP
    certificate: str | None = None
    device: str | None = None

    @property
    def by_onvif(self) -> bool:
        """Whether where its streams are is what its recorder tells."""
        return (
            self.kind is not SiteKind.WATCHFLOOR
            and not self.stream.strip()
            and bool((self.device or "").strip())
        )


def columns(entry: SiteEntry) -> tuple[dict[str, object], Login | None, Address]:
    """The columns of an entry, the login it brings, and the address to be looked up. Raises Invalid."""
    name, place_text = " ".join(entry.name.split()), " ".join(entry.place_text.split())
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise Invalid("A site has a name of 1 to 80 characters.", reason="name")
    if not 1 <= len(place_text) <= 200 or not place_text.isprintable():
        raise Invalid("Say where the site is, as a person would.", reason="place")
    address, login = _address(entry) if entry.kind is not SiteKind.WATCHFLOOR else _center(entry)
    if login is not None and (len(login.user) > 100 or len(login.password) > 200):
        raise Invalid("The site's name or password is too long.", reason="user")
    transport, certificate = carried(address, None, entry.transport, entry.certificate)
    if entry.kind is SiteKind.WATCHFLOOR:
        entry = replace(entry, stream=_LIVE, sub_stream=_LIVE_SUB, replay=_VIDEO, device=None)
    fields: dict[str, object] = {
        "name": name,
        "kind": entry.kind.value,
        "place": place_text,
        "lat": entry.place.lat if entry.place else None,
        "lon": entry.place.lon if entry.place else None,
        "address": bare(address),
        "stream": "" if entry.by_onvif else _path(entry.stream, "stream", address, ("channel",)),
        "sub_stream": _path(entry.sub_stream, "sub_stream", address, ("channel",)),
        "replay": _path(entry.replay, "replay", address, ("channel", *_MOMENTS)),
        "transport": transport.value,
        "certificate": certificate,
        "device": _device(entry.device, address),
    }
    return fields, login, address


def _address(entry: SiteEntry) -> tuple[Address, Login | None]:
    """Where the site is, and the login that was typed: beside the address or in it. Raises Invalid."""
    text = (entry.address or "").strip()
    named, reason = (text, "address") if text else (entry.stream, "stream")
    if not text and "://" not in entry.stream:
        raise Invalid("A site has an address, rtsp://host or rtsp://host:port.", reason="address")
    try:
        address, in_address = parse(named)
    except Invalid as error:
        raise Invalid(error.detail, reason=reason) from error
    if address.scheme not in _SCHEMES:
        raise Invalid("A site's address begins with rtsp:// or rtsps://.", reason=reason)
    if text and address.path != "/":
        raise Invalid(
            "The site's address has no path: that is what the stream says.",
            reason="address",
            next_step="Write rtsp://host or rtsp://host:port here, and the path with {channel} as the stream.",
        )
    return address, entry.login or in_address


def _device(text: str | None, address: Address) -> str | None:
    """Where it speaks ONVIF, as it is kept: at its own host, whose login it is asked by. Raises Invalid."""
    if not (text or "").strip():
        return None
    try:
        found = device_address(text or "")
    except Invalid as error:
        raise Invalid(error.detail, reason="device") from error
    if found.host.lower() != address.host.lower():
        raise Invalid("It speaks ONVIF on another host than the site's address.", reason="device")
    return str(found)


def _center(entry: SiteEntry) -> tuple[Address, Login | None]:
    """The same of another watchfloor, whose paths are our own. Raises Invalid."""
    text, step = (entry.address or "").strip(), "Write https://host, and the port where it is not 443."
    try:
        address, in_address = parse(text.rstrip("/") if text.count("/") == 3 else text)
    except Invalid as error:
        raise Invalid(
            "Another center has an address, https://host.", reason="address", next_step=step
        ) from error
    if address.scheme != HTTPS or address.path != "/":
        raise Invalid(
            "Another center is asked over https://, and its address has no path.",
            reason="address",
            next_step=step,
        )
    if in_address is not None:
        raise Invalid("Name and password are entered beside the address; not in it.", reason="address")
    if entry.login is not None and entry.login.authority:
        trust(entry.login.authority)
    return address, entry.login


def bare(address: Address) -> str:
    """An address without its path, as a site's is kept."""
    return str(replace(address, path=""))


def _path(text: str | None, field: str, address: Address, marks: Sequence[str]) -> str | None:
    """A template as it is kept: its path, with the marks it may have. Raises Invalid."""
    text = (text or "").strip()
    if not text:
        if field == "stream":
            raise Invalid(
                "Say the path of a stream, with {channel} for the camera.",
                reason=field,
                next_step="Or enter the recorder's ONVIF address: then it tells which cameras it has.",
            )
        return None
    whole = text if "://" in text else bare(address) + ("" if text.startswith("/") else "/") + text
    try:
        found, login = parse(whole)
    except Invalid as error:
        raise Invalid(error.detail, reason=field) from error
    if login is not None and field != "stream":
        raise Invalid("Name and password are entered once, beside the address; not in it.", reason=field)
    if (found.scheme, found.host.lower(), found.port) != (address.scheme, address.host.lower(), address.port):
        raise Invalid("It is on another host than the site's address.", reason=field)
    used = _MARK.findall(found.path)
    if any(mark not in marks for mark in used) or set("{}") & set(_MARK.sub("", found.path)):
        known = ", ".join(f"{{{mark}}}" for mark in marks)
        raise Invalid(f"It may hold {known}, and no other braces.", reason=field)
    if "channel" not in used:
        raise Invalid(
            "It has no {channel}: every camera of the site would be the same picture.",
            reason=field,
            next_step="Write {channel} where the address says which camera.",
        )
    if any(mark.startswith("to") for mark in used) and not any(mark.startswith("from") for mark in used):
        raise Invalid("With {to} it has {from} as well.", reason=field)
    return found.path


def is_channel(text: str) -> bool:
    """Whether this can be the word of a channel."""
    return _CHANNEL.fullmatch(text) is not None


def channel_of(text: str) -> str:
    """A channel as it is kept. Raises Invalid."""
    text = text.strip()
    if not is_channel(text):
        raise Invalid(
            "A channel is 1 to 40 letters, digits, dots, dashes or underscores, as the site counts its cameras.",
            reason="channel",
        )
    return text


def channels_of(text: str) -> list[str]:
    """The channels of “1-16, 18, gate”, each once, in their order; a run keeps the zeros it begins with. Raises Invalid."""
    found: list[str] = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        if run := _RUN.fullmatch(part):
            first, last, wide = int(run[1]), int(run[2]), len(run[1]) if run[1].startswith("0") else 0
            if not first <= last < first + MOST_AT_ONCE:
                raise Invalid(f"{part} is no run of at most {MOST_AT_ONCE} channels.", reason="channels")
            found += [f"{number:0{wide}}" for number in range(first, last + 1)]
        else:
            found.append(channel_of(part))
    found = list(dict.fromkeys(found))
    if not 1 <= len(found) <= MOST_AT_ONCE:
        raise Invalid(f"Say 1 to {MOST_AT_ONCE} channels, such as 1-16.", reason="channels")
    return found
