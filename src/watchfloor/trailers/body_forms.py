"""What the routes of body cameras answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.cameras.forms import CameraState
from watchfloor.governance.inner_forms import Acted, BodyIssueId, CameraId, UnitId


class UnitOfBody(TypedDict):
    """A unit, by its call sign. Where it is stands on no page of body cameras."""

    id: UnitId
    call_sign: str


_Span = TypedDict("_Span", {"from": datetime, "to": datetime | None})


class BodyIssue(_Span):
    """A body camera given out: with which unit, worn by whom, from when to when; `to` is null while it is out."""

    id: BodyIssueId
    unit: UnitOfBody
    person: Annotated[Acted | None, Field(description="Who of the unit wears it; null where nobody said.")]
    issued_by: Acted
    returned_by: Acted | None


class BodyCamera(TypedDict):
    """A body camera, how it is, and with whom."""

    id: CameraId
    name: str
    state: CameraState
    issue: Annotated[
        BodyIssue | None, Field(description="With whom it is now; null while it is with nobody.")
    ]


class UnitForBody(TypedDict):
    """A unit that a body camera can be given to, and who is on it."""

    id: UnitId
    call_sign: str
    crew: list[Acted]


class UnitsForBody(TypedDict):
    """The units that body cameras can be given to, by call sign."""

    units: list[UnitForBody]
