"""A camera's plates are read once somebody says so where it is authorised; else the answer says why not, and what to do."""

from __future__ import annotations

from typing import Any

from tests.recordings.reading.center import VIDEO, Street


async def of(street: Street, camera: str, act: str = "") -> Any:
    technician = await street.block.web.person("technician")
    return await technician.post(f"/api/v1/cameras/{camera}/plate-reading{act}", json={})


async def test_it_is_set_where_it_is_authorised_ended_and_set_again_as_the_same_reader(
    street: Street,
) -> None:
    web = street.block.web
    camera = (await street.block.camera("rtsp://127.0.0.1:1/a"))["id"]
    assert (await street.shown(camera))["refused"]["reason"]
    refused = await of(street, camera)
    entry = await web.kept_refusal(refused)
    assert entry["need"] == "camera.plates_set" and refused.json()["next_step"]
    assert (await street.shown(camera))["reader"] is None

    await web.authorise(VIDEO)
    reader = await street.begun(camera)
    assert reader["camera"] == camera and reader["name"] == "Mill St at 4th, on video"
    assert reader["state"]["word"] == "not begun" and reader["video"]["day"]["sentence"] == "No picture came."
    again = await of(street, camera)
    assert (again.status_code, again.json()["reason"]) == (409, "read_already")
    token = await (await web.person("technician")).post(f"/api/v1/readers/{reader['id']}/token", json={})
    assert (token.status_code, token.json()["reason"]) == (409, "camera"), "no device can pass for the camera"

    assert (await of(street, camera, "/end")).json()["reader"] is None
    not_read = await of(street, camera, "/end")
    assert (not_read.status_code, not_read.json()["reason"]) == (409, "not_read")
    assert (await street.begun(camera))["id"] == reader["id"]
    log = await (await web.person("auditor")).get(
        "/api/v1/audit/entries", params={"kind": "effect", "limit": 200}
    )
    deeds = [one["reason"] for one in log.json()["items"] if one["reason"].startswith("camera.plates_")]
    assert deeds[::-1] == ["camera.plates_read", "camera.plates_unread", "camera.plates_read"]


async def test_of_a_camera_with_a_sub_stream_that_may_be_read_and_is_changed_in_place(street: Street) -> None:
    await street.block.web.authorise(VIDEO)
    technician = await street.block.web.person("technician")

    async def on(camera: str, stream: str) -> Any:
        return await technician.post(f"/api/v1/cameras/{camera}/plate-reading", json={"stream": stream})

    plain = (await street.block.camera("rtsp://127.0.0.1:1/a"))["id"]
    none = await on(plain, "sub")
    assert (none.status_code, none.json()["reason"]) == (409, "no_sub_stream") and none.json()["next_step"]
    assert (await on(plain, "third")).status_code == 422
    assert (await street.shown(plain))["has_sub_stream"] is False

    camera = (
        await street.block.camera("rtsp://127.0.0.1:1/b", name="Both", sub_url="rtsp://127.0.0.1:1/small")
    )["id"]
    first = (await on(camera, "main")).json()
    assert (first["reader"]["video"]["stream"], first["has_sub_stream"]) == ("main", True)
    second = await on(camera, "sub")
    assert second.status_code == 201, second.text
    assert (second.json()["reader"]["id"], second.json()["reader"]["video"]["stream"]) == (
        first["reader"]["id"],
        "sub",
    )
    path = f"/api/v1/cameras/{camera}/plate-reading"
    for again in (await on(camera, "sub"), await technician.post(path, json={}), await technician.post(path)):
        assert (again.status_code, again.json()["reason"]) == (409, "read_already"), again.text
    assert (await technician.post(f"{path}/end", json={})).status_code == 200
    taken_back = await technician.post(path)
    assert (taken_back.status_code, taken_back.json()["reader"]["video"]["stream"]) == (201, "sub")
    assert (await technician.post(path.replace(camera, plain))).json()["reader"]["video"]["stream"] == "main"


async def test_elsewhere_and_of_cameras_that_are_not_the_citys_it_is_refused_in_words(street: Street) -> None:
    around = [(38.6, -90.3), (38.7, -90.3), (38.7, -90.1), (38.6, -90.1)]
    await street.block.web.authorise(VIDEO, area=around)
    kinds: dict[str, dict[str, Any]] = {
        "outside the area": {"lat": 39.5},
        "its owner’s": {"technology": "private_camera_link"},
        "officer wears": {"technology": "body_camera"},
    }
    for words, changes in kinds.items():
        url = f"rtsp://127.0.0.1:1/{len(words)}"
        one = await street.block.camera(url, name=words, **changes)
        refused = await of(street, one["id"])
        assert refused.status_code == 403 and words in refused.json()["detail"], refused.text
    camera = str((await street.block.camera("rtsp://127.0.0.1:1/there", name="There"))["id"])
    gone = camera[:-4] + ("0000" if camera[-4:] != "0000" else "0001")
    assert (await of(street, gone)).status_code == 404


async def test_a_camera_whose_name_a_reader_has_is_a_reader_under_another(street: Street) -> None:
    await street.block.web.authorise(VIDEO)
    technician = await street.block.web.person("technician")
    place = {"place": "Mill St", "lat": 38.63, "lon": -90.2}
    made = await technician.post("/api/v1/readers", json={"name": "Mill St at 4th, on video", **place})
    assert made.status_code == 201
    camera = (await street.block.camera("rtsp://127.0.0.1:1/a"))["id"]
    assert (await street.begun(camera))["name"] == "Mill St at 4th, on video 2"
