"""What a partner center offers, and how it is asked: values and pure functions. What it answers is another's word, and bounded here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

import msgspec

from watchfloor.cameras.address import HTTPS, Login
from watchfloor.cameras.details import KIND_OF, CameraKind, FootageKept
from watchfloor.cameras.model import Camera
from watchfloor.cameras.state import SENTENCES, CameraStatus
from watchfloor.governance.forms import case_text
from watchfloor.governance.model import Ask
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.errors import Full, Invalid, NotFound, Unavailable, WatchfloorError
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import decode

MOST_OFFERED: Final = 5000
# What an owner agreed, he agreed with the center that he knows; what an officer wears goes into homes.
OFFERED: Final = frozenset({TechnologyKind.FIXED_CAMERA, TechnologyKind.MOBILE_TRAILER})
_WORDS: Final = 400
OTHER_VERSION: Final = "What it answers is not understood here: its version may be another than ours."


class OfferVerdict(StrEnum):
    """What an offered camera is to our registry."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Partner:
    """Where a partner is asked, and by which login; `authority` is a certificate authority in PEM, empty for those of the system."""

    site: UUID
    name: str
    address: str
    login: Login


@dataclass(frozen=True, slots=True)
class Lent:
    """A partner's word that we may record a camera of its: its own id of that leave, and until when."""

    lending: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Far:
    """A look at a partner's camera: where, which, and what it is told of us. Looks that it would be told the same of are one."""

    partner: Partner = field(repr=False)
    camera: str
    purpose: str
    case: str | None
    asked_for: str

    @property
    def told(self) -> dict[str, str]:
        """The headers that name purpose, case and role."""
        case = {"Wf-Case": self.case} if self.case is not None else {}
        return {"Wf-Purpose": self.purpose, "Wf-Asked-For": self.asked_for, **case}


@dataclass(frozen=True, slots=True)
class Offered:
    """A camera as its center offers it. `level`, `word` and `reason` say how it is."""

    channel: str
    name: str
    technology: TechnologyKind
    place_text: str
    place: Point
    heading_deg: float | None
    field_deg: float | None
    range_m: float | None
    level: str
    word: str
    reason: str
    lent: Lent | None = None
    """Where we may record it: under which leave of theirs, and until when."""

    @property
    def kind(self) -> CameraKind | None:
        """What it is in our own registry."""
        return KIND_OF.get(self.technology)

    @property
    def status(self) -> tuple[CameraStatus, str]:
        """How it stands in our own list."""
        if self.level in ("normal", "standby"):
            return CameraStatus.AT_SITE, SENTENCES[CameraStatus.AT_SITE]
        return CameraStatus.SILENT, f"Its center says “{self.word}”: {self.reason}"


def is_offered(camera: Camera) -> bool:
    """Whether a camera of ours is offered to partners at all: never one that is a partner's itself, so that no two go in a circle."""
    return camera.technology in OFFERED and not is_far(camera)


def is_far(camera: Camera) -> bool:
    """Whether a camera is a partner's."""
    return camera.address.startswith(f"{HTTPS}://")


def must_be_ours(camera: Camera, what: str) -> None:
    """Raises Invalid where it is a partner's and recorded there alone: what of its pictures anybody keeps is its own center's to give,
    under its log and its two persons, of which a copy made here would know nothing. What it lent to us to record is here by its leave."""
    if kept_alone(camera):
        center = camera.site_name or "another center"
        raise Invalid(
            f"{camera.name} is a camera of {center}: {what} there.",
            reason="partner",
            next_step=f"Ask the people of {center} for it, for your case.",
        )


def far_of(partner: Partner, camera: Camera, ask: Ask) -> Far:
    """A look of ours as the partner is told of it: purpose and case by their words, the person by the role alone."""
    why = ask.why
    roles = sorted(role.value for role in ask.actor.roles & ask.need.roles)
    return Far(
        partner,
        camera.details.channel or "",
        why.purpose.word if why else "",
        case_text(why.case) if why and why.case else None,
        ", ".join(roles),
    )


class _Place(msgspec.Struct, frozen=True):
    lat: float
    lon: float
    text: str = ""


class _State(msgspec.Struct, frozen=True):
    level: str
    word: str
    reason: str = ""


class _Lent(msgspec.Struct, frozen=True):
    id: str
    until: Annotated[datetime, msgspec.Meta(tz=True)]


class _Camera(msgspec.Struct, frozen=True):
    id: str
    name: str
    technology: str
    place: _Place
    state: _State
    heading_deg: float | None = None
    field_deg: float | None = None
    range_m: float | None = None
    lent: _Lent | None = None


class _Page(msgspec.Struct, frozen=True):
    items: list[msgspec.Raw]
    next: str | None = None


