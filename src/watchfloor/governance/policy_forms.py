"""What the routes of policy, two-person acts, cases and holds answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import (
    Acted,
    AnyId,
    AuthorisationId,
    CaseId,
    CaseText,
    HoldId,
    NeedWord,
    ProposalId,
    PurposeWord,
    words,
)
from watchfloor.governance.words import Role, TechnologyKind
from watchfloor.storage.classes import DataClass

AuthorisationState = Literal["waiting", "not_yet", "in_force", "suspended", "expired"]


class KeptClass(TypedDict):
    """A class of data that a technology keeps."""

    data_class: DataClass
    title: str
    may_be_none: Annotated[
        bool, Field(description="Whether it may be kept 0 days: matched and never stored.")
    ]


class Technology(TypedDict):
    """A technology and whether it may be used; `reason` is a sentence."""

    technology: TechnologyKind
    title: str
    sentence: str
    keeps: list[KeptClass]
    authorised: bool
    authorisation: AuthorisationId | None
    until: datetime | None
    reason: str
    required_bodies: Annotated[
        list[str],
        Field(description="Whose approval an authorisation made now needs, beside those that it names."),
    ]


class Purpose(TypedDict):
    """A purpose of the closed list."""

    purpose: PurposeWord
    title: str
    needs_case: bool
    prohibited: bool


class Need(TypedDict):
    """A need and the roles it is for."""

    need: NeedWord
    sentence: str
    roles: list[Role]


class Authorisation(TypedDict):
    """A technology allowed. `keep_by_class` has the days of every class of data that it keeps, but of those that `keep_minutes` has."""

    id: AuthorisationId
    technology: TechnologyKind
    title: str
    state: AuthorisationState
    state_text: Annotated[str, Field(description="The state in words, as in “waiting for: City Council”.")]
    waiting_for: Annotated[
        list[str],
        Field(description="The bodies whose approval it lacks; it is not in force until there is none."),
    ]
    warnings: list[str]
    effective_at: datetime
    expires_at: datetime
    purposes: list[PurposeWord]
    roles: list[Role]
    area: Annotated[
        list[list[float]], Field(description="Corners, each [lat, lon]; none: the whole jurisdiction.")
    ]
    area_text: str
    keep_for_days: int
    keep_by_class: dict[str, int]
    keep_minutes: Annotated[
        dict[str, int], Field(description="The classes that are kept for less than a day, in minutes.")
    ]
    audio: bool
    suspended_at: datetime | None
    suspended_reason: str | None
    note: str
    version: int


class Approval(TypedDict):
    """What one approving body decided."""

    body: str
    instrument: str
    approved_at: datetime | None
    hearing_at: datetime | None
    comment_until: datetime | None


class HistoryLine(TypedDict):
    """Something that happened to an authorisation."""

    at: datetime
    text: str
    by: Acted | None


class AuthorisationDetail(Authorisation):
    """An authorisation, what each body decided, and its history."""

    approvals: list[Approval]
    history: list[HistoryLine]


class Proposal(TypedDict):
    """An act that waits for a second person, or has been decided; `payload` is what was sent."""

    id: ProposalId
    kind: Annotated[
        str,
        words(
            "alert_budget",
            "authorisation",
            "authorisation_approval",
            "co_travel",
            "export",
            "hot_list_entry",
            "hot_list_file_kind",
            "lending",
            "plate_watch",
            "required_body",
            "suspension_lift",
            "use_seal",
        ),
    ]
    state: Annotated[str, words("open", "approved", "refused", "withdrawn", "expired")]
    title: str
    sentence: str
    payload: Mapping[str, object]
    proposed_by: Acted
    proposed_at: datetime
    expires_at: datetime
    decided_by: Acted | None
    decided_at: datetime | None
    note: str | None
    subject: Annotated[
        AnyId | None,
        Field(description="What it is about; of a new thing, what it put into force, once approved."),
    ]


class Case(TypedDict):
    """A matter that looks are booked under."""

    id: CaseId
    kind: Literal["case"]
    number: str
    title: str
    purpose: PurposeWord
    state: Annotated[
        Literal["open", "closed", "lapsed"],
        Field(description="`lapsed`: it was provisional, and nobody confirmed it in time."),
    ]
    provisional_until: Annotated[
        datetime | None,
        Field(description="While its number is unknown to the agency: when it ends by itself."),
    ]
    opened_by: Acted
    opened_at: datetime
    confirmed_by: Acted | None
    confirmed_at: datetime | None


class Hold(TypedDict):
    """Data kept past its retention for a case."""

    id: HoldId
    state: Annotated[
        Literal["waiting", "standing", "ended"],
        Field(description="`waiting`: for 72 hours, until a second person confirms it."),
    ]
    case: CaseText
    data_class: DataClass
    about: AnyId
    from_at: datetime
    to_at: datetime
    reason: str
    placed_by: Acted
    placed_at: datetime
    confirmed_by: Acted | None
    ends_at: datetime
    ended_at: datetime | None


class HoldPlaced(Hold):
    """A hold that was just placed, and the UTC days of it that some rule has forgotten already."""

    may_be_forgotten: list[str]
