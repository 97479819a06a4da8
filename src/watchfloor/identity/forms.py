"""What the routes of identity answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import AgencyId, Named, PersonId, WorkstationId, words
from watchfloor.governance.words import Role


class Notice(TypedDict):
    """The system-use notice, the agency's name, and the fewest characters a password has."""

    notice: str
    agency: str | None
    minimum_password: int


class Agency(TypedDict):
    """The body that the center belongs to; `time_zone` is an IANA name."""

    id: AgencyId
    name: str
    time_zone: str
    version: int


class Workstation(TypedDict):
    """A browser of the room that was registered."""

    id: WorkstationId
    name: str
    registered_by: str
    registered_at: datetime


class Session(TypedDict):
    """Who is signed in. Where a second factor is required and not proved, nothing else works until it is."""

    person: Named
    full_name: str
    agency: Agency
    roles: list[Role]
    second_factor: Annotated[bool, Field(description="Proved in this session.")]
    second_factor_required: bool
    signed_in_at: datetime
    ends_at: datetime
    idle_min: Annotated[int, Field(description="Minutes without a request after which it ends.")]
    lock_min: Annotated[
        int, Field(description="Minutes without a key or a pointer after which the console locks; 0: never.")
    ]
    workstation: Annotated[
        Workstation | None,
        Field(
            description="What this browser is registered as; live pictures of open incidents stay on it while locked."
        ),
    ]
    looks_stay_min: Annotated[int, Field(description="Minutes for which they stay; 0: never.")]


class SecondFactor(TypedDict):
    """A second factor that was begun: the secret in base32, and as an `otpauth://` address."""

    secret: str
    uri: str


class Person(TypedDict):
    """An account."""

    id: PersonId
    name: str
    full_name: str
    roles: list[Role]
    state: Annotated[str, words("invited", "active", "locked", "suspended")]
    second_factor: bool
    last_signed_in_at: datetime | None
    invited_until: datetime | None
    version: int


class Invitation(TypedDict):
    """A one-time link's secret, shown this once."""

    token: str
    expires_at: datetime


class Invited(TypedDict):
    """A new account and its one-time link."""

    person: Person
    invitation: Invitation
