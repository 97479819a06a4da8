"""WS-Discovery: who answers a probe on a network. From a port of our own, because another program may hold 3702.

Whoever is on the network can answer, with anything: an answer counts only when it names our question, comes from where a camera
may be, and is small and plain. Of what it says only words and a path are kept; the address is where it came from.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from watchfloor.cameras.address import Networks
from watchfloor.cameras.onvif.model import SERVICE_PATH, DeviceAddress, device_address, word
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid
from watchfloor.kit.ids import uuid7

GROUP: Final = "239.255.255.250"
PORT: Final = 3702
LISTEN_S: Final = 3.0
MOST_ADDRESSES: Final = 256
MOST_FOUND: Final = 1024
_MOST_BYTES: Final = 16 * 1024
_MOST_FROM_ONE: Final = 4
_MOST_ADDRESSES_SAID: Final = 8
_A: Final = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
_D: Final = "{http://schemas.xmlsoap.org/ws/2005/04/discovery}"
_PROBE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header><a:MessageID>{id}</a:MessageID>'
    "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
    "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header>"
    "<s:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answered: where, and what it calls itself."""

    address: DeviceAddress
    name: str
    hardware: str


@dataclass(frozen=True, slots=True)
class Search:
    """What came of a search. `refused` counts answers that were no honest ones, or came from where no camera may be."""

    asked: int
    found: tuple[Found, ...]
    refused: int


def addresses_of(network: str, networks: Networks) -> list[str]:
    """The addresses of a network to ask one by one, all of them where cameras may be. Raises Invalid."""
    try:
        asked = ipaddress.ip_network(network.strip(), strict=False)
    except ValueError as error:
        raise Invalid("A network is 10.0.4.0/24, or one address.", reason="network") from error
    if asked.version != 4:
        raise Invalid(
            "Only IPv4 networks can be searched; enter an IPv6 camera by its address.", reason="network"
        )
    if asked.num_addresses > MOST_ADDRESSES:
        raise Invalid("At most 256 addresses are asked at once: a /24, or a part of one.", reason="network")
    hosts = list(asked.hosts()) or [asked.network_address]
    refusals = [why for ip in hosts if (why := networks.refuse(ip)) is not None]
    if refusals:
        raise Invalid(
            refusals[0],
            reason="address_refused",
            next_step="Ask whoever runs watchfloor about record.camera_networks.",
        )
    return [str(ip) for ip in hosts]


def searchable(networks: Networks) -> list[str]:
    """The networks set for cameras, as parts of at most 256 addresses: what the page offers to search."""
    parts: list[str] = []
    for network in networks.named:
        if isinstance(network, ipaddress.IPv4Network) and network.prefixlen >= 16:
            parts += [str(part) for part in network.subnets(new_prefix=max(24, network.prefixlen))]
    return parts[:MOST_ADDRESSES]


async def discover(
    networks: Networks,
    targets: Sequence[str] | None,
    clock: Clock,
    *,
    port: int = PORT,
    listen_s: float = LISTEN_S,
) -> Search:
    """Ask these addresses, or (None) whoever hears the multicast group, and listen a while. Raises Invalid without a network."""
    question = f"urn:uuid:{uuid7(clock.now())}"
    ear = _Ear(networks, question)
    try:
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.setblocking(False)
        bound.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        bound.bind(("", 0))
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: ear, sock=bound)
    except OSError as error:
        raise Invalid("This machine cannot ask its network.", reason="network") from error
    asked = [GROUP] if targets is None else targets
    # One that was named answers at once or not at all; many, and those behind a slow link, take their time.
    for_s = listen_s / 3 if targets is not None and len(targets) == 1 else listen_s
    message = _PROBE.format(id=question).encode()
    try:
        for _ in range(2):  # UDP loses; a device answers twice at most
            for target in asked:
                transport.sendto(message, (target, port))
            await clock.sleep(for_s / 2)
    finally:
        transport.close()
    return Search(len(asked), tuple(ear.found.values()), ear.refused)


class _Ear(asyncio.DatagramProtocol):
    """Hears answers; each is judged as it comes, and no more are kept than there can be."""

    def __init__(self, networks: Networks, question: str) -> None:
        self.found: dict[str, Found] = {}
        self.refused = 0
        self._networks = networks
        self._question = question
        self._from: dict[str, int] = {}

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        host = addr[0]
        self._from[host] = self._from.get(host, 0) + 1
        if (
            self._from[host] > _MOST_FROM_ONE
            or len(self.found) >= MOST_FOUND
            or len(self._from) > 2 * MOST_FOUND
        ):
            self.refused += 1
            return
        found = None
        if self._networks.refuse(ipaddress.ip_address(host)) is None:
            found = read_answer(data, host, self._question)
        if found is None:
            self.refused += 1
        else:
            self.found[str(found.address)] = found

    def error_received(self, exc: Exception) -> None:
        """A host without such a port says so; that is no answer."""


def read_answer(data: bytes, host: str, question: str) -> Found | None:
    """What an answer from `host` says; None for what is no plain answer to our question."""
    if len(data) > _MOST_BYTES or b"\x00" in data or b"<!DOCTYPE" in data:
        return None
    from lxml import etree  # only where somebody answers

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if (root.findtext(f".//{_A}RelatesTo") or "").strip() != question:
        return None
    match = root.find(f".//{_D}ProbeMatch")
    if match is None:
        return None
    scopes = (match.findtext(f"{_D}Scopes") or "").split()
    said = (match.findtext(f"{_D}XAddrs") or "").split()[:_MOST_ADDRESSES_SAID]
    return Found(_address(said, host), _scope(scopes, "name"), _scope(scopes, "hardware"))


def _address(said: Iterable[str], host: str) -> DeviceAddress:
    """Where it says its service is, if that is where the answer came from; else the usual place there."""
    for text in said:
        try:
            named = device_address(text)
        except Invalid:
            continue
        if named.host == host:
            return named
    return DeviceAddress("http", host, 80, SERVICE_PATH)


def _scope(scopes: Iterable[str], kind: str) -> str:
    start = f"onvif://www.onvif.org/{kind}/"
    return next(
        (word(unquote(scope[len(start) :])) for scope in scopes if scope.lower().startswith(start)), ""
    )


def sorted_by_address(found: Iterable[Found]) -> list[Found]:
    """In the order of their addresses."""
    return sorted(found, key=lambda one: (int(ipaddress.ip_address(one.address.host)), one.address.port))
