"""What we know of a device, and where it may be spoken to. Values and pure functions only.

Every address a device names is turned into one at the host that we already speak to: a device cannot send us elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from watchfloor.cameras.address import EDGE, Address, Networks, Resolve, parse, resolve, written
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.errors import Invalid

DEVICE: Final = "http://www.onvif.org/ver10/device/wsdl"
MEDIA: Final = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2: Final = "http://www.onvif.org/ver20/media/wsdl"
PTZ: Final = "http://www.onvif.org/ver20/ptz/wsdl"
ANALYTICS: Final = "http://www.onvif.org/ver20/analytics/wsdl"
EVENTS: Final = "http://www.onvif.org/ver10/events/wsdl"
SEARCH: Final = "http://www.onvif.org/ver10/search/wsdl"
REPLAY: Final = "http://www.onvif.org/ver10/replay/wsdl"
SERVICE_PATH: Final = "/onvif/device_service"
MOST_PROFILES: Final = 16
MOST_PRESETS: Final = 64
MOST_ANALYTICS: Final = 64
_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 1000
_WIDEST: Final = 20_000
AUDIO: Final = "audio"
CODECS: Final = ("H264", "H265")
# What a device's odd answer can make of a library that expects the standard, beside the library's own errors.
ODD: Final = (RuntimeError, ValueError, TypeError, LookupError, AttributeError)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one question and a whole talk may take, and how large an answer may be."""

    call_s: float = 8.0
    whole_s: float = 40.0
    most_bytes: int = 512 * 1024


@dataclass(frozen=True, slots=True)
class Reach:
    """Where devices may be, and how names are looked up."""

    networks: Networks
    resolve: Resolve = resolve
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class DeviceAddress:
    """Where a service of a device is, without credentials. `certificate` is what it is known by over https; None: by the authorities
    that this machine trusts."""

    scheme: str
    host: str
    port: int
    path: str
    certificate: str | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return written(self.scheme, self.host, self.port, self.path, usual=_PORTS[self.scheme])


@dataclass(frozen=True, slots=True)
class Profile:
    """A stream that a device offers. `url` is at the device's own host, without credentials; None: it named none."""

    token: str
    name: str
    width: int
    height: int
    codec: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Preset:
    """A place a turning camera knows how to look at."""

    token: str
    name: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a device says that it is. `remarks` are sentences on what it said that we do not follow."""

    address: DeviceAddress
    manufacturer: str
    model: str
    firmware: str
    serial: str
    clock_off_ms: int | None
    profiles: tuple[Profile, ...]
    turns: bool
    presets: tuple[Preset, ...]
    events: bool
    audio: bool
    analytics: tuple[str, ...]
    remarks: tuple[str, ...]
    turned_by: str | None = None
    """The token of the profile by which it turns."""
    named: tuple[str, ...] = ()
    """Of one camera of a recorder: the tokens by which that means it in its events. Empty: all that the device says is of it."""

    @property
    def kept(self) -> str:
        """The token of the profile by which it is asked: that it turns by, else the one to record."""
        return self.turned_by or (self.main or self.profiles[0]).token

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What needs an authorisation of its own: each analytic, and audio."""
        return (*((AUDIO,) if self.audio else ()), *sorted(self.analytics))

    @property
    def main(self) -> Profile | None:
        """The profile to record."""
        return main_of(self.profiles)

    @property
    def sub(self) -> Profile | None:
        """The profile for small pictures."""
        return sub_of(self.profiles)


def main_of(profiles: Sequence[Profile]) -> Profile | None:
    """Of a camera's profiles the one to record: the largest that we can read."""
    return max(_usable(profiles), key=lambda profile: profile.width * profile.height, default=None)


def sub_of(profiles: Sequence[Profile]) -> Profile | None:
    """The one for small pictures: the largest of at most 800 pixels, H.264 before others; None where none is smaller."""
    main = main_of(profiles)
    return max(
        [profile for profile in _usable(profiles) if main and profile.width < main.width],
        key=lambda p: (p.codec == "H264", p.width <= 800, p.width if p.width <= 800 else -p.width),
        default=None,
    )


def _usable(profiles: Sequence[Profile]) -> list[Profile]:
    return [profile for profile in profiles if profile.url and profile.codec in CODECS]


