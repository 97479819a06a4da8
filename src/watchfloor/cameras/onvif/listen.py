"""Hears what devices say of themselves (ONVIF events by PullPoint): each in its turn, many at once, and keeps what changed.

One device that floods, says nonsense or never answers takes its own turn and no more. What a device says is a fact about the device:
nothing of it becomes an alert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias
from uuid import UUID

from lxml import etree

from watchfloor.cameras.onvif import notice_store
from watchfloor.cameras.onvif.keep import Talk, all_prepared
from watchfloor.cameras.onvif.media import of_many
from watchfloor.cameras.onvif.model import EVENTS, ODD, DeviceAddress, Reach, service_at, technology_of
from watchfloor.cameras.onvif.notices import (
    MOST_NOTICES,
    MOST_OF_MANY,
    Heard,
    NoticeKind,
    heard,
    messages_of,
    of_camera,
)
from watchfloor.cameras.onvif.probe import learn_clock
from watchfloor.cameras.onvif.turns import Turns
from watchfloor.cameras.onvif.withheld import withheld
from watchfloor.cameras.onvif.work import in_thread
from watchfloor.cameras.register import CHANGED, Cameras
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid
from watchfloor.kit.logs import logger
from watchfloor.storage.tx import Tx

if TYPE_CHECKING:
    from watchfloor.cameras.address import Login
    from watchfloor.cameras.onvif.session import Session
    from watchfloor.cameras.onvif.store import KeptDevice
    from watchfloor.kit.clock import Clock

EVERY: Final = timedelta(seconds=30)
# Who could not be heard is tried less often: many that hang would take the places of those that answer.
AFTER_PROBLEM: Final = timedelta(minutes=2)
_EVERY_S: Final = 1.0
# A device that has nothing to say takes a second to say so.
_AT_ONCE: Final = 256
_RENEW_AFTER_S: Final = 45.0
_FOR: Final = "PT2M"
# What a person is told of in the log; motion and inputs come by the hundred.
_LOGGED: Final = frozenset({NoticeKind.TAMPERED, NoticeKind.SIGNAL_LOSS, NoticeKind.STORAGE_FAILURE})
# Whose device, where, and by which login it is asked.
_Key: TypeAlias = tuple[UUID, str, "Login | None"]
_WSNT: Final = "http://docs.oasis-open.org/wsn/b-2"
_log = logger("devices.heard")


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a device is asked for what it has to say, how far its clock is off, and until when (monotonic) that needs no renewal."""

    device: DeviceAddress
    at: DeviceAddress
    clock_off: timedelta | None
    renew_at: float


@dataclass(slots=True)
class Ears:
    """What hearing needs, and the subscriptions that devices gave us."""

    cameras: Cameras
    reach: Reach
    subscriptions: dict[_Key, Subscription] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Due:
    """A device that is heard, and the cameras it speaks of: one, or all those of a recorder. `problems` are why each was not heard
    before, by camera."""

    key: _Key
    talks: tuple[Talk, ...]
    problems: Mapping[UUID, str | None]

    @property
    def whole(self) -> bool:
        """Whether all that the device says is of its one camera."""
        return self.talks[0].source is None

    def of(self, talk: Talk, messages: Sequence[etree._Element]) -> Heard:
        """What it says of that camera."""
        return heard(messages if self.whole else of_camera(messages, talk.named))


async def watch(ears: Ears, agencies: Sequence[UUID]) -> None:
    """Hear each device in its turn, for ever."""
    await _turns(ears).watch(ears.cameras.clock, agencies, _EVERY_S)


async def hear_due(ears: Ears, agency: UUID) -> int:
    """Hear those whose turn it is; how many were."""
    turns = _turns(ears)
    begun = await turns.begin(agency)
    await turns.all_done()
    return begun


def _turns(ears: Ears) -> Turns[_Due]:
    async def take(agency: UUID, most: int) -> Sequence[_Due]:
        dark = await withheld(ears.cameras, agency)
        for key in [one for one in ears.subscriptions if one[0] in dark]:
            del ears.subscriptions[key]  # the device would keep for us what happens meanwhile
        async with ears.cameras.door.open(_watching(agency)) as tx:
            due = await notice_store.take_due(tx, tx.now - EVERY, tx.now - AFTER_PROBLEM, most, dark)
            return _together(await all_prepared(tx, ears.cameras, due))

    async def ask(agency: UUID, due: _Due) -> None:
        try:
            await _hear(ears, _watching(agency), due)
        except ODD as error:
            camera = str(due.talks[0].camera.id)
            _log.error("hearing a device failed", camera=camera, error=type(error).__name__)

    return Turns(take, ask, _AT_ONCE, "devices wait to be heard")


def _watching(agency: UUID) -> Ask:
    return Ask(process_actor(agency, "sweep"), Need.DEVICE_WATCH)


def _together(due: Sequence[tuple[Talk, KeptDevice]]) -> list[_Due]:
    """Those of one recorder are heard at once: it has few places for who listens, and says of all its cameras what it says."""
    found: dict[_Key, list[tuple[Talk, KeptDevice]]] = {}
    for talk, kept in due:
        whose = talk.camera.id if talk.source is None else talk.camera.details.site_id or talk.camera.id
        found.setdefault((whose, str(talk.device), talk.login), []).append((talk, kept))
    return [
        _Due(
            key,
            tuple(talk for talk, _ in some),
            {talk.camera.id: kept.heard_problem for talk, kept in some},
        )
        for key, some in found.items()
    ]


