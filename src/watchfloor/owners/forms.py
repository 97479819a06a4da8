"""What the routes of owners answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import Acted, OwnerId, Place, words
from watchfloor.owners.model import OwnerKind, OwnerState, Shares


class Mailed(TypedDict):
    """What became of the last letter: sent, waiting for the mail server, given up, or there is none. `error` is why it waits."""

    state: Annotated[str, words("sent", "waiting", "given_up", "no_mail_server", "none")]
    at: datetime | None
    error: str | None


class Owner(TypedDict):
    """Somebody who offers cameras, for staff who look after owners and for nobody else."""

    id: OwnerId
    kind: OwnerKind
    name: str
    email: str
    phone: str
    place: Place
    make: str
    cameras: int
    shares: Shares
    note: str
    terms: str
    terms_at: datetime
    state: OwnerState
    said: Annotated[str, Field(description="What staff asked, or why they refused.")]
    created_at: datetime
    verified_at: datetime | None
    decided_at: datetime | None
    decided_by: Acted | None
    mail: Mailed
    version: int


class Link(TypedDict):
    """A one-time link for staff to hand over, shown this once."""

    link: str
