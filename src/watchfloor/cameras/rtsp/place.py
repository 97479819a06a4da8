"""Where a stream is and how it is carried, and what a device may answer instead of it. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from watchfloor.cameras.address import Login
from watchfloor.cameras.transport import Transport

UNSUPPORTED_TRANSPORT: Final = 461


class Refused(Exception):
    """The device answered with another status than 200."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the device answered {status}")
        self.status = status


class OtherWay(Refused):
    """The device does not send over what it was `asked` for."""

    def __init__(self, asked: Transport) -> None:
        super().__init__(UNSUPPORTED_TRANSPORT)
        self.asked = asked


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stream is: the address as the device knows it, without credentials, and the IP and port to connect to.

    `certificate` is what the device's is known by under TLS; None: by the authorities that this machine trusts.
    """

    url: str
    ip: str
    port: int
    tls: bool
    login: Login | None = field(repr=False)
    transport: Transport = Transport.TCP
    certificate: str | None = None

    @property
    def ways(self) -> tuple[Transport, ...]:
        """Over what it is asked for, one after the other. Under TLS nothing comes beside the connection: it would come in the clear."""
        if self.tls or self.transport is Transport.TCP:
            return (Transport.TCP,)
        return (Transport.UDP,) if self.transport is Transport.UDP else (Transport.TCP, Transport.UDP)
