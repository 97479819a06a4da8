"""Whoever has no right to what a mask covers gets no point of it: live, played, saved as a picture; and the log knows who got it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import av
import httpx
import psycopg
import pytest
from numpy.typing import NDArray
from websockets.exceptions import ConnectionClosed

from tests.recordings.center import Block, until
from tests.recordings.test_live import received, watching
from tests.recordings.test_repaint import WINDOW, is_masked, lumas
from watchfloor.cameras.cover import Cover, always
from watchfloor.cameras.live import Live
from watchfloor.cameras.wire import Kind, state_of
from watchfloor.governance.forms import inside
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import Actor, ActorKind, AgencyId, Allowed, Ask, EntryId
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Full
from watchfloor.recordings.masked import Masked
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.scene import scene_clip

BODY = {"name": "Windows of 12 Elm", "reason": "A dwelling.", "corners": [list(one) for one in WINDOW]}


async def shown(socket: Any, count: int) -> list[NDArray[Any]]:
    """So many pictures as a browser would decode them, from the next init on."""
    head, payload = await received(socket)
    while head.kind is not Kind.INIT:
        head, payload = await received(socket)
    video, left = payload[1 + payload[0] :], count
    while left:
        head, payload = await received(socket)
        assert head.kind in (Kind.FRAGMENT, Kind.STATE), head
        if head.kind is Kind.FRAGMENT:
            video, left = video + payload, left - 1
    return lumas(video)


async def entries(city: Block, reason: str) -> int:
    """How many entries of the log are of this need or effect."""
    auditor = await city.web.person("auditor")
    found = (await auditor.get("/api/v1/audit/entries", params={"limit": 200})).json()["items"]
    return sum(
        reason in (one["reason"], one["need"]["word"] if isinstance(one["need"], dict) else one["need"])
        for one in found
    )


async def test_what_a_mask_covers_is_in_nothing_that_an_ordinary_role_gets(
    city: Block, owner_dsn: str
) -> None:
    await city.web.authorise("fixed_camera")
    async with await RtspCamera.start(scene_clip(4.0, 10, (320, 192))) as device:
        camera = await city.camera(device.url)
        path = f"/api/v1/cameras/{camera['id']}"
        await city.record()
        await city.until(camera["id"], lambda seen: seen["recording"])
        supervisor = await city.web.person("supervisor")
        began = city.web.parts.clock.now()
        async with watching(city, camera["id"]) as socket:
            assert not any(map(is_masked, await shown(socket, 3)))
            made = await supervisor.post(f"{path}/masks", json=BODY)
            assert made.status_code == 201, made.text
            mask = made.json()
            assert (mask["name"], mask["in_device"], mask["set_by"]["name"]) == (
                BODY["name"],
                False,
                "Supervisor",
            )
            # Nobody has to ask anew: the picture begins again, painted.
            assert all(map(is_masked, await shown(socket, 12)))
        await _only_by_order(city, camera["id"])
        await _what_was_recorded(city, path, began)
        await _is_removed(city, path, mask["id"])
        await _is_of_a_dwelling_for_too_long(city, camera["id"], owner_dsn)


async def _what_was_recorded(city: Block, path: str, began: Any) -> None:
    analyst = await city.web.person("analyst")
    at = city.web.parts.clock.now()
    why = await city.why()
    video = await analyst.get(f"{path}/video", params=_span(began, at), headers=why)
    assert video.status_code == 200, video.text
    played = lumas(video.content)
    assert len(played) > 5 and all(map(is_masked, played)), "also what was recorded before it was set"
    assert 'codecs="vp09.00.' in video.headers["content-type"]
    keys = await analyst.get(
        f"{path}/video", params=_span(began, at) | {"pictures": "keyframes"}, headers=why
    )
    assert lumas(keys.content) and all(map(is_masked, lumas(keys.content)))
    saved = await analyst.get(
        f"{path}/snapshot", params={"at": (at - timedelta(seconds=2)).isoformat()}, headers=why
    )
    assert saved.status_code == 200, saved.text
    assert is_masked(_jpeg(saved)[:192])
    assert b'"masks": "1"' in saved.content
    await _to_draw_by(city, path, analyst)
    detective = await city.web.person("detective")
    order = {"Wf-Purpose": "court_order", "Wf-Case": why["Wf-Case"]}
    bare = await detective.get(f"{path}/video", params=_span(began, at), headers=order)
    assert not any(map(is_masked, lumas(bare.content)))
    masked = await analyst.get(f"{path}/video", params=_span(began, at), headers=order)
    assert all(map(is_masked, lumas(masked.content))), "an analyst has no right to it, whatever the purpose"


async def _to_draw_by(city: Block, path: str, analyst: httpx.AsyncClient) -> None:
    """Who sets masks sees where walls are, and nobody behind them; who does not, does not."""
    aiming = await (await city.web.person("technician")).get(f"{path}/aiming-picture")
    assert aiming.status_code == 200, aiming.text
    assert _jpeg(aiming).shape == (58, 96) and not is_masked(_jpeg(aiming))
    assert (await analyst.get(f"{path}/aiming-picture")).status_code == 403


def _span(began: Any, at: Any) -> dict[str, str]:
    return {"from": (began + timedelta(seconds=0.5)).isoformat(), "to": at.isoformat()}


def _jpeg(answer: httpx.Response) -> NDArray[Any]:

    with av.open(io.BytesIO(answer.content), "r", format="mjpeg") as container:
        return next(container.decode(video=0)).to_ndarray(format="gray")


async def _only_by_order(city: Block, camera: str) -> None:
    order = {"purpose": "court_order", "case": await city.web.case()}
    before = await entries(city, "camera.unmasked")
    async with watching(city, camera, order, who="detective") as socket:
        assert not any(map(is_masked, await shown(socket, 3)))
        async with watching(city, camera) as ordinary:
            assert all(map(is_masked, await shown(ordinary, 3))), "one look does not open another’s"
    assert await entries(city, "camera.unmasked") == before + 1, "that it was seen unmasked is in the log"


async def _is_removed(city: Block, path: str, mask: str) -> None:
    technician, supervisor = await city.web.person("technician"), await city.web.person("supervisor")
    no = await technician.delete(f"{path}/masks/{mask}")
    assert no.status_code == 403, "who sets masks does not take them away"
    assert (await supervisor.delete(f"{path}/masks/{mask}")).status_code == 204
    gone = await supervisor.delete(f"{path}/masks/{mask}")
    assert gone.status_code == 404
    assert (await technician.get(f"{path}/masks")).json()["items"] == []
    assert await entries(city, "camera.mask_set") == await entries(city, "camera.mask_removed") == 1
    wrong = await technician.post(f"{path}/masks", json=BODY | {"corners": [[0, 0], [2, 0], [1, 1]]})
    assert (wrong.status_code, wrong.json()["reason"]) == (422, "corners")


async def _is_of_a_dwelling_for_too_long(city: Block, camera: str, owner_dsn: str) -> None:
    """Who watches is told why he sees nothing more, who comes is refused; by a court's order it is seen."""
    async with watching(city, camera) as open_before:
        assert not all(map(is_masked, await shown(open_before, 2)))
        async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
            await connection.execute(
                "insert into camera_aim (id, camera_id, agency_id, dwelling, by_order, from_at) select id, id, agency_id,"
                " '12 Elm St', true, now() - interval '3 hours' from camera"
            )
        assert "of the last day; more needs a court’s order" in (await _until_refused(open_before))["detail"]
    async with watching(city, camera) as late:
        head, payload = await received(late)
        assert head.kind is Kind.END and b'"dwelling_over"' in payload
    order = {"purpose": "court_order", "case": await city.web.case()}
    async with watching(city, camera, order, who="detective") as socket:
        assert all(one.max() - one.min() > 14 for one in await shown(socket, 2))
    await _nor_in_what_was_recorded(city, f"/api/v1/cameras/{camera}")
    await _is_added_up_however_it_is_looked_at(city, camera, owner_dsn)


