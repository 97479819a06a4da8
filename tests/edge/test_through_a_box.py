"""A camera behind a router is recorded and watched through its edge box, and cut there when its owner or the center says so."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest
from cryptography.hazmat.primitives import serialization
from websockets.asyncio.client import ClientConnection

from tests.edge.yard import PASSWORD, Talk, Yard
from tests.fixtures.center import PASSWORD as PERSONS
from tests.fixtures.counts import Counted
from tests.recordings.center import until
from tests.recordings.read import stored_segments
from tests.recordings.test_live import received, watching
from watchfloor.cameras import wire as live
from watchfloor.cameras.boxes import enrol, wire
from watchfloor.cameras.boxes.model import code_of
from watchfloor.cameras.boxes.wire import Enrol, Hello, Permit, Ping
from watchfloor.cameras.wire import Kind
from watchfloor.edge import code, status
from watchfloor.edge.state import State, client_context, request_for
from watchfloor.engines.edge_tls import box_of
from watchfloor.governance.forms import inside
from watchfloor.kit.clock import SystemClock, parse_rfc3339
from watchfloor.kit.errors import Invalid, Unauthenticated


async def test_a_camera_behind_a_router_is_seen_recorded_and_cut_at_the_source(
    yard: Yard, counted: Counted
) -> None:
    street, city = yard.street, yard.street.city
    made = await yard.box("Yard", street.camera)
    box = made["box"]["id"]
    assert made["box"]["state"]["word"] == "waits" and PASSWORD not in json.dumps(made)

    await code_is_for_one_use(yard, made["code"])
    assert (await yard.seen(box))["state"]["word"] == "away"
    agreement = await street.agreed()
    await city.until(street.camera, lambda seen: seen["state"]["word"] == "edge box away")

    async with yard.running() as process:
        await city.until(street.camera, lambda seen: seen["state"]["word"] == "live" and seen["recording"])
        counted(
            f"from the owner's tap to the end of the connection: {await dark_at_once(yard, agreement):.0f} ms"
        )
        shown = await until(lambda: yard.seen(box), lambda shown: shown["most_bytes"])
        assert (shown["kept_bytes"], shown["most_bytes"]) == (0, 64 * 2**20)
        assert shown["state"]["word"] == "linked" and abs(shown["clock_off_ms"]) < 2000, shown
        used = psutil.Process(process.pid)
        memory, seconds = used.memory_info().rss / 1e6, sum(used.cpu_times()[:2])
        counted(f"an edge box with one camera: {memory:.0f} MB, {seconds:.2f} s of CPU since its start")
        await until(lambda: said_of(yard), lambda cameras: [one["state"] for one in cameras] == ["off"])

        # The room sees it too; a word of before the pause would pass for one of after it.
        await city.until(street.camera, lambda seen: seen["state"]["word"] != "live")
        await street.acts(f"/own-agreements/{agreement}/resume")
        await city.until(street.camera, lambda seen: seen["state"]["word"] == "live")
        await kept_while_away(yard)
        await hostile(yard, inside("camera", street.camera))
        await revoked(yard, box, process)
    await city.stop()
    assert stored_segments(city)


async def said_of(yard: Yard) -> list[dict[str, str]]:
    """What the box says of its cameras."""
    return list((await status_of(yard))["cameras"])


async def status_of(yard: Yard) -> dict[str, Any]:
    """What `watchfloor edge status --json` prints."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        await status.run(config=yard.config, as_json=True)
    return dict(json.loads(said.getvalue()))


async def dark_at_once(yard: Yard, agreement: str) -> float:
    """Somebody watches; the owner suspends: ms until the box has let go of the camera."""
    street, clock = yard.street, yard.street.city.web.parts.clock
    async with watching(street.city, street.camera, dict(street.look)) as socket:
        await plays(socket)
        head, _ = await received(socket)
        assert abs(clock.now().timestamp() * 1e6 - head.captured_us) < 2_000_000
        async with watching(street.city, street.camera, {**street.look, "stream": "sub"}) as small:
            await plays(small)
            await until(clients(yard), lambda playing: playing == 2)
        began = clock.monotonic()
        await street.acts(f"/own-agreements/{agreement}/suspend")
        await until(clients(yard), lambda playing: playing == 0, within_s=5)
        return (clock.monotonic() - began) * 1000


