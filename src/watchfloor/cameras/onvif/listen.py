"""Hears what devices say of themselves (ONVIF events by PullPoint): each in turn, and keeps what changed.

One device that floods, says nonsense or never answers takes its turn and no more. What a device says is a fact about the device:
nothing of it becomes an alert.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from lxml import etree

from watchfloor.cameras.onvif import notice_store
from watchfloor.cameras.onvif.keep import Talk, prepared
from watchfloor.cameras.onvif.model import EVENTS, ODD, DeviceAddress, Reach, service_at, technology_of
from watchfloor.cameras.onvif.notices import MOST_NOTICES, Heard, NoticeKind, heard
from watchfloor.cameras.onvif.probe import learn_clock
from watchfloor.cameras.onvif.work import in_thread
from watchfloor.cameras.register import CHANGED, Cameras
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid, NotFound, WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.storage.tx import Tx

EVERY: Final = timedelta(seconds=30)
_EVERY_S: Final = 5.0
_AT_ONCE: Final = 16
_FOR: Final = "PT2M"
# What a person is told of in the log; motion and inputs come by the hundred.
_LOGGED: Final = frozenset({NoticeKind.TAMPERED, NoticeKind.SIGNAL_LOSS, NoticeKind.STORAGE_FAILURE})
_WSNT: Final = "http://docs.oasis-open.org/wsn/b-2"
_log = logger("devices.heard")


@dataclass(slots=True)
class Ears:
    """What hearing needs, and the subscriptions that devices gave us."""

    cameras: Cameras
    reach: Reach
    subscriptions: dict[UUID, DeviceAddress] = field(default_factory=dict)


async def watch(ears: Ears, agencies: Sequence[UUID]) -> None:
    """Hear each device in turn, for ever."""
    while True:
        for agency in agencies:
            try:
                await hear_due(ears, agency)
            except WatchfloorError as error:
                _log.warning("devices wait to be heard", why=error.detail)
        await ears.cameras.clock.sleep(_EVERY_S)


async def hear_due(ears: Ears, agency: UUID) -> int:
    """Hear those whose turn it is, some at a time; how many were."""
    ask = Ask(process_actor(agency, "sweep"), Need.DEVICE_WATCH)
    async with ears.cameras.door.open(ask) as tx:
        due = await notice_store.take_due(tx, tx.now - EVERY, _AT_ONCE)
    for camera in due:
        try:
            await _hear(ears, ask, camera)
        except ODD as error:
            _log.error("hearing a device failed", camera=str(camera), error=type(error).__name__)
    return len(due)


async def _hear(ears: Ears, ask: Ask, camera: UUID) -> None:
    async with ears.cameras.door.open(ask) as tx:
        try:
            talk = await prepared(tx, ears.cameras, camera)
        except (Invalid, NotFound):
            return
    try:
        said, ears.subscriptions[camera] = await in_thread(lambda: _pulled(ears, talk))
    except Invalid as error:
        # Whatever the subscription was worth, the next turn begins anew.
        ears.subscriptions.pop(camera, None)
        async with ears.cameras.door.open(ask) as tx:
            await notice_store.keep_problem(tx, camera, error.detail)
        return
    async with ears.cameras.door.open(ask) as tx:
        await keep(ears, tx, camera, said)


async def _pulled(ears: Ears, talk: Talk) -> tuple[Heard, DeviceAddress]:
    """What the device has to say since the last time, and where it is asked the next. Raises Invalid."""
    from watchfloor.cameras.onvif.session import session  # half a second of CPU: only where a device is asked

    async with session(ears.reach, talk.device, talk.login, ears.cameras.clock) as spoken:
        await learn_clock(spoken, ears.cameras.clock)
        at = ears.subscriptions.get(talk.camera.id)
        if at is None:
            await spoken.find_services()
            create = _element(EVENTS, "CreatePullPointSubscription")
            _within(create, EVENTS, "InitialTerminationTime", _FOR)
            answer = await spoken.say(
                spoken.address_of(EVENTS),
                f"{EVENTS}/EventPortType/CreatePullPointSubscriptionRequest",
                create,
            )
            at, remark = service_at(talk.device, _address(answer))
            spoken.remark(remark)
        pull = _element(EVENTS, "PullMessages")
        _within(pull, EVENTS, "Timeout", "PT1S")
        _within(pull, EVENTS, "MessageLimit", str(MOST_NOTICES))
        response = await spoken.say(at, f"{EVENTS}/PullPointSubscription/PullMessagesRequest", pull)
        renew = _element(_WSNT, "Renew")
        _within(renew, _WSNT, "TerminationTime", _FOR)
        try:
            await spoken.say(at, f"{_WSNT}/bw-2/SubscriptionManager/RenewRequest", renew)
        except Invalid as error:
            if error.reason != "device_refuses":
                raise
            # Many devices renew with each pull and know no other way.
        return heard(response), at


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
