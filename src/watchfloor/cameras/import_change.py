"""What a row of a list changes of a camera, field by field. Pure."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Final

from watchfloor.cameras.model import Camera

# What the database keeps with six digits.
_ROUGH: Final = frozenset({"heading_deg", "field_deg", "range_m", "height_m"})
_HIDDEN: Final = {
    "address": "url",
    "sub_address": "sub_url",
    "replay_address": "replay_url",
    "certificate": "certificate",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A field that becomes another. Addresses are not told: `url` is said to be another, no more."""

    field: str
    before: str
    after: str


def fields_of(camera: Camera) -> dict[str, object]:
    """The columns of a camera as they are kept."""
    return {
        "name": camera.name,
        "technology": camera.technology.value,
        "address": camera.address,
        "sub_address": camera.sub_address,
        "replay_address": camera.replay_address,
        "place": camera.place_text,
        "lat": camera.place.lat,
        "lon": camera.place.lon,
        "heading_deg": camera.heading_deg,
        "field_deg": camera.field_deg,
        "range_m": camera.range_m,
        "enabled": camera.enabled,
        "transport": camera.transport.value,
        "certificate": camera.certificate,
        **asdict(camera.details),
        "site_id": None if camera.details.site_id is None else str(camera.details.site_id),
    }


def same(key: str, before: object, after: object) -> bool:
    """Whether a field stays as it is."""
    if isinstance(before, float) and isinstance(after, float):
        return math.isclose(before, after, rel_tol=1e-6 if key in _ROUGH else 0.0, abs_tol=1e-7)
    return before == after


def change_of(key: str, before: object, after: object) -> Change:
    """A field's change as it is told."""
    if key == "site_id":
        return Change("site", _said(before), _said(after))
    if key in _HIDDEN:
        return Change(_HIDDEN[key], "as registered" if before else "none", "another" if after else "none")
    return Change(key, _said(before), _said(after))


def _said(value: object) -> str:
    match value:
        case None | "":
            return "not said"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.7g}" if abs(value) < 1 else f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)