async def plays(socket: ClientConnection) -> None:
    while (await received(socket))[0].kind is not Kind.FRAGMENT:
        pass


async def kept_while_away(yard: Yard) -> None:
    """The line is cut: the box keeps what it may, and gives it, with the times it was taken at, when the line is back."""
    city, street = yard.street.city, yard.street
    await yard.gate.stop()
    await city.until(street.camera, lambda seen: seen["state"]["word"] == "edge box away")
    await until(kept_bytes(yard), lambda size: size > 20_000)
    # It leaves word every two seconds. It may have kept some since the pause: a word of before the cut would tell of that.
    told = await until(lambda: status_of(yard), lambda said: said["kept_bytes"] > 0 and not said["linked"])
    assert told["cameras"][0]["state"] == "keeping" and told["disk"] is None, told
    await yard.gate.start()
    await city.until(street.camera, lambda seen: seen["state"]["word"] == "live")
    why = {"Wf-Purpose": "burglary_theft", "Wf-Case": street.case}
    (gap,) = away(await until(lambda: street.timeline(why), lambda told: bool(away(told))))
    begin_us, end_us = (int(parse_rfc3339(gap[end]).timestamp() * 1e6) for end in ("from", "to"))
    # The recorder fetches it by itself, and the gap is filled.
    near = datetime.fromtimestamp(end_us / 1e6 - 1, UTC)
    told = await until(lambda: street.timeline(why), lambda told: filled_until(told) > near)
    assert parse_rfc3339(told["filled"][0]["from"]).timestamp() * 1e6 < begin_us + 1_000_000, (told, gap)
    assert away(told) == []
    assert b"\0\0\0\1" not in b"".join(one.read_bytes() for one in yard.folder.glob("box/ring/*/*.ring"))


def away(timeline: Any) -> list[Any]:
    """The gaps of a timeline that are the box's."""
    return [gap for gap in timeline["gaps"] if "edge box was away" in gap["reason"]]


def filled_until(timeline: Any) -> datetime:
    """Up to when something was filled."""
    return max(
        (parse_rfc3339(one["to"]) for one in timeline["filled"]), default=datetime.min.replace(tzinfo=UTC)
    )


async def revoked(yard: Yard, box: str, process: asyncio.subprocess.Process) -> None:
    """Staff revoke the box: it forgets what it was, and ends."""
    technician = await yard.street.city.web.person("technician")
    assert (await technician.post(f"/api/v1/edge-boxes/{box}/revoke", json={})).status_code == 204
    async with asyncio.timeout(60):
        assert await process.wait() == 1
    assert not (yard.folder / "box" / "box.pem").exists() and not (yard.folder / "box" / "ring").exists()
    assert (await yard.seen(box))["state"]["word"] == "revoked"


async def code_is_for_one_use(yard: Yard, made: str) -> None:
    """A code that was seen by somebody else, one of another center, and one that is used up."""
    other = replace(code_of(made), pin="0" * 64)
    with pytest.raises(Invalid, match="not the center that made this code"):
        await yard.enrol(str(other), "elsewhere")
    guessed = replace(code_of(made), secret="A" * 32)
    with pytest.raises(Unauthenticated, match="was used, is over, or never was one"):
        await yard.enrol(str(guessed), "guesser")
    await yard.enrol(made)
    with pytest.raises(Unauthenticated, match="was used, is over, or never was one"):
        await yard.enrol(made, "thief")
    assert not (yard.folder / "thief" / "box.pem").exists()


