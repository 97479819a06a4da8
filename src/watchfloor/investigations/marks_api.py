"""The route of the marks on a camera's time bar: translate in, ask, translate out."""

from __future__ import annotations

from typing import Annotated, Final, Literal, cast

from fastapi import APIRouter, Query

from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Purposed, Signed
from watchfloor.investigations import forms
from watchfloor.investigations.marks import Marks, marks
from watchfloor.investigations.marks_store import Bucket
from watchfloor.kit.instant import Instant
from watchfloor.kit.route import Stated

_NEEDS: Final = asks(Need.CAMERA_MARKS, Need.PLATES_COUNT)


def routes(door: Door) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["investigations"], route_class=Stated)

    @router.get("/cameras/{camera_id}/marks", openapi_extra=_NEEDS)
    async def list_marks(
        actor: Signed,
        why: Purposed,
        camera_id: str,
        begin: Annotated[Instant, Query(alias="from")],
        end: Annotated[Instant, Query(alias="to")],
    ) -> forms.Marks:
        """When something happened at a camera's place: alerts, incidents, calls, bookmarks, and how many plates were read."""
        return _form(await marks(door, actor, why, inside("camera", camera_id), begin, end))

    return router


def _form(found: Marks) -> forms.Marks:
    near = found.near
    return {
        "from": near.begin,
        "to": near.end,
        "bucket_s": near.width.total_seconds(),
        "marks": [_mark(kind, bucket) for kind, bucket in found.marks],
        "reads": [
            {"from": one.at, "to": min(one.at + near.width, near.end), "count": one.count}
            for one in found.reads
        ],
        "left_out": [{"kind": _kind(kind), "reason": reason} for kind, reason in found.left_out],
    }


_Kind = Literal["alert", "incident", "call", "bookmark"]


def _mark(kind: str, bucket: Bucket) -> forms.Mark:
    return {
        "kind": cast("_Kind", kind),
        "id": outside(kind, bucket.id),
        "at": bucket.at,
        "to": bucket.until,
        "count": bucket.count,
        "level": bucket.level,
        "title": bucket.title,
    }


def _kind(kind: str) -> Literal["alert", "incident", "call", "bookmark", "read"]:
    return cast('Literal["alert", "incident", "call", "bookmark", "read"]', kind)
