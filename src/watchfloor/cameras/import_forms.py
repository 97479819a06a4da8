"""What the routes of lists of cameras answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.cameras.import_judge import Verdict
from watchfloor.governance.inner_forms import CameraId, CameraImportId, Named


class ImportColumn(TypedDict):
    """A field of a camera, and the column of the file that it is taken from."""

    field: str
    column: str


class CameraImport(TypedDict):
    """A list of cameras that was looked at: what its rows come to, and how far it is applied."""

    id: CameraImportId
    file_name: str
    state: Literal["previewed", "waiting", "applied"]
    columns: list[ImportColumn]
    new: int
    changed: int
    unchanged: int
    refused: int
    warned: Annotated[int, Field(description="Rows that are taken, and worth a look.")]
    done: Annotated[int, Field(description="Of those that are new or change something: how many were tried.")]
    failed: Annotated[int, Field(description="Of those tried: how many could not be kept.")]
    made_by: Named
    made_at: datetime
    confirmed_by: Named | None
    confirmed_at: datetime | None
    ended_at: datetime | None
    expires_at: Annotated[
        datetime, Field(description="Till then it can be confirmed; later, when it is forgotten.")
    ]


class ImportRemark(TypedDict):
    """What is wrong with a column of a row, or worth a look; null: with the row as a whole."""

    column: str | None
    reason: str


class ImportChange(TypedDict):
    """A field that becomes another. Addresses are not shown."""

    field: str
    before: str
    after: str


class CameraImportRow(TypedDict):
    """A row of a list: its line in the file (of GeoJSON its feature, from 1), and what it comes to."""

    line: int
    verdict: Verdict
    name: str
    problems: list[ImportRemark]
    warnings: list[ImportRemark]
    changes: list[ImportChange]
    camera: CameraId | None
    outcome: Annotated[
        str | None, Field(description="Null until it was tried; empty when it was kept, else why not.")
    ]
