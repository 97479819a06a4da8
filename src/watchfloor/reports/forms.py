"""What the routes of reports answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import (
    AuthorisationId,
    CameraId,
    CaseText,
    EntryId,
    NeedWord,
    PersonId,
    PurposeWord,
    words,
)
from watchfloor.governance.words import Role, TechnologyKind


class SightCamera(TypedDict):
    """The camera that was asked about."""

    id: CameraId
    name: str
    technology: TechnologyKind


class Under(TypedDict):
    """An authorisation by its id and title."""

    id: AuthorisationId
    title: str


class Permitted(TypedDict):
    """A time of the day in which an authorisation was in force for the camera: for which purposes and roles."""

    authorisation: Under
    purposes: list[PurposeWord]
    roles: list[Role]
    since: datetime
    until: datetime


class SightWho(TypedDict):
    """A person, or a process of the center; the name is null when it is erased."""

    id: PersonId
    kind: Annotated[str, words("person", "process")]
    name: str | None


class CouldSee(TypedDict):
    """Somebody who could see it: in what way, as what, under which authorisation, for which purposes, from when to when."""

    who: SightWho
    agency: str
    need: NeedWord
    roles: list[Role]
    authorisation: Under
    purposes: list[PurposeWord]
    since: datetime
    until: datetime
    reason: str


class AskedToSee(TypedDict):
    """What somebody asked to see of it, alike asks together: `entry` is the first one's; `watched_s` is how long they lasted."""

    entry: EntryId
    who: SightWho
    need: NeedWord
    result: Annotated[str, words("allowed", "refused")]
    reason: str
    purpose: PurposeWord | None
    case: CaseText | None
    case_name: str | None
    authorisation: AuthorisationId | None
    first_at: datetime
    last_at: datetime
    times: int
    watched_s: float


class Sight(TypedDict):
    """Who could see a camera on a day, and who asked to. `items` comes page by page; the rest is whole.

    The day runs from `since` to `until` in the agency's time zone. `remarks` are sentences that limit the answer.
    """

    camera: SightCamera
    agency: str
    time_zone: str
    day: date
    since: datetime
    until: datetime
    remarks: list[str]
    permitted: list[Permitted]
    asked: list[AskedToSee]
    items: list[CouldSee]
    next: str | None


class Thing(TypedDict):
    """Something that the log can be about: `about` as the entries have it, its name, and what tells it from its like."""

    about: str
    kind: str
    text: str
    more: str
