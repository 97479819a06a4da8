"""The whole matrix, asked once: nobody, each role, devices, and somebody of another agency with every role.

First comes what must change nothing of ours: those who are refused, and the stranger. Then our own people do what
their roles allow. It judges nothing; the tests do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, fields
from itertools import cycle
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx

from tests.fixtures.center import PASSWORD, CenterWeb, new_id
from tests.fixtures.engines import Dsns
from tests.web.matrix import kept, sockets
from tests.web.matrix.ask import (
    NOBODY,
    Asked,
    Asker,
    Asking,
    Operation,
    Who,
    askings,
    device,
    operations,
    signed_in,
)
from tests.web.matrix.center import OURS, THEIRS, Pair, pair
from tests.web.matrix.recipes import Kitchen
from tests.web.matrix.sockets import Told
from tests.web.matrix.things import Maker, Things, make
from tools.route_table import ANYBODY
from watchfloor.engines.nats import NatsServer
from watchfloor.governance.words import Role
from watchfloor.kit.ids import encode

ROLES: Final[tuple[Role, ...]] = tuple(role for role in Role if role is not Role.MACHINE)
PERSON: Final = "a person signed in"
# The devices that hand something in, and where.
_WORK: Final = {
    "reader": "/plate-",
    "unit": "/units",
    "trailer": "/trailer-reports",
    "microphone": "/acoustic-pulses",
    "hot_list": "/hot-list-feed",
}
Kept = tuple[Mapping[str, tuple[int, str]], Mapping[str, tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Foreign:
    """What the stranger was answered about a thing of ours, and about one that is nowhere."""

    where: str
    ours: Asked
    nowhere: Asked


@dataclass
class Run:
    """Everything that was asked and answered."""

    operations: list[Operation]
    things: Things
    nobody: list[Asked] = field(default_factory=list)
    refused: list[Asked] = field(default_factory=list)
    devices: list[Asked] = field(default_factory=list)
    foreign: list[Foreign] = field(default_factory=list)
    their_own: list[Asked] = field(default_factory=list)
    allowed: list[Asked] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    told_foreign: list[tuple[Told, Told]] = field(default_factory=list)
    before: Kept = ({}, {})
    after: Kept = ({}, {})
    strangers_in_our_log: int = 0
    our_ids: frozenset[UUID] = frozenset()

    @property
    def asked(self) -> list[Asked]:
        """Every request that was made."""
        abroad = [asked for one in self.foreign for asked in (one.ours, one.nowhere)]
        return [*self.nobody, *self.refused, *self.devices, *abroad, *self.their_own, *self.allowed]


@dataclass(frozen=True)
class Floor:
    """Who asks, for what, and where it is written down."""

    two: Pair
    asker: Asker
    ours: Kitchen
    theirs: Kitchen
    people: Mapping[Role, Who]
    stranger: Who
    run: Run

    def each(self, kitchen: Kitchen) -> Iterator[Asking]:
        """Every operation that can be asked, of these things."""
        for operation in self.run.operations:
            yield from self.of(operation, kitchen)

    def of(self, operation: Operation, kitchen: Kitchen) -> Iterator[Asking]:
        """How it is asked, if it can be."""
        if operation.unknown is None:
            yield from askings(operation, kitchen)


async def run(dsns: Dsns, nats: NatsServer, folder: Path) -> Run:
    """Ask for everything."""
    async with AsyncExitStack() as stack:
        two = await stack.enter_async_context(pair(dsns, nats, folder))
        stranger = await _stranger(two)
        for role in ("officer", "owner", "marker"):
            two.theirs.adopt(role, stranger)
        two.ours.adopt("marker", await two.ours.person("analyst"))
        things = [
            await make(Maker(web, name, plate), two.camera.url, two.at_work)
            for web, name, plate in ((two.ours, OURS, 4000), (two.theirs, THEIRS, 5000))
        ]
        for web, each in zip((two.ours, two.theirs), things, strict=True):
            await _knows_its_device(web, each, two.device_url)
        asker = Asker(two.ours.url, two.door)
        stack.push_async_callback(asker.close)
        ours, theirs = (
            Kitchen(made, web, two.camera.url, two.device_url)
            for made, web in zip(things, (two.ours, two.theirs), strict=True)
        )
        people = {role: await _person(two, role) for role in ROLES}
        made = Run(operations(two.ours.app), things[0])
        floor = Floor(
            two, asker, ours, theirs, people, signed_in("a stranger", frozenset(ROLES), stranger), made
        )
        their_ids = await kept.ids(dsns.superuser, two.theirs.parts.agency)
        made.before = await _kept(two)
        await _ask_in_vain(floor)
        await _look_from_abroad(floor)
        await _ask_sockets(floor)
        # A look of the playback socket goes on for a while, and what is asked in it is not asked of the door.
        await two.looks.close()
        await _act_abroad(floor)
        made.after = await _kept(two)
        made.strangers_in_our_log = await kept.strangers_in_the_log(
            dsns.superuser, two.ours.parts.agency, two.theirs.parts.agency
        )
        await _ask_as_the_allowed(floor)
        made.our_ids = await kept.ids(dsns.superuser, two.ours.parts.agency) - their_ids
        return made


async def _knows_its_device(web: CenterWeb, made: Things, url: str) -> None:
    """Where a camera stands can be asked of one whose device is known, and a site which cameras it has."""
    technician = await web.person("technician")
    answer = await technician.post(f"/api/v1/cameras/{made.camera}/device", json={"address": url})
    assert answer.status_code == 200, answer.text
    answer = await technician.patch(f"/api/v1/sites/{made.site}", json={"device": url})
    assert answer.status_code == 200, answer.text


async def _person(two: Pair, role: Role) -> Who:
    return signed_in(role.value, frozenset({role}), await two.ours.person(role.value))


async def _stranger(two: Pair) -> httpx.AsyncClient:
    """Somebody of the other agency with every role, on one of its units too."""
    client = two.theirs.client()
    body = {"token": two.everything, "password": PASSWORD}
    answer = await client.post("/api/v1/invitations/accept", json=body)
    assert answer.status_code == 200, answer.text
    return client


async def _kept(two: Pair) -> Kept:
    return await kept.rows(two.dsns.superuser, two.ours.parts.agency), kept.files(two.parts.layout.objects)


async def _ask_in_vain(floor: Floor) -> None:
    """Whom nothing opens for: nobody, roles that a need is not for, devices where people are asked for."""
    devices = [
        device(f"{whose} {kind}", getattr(kitchen.things, f"{kind}_token"))
        for whose, kitchen in (("our", floor.ours), ("their", floor.theirs))
        for kind in _WORK
    ]
    turn = cycle(devices)
    for asking in floor.each(floor.ours):
        operation = asking.operation
        floor.run.nobody.append(await floor.asker.ask(NOBODY, asking))
        if operation.who == ANYBODY:
            continue
        for who in floor.people.values():
            if operation.excludes(who.roles) or PERSON not in operation.who:
                floor.run.refused.append(await floor.asker.ask(who, asking))
        # What is no device's work is refused to all of them by one rule: each such operation is tried by one, in turn.
        for who in devices if "device" in operation.who else (next(turn),):
            if who.name.startswith("their") or not _is_its_own(operation, who):
                floor.run.devices.append(await floor.asker.ask(who, asking))


def _is_its_own(operation: Operation, who: Who) -> bool:
    """Whether the operation is this device's own work, with which it adds to what is ours."""
    return operation.path.startswith(_WORK[who.name.split()[-1]]) and "device" in operation.who