async def _nor_in_what_was_recorded(city: Block, path: str) -> None:
    analyst, detective = await city.web.person("analyst"), await city.web.person("detective")
    why, at = await city.why(), city.web.parts.clock.now()
    order = {"Wf-Purpose": "court_order", "Wf-Case": why["Wf-Case"]}
    span, moment = _span(at - timedelta(seconds=4), at), {"at": (at - timedelta(seconds=2)).isoformat()}

    async def seen(who: httpx.AsyncClient, headers: dict[str, str]) -> list[bool]:
        video = await who.get(f"{path}/video", params=span, headers=headers)
        still = await who.get(f"{path}/snapshot", params=moment, headers=headers)
        small = await who.get(f"{path}/thumbnail", params=moment, headers=headers)
        assert (video.status_code, still.status_code, small.status_code) == (200, 200, 200), video.text
        pictures = [lumas(video.content)[-1], _jpeg(still)[:192], _jpeg(small)]
        return [bool(one.max() - one.min() > 14) for one in pictures]

    assert await seen(analyst, why) == [False] * 3
    assert await seen(detective, order) == [True] * 3


async def _is_added_up_however_it_is_looked_at(city: Block, camera: str, owner_dsn: str) -> None:
    """Once two hours of it were looked at, live and played, nobody is shown more of it in whatever way, but by a court's order."""
    path, analyst = f"/api/v1/cameras/{camera}", await city.web.person("analyst")
    detective, why = await city.web.person("detective"), await city.why()
    await _nearly_two_hours_were_watched(analyst, owner_dsn)
    await until(lambda: _is_shown(city, camera), bool)
    at = city.web.parts.clock.now()

    async def plays(who: httpx.AsyncClient, headers: dict[str, str], begin_s: float) -> httpx.Response:
        return await who.get(
            f"{path}/video", params=_span(at - timedelta(seconds=begin_s), at), headers=headers
        )

    # Somebody watches live, and his colleague plays what he saw: it is the same time of it.
    async with watching(city, camera) as socket:
        assert all(one.max() - one.min() > 14 for one in await shown(socket, 2))
        assert (await plays(detective, why, 2.5)).status_code == 200
        async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
            await connection.execute(
                "update dwelling_play set until_at = until_at + interval '10 seconds' where way = 'live'"
            )
        said = await _until_refused(socket)
    assert said["reason"] == "dwelling_over" and "by anybody, live, played and exported" in said["detail"]
    assert said["refused"] and "court" in said["next_step"]
    for who in (analyst, detective):
        no = await plays(who, why, 4)
        assert (await city.web.kept_refusal(no))["reason"] == "dwelling_over", no.text
    still = {"at": (at - timedelta(seconds=3.5)).isoformat()}
    for picture in ("snapshot", "thumbnail"):
        assert (await analyst.get(f"{path}/{picture}", params=still, headers=why)).status_code == 403
    async with watching(city, camera) as late:
        head, payload = await received(late)
        assert head.kind is Kind.END and b'"dwelling_over"' in payload
    order = {"Wf-Purpose": "court_order", "Wf-Case": why["Wf-Case"]}
    assert (await plays(detective, order, 4)).status_code == 200
    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        found = await connection.execute("select way, count(*) from dwelling_play group by 1 order by 1")
        assert await found.fetchall() == [("live", 2), ("play", 1)], (
            "what was seen for the order does not count"
        )