async def _hear(ears: Ears, ask: Ask, due: _Due) -> None:
    # Whatever the subscription is worth: after anything that goes wrong the next turn begins anew.
    before = ears.subscriptions.pop(due.key, None)
    try:
        messages, ears.subscriptions[due.key] = await in_thread(lambda: _pulled(ears, due, before))
    except Invalid as error:
        await _unheard(ears, ask, due, error.detail)
        return
    said = {talk.camera.id: due.of(talk, messages) for talk in due.talks}
    new = {
        camera: one
        for camera, one in said.items()
        if one.told or one.analytics or due.problems[camera] is not None
    }
    if new:
        async with ears.cameras.door.open(ask) as tx:
            for camera, one in new.items():
                await keep(ears, tx, camera, one)


async def _unheard(ears: Ears, ask: Ask, due: _Due, why: str) -> None:
    if changed := [camera for camera, before in due.problems.items() if before != why]:
        async with ears.cameras.door.open(ask) as tx:
            for camera in changed:
                await notice_store.keep_problem(tx, camera, why)


async def _pulled(
    ears: Ears, due: _Due, known: Subscription | None
) -> tuple[list[etree._Element], Subscription]:
    """What the device has to say since the last time, and how it is asked the next. Raises Invalid."""
    from watchfloor.cameras.onvif.session import session  # half a second of CPU: only where a device is asked

    clock, talk = ears.cameras.clock, due.talks[0]
    reach = ears.reach if due.whole else of_many(ears.reach)
    async with session(reach, talk.device, talk.login, clock) as spoken:
        if known is None or known.device != talk.device:
            known = await _subscribed(spoken, talk, clock)
        elif known.clock_off is not None:
            spoken.clock_is_off(known.clock_off)
        pull = _element(EVENTS, "PullMessages")
        _within(pull, EVENTS, "Timeout", "PT1S")
        _within(pull, EVENTS, "MessageLimit", str(MOST_NOTICES if due.whole else MOST_OF_MANY))
        response = await spoken.say(known.at, f"{EVENTS}/PullPointSubscription/PullMessagesRequest", pull)
        if clock.monotonic() >= known.renew_at:
            await _renew(spoken, known.at)
            known = replace(known, renew_at=clock.monotonic() + _RENEW_AFTER_S)
        return messages_of(response), known


async def _subscribed(spoken: Session, talk: Talk, clock: Clock) -> Subscription:
    clock_off = await learn_clock(spoken, clock)
    await spoken.find_services()
    create = _element(EVENTS, "CreatePullPointSubscription")
    _within(create, EVENTS, "InitialTerminationTime", _FOR)
    answer = await spoken.say(
        spoken.address_of(EVENTS), f"{EVENTS}/EventPortType/CreatePullPointSubscriptionRequest", create
    )
    at, remark = service_at(talk.device, _address(answer))
    spoken.remark(remark)
    # Some give less than they were asked for: it is renewed with the first pull.
    return Subscription(talk.device, at, clock_off, clock.monotonic())


async def _renew(spoken: Session, at: DeviceAddress) -> None:
    renew = _element(_WSNT, "Renew")
    _within(renew, _WSNT, "TerminationTime", _FOR)
    try:
        await spoken.say(at, f"{_WSNT}/bw-2/SubscriptionManager/RenewRequest", renew)
    except Invalid as error:
        if error.reason != "device_refuses":
            raise
        # Many devices renew with each pull and know no other way.


async def keep(ears: Ears, tx: Tx, camera: UUID, said: Heard) -> None:
    """Keep what changed, and name in the log what a person should know."""
    about, changed = About("camera", camera), False
    await notice_store.keep_problem(tx, camera, None)
    for one in said.told:
        if not await notice_store.keep(tx, camera, one):
            continue
        changed = True
        if one.notice in _LOGGED:
            more = {"notice": one.notice.value, "on": one.on}
            await effect(tx, "camera.device_said", about, more=dict(more))
    for analytic in said.analytics:
        capability = f"{analytic} (events)"
        technology = technology_of(capability)
        if await notice_store.found_capability(tx, camera, capability, technology):
            changed = True
            more_ = {"technology": technology.value, "later": True}
            await effect(tx, "camera.capability_found", about, detail={"capability": capability}, more=more_)
    if changed:
        agency = tx.agency
        tx.after_commit(lambda: ears.cameras.news(CHANGED, agency, camera))


def _element(namespace: str, name: str) -> etree._Element:
    return etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace})


def _within(parent: etree._Element, namespace: str, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{namespace}}}{name}").text = text


def _address(answer: etree._Element) -> str:
    """Where the subscription is to be asked. Raises Invalid."""
    for one in answer.iter():
        if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == "Address" and one.text:
            return str(one.text).strip()
    raise Invalid("The device names no place to ask for its events.", reason="not_onvif")