async def _look_from_abroad(floor: Floor) -> None:
    """The stranger looks at what is theirs, and puts one thing of ours after the other in its place.

    Their own log comes first: afterwards it holds what they asked of ours.
    """
    own = sorted(floor.each(floor.theirs), key=lambda asking: not asking.path.startswith("/audit"))
    looks = [asking for asking in own if asking.operation.method == "GET"]
    floor.run.their_own += [await floor.asker.ask(floor.stranger, asking) for asking in looks]
    counterparts = dict(_counterparts(floor))
    for asking in own:
        for thing in asking.ids:
            ours = asking.instead(thing, counterparts[thing])
            elsewhere = asking.instead(thing, nowhere(thing))
            floor.run.foreign.append(
                Foreign(
                    asking.where(thing),
                    await floor.asker.ask(floor.stranger, ours),
                    await floor.asker.ask(floor.stranger, elsewhere),
                )
            )


async def _act_abroad(floor: Floor) -> None:
    """The stranger does the work of their own agency."""
    acts = [asking for asking in floor.each(floor.theirs) if asking.operation.method != "GET"]
    floor.run.their_own += [await floor.asker.ask(floor.stranger, asking) for asking in acts]


def _counterparts(floor: Floor) -> Iterator[tuple[str, str]]:
    """For each thing of theirs the same of ours."""
    for one in fields(Things):
        yield getattr(floor.theirs.things, one.name), getattr(floor.ours.things, one.name)


async def _ask_as_the_allowed(floor: Floor) -> None:
    """Each role does what it may, and each device its own work."""
    things = floor.ours.things
    devices = [device(f"our {kind}", getattr(things, f"{kind}_token")) for kind in _WORK]
    for operation in floor.run.operations:
        people = [
            who
            for who in floor.people.values()
            if PERSON in operation.who and not operation.excludes(who.roles)
        ]
        for who in (*people, *(who for who in devices if _is_its_own(operation, who))):
            for asking in floor.of(operation, floor.ours):
                floor.run.allowed.append(await floor.asker.ask(who, asking))


async def _ask_sockets(floor: Floor) -> None:
    """Each list that can be watched and a camera's live picture, asked by everybody."""
    url, things, told = floor.two.ours.url, floor.ours.things, floor.run.told
    everybody: Sequence[Who] = (NOBODY, *floor.people.values())
    for name, topic in floor.two.ours.feeds.topics.items():
        keyed = sockets.is_keyed(topic)
        thing = getattr(things, sockets.KEYS[name]) if keyed else ""
        need, about = sockets.need_of(topic, thing), f"{name}:{thing}" if keyed else name
        for who in everybody:
            told.append(await sockets.topic(url, who, about, need))
        elsewhere = about.replace(thing, nowhere(thing)) if keyed else about
        ours = await sockets.topic(url, floor.stranger, about, need)
        floor.run.told_foreign.append((ours, await sockets.topic(url, floor.stranger, elsewhere, need)))
    for who in everybody:
        told.append(await sockets.live(url, who, things.camera, things.why))
        told.append(await sockets.playback(url, who, things.camera, things.why))
    own, case = floor.theirs.things, nowhere(things.case)
    for (camera, why), (other, other_why) in (
        ((things.camera, own.why), (nowhere(things.camera), own.why)),
        ((own.camera, things.why), (own.camera, own.why | {"case": f"case:{case}"})),
    ):
        ours = await sockets.live(url, floor.stranger, camera, why)
        floor.run.told_foreign.append((ours, await sockets.live(url, floor.stranger, other, other_why)))
        ours = await sockets.playback(url, floor.stranger, camera, why)
        theirs = await sockets.playback(url, floor.stranger, other, other_why)
        floor.run.told_foreign.append((ours, theirs))


def nowhere(thing: str) -> str:
    """An id of the same kind that is nobody's."""
    return encode(thing.partition("_")[0], new_id())
