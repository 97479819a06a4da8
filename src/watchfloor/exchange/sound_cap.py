"""A confirmed sound as a CAP 1.2 message, its ellipse as a polygon. Pure: the same sound is the same message, byte for byte.

It is for other centers and never for the public (`scope` Restricted), and names nobody (OASIS CAP 1.2, 2010-07-01).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from watchfloor.acoustics.located import Located, Ring, ring
from watchfloor.acoustics.model import Ellipse
from watchfloor.incidents.sound import Sound
from watchfloor.incidents.sound_card import rounds_of, where_of

MEDIA_TYPE: Final = "application/cap+xml"
_NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
_HOLDS_FOR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Said:
    """What a message is of: `identifier` and `sender` without spaces, commas, `<` and `&`; `place` in words, `agency` by name."""

    identifier: str
    sender: str
    agency: str
    sent: datetime
    place: str
    says: str
    sound: Sound


def message(said: Said) -> bytes:
    """The message, as UTF-8."""
    alert = Element("alert", {"xmlns": _NAMESPACE})
    for name, text in (
        ("identifier", said.identifier),
        ("sender", said.sender),
        ("sent", _moment(said.sent)),
        ("status", "Actual"),
        ("msgType", "Alert"),
        ("scope", "Restricted"),
        ("restriction", "For law enforcement and emergency dispatch."),
    ):
        SubElement(alert, name).text = text
    _tell(SubElement(alert, "info"), said)
    indent(alert)
    written: bytes = tostring(alert, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written + b"\n"


def _tell(info: Element, said: Said) -> None:
    sound = said.sound
    for name, text in (
        ("language", "en-US"),
        ("category", "Safety"),
        ("event", "Gunfire"),
        ("responseType", "Assess"),
        ("urgency", "Immediate"),
        ("severity", "Severe"),
        ("certainty", "Likely"),
        ("effective", _moment(said.sent)),
        ("onset", _moment(sound.at)),
        ("expires", _moment(said.sent + _HOLDS_FOR)),
        ("senderName", said.agency),
        ("headline", f"Gunfire: {rounds_of(sound.rounds)}, {said.place}"),
        ("description", " ".join(where_of(one.located) for one in sound.standing)),
        ("instruction", said.says),
    ):
        SubElement(info, name).text = text
    for name, text in _parameters(sound):
        parameter = SubElement(info, "parameter")
        SubElement(parameter, "valueName").text = name
        SubElement(parameter, "value").text = text
    for one in sound.standing:
        area = SubElement(info, "area")
        SubElement(area, "areaDesc").text = f"{said.place}: where it was in 95 of 100 cases"
        for edge in one.located.region or (ring(one.located.middle, one.located.most),):
            SubElement(area, "polygon").text = _polygon(edge)


def _parameters(sound: Sound) -> Iterable[tuple[str, str]]:
    yield "rounds", str(sound.rounds)
    yield "sources", str(len(sound.standing))
    for number, one in enumerate(sound.standing, 1):
        located = one.located
        yield f"source{number}.fired", " ".join(_exactly(fired.at) for fired in located.rounds)
        yield (
            f"source{number}.microphones",
            f"heard {len(located.heard)}, should have too {len(located.missed)}",
        )
        if located.point is not None:
            yield f"source{number}.point", f"{located.point.lat:.6f},{located.point.lon:.6f}"
            yield from _ellipses(number, located)


def _ellipses(number: int, located: Located) -> Iterable[tuple[str, str]]:
    for percent, ellipse in (("50", located.half), ("95", located.most)):
        yield f"source{number}.ellipse{percent}", _words(ellipse)


def _words(ellipse: Ellipse) -> str:
    return f"semi-major {ellipse.major_m:.1f} m, semi-minor {ellipse.minor_m:.1f} m, bearing {ellipse.bearing_deg:.0f} degrees"


def _polygon(edge: Ring) -> str:
    """Pairs of latitude and longitude; the first and the last are the same."""
    points = [f"{corner.lat:.6f},{corner.lon:.6f}" for corner in edge]
    return " ".join(points if points[0] == points[-1] else [*points, points[0]])


def _moment(at: datetime) -> str:
    """As CAP has it: whole seconds, and UTC as -00:00."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def _exactly(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
