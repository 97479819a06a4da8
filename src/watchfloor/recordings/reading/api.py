"""Routes of reading plates on a camera's video: translate in, set or look, translate out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.route import Stated
from watchfloor.plates import health_forms
from watchfloor.plates.api import reader_json
from watchfloor.plates.health_book import HealthBook
from watchfloor.plates.video import VideoStream
from watchfloor.recordings.reading import setting
from watchfloor.recordings.reading.setting import CameraPlates


class PlatesRefused(TypedDict):
    """Why plates may not be read on a camera."""

    reason: str
    sentence: str
    next_step: str | None


class PlateReadingBody(BaseModel):
    """On which stream plates are to be read."""

    stream: VideoStream | None = Field(
        default=None,
        description="`sub` is less to carry and decode; plates that are small on it are lost. Without one: as it was, `main` at first.",
    )


class CameraPlateReading(TypedDict):
    """Whether plates are read on a camera's video, and how that goes."""

    reader: Annotated[
        health_forms.Reader | None,
        Field(description="The reader that the camera is; null while its plates are not read."),
    ]
    refused: Annotated[
        PlatesRefused | None, Field(description="Why they may not be read now; null where they may.")
    ]
    has_sub_stream: Annotated[bool, Field(description="It has a sub stream, which may be read instead.")]


def routes(door: Door) -> APIRouter:
    """The routes of reading plates on cameras."""
    router = APIRouter(tags=["plates"], route_class=Stated)
    book = HealthBook()
    setting_asks = asks(Need.CAMERA_PLATES_SET, Need.READERS_VIEW)

    @router.get("/cameras/{camera_id}/plate-reading", openapi_extra=asks(Need.READERS_VIEW))
    async def get_plate_reading(actor: Signed, camera_id: str) -> CameraPlateReading:
        """Whether plates are read on this camera's video, and why not."""
        return _json(await setting.look(door, book, actor, inside("camera", camera_id)))

    @router.post("/cameras/{camera_id}/plate-reading", status_code=201, openapi_extra=setting_asks)
    async def begin_plate_reading(
        actor: Signed, camera_id: str, body: PlateReadingBody | None = None
    ) -> CameraPlateReading:
        """Have plates read on this camera's video, where that technology is authorised at its place. Again: on the other stream."""
        stream = body.stream if body is not None else None
        return _json(await setting.begin(door, book, actor, inside("camera", camera_id), stream))

    @router.post("/cameras/{camera_id}/plate-reading/end", openapi_extra=setting_asks)
    async def end_plate_reading(actor: Signed, camera_id: str) -> CameraPlateReading:
        """Have plates read on this camera's video no more; what was read stays for its retention."""
        return _json(await setting.end(door, book, actor, inside("camera", camera_id)))

    return router


def _json(found: CameraPlates) -> CameraPlateReading:
    refused = found.refused
    return {
        "reader": reader_json(found.reader) if found.reader is not None else None,
        "refused": {"reason": refused.reason, "sentence": refused.sentence, "next_step": refused.next_step}
        if refused is not None
        else None,
        "has_sub_stream": found.has_sub,
    }
