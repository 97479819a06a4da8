"""Live view: over the real socket, from a real stream, for as long as leave holds and not a moment longer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.recordings.center import PATROL, Block
from tests.recordings.read import LONGEST_GOP, decoded_frames, shown_at, stored_segments, written_while
from watchfloor.cameras import wire
from watchfloor.cameras.wire import Kind, LiveHead
from watchfloor.kit.clock import rfc3339
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.scene import scene_clip


@asynccontextmanager
async def watching(
    city: Block, camera: str, ask: dict[str, Any] | str | bytes | None = None, *, who: str = "analyst"
) -> AsyncIterator[ClientConnection]:
    """Somebody's live socket, the purpose said."""
    person = await city.web.person(who)
    cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    url = f"{city.web.url.replace('http', 'ws')}/api/v1/live/{camera}"
    async with connect(
        url, additional_headers={"Cookie": cookies, "Origin": city.web.url}, max_size=None
    ) as socket:
        await socket.send(ask if isinstance(ask, str | bytes) else json.dumps(ask or PATROL))
        yield socket


async def received(socket: ClientConnection) -> tuple[LiveHead, bytes]:
    """The next live frame: head and payload."""
    data = await socket.recv()
    assert isinstance(data, bytes)
    return wire.head(data), data[wire.HEAD_SIZE :]


async def test_a_picture_arrives_first_its_codec_then_from_a_keyframe_on(city: Block, clips: Path) -> None:
    await city.web.authorise("fixed_camera")
    async with await RtspCamera.start(clips / "street-bicycle-272p-h264.mp4") as device:
        camera = await city.camera(device.url)
        await city.record()
        await city.until(camera["id"], lambda seen: seen["state"]["word"] == "live")
        async with watching(city, camera["id"]) as socket:
            head, payload = await received(socket)
            while head.kind is Kind.STATE:
                head, payload = await received(socket)
            assert head.kind is Kind.INIT
            codec, init = payload[1 : 1 + payload[0]].decode(), payload[1 + payload[0] :]
            assert codec == "avc1.640015"
            fragments: list[tuple[LiveHead, bytes]] = []
            while len(fragments) < 40:
                head, payload = await received(socket)
                if head.kind is Kind.DROP:
                    fragments = []  # this machine was too slow for a second; what comes next begins at a keyframe
                    continue
                assert head.kind is Kind.FRAGMENT
                fragments.append((head, payload))
        assert fragments[0][0].key
        assert [head.seq for head, _ in fragments] == list(
            range(fragments[0][0].seq, fragments[0][0].seq + 40)
        )
        times = [head.captured_us for head, _ in fragments]
        assert times == sorted(times)
        now = city.web.parts.clock.now().timestamp() * 1_000_000
        assert 0 <= now - times[-1] < 1_000_000
        assert len(shown_at(init + b"".join(payload for _, payload in fragments))) == 40


async def test_one_connection_to_the_camera_serves_the_recorder_and_every_viewer(
    city: Block, clips: Path
) -> None:
    await city.web.authorise("fixed_camera")
    options = CameraOptions(limit_frames=500)
    async with await RtspCamera.start(clips / "street-bicycle-272p-h264.mp4", options=options) as device:
        camera = await city.camera(device.url)
        await city.record()
        await city.until(camera["id"], lambda seen: seen["recording"])
        assert taps(city) == 0
        async with watching(city, camera["id"]) as one:
            mine = await pictures(one, 20)
            async with watching(city, camera["id"], who="supervisor") as other:
                theirs = await pictures(other, 60)
                mine |= await pictures(one, 60)
                assert taps(city) == 1 and len(device.clients) == 1
            both = mine.keys() & theirs.keys()
            assert len(both) > 20 and all(mine[seq] == theirs[seq] for seq in both)
            # Who stays is not disturbed by who goes.
            assert len(await pictures(one, 20)) == 20 and taps(city) == 1
        ends = city.web.parts.clock.monotonic() + 10
        while taps(city):
            assert city.web.parts.clock.monotonic() < ends, "the tap stays open with nobody watching"
            await city.web.parts.clock.sleep(0.05)
        await city.until(camera["id"], lambda seen: seen["state"]["word"] == "no answer")
        await city.stop()
        assert len(device.visits) == 1 and device.requests.count("PLAY") == 1
    assert sum(decoded_frames(city, path) for path in stored_segments(city)) == device.frames_sent == 500


