"""Which times a device has of a recording (ONVIF Recording Search): the events of its history, read as stretches.

What it cannot say is None, never a guess; how often it is asked and how much of its answers is read is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from lxml import etree

from watchfloor.cameras.onvif.model import SEARCH
from watchfloor.kit.errors import Invalid

if TYPE_CHECKING:
    from watchfloor.cameras.onvif.session import Session

_SCHEMA: Final = "http://www.onvif.org/ver10/schema"
_WSNT: Final = "http://docs.oasis-open.org/wsn/b-2"
_DIALECT: Final = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
_TOPIC: Final = "tns1:RecordingHistory/Track/State"
_TOPICS: Final = "http://www.onvif.org/ver10/topics"
_MOST_LOOKS: Final = 20
_AT_A_TIME: Final = 200
MOST_EVENTS: Final = 2000
MOMENT: Final = "%Y-%m-%dT%H:%M:%SZ"
Times = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Turned:
    """From this moment on a track of a recording has data, or has none."""

    at: datetime
    track: str
    present: bool


async def history(talk: Session, recording: str, begin: datetime, end: datetime) -> Sequence[Turned] | None:
    """What the device says of that recording's time; None where it cannot be asked so, or says more than is read. Raises Invalid."""
    find = etree.Element(
        f"{{{SEARCH}}}FindEvents", nsmap={None: SEARCH, "tt": _SCHEMA, "wsnt": _WSNT, "tns1": _TOPICS}
    )
    etree.SubElement(find, f"{{{SEARCH}}}StartPoint").text = begin.strftime(MOMENT)
    etree.SubElement(find, f"{{{SEARCH}}}EndPoint").text = end.strftime(MOMENT)
    scope = etree.SubElement(find, f"{{{SEARCH}}}Scope")
    etree.SubElement(scope, f"{{{_SCHEMA}}}IncludedRecordings").text = recording
    wanted = etree.SubElement(find, f"{{{SEARCH}}}SearchFilter")
    etree.SubElement(wanted, f"{{{_WSNT}}}TopicExpression", Dialect=_DIALECT).text = _TOPIC
    etree.SubElement(find, f"{{{SEARCH}}}IncludeStartState").text = "true"
    etree.SubElement(find, f"{{{SEARCH}}}KeepAliveTime").text = "PT20S"
    try:
        token = _text(await _said(talk, "FindEvents", find), "SearchToken")
        return None if not token else await _results(talk, token, recording)
    except Invalid as error:
        if error.reason in ("device_refuses", "not_onvif"):
            return None
        raise


async def _results(talk: Session, token: str, recording: str) -> list[Turned] | None:
    found: list[Turned] = []
    for _ in range(_MOST_LOOKS):
        ask = etree.Element(f"{{{SEARCH}}}GetEventSearchResults", nsmap={None: SEARCH})
        etree.SubElement(ask, f"{{{SEARCH}}}SearchToken").text = token
        etree.SubElement(ask, f"{{{SEARCH}}}MaxResults").text = str(_AT_A_TIME)
        etree.SubElement(ask, f"{{{SEARCH}}}WaitTime").text = "PT2S"
        answer = await _said(talk, "GetEventSearchResults", ask)
        found += turns(answer, recording)
        if len(found) > MOST_EVENTS:
            return None
        if _text(answer, "SearchState") == "Completed":
            return found
    return None


async def _said(talk: Session, operation: str, body: etree._Element) -> etree._Element:
    return await talk.say(talk.address_of(SEARCH), f"{SEARCH}/{operation}", body)


def turns(answer: etree._Element, recording: str) -> list[Turned]:
    """What an answer says of the recording; what is odd in it is passed over."""
    found: list[Turned] = []
    for result in (one for one in answer.iter() if _local(one) == "Result"):
        at, present = _moment(_text(result, "Time")), _present(result)
        if at is not None and present is not None and _text(result, "RecordingToken") in ("", recording):
            found.append(Turned(at, _text(result, "TrackToken"), present))
    return found


def stretches(turned: Sequence[Turned], begin: datetime, end: datetime) -> list[Times]:
    """When any track had data within [begin, end). Before a track's first word it was otherwise than that says."""
    ordered = sorted(turned, key=lambda one: one.at)
    has = {one.track: not one.present for one in reversed(ordered) if one.at > begin}
    has |= {one.track: one.present for one in ordered if one.at <= begin}
    found: list[Times] = []
    since = begin if any(has.values()) else None
    for one in ordered:
        if not begin < one.at < end:
            continue
        has[one.track] = one.present
        if since is None and one.present:
            since = one.at
        elif since is not None and not any(has.values()):
            found.append((since, one.at))
            since = None
    if since is not None:
        found.append((since, end))
    return found


def _present(result: etree._Element) -> bool | None:
    for item in result.iter():
        if _local(item) == "SimpleItem" and item.get("Name") == "IsDataPresent":
            return {"true": True, "1": True, "false": False, "0": False}.get(
                str(item.get("Value", "")).strip().lower()
            )
    return None


def _moment(text: str) -> datetime | None:
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        return None
    return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)


def _text(element: etree._Element, name: str) -> str:
    return next(((one.text or "").strip() for one in element.iter() if _local(one) == name), "")


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
