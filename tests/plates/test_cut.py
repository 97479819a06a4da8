"""Of a picture that shows a street nothing is kept but what bounds the plate, whoever sent it; and where that is not known, nothing."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.plates.conftest import Town
from tests.plates.make import jpeg, reddest, street
from tests.plates.test_vendors import multipart, only, recorded
from watchfloor.plates import picture
from watchfloor.plates.cut import LONGEST_PX, Box, box_in, cut
from watchfloor.plates.ingest.shots import UNTOLD, Shot, kept_of, nowhere

PLATE = (600, 400, 100, 50)


@settings(max_examples=25, deadline=None)
@given(
    left=st.integers(0, 1200), top=st.integers(0, 690), width=st.integers(24, 300), part=st.floats(0.2, 0.9)
)
def test_nothing_beyond_what_bounds_the_plate_is_kept(left: int, top: int, width: int, part: float) -> None:
    height = max(8, round(width * part))
    left, top = min(left, 1280 - width), min(top, 720 - height)
    scene = street((left, top, width, height))
    box = box_in(scene, left, top, width, height)
    assert box is not None
    kept = cut(scene, box)
    assert reddest(kept) < 60, "the street is 250 redder than green"
    with Image.open(io.BytesIO(kept)) as shown:
        assert max(shown.size) <= LONGEST_PX


def test_a_plate_in_the_middle_of_a_street_leaves_no_trace_of_the_street() -> None:
    scene = street(PLATE)
    assert reddest(scene) > 200
    assert reddest(cut(scene, box_in(scene, *PLATE))) < 40


@pytest.mark.parametrize(
    "place",
    [(0, 0, 1280, 720), (0, 0, 1279, 200), (-5, 10, 100, 50), (1250, 10, 100, 50), (10, 10, 20, 300), (10, 10, 300, 10),
     (10, 10, 0, 0), (math.nan, 1, 1, 1), (10, 700, 100, 50), (10, 10, 100, -50)],
)  # fmt: skip
def test_what_no_plate_can_be_at_is_no_place(place: tuple[float, float, float, float]) -> None:
    assert box_in(street(PLATE), *place) is None


def test_a_box_in_parts_of_something_else_is_in_parts_of_the_picture() -> None:
    assert box_in(street(PLATE), 4096, 4096, 512, 512, (8192.0, 8192.0)) == (0.5, 0.5, 0.0625, 0.0625)
    assert box_in(b"no JPEG", *PLATE) is None
    assert box_in(street(PLATE), *PLATE, (0.0, 0.0)) is None


def test_what_stands_in_the_head_of_a_picture_goes_with_the_rest() -> None:
    note = Image.Exif()
    note[0x010E] = "somewhere"
    with io.BytesIO() as made, Image.open(io.BytesIO(street(PLATE))) as scene:
        scene.save(made, "JPEG", exif=note)
        noted = made.getvalue()
    assert b"somewhere" in noted
    assert b"somewhere" not in cut(noted, box_in(noted, *PLATE)) + cut(noted, None)


@pytest.mark.parametrize(
    ("content", "says"), [(jpeg(), "cannot be decoded"), (jpeg(16_000, 16_000), "24 million pixels")]
)
def test_what_cannot_be_cut_is_said(content: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        cut(content, (0.4, 0.4, 0.1, 0.1))


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def dahua(scene: bytes) -> tuple[bytes, dict[str, str]]:
    message = json.loads(recorded("dahua-itsapi-tollgateinfo.json"))
    message["Picture"]["NormalPic"]["Content"] = b64(scene)
    left, top, width, height = PLATE
    sides = (left * 8192 / 1280, top * 8192 / 720, (left + width) * 8192 / 1280, (top + height) * 8192 / 720)
    message["Picture"]["Plate"]["BoundingBox"] = sides
    return json.dumps(message).encode(), {}


def dahua_events(scene: bytes) -> tuple[bytes, dict[str, str]]:
    left, top, width, height = PLATE
    sides = (left * 8192 / 1280, top * 8192 / 720, (left + width) * 8192 / 1280, (top + height) * 8192 / 720)
    lines = "".join(f"Events[0].Object.BoundingBox[{at}]={round(side)}\n" for at, side in enumerate(sides))
    text = recorded("dahua-httpapi-events.txt") + f"\nEvents[0].Object.ObjectType=Plate\n{lines}".encode()
    return multipart(("event", "text/plain", text), ("picture", "image/jpeg", scene))


def platerecognizer(scene: bytes) -> tuple[bytes, dict[str, str]]:
    message = json.loads(recorded("platerecognizer-stream-props.json"))
    left, top, width, height = PLATE
    message["data"]["results"][0]["plate"]["box"] = {
        "xmin": left, "ymin": top, "xmax": left + width, "ymax": top + height,
    }  # fmt: skip
    return multipart(
        ("json", "application/json", json.dumps(message).encode()), ("upload", "image/jpeg", scene)
    )


def openalpr(scene: bytes) -> tuple[bytes, dict[str, str]]:
    group = json.loads(recorded("rekor-scout-alpr_group.json"))
    left, top, width, height = PLATE
    group["vehicle_crop_jpeg"] = b64(scene)
    group["best_plate"]["vehicle_region"] = {"x": 300, "y": 200, "width": 1280, "height": 720}
    group["best_plate"]["coordinates"] = [
        {"x": 300 + left + x, "y": 200 + top + y}
        for x, y in ((0, 0), (width, 0), (width, height), (0, height))
    ]
    return json.dumps(group).encode(), {}


@pytest.mark.parametrize(
    ("form", "made"),
    [("dahua", dahua), ("dahua", dahua_events), ("platerecognizer", platerecognizer), ("openalpr", openalpr)],
)
def test_a_vendors_street_is_cut_about_the_plate_where_its_message_says_where_that_is(
    form: str, made: Callable[[bytes], tuple[bytes, dict[str, str]]]
) -> None:
    claim = only(form, *made(street(PLATE)))
    assert claim.crop is not None and claim.notes == ()
    assert claim.plate_box == pytest.approx((600 / 1280, 400 / 720, 100 / 1280, 50 / 720), abs=1e-3)
    assert reddest(cut(claim.crop, claim.plate_box)) < 60


def hikvision(scene: bytes) -> tuple[bytes, dict[str, str]]:
    document = ("anpr.xml", "text/xml; charset=UTF-8", recorded("hikvision-isapi-anpr.xml"))
    return multipart(document, ("detectionPicture.jpg", "image/jpeg", scene))


def axis(scene: bytes) -> tuple[bytes, dict[str, str]]:
    event = json.loads(recorded("axis-lpv-new.json"))
    event["ImageArray"][0] |= {"ImageType": "vehicle", "BinaryImage": b64(scene)}
    return json.dumps(event).encode(), {}


def milesight(scene: bytes) -> tuple[bytes, dict[str, str]]:
    event = json.loads(recorded("milesight-lpr.json"))
    event |= {"license_plate_snapshot": None, "full_snapshot": b64(scene)}
    return json.dumps(event).encode(), {}


def genetec(scene: bytes) -> tuple[bytes, dict[str, str]]:
    text = recorded("genetec-sharpv-http.xml").decode().replace("PlateImage>", "Nothing>")
    return text.replace(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/wAALCAHgAoABAREA/9oACAEBAAA/AP/Z", b64(scene)
    ).encode(), {}


def dahua_unplaced(scene: bytes) -> tuple[bytes, dict[str, str]]:
    message = json.loads(dahua(scene)[0])
    del message["Picture"]["CutoutPic"]
    message["Picture"]["Plate"]["BoundingBox"] = "none"
    return json.dumps(message).encode(), {}


def another_shape(scene: bytes) -> tuple[bytes, dict[str, str]]:
    group = json.loads(openalpr(scene)[0])
    group["best_plate"]["vehicle_region"] |= {"width": 720}
    return json.dumps(group).encode(), {}


@pytest.mark.parametrize(
    ("form", "made"),
    [("hikvision", hikvision), ("axis", axis), ("milesight", milesight), ("genetec", genetec), ("dahua", dahua_unplaced),
     ("openalpr", another_shape)],
)  # fmt: skip
def test_a_vendors_street_without_the_plates_place_is_not_kept_and_the_sender_is_told(
    form: str, made: Callable[[bytes], tuple[bytes, dict[str, str]]]
) -> None:
    claim = only(form, *made(street(PLATE)))
    assert (claim.crop, claim.plate_box, claim.notes) == (None, None, (UNTOLD,))


def test_the_first_picture_that_may_be_kept_is() -> None:
    here: Box = (0.4, 0.4, 0.1, 0.1)
    wide, small = jpeg(tail=b"wide"), jpeg(80, 40, tail=b"plate")
    notes: list[str] = []
    assert (
        kept_of(
            [Shot(wide, nowhere), Shot("not base64"), Shot(wide, lambda _: here), Shot(small)], notes
        ).plate
        == here
    )
    assert notes == ["picture left out: it is not base64"]
    assert kept_of([Shot(None), Shot(wide, lambda _: None), Shot(small)], []).crop == small


async def test_a_picture_of_a_street_is_cut_about_the_plate_that_its_sender_points_at(town: Town) -> None:
    reader, scene = await town.reader(), street((600, 400, 100, 50))
    put = f"/plate-pictures/{picture.name_of(scene)}?plate="
    wrong = (("1,2,3", "four numbers"), ("0,0,1280,720", "No plate can be"), ("x,0,1,1", "four numbers"))
    for place, says in wrong:
        answer = await reader.posts(f"{put}{place}", scene, method="PUT")
        assert (answer.status_code, answer.json()["reason"]) == (422, "plate") and says in answer.json()[
            "detail"
        ]
    answer = await reader.posts(f"{put}600,400,100,50", scene, method="PUT")
    assert answer.status_code == 201
    name = answer.json()["picture"]
    assert name != picture.name_of(scene)
    (stored,) = [key async for key in town.objects.listed("plate-pictures")]
    kept = await town.objects.get(picture.key_of(town.web.parts.agency, name))
    assert len(kept) == answer.json()["bytes"] and reddest(kept) < 60, stored