async def pictures(socket: ClientConnection, count: int) -> dict[int, bytes]:
    """So many live pictures by their numbers; what a slow machine drops is not counted."""
    found: dict[int, bytes] = {}
    while len(found) < count:
        head, payload = await received(socket)
        if head.kind is Kind.FRAGMENT:
            found[head.seq] = payload
    return found


def taps(city: Block) -> int:
    """How many connections the kernel has to the recorder's tap."""
    connected = (line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:])
    return sum(words[5] == "03" and words[-1] == str(city.sockets / "record.tap") for words in connected)


async def test_the_sub_stream_is_open_while_somebody_watches_it_small_and_ends_with_leave(
    city: Block, clips: Path
) -> None:
    authorisation = await city.web.authorise("fixed_camera")
    small = RtspCamera.start(scene_clip(2.0, 10, (320, 192)))
    async with (
        await RtspCamera.start(clips / "street-bicycle-272p-h264.mp4") as device,
        await small as smaller,
    ):
        camera = await city.camera(device.url, sub_url=smaller.url)
        await city.record()
        await city.until(camera["id"], lambda seen: seen["recording"])
        assert smaller.visits == []
        async with watching(city, camera["id"], PATROL | {"stream": "sub"}) as one:
            # The main stream at once, the other as soon as it has come: from its init and a keyframe on.
            assert await streams(one, 2) == ["main", "sub"]
            head, payload = await received(one)
            assert head.kind is Kind.INIT and b"avc1" in payload
            assert (await received(one))[0].key
            async with watching(city, camera["id"], PATROL | {"stream": "sub"}, who="supervisor") as other:
                assert await streams(other, 1) == ["sub"], "it is there already"
            assert len(smaller.visits) == 1, "one connection, however many watch"
            await one.send("what is this")
            await one.send(json.dumps({"stream": "main"}))
            assert await streams(one, 1) == ["main"]
            # Large again: nobody watches it small, so it is closed.
            await smaller.until(lambda: bool(smaller.teardowns))
            await one.send(json.dumps({"stream": "sub"}))
            assert await streams(one, 1) == ["sub"]
            await suspend(city, authorisation)
            while (await received(one))[0].kind is not Kind.END:
                pass
            await smaller.until(lambda: not smaller.clients)
        assert len(device.visits) == 1 and len(smaller.visits) == 2
    assert all(b'"width":320' not in path.read_bytes()[:2000] for path in stored_segments(city))


async def streams(socket: ClientConnection, count: int) -> list[str]:
    """Which streams follow, as they are told of, until there were so many."""
    told: list[str] = []
    while len(told) < count:
        head, payload = await received(socket)
        if head.kind is Kind.STREAM:
            told.append(json.loads(payload)["stream"])
    return told


async def suspend(city: Block, authorisation: str) -> None:
    """A supervisor suspends an authorisation, as it is now."""
    supervisor = await city.web.person("supervisor")
    found = (await supervisor.get(f"/api/v1/authorisations/{authorisation}")).json()
    answer = await supervisor.post(
        f"/api/v1/authorisations/{authorisation}/suspend",
        json={"reason": "the council asked"},
        headers={"If-Match": f'"{found["version"]}"'},
    )
    assert answer.status_code == 200, answer.text


async def test_suspension_ends_the_view_the_stream_and_the_file(city: Block, clips: Path) -> None:
    authorisation = await city.web.authorise("fixed_camera")
    async with await RtspCamera.start(clips / "street-bicycle-272p-h264.mp4") as device:
        camera = await city.camera(device.url)
        await city.record()
        await city.until(camera["id"], lambda seen: seen["recording"])
        async with watching(city, camera["id"]) as socket:
            head, _ = await received(socket)
            await suspend(city, authorisation)
            payload = b""
            try:
                while True:
                    head, payload = await received(socket)
            except ConnectionClosed as closed:
                assert closed.rcvd is not None and closed.rcvd.code == 4000
            assert head.kind is Kind.END
            assert (
                "suspended" in json.loads(payload)["detail"] and json.loads(payload)["reason"] == "suspended"
            )
        # The camera is told goodbye, and its state says why.
        await device.until(lambda: bool(device.teardowns))
        seen = await city.until(camera["id"], lambda seen: seen["state"]["word"] == "not authorised")
        assert not seen["recording"] and "suspended" in seen["state"]["reason"]
        visits = len(device.visits)
        # Nobody is shown anything, nothing is asked of the camera, nothing is written.
        async with watching(city, camera["id"]) as socket:
            head, payload = await received(socket)
            assert head.kind is Kind.END and json.loads(payload)["refused"]
            try:
                await socket.recv()
            except ConnectionClosed as closed:
                assert closed.rcvd is not None and closed.rcvd.code == 4403
        assert await written_while(city, device, 2 * LONGEST_GOP) == {}
        assert len(device.visits) == visits


