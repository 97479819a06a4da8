"""Looking for cameras on the network and asking a device what it is: use cases of who keeps the equipment."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from watchfloor.cameras.address import Login, parse
from watchfloor.cameras.onvif import store
from watchfloor.cameras.onvif.discover import (
    LISTEN_S,
    PORT,
    Found,
    addresses_of,
    discover,
    searchable,
    sorted_by_address,
)
from watchfloor.cameras.onvif.model import Facts, Reach, device_address
from watchfloor.cameras.onvif.probe import probe
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.transport import certificate_of
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid


@dataclass(frozen=True, slots=True)
class Finder:
    """What looking for cameras needs. The port is another one only where nobody may hear the devices' own."""

    cameras: Cameras
    reach: Reach
    port: int = PORT
    listen_s: float = LISTEN_S


@dataclass(frozen=True, slots=True)
class Answered:
    """A device that answered, and the cameras of the registry at its address."""

    found: Found
    known: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a search found. `asked` is how many addresses were asked; one is the group of all devices."""

    asked: int
    answered: tuple[Answered, ...]
    refused: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a device said that it is, and the cameras of the registry at its address or with its serial number."""

    facts: Facts
    known: tuple[tuple[UUID, str], ...]


async def networks(finder: Finder, actor: Actor) -> list[str]:
    """The networks that can be searched. Raises Refused."""
    async with finder.cameras.door.open(Ask(actor, Need.CAMERAS_FIND)):
        return searchable(finder.cameras.networks)


async def look(finder: Finder, actor: Actor, network: str | None) -> Looked:
    """Ask a network, or whoever hears the group of all devices. Raises Invalid, Refused."""
    ask = Ask(
        actor, Need.CAMERAS_FIND, about=About("camera"), detail={"network": (network or "multicast")[:80]}
    )
    async with finder.cameras.door.open(ask) as tx:
        known = await store.known(tx)
    targets = None if network is None else addresses_of(network, finder.cameras.networks)
    search = await discover(
        finder.cameras.networks, targets, finder.cameras.clock, port=finder.port, listen_s=finder.listen_s
    )
    hosts = _by_host(known)
    answered = tuple(
        Answered(found, tuple(hosts.get(found.address.host.lower(), ())))
        for found in sorted_by_address(search.found)
    )
    return Looked(search.asked, answered, search.refused)


async def ask_device(
    finder: Finder, actor: Actor, address: str, login: Login | None, certificate: str | None = None
) -> Asked:
    """Ask a device that is in no registry yet what it is, by a login that is kept nowhere. `certificate`: what it is known by over
    https. Raises Invalid, Refused."""
    device = device_address(address, certificate_of(certificate))
    ask = Ask(actor, Need.CAMERAS_FIND, about=About("camera"), detail={"device": str(device)[:200]})
    async with finder.cameras.door.open(ask) as tx:
        known = await store.known(tx)
    facts = await probe(finder.reach, device, login, finder.cameras.clock)
    there = _by_host(known).get(device.host.lower(), [])
    same = [(one.id, one.name) for one in known if facts.serial and one.serial == facts.serial]
    return Asked(facts, tuple(dict.fromkeys([*there, *same])))


def host_of(address: str) -> str:
    """The host of a camera's address; empty for an address that is none."""
    try:
        return parse(address)[0].host.lower()
    except Invalid:
        return ""


def _by_host(known: list[store.Known]) -> dict[str, list[tuple[UUID, str]]]:
    hosts: dict[str, list[tuple[UUID, str]]] = {}
    for one in known:
        hosts.setdefault(host_of(one.address), []).append((one.id, one.name))
    return hosts
