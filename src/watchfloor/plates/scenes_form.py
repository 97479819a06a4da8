"""What the routes of two scenes answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import EntryId, ReaderId
from watchfloor.plates.forms import FoundRead, SearchWhere


class SoughtScene(TypedDict):
    """A scene as it was looked for, and how many readers stood there then."""

    since: datetime
    until: datetime
    where: SearchWhere | None
    readers: list[ReaderId]
    readers_there: int


class VehicleAtBoth(TypedDict):
    """A vehicle that was read at the first scene and later at the second; `strict` is of the first of `plates`."""

    plates: Annotated[
        list[str],
        Field(
            description="As it was read, the most often first: characters that look alike count as one vehicle."
        ),
    ]
    first: Annotated[list[FoundRead], Field(description="The earliest five.")]
    second: Annotated[list[FoundRead], Field(description="The earliest five.")]


class SceneSearch(TypedDict):
    """Vehicles at both scenes, the one that took least between them first. `id` opens it again, for a purpose of one's own."""

    id: EntryId
    first: SoughtScene
    second: SoughtScene
    vehicles: list[VehicleAtBoth]
    complete: Annotated[bool, Field(description="False: more than a hundred vehicles were at both.")]