async def hostile(yard: Yard, camera: Any) -> None:
    """What another box, or nobody, can do to this one's camera: nothing."""
    city = yard.street.city
    own = (await city.camera("edge://shed", name="Shed", technology="private_camera_link"))["id"]
    made = await yard.box("Shed", own)
    box, state = made["box"]["id"], await yard.enrol(made["code"], "shed")
    picture = live.frame(Kind.PICTURE, 1, 1, 0, bytes(16) + b"\0\0\0\1\x65", key=True)
    async with yard.link(state) as talk:
        talk.says(Hello(wire.VERSION, "1", ["shed"]))
        told = await talk.hears(wire.Cameras)
        assert [one.name for one in told.cameras] == ["shed"]
        assert (await talk.hears(Permit)).until_us == 0  # nobody agreed to anything about it
        await lies_about_the_time(yard, talk, box)
        before = await renewed(talk, state)
        talk.sends(wire.media(camera, picture, sub=False))
        assert await talk.refused(waits=True) == "not_its_camera"
    await talks_nonsense(yard, state, camera)
    # Once the next certificate was shown, the one before it is nobody's.
    after = (state.folder / "box.pem").read_bytes()
    (state.folder / "box.pem").write_bytes(before)
    async with yard.link(state) as talk:
        assert await talk.refused() == "replaced"
    (state.folder / "box.pem").write_bytes(after)
    # Another machine takes the box's place; the certificate that somebody carried off opens nothing.
    await yard.enrol(await from_the_terminal(yard, "Shed"), "shed-2")
    async with yard.link(state) as talk:
        assert await talk.refused() == "replaced"
    # Nor does it get the next one over a connection that is still open at that moment.
    shown = state.certificate()
    assert shown is not None
    who, request = box_of(shown.public_bytes(serialization.Encoding.DER)), request_for()[1]
    with pytest.raises(Unauthenticated, match="Another machine has this edge box's place"):
        await enrol.renew(city.web.parts.door, yard.authority, who, request)
    await city.until(yard.street.camera, lambda seen: seen["state"]["word"] == "live")


async def from_the_terminal(yard: Yard, box: str) -> str:
    """A new code, made by a technician at a terminal."""
    password = yard.folder / "password"
    password.write_text(PERSONS)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        url = yard.street.city.web.url
        with pytest.raises(Invalid, match="No camera edge://nowhere waits for a box"):
            await code.run(box=box, cameras="nowhere", url=url, name="technician", password_file=password)
        assert await code.run(box=box, url=url, name="technician", password_file=password, as_json=True) == 0
    return str(json.loads(said.getvalue())["code"])


async def renewed(talk: Talk, state: State) -> bytes:
    """The box gets its next certificate over the connection; the one before."""
    before, now = (state.folder / "box.pem").read_bytes(), SystemClock().now()
    assert not state.due(now) and state.due(now + timedelta(days=16))
    key, request = request_for()
    talk.says(wire.Renew(request))
    state.keep_certificate(key, (await talk.hears(wire.Renewed)).certificate)
    assert (state.folder / "box.pem").read_bytes() != before
    return before


async def lies_about_the_time(yard: Yard, talk: Talk, box: str) -> None:
    clock = yard.street.city.web.parts.clock
    talk.says(Ping(1, int((clock.now().timestamp() - 86400) * 1e6)))
    assert abs((await talk.hears(wire.Pong)).center_us / 1e6 - clock.now().timestamp()) < 5
    seen = await until(lambda: yard.seen(box), lambda said: said["clock_off_ms"])
    assert (
        seen["clock_off_ms"] == pytest.approx(-86_400_000, abs=5000) and seen["state"]["word"] == "clock off"
    )


async def talks_nonsense(yard: Yard, state: State, camera: Any) -> None:
    for sent, reason in (
        (b"\x07garbage", "invalid"),
        (wire.word(Ping(1, 0))[:-3], "invalid"),
        (wire.word(wire.Pong(1, 0)), "out_of_turn"),
        (wire.word(wire.Said(camera, False, "live")), "not_its_camera"),
        (wire.word(Hello(99, "1", [])), "version"),
        (b"\1" + bytes(2_000_000), "invalid"),
    ):
        async with yard.link(state) as talk:
            talk.sends(sent)
            assert await talk.refused() == reason
    many = wire.word(Hello(wire.VERSION, "1", ["x" * 200_000]))
    async with yard.link(state) as talk:
        for _ in range(60):
            talk.sends(many)
        assert await talk.refused() == "flood"
    for word, reason in (
        (Hello(wire.VERSION, "1", []), "no_certificate"),
        (Enrol("no code", "x"), "invalid"),
    ):
        async with yard.dialled(_nobody(yard)) as talk:
            talk.says(word)
            assert await talk.refused() == reason


def _nobody(yard: Yard) -> Any:
    tls = client_context()
    tls.load_verify_locations(cadata=yard.authority.pem)
    return tls


def kept_bytes(yard: Yard) -> Any:
    async def size() -> int:
        return sum(one.stat().st_size for one in yard.folder.glob("box/ring/*/*.ring"))

    return size


def clients(yard: Yard) -> Any:
    async def playing() -> int:
        return len(yard.device.clients)

    return playing