async def _is_shown(city: Block, camera: str) -> bool:
    try:
        async with watching(city, camera) as socket:
            return bool(await shown(socket, 1))
    except ConnectionClosed:
        return False


async def _nearly_two_hours_were_watched(analyst: httpx.AsyncClient, owner_dsn: str) -> None:
    person = (await analyst.get("/api/v1/session")).json()["person"]["id"]
    then = "now() - interval '40 hours', now() - interval '38 hours 10 seconds'"
    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        await connection.execute("update camera_aim set from_at = now() - interval '1 hour'")
        await connection.execute(
            "insert into camera_aim (id, camera_id, agency_id, dwelling, by_order, from_at, until_at) select gen_random_uuid(), id,"
            f" agency_id, '12 Elm St', false, {then} from camera".encode()
        )
        await connection.execute(
            "insert into dwelling_play (id, agency_id, camera_id, person_id, from_at, until_at, played_at, way) select id, agency_id,"
            f" id, %s, {then}, now(), 'live' from camera".encode(),
            (inside("person", person),),
        )


async def _until_refused(socket: Any) -> dict[str, Any]:
    while True:
        head, payload = await received(socket)
        if head.kind is Kind.END:
            return dict(json.loads(payload))


async def test_who_comes_when_all_places_are_taken_is_told_and_gets_no_picture() -> None:
    masked = Masked(None, 1)  # type: ignore[arg-type]  # the book is not asked here
    one = masked.begin(always([WINDOW]))
    with pytest.raises(Full, match="limit") as full:
        masked.begin(always([WINDOW]))
    assert full.value.next_step == "Ask again, or watch another camera."
    one.close()
    one.close()
    assert masked.painting == 0
    masked.begin(always([WINDOW])).close()
    with pytest.raises(Full, match="0 may be lent ones"):
        masked.begin(always([WINDOW]), lent=True)
    # What is lent is recorded day and night: half of the places stay with those who look.
    masked = Masked(None, 4)  # type: ignore[arg-type]  # as above
    lent = [masked.begin(always([WINDOW]), lent=True) for _ in range(2)]
    with pytest.raises(Full, match="at a time, 2 may be lent ones") as full:
        masked.begin(always([WINDOW]), lent=True)
    assert (masked.painting, full.value.reason) == (2, "masked_full")
    own = [masked.begin(always([WINDOW])) for _ in range(2)]
    own.pop().close()
    for _ in range(2):
        lent[0].close()
    masked.begin(always([WINDOW]), lent=True).close()


class _Book:
    """A window is masked in each picture."""

    async def live(self, agency: UUID, camera: UUID, *, lent: bool = False) -> Cover:
        return always([WINDOW])


async def test_a_lent_stream_finds_no_place_where_the_half_is_taken_and_its_partner_is_told() -> None:
    async def closed(grant: Grant, counts: Mapping[str, int]) -> None: ...

    async def recorder(agency: UUID, camera: UUID) -> str:
        return "http://127.0.0.1:9"

    clock, agency, camera = SystemClock(), AgencyId(UUID(int=1)), UUID(int=2)
    masked = Masked(_Book(), 1)  # type: ignore[arg-type]  # no more of it is asked here
    live = Live(recorder, b"k" * 32, clock, masking=masked)
    actor = Actor(UUID(int=3), ActorKind.PERSON, agency, frozenset({Role.PARTNER}))
    now, allowed = clock.now(), Allowed("authorised", "Allowed.", None, None)
    grant = Grant(
        UUID(int=4),
        Ask(actor, Need.CAMERA_LENT),
        EntryId(UUID(int=5)),
        now + timedelta(minutes=1),
        allowed,
        closed,
    )
    viewer = live.join(agency, camera, grant)
    try:
        said = state_of(await viewer.next())
    finally:
        await live.close()
    assert (said.word, masked.painting) == ("not shown", 0) and "0 may be lent ones" in said.reason
