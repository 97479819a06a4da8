"""Where a camera is: RTSP addresses taken apart, and the guard that keeps us from being sent elsewhere.

An address is typed by people and answered by devices, so it must not lead to this machine itself, to cloud metadata or
to any network the operator did not name. Credentials are taken out of it before anything is stored or logged.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from watchfloor.kit.errors import Invalid

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[IpAddress]]

EDGE: Final = "edge"
# Of a camera of a partner center alone (`partners/`): it is asked for by the center's own API.
HTTPS: Final = "https"
_PORTS: Final = {"rtsp": 554, "rtsps": 322, HTTPS: 443, EDGE: 0}
_EDGE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LONGEST: Final = 1000
_METADATA: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("169.254.0.0/16", "100.100.100.200/32", "fd00:ec2::254/128", "192.0.0.192/32")
)


@dataclass(frozen=True, slots=True)
class Login:
    """Name and password of a camera. Of a partner center also the authority that signed its certificate, in PEM; empty: a known one."""

    user: str = field(repr=False)
    password: str = field(repr=False)
    authority: str = field(repr=False, default="")


def written(scheme: str, host: str, port: int, path: str, *, usual: int) -> str:
    """An address as text: IPv6 in brackets, and no port where it is the usual one."""
    named = f"[{host}]" if ":" in host else host
    return f"{scheme}://{named}{'' if port == usual else f':{port}'}{path}"


@dataclass(frozen=True, slots=True)
class Address:
    """An RTSP address without credentials; or `edge://name`, by which an edge box knows a camera whose address stays with it."""

    scheme: str
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        return written(self.scheme, self.host, self.port, self.path, usual=_PORTS[self.scheme])


@dataclass(frozen=True, slots=True)
class Networks:
    """Where cameras may be; none named means anywhere but this machine, its link and the cloud's metadata."""

    named: tuple[IpNetwork, ...]

    @classmethod
    def of(cls, text: str) -> Networks:
        """From the setting: CIDR separated by commas. Raises Invalid."""
        try:
            return cls(tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()))
        except ValueError as error:
            raise Invalid(f"record.camera_networks: {error}.") from error

    def refuse(self, ip: IpAddress) -> str | None:
        """Why no camera may be there, or None."""
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        if any(ip in network for network in self.named):
            return None
        if self.named:
            return "That address is in none of the networks set for cameras."
        if any(ip in network for network in _METADATA):
            return "No camera is at that address: it belongs to this machine's host."
        if ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast or ip.is_reserved:
            return "No camera can be at that address."
        return None


def parse(text: str) -> tuple[Address, Login | None]:
    """Take an address apart, credentials aside. Raises Invalid, without repeating what was typed."""
    text = text.strip()
    if not 0 < len(text) <= _LONGEST or any(
        ord(character) <= 32 or ord(character) == 127 for character in text
    ):
        raise Invalid("An address is rtsp://host/path, without spaces.", reason="url")
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError as error:
        raise Invalid("That is not an address; it should be rtsp://host/path.", reason="url") from error
    if scheme not in _PORTS:
        raise Invalid(
            "A camera's address begins with rtsp:// or rtsps://.",
            reason="url",
            next_step="That of a camera behind an edge box is edge://name.",
        )
    if scheme == EDGE:
        return _behind_box(text), None
    if not host or port == 0:
        raise Invalid("The address names no host.", reason="url")
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if "@" in path or "@" in host or parts.fragment:
        raise Invalid("The address holds a character that it should not; write @ as %40.", reason="url")
    login = None
    if parts.username is not None:
        login = Login(unquote(parts.username), unquote(parts.password or ""))
    return Address(scheme, host.rstrip("."), port or _PORTS[scheme], path or "/"), login


def _behind_box(text: str) -> Address:
    """`edge://name`, and `edge://name/sub` for its sub stream. Raises Invalid."""
    name, _, path = text.partition("://")[2].rstrip("/").partition("/")
    if not _EDGE_NAME.fullmatch(name) or path not in ("", "sub"):
        raise Invalid(
            "A camera behind an edge box is edge://name: small letters, digits and hyphens, and no password.",
            reason="url",
        )
    return Address(EDGE, name, 0, f"/{path}" if path else "")


def resolve(host: str, port: int) -> list[IpAddress]:
    """Every address of a host, by the system's resolver. It waits for the network. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def permitted(address: Address, networks: Networks, looked_up: Sequence[IpAddress]) -> IpAddress:
    """The IP to connect to. Raises Invalid unless every address the host has is permitted: a name that leads to two
    places could be led elsewhere after the check.
    """
    if address.scheme == EDGE:
        raise Invalid("A camera behind an edge box is reached through its box alone.", reason="url")
    if not looked_up:
        raise Invalid(f"The name {address.host} leads nowhere.", reason="url")
    for ip in looked_up:
        why = networks.refuse(ip)
        if why is not None:
            raise Invalid(
                why,
                reason="address_refused",
                next_step="Ask whoever runs watchfloor about record.camera_networks.",
            )
    return looked_up[0]
