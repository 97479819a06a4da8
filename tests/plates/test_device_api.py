"""What a plate reader is answered: when its reads are taken, and the reason whenever they are not."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from starlette.types import Receive, Scope, Send

from tests.fixtures.center import CenterMaker
from tests.fixtures.engines import Dsns
from tests.plates.conftest import Device, Town, a_town, drained, held
from tests.plates.make import jpeg, reads_json, reddest, street
from watchfloor.kit.errors import Full
from watchfloor.kit.ids import decode
from watchfloor.plates import picture, wire
from watchfloor.plates.consume import Matcher
from watchfloor.plates.ingest.claim import MOST_READS
from watchfloor.storage.nats import Bus, Delivery
from watchfloor.web.assemble import LARGER
from watchfloor.web.guard import Guard

TESTDATA = Path(__file__).parent / "testdata"


def seen(town: Town, **more: Any) -> dict[str, Any]:
    return {"id": "r1", "plate": "ABC123", "state": "MO", "at": town.ago(seconds=1)} | more


async def test_a_reader_without_an_approval_is_refused_with_the_reason(town: Town) -> None:
    reader = await town.reader("On video", technology="plate_reading_on_video")
    answer = await reader.sends(seen(town))
    assert answer.status_code == 403
    assert answer.json()["reason"] == "no_authorisation"
    assert answer.json()["detail"] == "No authorisation for the technology “plate reading on video” exists."
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_reader_outside_the_approved_area_is_refused_and_one_inside_is_not(town: Town) -> None:
    supervisor = await town.web.person("supervisor")
    (found,) = (await supervisor.get("/api/v1/authorisations")).json()["items"]
    await supervisor.post(f"/api/v1/authorisations/{found['id']}/suspend", json={"reason": "a smaller area"})
    await town.web.authorise(
        "plate_reader",
        title="In the north",
        area=[[38.6, -90.3], [38.7, -90.3], [38.7, -90.1], [38.6, -90.1]],
    )
    inside, outside = await town.reader("Inside"), await town.reader("Outside", lat=39.5)
    assert (await inside.sends(seen(town))).status_code == 202
    refused = await outside.sends(seen(town))
    assert (refused.status_code, refused.json()["reason"]) == (403, "place")
    # Lists and searches stand nowhere: the area binds the readers.
    assert (await supervisor.get("/api/v1/hot-lists")).status_code == 200
    await town.a_list("ABC123")
    async with town.matching():
        await town.stored(1)
    assert len(town.hits) == 1


async def test_without_a_token_or_with_another_devices_nothing_is_taken(town: Town) -> None:
    reader = await town.reader()
    unknown = Device(reader.id, town.web.client(), "not-a-token")
    stranger = await unknown.sends(seen(town))
    assert (stranger.status_code, stranger.json()["detail"]) == (401, "This device's token is not known.")
    assert stranger.json()["next_step"] == "Issue a new token for the device."
    client = town.web.client()
    bare = await client.post(
        "/api/v1/plate-reads", content=reads_json(seen(town)), headers={"Authorization": "Digest eDp5"}
    )
    assert (bare.status_code, bare.json()["detail"]) == (401, "A device token is needed.")
    technician = await town.web.person("technician")
    await technician.post(f"/api/v1/readers/{reader.id}/token", json={})
    assert (await reader.sends(seen(town))).status_code == 401, "a new token ends the one before"


async def test_a_reader_taken_out_of_service_is_refused(town: Town) -> None:
    reader = await town.reader()
    technician = await town.web.person("technician")
    retired = await technician.post(f"/api/v1/readers/{reader.id}/retire", json={})
    assert retired.json()["state"]["word"] == "retired"

    async def refused() -> bool:
        return (await reader.sends(seen(town))).status_code == 403

    await town.until(refused)
    answer = await reader.sends(seen(town))
    assert answer.json()["reason"] == "retired"
    assert answer.json()["detail"] == "The reader “North” was taken out of service."
    again = await technician.post(f"/api/v1/readers/{reader.id}/token", json={})
    assert again.status_code == 409


def past_the_short_way(town: Town) -> httpx.AsyncClient:
    """A client whose every request goes through the framework, as those for all other routes do."""
    app = town.web.app
    inner: Any = app.middleware_stack
    while not isinstance(inner, Guard):
        inner = inner.app
    guard = Guard(inner._app, town.web.parts.clock, inner._counts, LARGER, town.web.url)

    async def answers(scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = app
        await guard(scope, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(answers), base_url=town.web.url)


def told(answer: httpx.Response) -> tuple[int, str, dict[str, Any]]:
    """What an answer says, but for the number of its request."""
    return (
        answer.status_code,
        answer.headers["content-type"],
        {name: value for name, value in answer.json().items() if name != "request_id"},
    )


async def test_what_cannot_be_taken_is_answered_with_what_is_wrong(town: Town) -> None:
    reader = await town.reader()
    framework = Device(reader.id, past_the_short_way(town), reader.token)
    bad: dict[str, object] = {"plate": "♦", "id": "1"}
    wrong: tuple[tuple[bytes, int, str, str], ...] = (
        (b"", 422, "malformed", "the body is not the JSON that this route takes"),
        (b'{"reads":[{"plate":"ABC","confidence":NaN,"id":"1"}]}', 422, "malformed", "malformed"),
        (b'{"reads":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}", 422, "malformed", "nested too deeply"),
        (reads_json(bad), 422, "plate", "read 0, plate: a plate has letters A-Z and digits"),
        (reads_json(*[bad] * 7), 422, "plate", "; and 2 more."),
        (reads_json(*[bad] * (MOST_READS + 1)), 422, "too_many_reads", "at most 500 reads, this has 501"),
        (b'{"reads":[]}' + b" " * (1024 * 1024), 413, "body", "At most 1024 kB"),
        (b'{"reads":[]}' + b" " * (5 * 1024 * 1024), 413, "too_large", "At most 4096 kB"),
    )
    for body, status, reason, says in wrong:
        answer = await reader.posts("/plate-reads", body)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), body[:60]
        assert says in answer.json()["detail"]
        assert len(answer.content) < 2000
        assert told(answer) == told(await framework.posts("/plate-reads", body)), "the short way is no other"
    unknown, again = replace(reader, token="not-a-token"), replace(framework, token="not-a-token")
    assert told(await unknown.sends())[0] == 401
    assert told(await unknown.sends()) == told(await again.sends())
    assert await held(town) == 1, "that something could not be read, counted, and nothing of it"
    async with town.matching():
        await drained(town)
    assert await town.plates() == []
    assert [row["rejected"] for row in await town.rows("select rejected from reader_hour")] == [1]


async def test_the_good_reads_of_a_batch_are_taken_and_the_bad_ones_named(town: Town) -> None:
    reader = await town.reader()
    answer = await reader.sends(
        seen(town), {"plate": "♦", "id": "2"}, {"plate": "DEF456"}, seen(town, id="3")
    )
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 2
    assert [(r["index"], r["field"]) for r in answer.json()["rejected"]] == [(1, "plate"), (2, "id")]
    async with town.matching():
        await town.stored(2)


async def test_a_picture_is_put_first_under_its_own_hash_and_kept_with_the_read(town: Town) -> None:
    reader = await town.reader()
    photo = jpeg(tail=b"a car")
    name = picture.name_of(photo)
    put = await reader.posts(f"/plate-pictures/{name}", photo, method="PUT")
    assert (put.status_code, put.json()) == (201, {"picture": name, "bytes": len(photo)})
    assert (await reader.posts(f"/plate-pictures/{name}", photo, method="PUT")).status_code == 201
    await reader.sends(seen(town, picture=name))
    async with town.matching():
        await town.stored(1)
    (row,) = await town.rows("select sha256, rule from plate_picture")
    assert row["sha256"] == name
    assert await town.objects.get(picture.key_of(town.web.parts.agency, name)) == photo


async def test_what_is_no_picture_or_not_the_one_named_is_refused(town: Town) -> None:
    reader = await town.reader()
    large = jpeg() + b"\0" * picture.MOST_BYTES
    by_hash = "A picture is named by its SHA-256 in lower-case hex."
    too_large = (
        "A picture that shows more than the plate is not kept as it is: this has more than 640 pixels a side."
    )
    wrong: tuple[tuple[str | None, bytes, int, str, str], ...] = (
        (None, b"GIF89a not ours", 422, "picture", "The picture is not a JPEG."),
        (None, b"\xff\xd8\xff\xe0 broken", 422, "picture", "The JPEG is broken: it has no frame."),
        (None, jpeg(1920, 1080), 422, "picture", too_large),
        ("0" * 64, jpeg(), 422, "sha256", "The SHA-256 of what was sent is another one."),
        ("..%2e%2e", jpeg(), 422, "sha256", by_hash),
        ("A" * 64, jpeg(), 422, "sha256", by_hash),
        (None, large, 413, "body", "At most 2048 kB are taken at once here."),
    )
    for name, content, status, reason, says in wrong:
        answer = await reader.posts(
            f"/plate-pictures/{name or picture.name_of(content)}", content, method="PUT"
        )
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), name
        assert answer.json()["detail"] == says
    climbing = await reader.posts("/plate-pictures/..%2f..%2fkeys", jpeg(), method="PUT")
    assert climbing.status_code in (404, 405)
    assert [stored async for stored in town.objects.listed("plate-pictures")] == []


async def test_a_scout_group_is_taken_with_its_picture_and_a_second_sending_is_known(town: Town) -> None:
    reader = await town.reader()
    photo = street((159, 150, 103, 52), (400, 400))
    group = json.loads((TESTDATA / "rekor-scout-alpr_group.json").read_text())
    stamp = int(town.now().timestamp() * 1000)
    group |= {
        "vehicle_crop_jpeg": base64.b64encode(photo).decode(),
        "epoch_start": stamp,
        "best_uuid_epoch_ms": stamp,
    }
    first = await reader.posts("/plate-reads/openalpr", json.dumps(group).encode())
    again = await reader.posts("/plate-reads/openalpr", json.dumps(group).encode())
    assert (first.status_code, first.json()["accepted"]) == (202, 1)
    assert (again.status_code, again.json()["accepted"], again.json()["duplicates"]) == (202, 0, 1)
    async with town.matching():
        await town.stored(1)
    (row,) = await town.rows("select plate, state, picture, lane, vehicle from plate_read")
    assert (row["plate"], row["state"]) == ("ZZ9Q4K", "MO")
    stored = [key async for key in town.objects.listed("plate-pictures")]
    assert len(stored) == 1, "the whole is on no disk"
    kept = await town.objects.get(picture.key_of(town.web.parts.agency, row["picture"]))
    assert (reddest(photo) > 200, reddest(kept) < 60) == (True, True)
    assert row["vehicle"] == {
        "colour": "silver-gray",
        "make": "toyota",
        "model": "toyota camry",
        "body": "sedan-standard",
    }


async def test_what_the_webhook_cannot_take_is_answered_with_what_is_wrong(town: Town) -> None:
    reader = await town.reader()
    group = json.loads((TESTDATA / "rekor-scout-alpr_group.json").read_text())
    nameless = group | {"best_uuid": None, "best_uuid_epoch_ms": None, "epoch_start": None}
    wrong: tuple[tuple[bytes, int, str, str], ...] = (
        (b"<xml/>", 422, "malformed", "the body is not the JSON that this route takes"),
        (b'{"data_type":"alpr_face"}', 422, "unknown_data_type",
         "data_type is none of alpr_group, alpr_results, alpr_alert, heartbeat, vehicle"),
        (b'{"data_type":"alpr_group","best_plate":7}', 422, "malformed", "Expected `object"),
        (b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 422, "malformed", "nested too deeply"),
        (json.dumps(nameless).encode(), 422, "best_uuid", "best_uuid"),
        (json.dumps(group | {"best_plate_number": "♦"}).encode(), 422, "best_plate_number", "not black diamond suit"),
    )  # fmt: skip
    for body, status, reason, says in wrong:
        answer = await reader.posts("/plate-reads/openalpr", body)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), body[:60]
        assert says in answer.json()["detail"]
        assert len(answer.content) < 2000
    assert await held(town) == 1, "that something could not be read, counted, and nothing of it"


async def test_a_bad_picture_of_the_webhook_is_left_out_and_the_device_is_told(town: Town) -> None:
    reader = await town.reader()
    group = json.loads((TESTDATA / "rekor-scout-alpr_group.json").read_text())
    group["vehicle_crop_jpeg"] = base64.b64encode(b"GIF89a not ours").decode()
    answer = await reader.posts("/plate-reads/openalpr", json.dumps(group).encode())
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    assert answer.json()["notes"] == ["picture left out: the picture is not a JPEG"]


async def test_a_disk_without_room_takes_no_picture_and_says_what_to_do(
    center: CenterMaker, bus: Bus, dsns: Dsns, tmp_path: Path
) -> None:
    async with a_town(center, bus, dsns, tmp_path, min_free_mb=2**40) as town:
        reader, photo = await town.reader(), jpeg()
        answer = await reader.posts(f"/plate-pictures/{picture.name_of(photo)}", photo, method="PUT")
        assert (answer.status_code, answer.json()["reason"]) == (503, "disk_full")
        assert answer.json()["detail"].startswith("The disk of the object store has ")
        assert answer.json()["detail"].endswith(" MB left; nothing new is taken.")
        assert answer.json()["next_step"] == "Make room on it, or lower objects.min_free_mb."
        assert answer.headers["retry-after"] == "30"
        # A read without a picture needs no room there.
        assert (await reader.sends(seen(town))).status_code == 202


async def test_a_heartbeat_says_that_the_reader_is_alive(town: Town) -> None:
    reader = await town.reader()
    technician = await town.web.person("technician")
    before = (await technician.get("/api/v1/readers")).json()["items"][0]
    assert before["state"]["word"] == "no read yet"
    beat = await reader.posts(
        "/plate-reads/openalpr", (TESTDATA / "openalpr-agent-heartbeat.json").read_bytes()
    )
    assert (beat.status_code, beat.json()["accepted"]) == (202, 0)
    async with town.matching():

        async def heard() -> bool:
            return bool(
                (await technician.get("/api/v1/readers")).json()["items"][0]["state"]["word"] == "reading"
            )

        await town.until(heard)
    shown = (await technician.get("/api/v1/readers")).json()["items"][0]
    assert (shown["state"]["level"], shown["state"]["last_read_at"]) == ("normal", None)
    assert shown["authorisation"].startswith("auth_")


async def apart_without_room(town: Town, reader: Device) -> None:
    """Of several reads in one message that cannot be kept none waits for room, which nobody else would make."""
    for size in (60_000, 4_000, 250, 1):
        with suppress(Full):
            for n in range(1000):
                await town.bus.put("intake.nobodys", b"x" * size, message_id=f"fill {size} {n}")
    device = decode("rdr", reader.id)
    reads = tuple(wire.ReadForm(key=f"id:{n}", plate="GOOD1", device_at=town.now()) for n in range(2))
    batch = wire.BatchForm(agency=town.web.parts.agency, device=device, received_at=town.now(), reads=reads)
    delivery = Delivery(wire.subject_of(device), wire._ENCODER.encode(batch), 1, 5)
    await Matcher(town.consume_parts()).quarantine(delivery, "ValueError: one of two")
    (kept,) = await town.rows("select message, error, attempts from quarantine")
    assert (kept["message"], kept["error"]) == (delivery.payload, "ValueError: one of two")


async def test_a_full_buffer_answers_to_wait_and_what_was_taken_before_is_kept(town: Town) -> None:
    reader = await town.reader()
    await town.bus.ensure_intake(max_mb=2)
    taken, answer = 0, None
    for batch in range(100):
        reads = [
            seen(town, id=f"{batch}-{n}", lane="x" * 60, vehicle={"make": "y" * 60, "model": "z" * 60})
            for n in range(400)
        ]
        answer = await reader.sends(*reads)
        if answer.status_code != 202:
            break
        taken += answer.json()["accepted"]
    assert answer is not None
    assert (answer.status_code, answer.json()["reason"]) == (503, "intake_full")
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["detail"] == "The intake buffer is full; nothing was taken."
    (counted,) = await town.rows("select count(*) as n from plate_read")
    assert counted["n"] == 0
    await apart_without_room(town, reader)
    async with town.matching():

        async def all_kept() -> bool:
            return bool((await town.rows("select count(*) as n from plate_read"))[0]["n"] == taken)

        await town.until(all_kept, within_s=90)
        assert (await reader.sends(seen(town, id="room again"))).status_code == 202


async def test_with_the_bus_away_a_reader_is_told_to_come_again(town: Town) -> None:
    reader = await town.reader()
    assert (await reader.sends(seen(town))).status_code == 202
    await town.bus.close()
    answer = await asyncio.wait_for(reader.sends(seen(town, id="2")), 60)
    assert (answer.status_code, answer.json()["reason"]) == (503, "bus_away")
    assert answer.json()["detail"] == "The bus does not answer at present."
    assert int(answer.headers["retry-after"]) > 0


async def test_a_camera_that_knows_only_name_and_password_uses_its_id_and_its_token(town: Town) -> None:
    reader, other = await town.reader(), await town.reader("South")
    client = town.web.client()

    async def sends(name: str, password: str) -> tuple[int, str]:
        answer = await client.post(
            "/api/v1/plate-reads", content=reads_json(seen(town)), auth=(name, password)
        )
        return answer.status_code, answer.json().get("detail", "")

    assert (await sends(reader.id, reader.token))[0] == 202
    assert (await sends("", reader.token))[0] == 202
    wrong = (401, "This token is another device's than the name says.")
    assert await sends(other.id, reader.token) == wrong
    assert await sends("admin", reader.token) == wrong
    assert await sends(reader.id, "not-a-token") == (401, "This device's token is not known.")
    broken = await client.post("/api/v1/plate-reads", content=b"", headers={"Authorization": "Basic %%%"})
    assert (broken.status_code, broken.json()["detail"]) == (401, "A device token is needed.")


async def test_a_vendors_camera_is_read_in_its_own_form_and_by_the_clock_on_its_wall(town: Town) -> None:
    reader = await town.reader()
    zone = ZoneInfo("America/Chicago")
    when = (town.now() - timedelta(seconds=20)).replace(microsecond=0)
    body = (TESTDATA / "dahua-itsapi-tollgateinfo.json").read_text()
    body = body.replace("2026-11-22 15:00:00.250", when.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S.000"))
    answer = await reader.posts("/plate-reads/dahua", body.encode())
    assert (answer.status_code, answer.json()["Result"], answer.json()["accepted"]) == (202, True, 1), (
        answer.text
    )
    async with town.matching():
        await town.stored(1)
    (kept,) = await town.rows("select plate, state, at, picture from plate_read")
    assert (kept["plate"], kept["state"], kept["at"]) == ("ZQX107", "MO", when)
    assert kept["picture"] is None, "it cannot be decoded, so it cannot be cut"
    assert answer.json()["notes"] == ["picture left out: it cannot be decoded"]
    unknown = await reader.posts("/plate-reads/nobody", b"{}")
    assert unknown.status_code == 422
    hostile = await reader.posts("/plate-reads/hikvision", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert (hostile.status_code, hostile.json()["reason"]) == (422, "malformed")
    assert hostile.json()["detail"] == "the XML cannot be read: a document type is not taken."
