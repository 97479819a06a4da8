"""From a real camera's stream to a read with its picture, and dark again within seconds of a suspension."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from tests.recordings.center import until
from tests.recordings.reading.center import PLATE, VIDEO, Street
from tests.recordings.test_live import taps
from watchfloor.plates.picture import key_of
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.scene import scene_clip

pytestmark = pytest.mark.timeout(240)


async def test_a_plate_that_passes_a_camera_is_a_read_of_its_place_until_the_leave_is_suspended(
    street: Street,
) -> None:
    city = street.block
    await city.web.authorise("fixed_camera")
    approved = await city.web.authorise(VIDEO)
    async with await RtspCamera.start(scene_clip(plate=PLATE, fps=10)) as device:
        camera = await city.camera(device.url, lat=38.631, lon=-90.201, place="Mill St at 4th")
        await city.record()
        reader = await street.begun(camera["id"])
        assert (reader["technology"], reader["place"]["text"]) == (VIDEO, "Mill St at 4th")
        async with street.town.matching(), street.reading():
            await street.town.stored(1, within_s=90)  # networks are slow on a busy machine
            (read,) = await street.town.rows("select * from plate_read")
            assert read["plate"] == PLATE
            shown = await until(
                lambda: street.shown(camera["id"]),
                lambda seen: (
                    seen["reader"]["state"]["word"] == "reading"
                    and seen["reader"]["video"]["two_hours"]["looked"]
                ),
            )
            counts = shown["reader"]["video"]["two_hours"]
            assert counts["moving"] == sum(counts[one] for one in ("looked", "busy", "failed", "no_leave"))
            judged = counts["moving"] + sum(counts[one] for one in ("still", "masked", "undecodable"))
            assert 0 <= counts["pictures"] - judged <= 2, "one may wait for its turn, and one be looked at"
            await _the_read_has_its_picture(street, read)
            await _suspended(street, camera["id"], approved)


async def _the_read_has_its_picture(street: Street, read: dict[str, Any]) -> None:
    assert 0.3 <= read["confidence"] <= 1 and read["authorisation_id"]
    others = [one["plate"] for one in read["alternatives"] or []]
    assert PLATE not in others and len(others) <= 4
    kept = await street.town.objects.get(key_of(street.block.web.parts.agency, read["picture"]))
    wide, high = Image.open(io.BytesIO(kept)).size
    assert max(wide, high) <= 480 and wide > high


async def _suspended(street: Street, camera: str, approved: str) -> None:
    """At once: the tap is closed, and the reader's page says why."""
    clock = street.block.web.parts.clock
    clerk = await street.block.web.person("clerk")
    begun = clock.monotonic()
    answer = await clerk.post(
        f"/api/v1/authorisations/{approved}/suspend", json={"reason": "The council asked."}
    )
    assert answer.status_code == 200, answer.text
    dark = await until(
        lambda: street.shown(camera), lambda seen: seen["reader"]["state"]["word"] == "not authorised", 5
    )
    assert dark["refused"]["sentence"]
    said = await until(
        lambda: street.town.rows("select word from reader_video"),
        lambda rows: rows[0]["word"] == "not authorised",
        5,
    )
    assert said and taps(street.block) == 0 and clock.monotonic() - begun < 5
