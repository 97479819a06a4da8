"""What the registry says of a camera beside its place and view: whose it is, how it hangs, what it hangs on. Values and pure functions.

It knows nobody's identity: a private owner's is a record of its own, and `owner_text` is what the agency calls an owner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID

from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.errors import Invalid

HIGHEST_M: Final = 300.0
_LONGEST: Final = {
    "owner_text": 120,
    "network_switch": 60,
    "power_feed": 60,
    "external_id": 100,
    "channel": 40,
}


class CameraKind(StrEnum):
    """Whose a camera is and what carries it: each kind is of one technology."""

    MUNICIPAL = "municipal"
    BUSINESS = "business"
    RESIDENTIAL = "residential"
    TRAILER = "trailer"
    BODY = "body"


class Mount(StrEnum):
    """What a camera hangs on."""

    POLE = "pole"
    WALL = "wall"
    BUILDING = "building"
    BRIDGE = "bridge"
    MAST = "mast"
    VEHICLE = "vehicle"
    PERSON = "person"
    OTHER = "other"


class Night(StrEnum):
    """What a camera sees by in the dark."""

    INFRARED = "infrared"
    LOW_LIGHT = "low_light"
    NONE = "none"
    UNKNOWN = "unknown"


class FootageKept(StrEnum):
    """Where a camera's footage is recorded: here, at its site, or both."""

    HERE = "here"
    AT_SITE = "at_site"
    BOTH = "both"


TECHNOLOGY_OF: Final = {
    CameraKind.MUNICIPAL: TechnologyKind.FIXED_CAMERA,
    CameraKind.BUSINESS: TechnologyKind.PRIVATE_CAMERA_LINK,
    CameraKind.RESIDENTIAL: TechnologyKind.PRIVATE_CAMERA_LINK,
    CameraKind.TRAILER: TechnologyKind.MOBILE_TRAILER,
    CameraKind.BODY: TechnologyKind.BODY_CAMERA,
}
# A private camera may be a business's or a home's: nobody guesses which.
KIND_OF: Final = {
    TechnologyKind.FIXED_CAMERA: CameraKind.MUNICIPAL,
    TechnologyKind.MOBILE_TRAILER: CameraKind.TRAILER,
    TechnologyKind.BODY_CAMERA: CameraKind.BODY,
}


OWNER_KEPT_ELSEWHERE: Final = (
    "The owner of a private camera is not written here, where all staff read it: who links one is kept apart."
)


@dataclass(frozen=True, slots=True)
class Details:
    """What people say of a camera; None where nobody said. `external_id` is its number in another system's list.

    `channel` says which of its site's cameras it is, where it is at one.
    """

    kind: CameraKind | None = None
    mount: Mount | None = None
    height_m: float | None = None
    night: Night = Night.UNKNOWN
    owner_text: str = ""
    network_switch: str | None = None
    power_feed: str | None = None
    footage_kept: FootageKept = FootageKept.HERE
    external_id: str | None = None
    site_id: UUID | None = None
    channel: str | None = None


NOT_SAID: Final = Details()
W = TypeVar("W", bound=StrEnum)


def word(kind: type[W], text: str | None, field: str) -> W | None:
    """The word of a closed list. Raises Invalid, naming the list."""
    if text is None or not text.strip():
        return None
    try:
        return kind(text.strip().lower().replace(" ", "_").replace("-", "_"))
    except ValueError as error:
        known = ", ".join(one.value for one in kind)
        raise Invalid(f"{text.strip()[:40]!r} is not one of {known}.", reason=field) from error


def agreed(
    technology: TechnologyKind | None,
    kind: CameraKind | None,
    *,
    before: tuple[TechnologyKind, CameraKind | None] | None = None,
) -> tuple[TechnologyKind, CameraKind | None]:
    """Technology and kind that fit together: what is said of one decides the other. Raises Invalid when they contradict."""
    if kind is not None:
        wanted = TECHNOLOGY_OF[kind]
        if technology is not None and technology is not wanted:
            raise Invalid(f"A {kind} camera is of the technology {wanted}, not {technology}.", reason="kind")
        return wanted, kind
    if technology is not None:
        kept = before[1] if before is not None and before[0] is technology else None
        return technology, kept or KIND_OF.get(technology)
    if before is None:
        raise Invalid("Say the camera's kind or its technology.", reason="technology")
    return before


def checked(details: Details, of: TechnologyKind) -> Details:
    """The same, in the form that is kept. Raises Invalid."""
    if details.owner_text.strip() and of is TechnologyKind.PRIVATE_CAMERA_LINK:
        raise Invalid(OWNER_KEPT_ELSEWHERE, reason="owner_text", next_step="Leave the owner empty.")
    if details.height_m is not None and not (
        math.isfinite(details.height_m) and 0 < details.height_m <= HIGHEST_M
    ):
        raise Invalid(f"A camera hangs more than 0 and at most {HIGHEST_M:g} metres high.", reason="height_m")
    if details.footage_kept is not FootageKept.HERE and details.site_id is None:
        raise Invalid(
            "A camera that is at no site is recorded here.",
            reason="footage_kept",
            next_step="Leave it at `here`, or say at which site it is.",
        )
    if (details.site_id is None) != (details.channel is None):
        raise Invalid("A camera of a site has a channel there, and no other has.", reason="channel")
    return replace(
        details,
        owner_text=_text(details.owner_text, "owner_text") or "",
        network_switch=_text(details.network_switch, "network_switch"),
        power_feed=_text(details.power_feed, "power_feed"),
        external_id=_text(details.external_id, "external_id"),
    )


def _text(text: str | None, field: str) -> str | None:
    """Short text in one line; None when nothing is said."""
    kept = " ".join((text or "").split())
    if len(kept) > _LONGEST[field] or not kept.isprintable():
        raise Invalid(f"That is at most {_LONGEST[field]} characters that can be printed.", reason=field)
    return kept or None