def technology_of(capability: str) -> TechnologyKind:
    """The technology that a capability of a device belongs to. What is not known to read plates searches for objects."""
    if capability == AUDIO:
        return TechnologyKind.AUDIO
    word = capability.lower()
    if any(part in word for part in ("lpr", "anpr", "alpr", "plate")):
        return TechnologyKind.PLATE_READING_ON_VIDEO
    return TechnologyKind.OBJECT_SEARCH


def device_address(text: str, certificate: str | None = None) -> DeviceAddress:
    """Where a device is: `10.0.0.5`, `10.0.0.5:8080` or its service's whole address; and what it is known by. Raises Invalid."""
    text = text.strip()
    if not 0 < len(text) <= _LONGEST or any(ord(c) <= 32 or ord(c) == 127 for c in text):
        raise Invalid("A device's address is a host, or http://host/onvif/device_service.", reason="address")
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError as error:
        raise Invalid("That is no address of a device.", reason="address") from error
    if scheme not in _PORTS:
        raise Invalid("A device's address begins with http:// or https://.", reason="address")
    if parts.username is not None or "@" in parts.path + parts.query:
        raise Invalid("Name and password are entered beside the address, not in it.", reason="address")
    if not host or port == 0 or parts.fragment:
        raise Invalid("The address names no host.", reason="address")
    path = parts.path if parts.path not in ("", "/") else SERVICE_PATH
    if not path.lower().startswith("/onvif/") or parts.query:
        # Whoever may ask devices may not have this machine ask just anything of whatever else is inside.
        raise Invalid("The path of an ONVIF service begins with /onvif/.", reason="address")
    return DeviceAddress(scheme, host.rstrip("."), port or _PORTS[scheme], path, certificate)


def as_rtsp(address: DeviceAddress) -> Address:
    """The same host for the one rule of where cameras may be."""
    return Address("rtsp", address.host, address.port, "/")


def service_at(device: DeviceAddress, said: object) -> tuple[DeviceAddress, str | None]:
    """Where a service is that the device names: always at its own host, and over https where the device is asked over that; a remark
    where it named another. Raises Invalid."""
    named = device_address(str(said), device.certificate)
    there = replace(device, path=named.path)
    if named.host.lower() != device.host.lower():
        return there, "It names a service at another host; it is asked for at the device itself."
    if device.scheme == "https" != named.scheme:
        return there, "It names a service over http; it is asked over https, as the device itself."
    return named, None


def stream_at(device: DeviceAddress, said: object) -> tuple[Address, str | None]:
    """Where a stream is that the device names: always at its own host; a remark where it named another. Raises Invalid."""
    named, _ = parse(str(said))
    if named.scheme == EDGE:
        raise Invalid("The device names a stream that is none of RTSP.", reason="url")
    if named.host.lower() == device.host.lower():
        return named, None
    there = Address(named.scheme, device.host, named.port, named.path)
    return there, "It names a stream at another host; it is opened at the device itself."


def device_time(said: object) -> datetime | None:
    """What a device says the time is, or None where that cannot be."""
    names = [
        ("Date", "Year"),
        ("Date", "Month"),
        ("Date", "Day"),
        ("Time", "Hour"),
        ("Time", "Minute"),
        ("Time", "Second"),
    ]
    numbers = [n for n in (at(said, "UTCDateTime", *path) for path in names) if isinstance(n, int)]
    if len(numbers) != len(names):
        return None
    try:
        return datetime.fromisoformat("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+00:00".format(*numbers))
    except ValueError:
        return None


def word(said: object, most: int = 80) -> str:
    """Words of a device as they can be shown: printable, in one line, not long."""
    text = "" if said is None else str(said)[: most * 4]
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]


def pixels(said: object) -> int:
    """A width or height that can be; 0 for what cannot."""
    return said if isinstance(said, int) and 0 < said <= _WIDEST else 0


def only(items: object, most: int) -> Sequence[object]:
    """The first of what should be a list; nothing of what is none."""
    return items[:most] if isinstance(items, list) else []


def at(said: object, *path: str) -> object:
    """What lies at a path of names, or None where any of them is missing."""
    for name in path:
        said = said.get(name) if isinstance(said, dict) else None
    return said
