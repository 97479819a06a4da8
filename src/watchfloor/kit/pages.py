"""A list in pages, as a route gives it. Only what answers over HTTP imports it: it loads the framework, which nothing else needs."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Query

from watchfloor.kit.extent import Cut as Cut
from watchfloor.kit.extent import Extent as Extent

USUAL: Final = 100
MOST: Final = 500
LONGEST_CURSOR: Final = 2000


def _extent(
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many items at most.")] = USUAL,
    after: Annotated[
        str | None, Query(max_length=LONGEST_CURSOR, description="The `next` of the page before.")
    ] = None,
) -> Extent:
    return Extent(limit, after)


InPages = Annotated[Extent, Depends(_extent)]
"""The parameters `limit` and `after` of a route that gives a list."""
