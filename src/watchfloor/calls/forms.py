"""What the routes of calls answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import Acted, CallId, Place, PurposeWord


class Call(TypedDict):
    """A request for help."""

    id: CallId
    kind: Literal["call"]
    number: str
    type: str
    priority: int
    purpose: PurposeWord
    place: Place
    text: str
    state: Literal["open", "closed"]
    taken_by: Acted
    taken_at: datetime
    closed_at: datetime | None
    closed_why: str | None
    version: int
