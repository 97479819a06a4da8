"""WS-Discovery of a simulated device: answers probes over UDP, at an address of its own or in the multicast group."""

from __future__ import annotations

import asyncio
import socket
import struct
import uuid
from collections.abc import Callable
from typing import cast
from xml.etree import ElementTree
from xml.sax.saxutils import escape

GROUP, PORT = "239.255.255.250", 3702
_A = "http://schemas.xmlsoap.org/ws/2004/08/addressing"


class Responder(asyncio.DatagramProtocol):
    """Answers each probe. `answer` writes the answer's bytes anew where a test wants another one."""

    def __init__(self, service: str, scopes: str, answer: Callable[[str], list[bytes]] | None = None) -> None:
        self.service = service
        self.scopes = scopes
        self.probes = 0
        self.asked_from: set[str] = set()
        self.endpoint = f"urn:uuid:{uuid.uuid4()}"
        self._answer = answer
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def start(
        cls,
        service: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        multicast: bool = False,
        scopes: str = "onvif://www.onvif.org/name/River%20Optics onvif://www.onvif.org/hardware/RO-20",
        answer: Callable[[str], list[bytes]] | None = None,
    ) -> Responder:
        """Listen for probes sent to this address, or (`multicast`) to the group of all devices."""
        made = cls(service, scopes, answer)
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("" if multicast else host, PORT if multicast else port))
        if multicast:
            # On the network that a probe goes out by, whichever that is.
            group = struct.pack("=4sI", socket.inet_aton(GROUP), socket.INADDR_ANY)
            bound.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: made, sock=bound)
        return made

    @property
    def port(self) -> int:
        if self._transport is None:
            return 0
        return int(self._transport.get_extra_info("sockname")[1])

    def stop(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(
            "asyncio.DatagramTransport", transport
        )  # as asyncio gives it, whatever its class

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            root = ElementTree.fromstring(data)
        except ElementTree.ParseError:
            return
        asked = root.find(f".//{{{_A}}}MessageID")
        if asked is None or self._transport is None:
            return
        self.probes += 1
        self.asked_from.add(addr[0])
        said = (asked.text or "").strip()
        for message in self._answer(said) if self._answer else [self.match(said)]:
            self._transport.sendto(message, addr)

    def match(self, asked: str) -> bytes:
        """The answer to the probe with this message id."""
        return (
            '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
            f' xmlns:a="{_A}" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
            ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>'
            f"<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID><a:RelatesTo>{escape(asked)}</a:RelatesTo>"
            "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>"
            "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header><s:Body>"
            f"<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>{self.endpoint}</a:Address>"
            f"</a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>{escape(self.scopes)}</d:Scopes>"
            f"<d:XAddrs>{escape(self.service)}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch>"
            "</d:ProbeMatches></s:Body></s:Envelope>"
        ).encode()
