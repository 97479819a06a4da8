"""The simulated reader repeats itself with the same keys until it is heard, and remembers what was acknowledged."""

from __future__ import annotations

import hashlib
import io
import json
import random

import av
import httpx
import pytest

from watchfloor_sim.picture import plate_picture
from watchfloor_sim.plates import INVENTED, STATE, invented_plate, is_invented, misread, random_plate
from watchfloor_sim.reader import PlateReader, Refused, Sighting, Unheard


class Center:
    """Stands where the center will: answers as told, one after the other, and keeps what it heard."""

    def __init__(self, *answers: httpx.Response | httpx.TransportError) -> None:
        self.heard: list[httpx.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.heard.append(request)
        answer = self._answers.pop(0) if self._answers else taken()
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer

    @property
    def bodies(self) -> list[dict[str, object]]:
        return [json.loads(request.content) for request in self.heard if request.method == "POST"]


def taken(accepted: int = 1, rejected: tuple[int, ...] = ()) -> httpx.Response:
    said = {"accepted": accepted, "duplicates": 0, "rejected": [{"index": index} for index in rejected]}
    return httpx.Response(202, json=said)


def reader_at(center: Center, pauses: list[float] | None = None, *, attempts: int = 5) -> PlateReader:
    async def pause(seconds: float) -> None:
        if pauses is not None:
            pauses.append(seconds)

    client = httpx.AsyncClient(transport=httpx.MockTransport(center))
    return PlateReader("http://center", "device-token", client, attempts=attempts, pause=pause)


async def test_a_read_goes_out_in_our_own_form_after_its_picture() -> None:
    center = Center(httpx.Response(201))
    reader = reader_at(center)
    picture = plate_picture(INVENTED, STATE)
    await reader.sees(INVENTED, STATE, picture=picture, alternatives={"QZO-4417": 0.4}, lane=2)
    put, post = center.heard
    name = hashlib.sha256(picture).hexdigest()
    assert (put.method, put.url.path, put.content) == ("PUT", f"/api/v1/plate-pictures/{name}", picture)
    assert (post.method, post.url.path) == ("POST", "/api/v1/plate-reads")
    assert {request.headers["Authorization"] for request in center.heard} == {"Bearer device-token"}
    [read] = json.loads(post.content)["reads"]
    assert read["at"].endswith("Z") and len(read["at"]) == len("2026-01-01T00:00:00.000000Z")
    assert (read["plate"], read["state"], read["lane"], read["picture"]) == (INVENTED, STATE, "2", name)
    assert read["alternatives"] == [{"plate": "QZO-4417", "confidence": 0.4}]


async def test_a_read_is_repeated_unchanged_until_the_center_is_there_and_has_room() -> None:
    busy = httpx.Response(503, headers={"Retry-After": "3"})
    center, pauses = Center(httpx.ConnectError("no one"), busy, httpx.ReadError("cut off")), list[float]()
    reader = reader_at(center, pauses)
    said = await reader.sees(INVENTED)
    assert (said.accepted, reader.repeats) == (1, 3)
    assert len(center.bodies) == 4 and all(body == center.bodies[0] for body in center.bodies)
    assert pauses[1] == 3.0
    assert reader.unacknowledged == set()


async def test_a_read_that_was_never_answered_stays_on_the_list_of_those_to_ask_for() -> None:
    reader = reader_at(Center(*[httpx.ConnectError("no one")] * 5))
    with pytest.raises(Unheard, match="5 attempts"):
        await reader.sees(INVENTED)
    assert reader.unacknowledged == set(reader.history)


async def test_a_refusal_is_not_repeated() -> None:
    center = Center(httpx.Response(403, text="no authorisation is in force"))
    with pytest.raises(Refused, match="403: no authorisation is in force"):
        await reader_at(center).sees(INVENTED)
    assert len(center.heard) == 1


async def test_of_a_batch_the_rejected_are_not_counted_as_acknowledged() -> None:
    reader = reader_at(Center(taken(2, rejected=(1,))))
    seen = [Sighting(invented_plate(n)) for n in range(3)]
    said = await reader.report(seen)
    assert (said.accepted, said.rejected) == (2, 1)
    assert reader.unacknowledged == {seen[1].source_key}


async def test_the_vendors_form_carries_percent_milliseconds_and_the_region() -> None:
    center = Center()
    reader = reader_at(center)
    await reader.sees_openalpr(INVENTED, STATE, picture=b"\xff\xd8", confidence=0.91, place=(38.6, -90.2))
    [group] = center.bodies
    [seen] = reader.history.values()
    assert center.heard[0].url.path == "/api/v1/plate-reads/openalpr"
    assert (group["data_type"], group["best_plate_number"], group["best_region"]) == (
        "alpr_group",
        INVENTED,
        "us-rc",
    )
    assert group["best_confidence"] == pytest.approx(91)
    assert group["best_uuid_epoch_ms"] == round(seen.at.timestamp() * 1000)
    assert (group["best_uuid"], group["vehicle_crop_jpeg"]) == (seen.source_key, "/9g=")


def test_a_picture_is_a_jpeg_and_always_the_same_for_the_same_plate() -> None:
    picture = plate_picture(INVENTED, STATE)
    assert picture == plate_picture(INVENTED, STATE) != plate_picture("QZ1-4417", STATE)
    with av.open(io.BytesIO(picture), "r", format="mjpeg") as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height) == (640, 400)


def test_invented_plates_are_recognised_and_a_misread_one_differs_in_one_sign() -> None:
    chance = random.Random(1)
    assert [invented_plate(n) for n in (0, 4417, 99_999)] == ["QZ0-0000", "QZ0-4417", "QZ9-9999"]
    for _ in range(200):
        plate = random_plate(chance)
        wrong = misread(plate, chance)
        assert is_invented(plate)
        assert sum(a != b for a, b in zip(plate, wrong, strict=True)) <= 1
    assert not is_invented("ABC123")
    with pytest.raises(ValueError, match="hundred thousand"):
        invented_plate(100_000)