async def test_the_live_view_of_somebody_who_is_suspended_ends_at_once(city: Block) -> None:
    await city.web.authorise("fixed_camera")
    camera = await city.camera("rtsp://127.0.0.1:9/none")
    async with watching(city, camera["id"]) as socket:
        await received(socket)  # it is being watched
        me = (await (await city.web.person("analyst")).get("/api/v1/session")).json()["person"]["id"]
        administrator = await city.web.administrator()
        async with asyncio.timeout(60):
            done = await administrator.post(f"/api/v1/people/{me}/suspend", json={"reason": "left the force"})
            assert done.status_code == 200, done.text
            head, payload = await received(socket)
            while head.kind is not Kind.END:
                head, payload = await received(socket)
    assert json.loads(payload)["detail"] == "This account is suspended."
    assert json.loads(payload)["reason"] == "signed_out"


async def test_nobody_watches_without_a_purpose_or_for_a_case_that_lapsed(city: Block) -> None:
    await city.web.authorise("fixed_camera")
    camera = await city.camera("rtsp://127.0.0.1:9/none")
    lapsed = await city.web.lapsed_case()
    without: tuple[tuple[dict[str, Any], str], ...] = (
        ({"purpose": None, "case": None}, "A purpose is needed."),
        ({"purpose": "stolen_vehicle", "case": None}, "Stolen vehicle needs a case or call."),
        (
            {"purpose": "lawful_protest", "case": None},
            "is a prohibited purpose; nobody can be given leave for it.",
        ),
        ({"purpose": "curiosity", "case": None}, "'curiosity' is not a purpose of the list."),
        ({"purpose": "stolen_vehicle", "case": lapsed}, " was provisional and lapsed on "),
    )
    for ask, says in without:
        note, code = await ended(city, camera["id"], ask)
        assert note["refused"] and says in note["detail"], ask
        assert code == 4403
    now = city.web.parts.clock.now()
    refused = await (await city.web.person("analyst")).get(
        f"/api/v1/cameras/{camera['id']}/timeline",
        params={"from": rfc3339(now - timedelta(hours=1)), "to": rfc3339(now)},
        headers={"Wf-Purpose": "stolen_vehicle", "Wf-Case": lapsed},
    )
    assert (refused.status_code, refused.json()["reason"]) == (403, "case_lapsed")


async def test_rubbish_in_place_of_a_purpose_is_answered_and_shows_nothing(city: Block) -> None:
    await city.web.authorise("fixed_camera")
    camera = await city.camera("rtsp://127.0.0.1:9/none")
    for rubbish in (
        "",
        "{",
        "[]",
        '{"purpose": 7}',
        b"\xff\x00",
        '{"x":' + "[" * 100_000 + "]" * 100_000 + "}",
    ):
        note, code = await ended(city, camera["id"], rubbish)
        assert note["detail"] == "The first message is {purpose, case}.", rubbish[:40]
        assert code == 4000
    for unknown, says in (
        ("cam_" + "0" * 25 + "7", "There is no such camera."),
        ("cam_x", "is not an identifier"),
    ):
        note, code = await ended(city, unknown, PATROL)
        assert says in note["detail"] and code == 4000


async def ended(city: Block, camera: str, ask: dict[str, Any] | str | bytes) -> tuple[dict[str, Any], int]:
    """What a viewer is told who is shown nothing: the note, and the code the socket closes with."""
    async with watching(city, camera, ask) as socket:
        head, payload = await received(socket)
        assert head.kind is Kind.END
        try:
            await socket.recv()
        except ConnectionClosed as closed:
            assert closed.rcvd is not None
            return dict(json.loads(payload)), closed.rcvd.code
    raise AssertionError("the socket stayed open")