class _Problem(msgspec.Struct, frozen=True):
    detail: str = ""
    reason: str = ""
    next_step: str | None = None


_PAGES: Final = msgspec.json.Decoder(_Page)
_CAMERAS: Final = msgspec.json.Decoder(_Camera)
_PROBLEMS: Final = msgspec.json.Decoder(_Problem)


def page_of(data: bytes) -> tuple[list[Offered], str | None]:
    """The cameras of a page, and where the list goes on. A camera that cannot be is left out. Raises Unavailable where none can."""
    try:
        page = _PAGES.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise other_version() from error
    found = [one for raw in page.items if (one := _offered(raw)) is not None]
    if page.items and not found:
        raise other_version()
    return found, page.next


def other_version() -> Unavailable:
    """The partner answers, and not as we know it."""
    return Unavailable(
        OTHER_VERSION, reason="other_version", next_step="Compare the versions of both centers."
    )


def _offered(raw: msgspec.Raw) -> Offered | None:
    try:
        told = _CAMERAS.decode(raw)
        technology = TechnologyKind(told.technology)
        decode("cam", told.id)
        if told.lent is not None:
            decode("lnd", told.lent.id)
        place = Point(told.place.lat, told.place.lon)
    except (ValueError, RecursionError):  # msgspec's and BadId are such too
        return None
    name = line(told.name, 80)
    if technology not in OFFERED or not name:
        return None
    return Offered(
        told.id,
        name,
        technology,
        line(told.place.text, 200) or name,
        place,
        _within(told.heading_deg, 0.0, 359.999),
        _within(told.field_deg, 0.1, 360.0),
        _within(told.range_m, 0.1, 2000.0),
        line(told.state.level, 20),
        line(told.state.word, 40),
        line(told.state.reason),
        Lent(told.lent.id, told.lent.until) if told.lent is not None else None,
    )


def line(text: str, longest: int = _WORDS) -> str:
    """A partner's words in one line that can be printed, so long at most."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())[:longest]


def refusal(status: int, data: bytes, partner: str) -> WatchfloorError:
    """A partner's no, in its own words and under its own name."""
    try:
        told = _PROBLEMS.decode(data)
    except (msgspec.DecodeError, RecursionError):
        told = _Problem()
    detail, step = line(told.detail), line(told.next_step or "") or None
    if 300 <= status < 400:
        said = f"{partner} sends us to another address; that is not followed."
        return Unavailable(said, reason="redirect", next_step="Ask its people for its own address.")
    if status == 401:
        said = f"{partner} refuses the name and password that it gave us{f': {detail}' if detail else '.'}"
        step = "Ask its administrator for a new invitation, and enter name and password at the site."
        return Unavailable(said, reason="login_refused", next_step=step)
    if not detail:
        said = f"{partner} answered {status}, and nothing that a watchfloor says."
        return Unavailable(said, reason="other_version", next_step="Check its address and its version.")
    kind = NotFound if status == 404 else Full if status in (429, 507) else Unavailable
    return kind(f"{partner} says: {detail}", reason=line(told.reason, 40) or "refused", next_step=step)


def of_partner(name: str, technology: TechnologyKind) -> None:
    """Raises Invalid for what no camera of the partner center of this name can be."""
    if technology not in OFFERED:
        known = ", ".join(sorted(OFFERED))
        raise Invalid(f"A camera of the center {name} is one of {known}.", reason="technology")


def not_lent(name: str) -> Invalid:
    """What the cameras of the center of this name see is not ours to record."""
    return Invalid(
        f"{name} does not lend this camera to us to be recorded: it is watched and played through that center.",
        reason="footage_kept",
        next_step=f"Ask the people of {name} to lend it, or say `at_site`.",
    )


def kept_alone(camera: Camera) -> bool:
    """Whether it is a partner's and recorded at its center alone."""
    return is_far(camera) and camera.details.footage_kept is FootageKept.AT_SITE


def same_word(camera: Camera, offered: Offered) -> bool:
    """Whether our entry of a camera is as its center offers it now."""
    ours = (camera.place_text, camera.place, camera.heading_deg, camera.field_deg, camera.range_m)
    there = (offered.place_text, offered.place, offered.heading_deg, offered.field_deg, offered.range_m)
    return camera.technology is offered.technology and ours == there


def called(offered: Offered, site: str, taken: frozenset[str] | set[str]) -> str:
    """What the camera is called here: as there, with the site's name where another has that name."""
    if offered.name not in taken:
        return offered.name
    return f"{offered.name[: 77 - len(site)]} ({site})"


def _within(number: float | None, least: float, most: float) -> float | None:
    return number if number is not None and least <= number <= most else None
