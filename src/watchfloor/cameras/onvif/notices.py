"""What a device says of itself by its events: tampered, no signal, storage, an input, motion. Pure; a device is never believed more.

What its analytics notice is no fact of the device: it counts as a capability, off until it is acknowledged, and nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from watchfloor.cameras.onvif.model import MOST_ANALYTICS, word

if TYPE_CHECKING:
    from lxml import etree

MOST_NOTICES: Final = 64
"""Of one camera at a time; a recorder says as many of all of its cameras as `MOST_OF_MANY`."""
MOST_OF_MANY: Final = 1024
_TRUE: Final = frozenset({"true", "1", "on", "active", "closed"})
_FALSE: Final = frozenset({"false", "0", "off", "inactive", "open"})


class NoticeKind(StrEnum):
    """What a device may say of itself."""

    TAMPERED = "tampered"
    SIGNAL_LOSS = "signal_loss"
    STORAGE_FAILURE = "storage_failure"
    DIGITAL_INPUT = "digital_input"
    MOTION = "motion"


# The end of a topic in lower case, whatever prefixes it has; the first that fits.
_OF: Final = (
    ("tamper", NoticeKind.TAMPERED),
    ("globalscenechange", NoticeKind.TAMPERED),
    ("signalloss", NoticeKind.SIGNAL_LOSS),
    ("videoloss", NoticeKind.SIGNAL_LOSS),
    ("storagefailure", NoticeKind.STORAGE_FAILURE),
    ("digitalinput", NoticeKind.DIGITAL_INPUT),
    ("motionalarm", NoticeKind.MOTION),
    ("cellmotiondetector/motion", NoticeKind.MOTION),
)
_ANALYTICS: Final = "ruleengine/"


@dataclass(frozen=True, slots=True)
class Told:
    """One notice: what, whether it holds now, and when the device says that it began to."""

    notice: NoticeKind
    on: bool
    device_at: datetime | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one pull: the notices, the analytics that spoke, and how many messages were none."""

    told: tuple[Told, ...]
    analytics: tuple[str, ...]
    unread: int


def messages_of(response: etree._Element) -> list[etree._Element]:
    """The messages of a PullMessagesResponse."""
    return [one for one in response if _local(one) == "NotificationMessage"]


def of_camera(messages: Sequence[etree._Element], named: Collection[str]) -> list[etree._Element]:
    """Of what a recorder says that which is of the camera it calls so; that its disks fail is of each."""
    return [
        one
        for one in messages
        if any(item.get("Value") in named for item in _each(one, "Source", "SimpleItem"))
        or _notice(_plain(word(_text(one, "Topic"), 200))) is NoticeKind.STORAGE_FAILURE
    ]


def heard(messages: Sequence[etree._Element]) -> Heard:
    """What these messages say. What is odd in them is passed over, and counted."""
    told: dict[NoticeKind, Told] = {}
    analytics: set[str] = set()
    unread = max(0, len(messages) - MOST_NOTICES)
    for message in messages[:MOST_NOTICES]:
        topic = word(_text(message, "Topic"), 200)
        plain = _plain(topic)
        notice = _notice(plain)
        on = _state(message)
        if notice is not None and on is not None:
            told[notice] = Told(notice, on, _at(message))
        elif notice is None and _ANALYTICS in plain:
            analytics.add(word(plain.split(_ANALYTICS, 1)[1].split("/")[0], 60))
        else:
            unread += 1
    return Heard(tuple(told.values()), tuple(sorted(analytics - {""})[:MOST_ANALYTICS]), unread)


def _notice(plain: str) -> NoticeKind | None:
    return next((notice for part, notice in _OF if part in plain), None)


def _plain(topic: str) -> str:
    """Without prefixes and case: `tns1:VideoSource/MotionAlarm` is `videosource/motionalarm`."""
    return "/".join(part.rpartition(":")[2] for part in topic.split("/")).lower()


def _state(message: etree._Element) -> bool | None:
    """The first yes or no among the items of its data."""
    for item in _each(message, "Data", "SimpleItem"):
        value = str(item.get("Value", "")).strip().lower()
        if value in _TRUE or value in _FALSE:
            return value in _TRUE
    return None


def _at(message: etree._Element) -> datetime | None:
    for inner in message.iter():
        if _local(inner) == "Message" and inner.get("UtcTime"):
            try:
                said = datetime.fromisoformat(str(inner.get("UtcTime")))
            except ValueError:
                return None
            return said if said.tzinfo is not None else None
    return None


def _text(message: etree._Element, name: str) -> str:
    return next((one.text or "" for one in message.iter() if _local(one) == name), "")


def _each(message: etree._Element, within: str, name: str) -> Sequence[etree._Element]:
    return [
        item for part in message.iter() if _local(part) == within for item in part if _local(item) == name
    ]


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
