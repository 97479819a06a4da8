"""What people read of a camera that does not do what it should, asked for as the cameras' page asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tests.cameras.test_source import Strange
from tests.recordings.center import Block, until
from tests.recordings.test_at_site import timeline
from tests.recordings.test_live import watching
from watchfloor.cameras import wire
from watchfloor.cameras.wire import Kind
from watchfloor.kit.clock import SystemClock, parse_rfc3339
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.digest import Credentials
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.samples import load_clip

STREET = "street-bicycle-272p-h264.mp4"
AVC, LARGER, HEVC = "avc1.640015", "avc1.", "hvc1."
NOISE = "What the camera sent could not be understood."
ENDED = "The camera ended the connection."
SILENT = "The camera is connected and sends no pictures."
RECODED = "The camera changed how it codes its pictures; it is opened anew."
SET = "The clock of this center was set: no time is missing, and what came then is dated by the new time."
ELSEWHERE = "The camera sends us to another address; that is not followed."


@asynccontextmanager
async def a_web_server() -> AsyncIterator[str]:
    """Something that listens and is no camera."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"rtsp://127.0.0.1:{server.sockets[0].getsockname()[1]}/stream"
    finally:
        server.close()


async def test_what_is_wrong_with_a_camera_is_shown_in_a_word_and_a_sentence(
    city: Block, clips: Path
) -> None:
    await city.web.authorise("fixed_camera")
    locked = CameraOptions(credentials=Credentials("watch", "right"))
    async with (
        await RtspCamera.start(clips / STREET, options=locked) as refusing,
        await RtspCamera.start(clips / STREET) as freezing,
        a_web_server() as elsewhere,
    ):
        expected = {
            "password refused": "The camera refuses the name and password it was given.",
            "no answer": "Nothing listens at the camera's address.",
            "no picture": "The camera is connected and sends no pictures.",
            "bad stream": "What the camera sends cannot be understood.",
        }
        urls = (refusing.url, "rtsp://127.0.0.1:9/none", freezing.url, elsewhere)
        cameras = {
            word: await city.camera(url, name=word, user="watch", password="wrong")
            for word, url in zip(expected, urls, strict=True)
        }
        await city.record()
        await city.until(cameras["no picture"]["id"], lambda seen: seen["recording"])
        freezing.hang()
        for word, sentence in expected.items():
            camera = cameras[word]["id"]
            seen = await city.until(camera, lambda seen, word=word: seen["state"]["word"] == word)  # type: ignore[misc]  # bound early on purpose
            assert (seen["state"]["level"], seen["state"]["reason"]) == ("serious", sentence)
            assert not seen["recording"]
        freezing.resume()


@dataclass(frozen=True)
class Case:
    """What a camera does in mid stream, what is said of it live until pictures come again, why its timeline may then have a gap, and of
    how many runs it is at the least; and how far its clock is off then, in ms."""

    act: Callable[[], Awaitable[object]]
    live: Sequence[str] = ()
    gap: str = ""
    runs: int = 1
    off_ms: int = 0


@asynccontextmanager
async def devices(clips: Path) -> AsyncIterator[dict[str, RtspCamera]]:
    """Cameras that do something in mid stream, and one beside them that does nothing; one floods for a while and is gone."""
    async with AsyncExitStack() as stack:
        made = {
            name: await stack.enter_async_context(await RtspCamera.start(clips / STREET))
            for name in (
                "reboots",
                "freezes",
                "resized",
                "recoded",
                "stamps jump",
                "clock set",
                "garbage",
                "beside",
            )
        }
        options = CameraOptions(limit_frames=1000)
        flood = await RtspCamera.start(clips / STREET, realtime=False, options=options)
        yield made | {"flood": await stack.enter_async_context(flood)}


async def test_what_a_camera_does_in_mid_stream_is_said_in_its_list_live_and_in_its_timeline(
    city: Block, clips: Path
) -> None:
    await city.web.authorise("fixed_camera")
    parking = await asyncio.to_thread(load_clip, clips / "carpark-432p-h264-aac.mp4", audio=False)
    campus = await asyncio.to_thread(load_clip, clips / "campus-pedestrians-1080p15-h265.mp4", audio=False)

    async def act(what: Callable[[], object]) -> None:
        what()

    async def freeze() -> None:
        made["freezes"].hang()
        await city.until(ids["freezes"], lambda seen: seen["state"]["word"] == "no picture")
        made["freezes"].resume()

    clock = Settable()
    async with devices(clips) as made:
        ids = {name: (await city.camera(one.url, name=name))["id"] for name, one in made.items()}
        redirect = f"RTSP/1.0 302 Moved\r\n{{CSEQ}}\r\nLocation: {made['beside'].url}\r\n\r\n".encode()
        async with Strange(redirect) as away:
            sent_away = (await city.camera(away.url, name="away"))["id"]
            await city.record(clock=clock)
            await _is_not_followed(city, sent_away)
        cases = {
            "reboots": Case(partial(act, made["reboots"].die), (ENDED, AVC), "The camera did not answer.", 2),
            "freezes": Case(freeze, (SILENT, AVC), "The camera was connected and sent no pictures.", 2),
            "stamps jump": Case(partial(act, partial(made["stamps jump"].jump, 3600)), (AVC,), NOISE, 2),
            "clock set": Case(
                partial(act, partial(made["clock set"].set_clock, skew_s=3600)), off_ms=3_600_000
            ),
            "resized": Case(partial(act, partial(made["resized"].switch_to, parking)), (LARGER,), runs=2),
            "recoded": Case(partial(made["recoded"].source.recode, campus), (RECODED, HEVC), NOISE, 2),
            "garbage": Case(partial(act, made["garbage"].send_garbage), gap=NOISE),
            "beside": Case(partial(act, lambda: None)),
        }
        await asyncio.gather(*(_is_live(city, ids[name], case) for name, case in cases.items()))
        for name, case in cases.items():
            await _is_told(city, ids[name], case)
        await _our_clock_is_set(city, ids["beside"], clock)
        assert len(made["beside"].visits) == 1, "nobody was sent there; flood and clock cost it nothing"


class Settable(SystemClock):
    """The machine's clock, which somebody sets."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


async def _our_clock_is_set(city: Block, camera: str, clock: Settable) -> None:
    """Of a recorder, by twenty seconds: what comes then is another run, dated by the new time, and the hole says why."""

    async def told() -> Any:
        now = clock.now()
        return await timeline(city, camera, now - timedelta(minutes=5), now)

    before = (await told())["ranges"][-1]
    clock.ahead = timedelta(seconds=20)
    found = await until(told, lambda said: said["ranges"][-1]["run"] > before["run"])
    last, apart = found["ranges"][-1], found["ranges"][-2]
    hole = parse_rfc3339(last["from"]) - parse_rfc3339(apart["to"])
    assert timedelta(seconds=18) < hole < timedelta(seconds=30), found
    assert found["gaps"][-1]["reason"] == SET, found


async def _is_not_followed(city: Block, camera: str) -> None:
    """Its list, whoever looks, and its timeline."""
    seen = await city.until(camera, lambda seen: seen["state"]["word"] == "no answer")
    assert seen["state"]["reason"] == ELSEWHERE and not seen["recording"]
    async with watching(city, camera) as live:
        data = await live.recv()
        assert isinstance(data, bytes) and wire.state_of(data).reason == ELSEWHERE
    now = city.web.parts.clock.now()
    assert not (await timeline(city, camera, now - timedelta(minutes=5), now))["ranges"]


async def _is_live(city: Block, camera: str, case: Case) -> None:
    """Somebody watches it, before and after."""
    await city.until(camera, lambda seen: seen["recording"])
    waiting, heard, after = list(case.live), list[str](), 0
    async with watching(city, camera) as live, asyncio.timeout(60):
        async for data in live:
            assert isinstance(data, bytes)
            match wire.head(data).kind:
                case Kind.STATE:
                    said = wire.state_of(data).reason
                case Kind.INIT:
                    said = data[wire.HEAD_SIZE + 1 :][: data[wire.HEAD_SIZE]].decode()
                case _ if not after:
                    await case.act()
                    after, said = 1, ""
                case _:
                    after, said = after + 1, ""
            heard += [said] if said else []
            if after and waiting and said.startswith(waiting[0]):
                del waiting[0]
            if not waiting and after > 40:
                return
            if after > 300:
                raise AssertionError(f"{waiting} of {heard}")
    raise AssertionError(heard)


async def _is_told(city: Block, camera: str, case: Case) -> None:
    """What its list and its timeline say once pictures come again."""
    await city.until(camera, lambda seen: seen["recording"] and seen["state"]["word"] == "live")
    # How far it is off is said, and nothing is dated by it.
    await city.until(camera, lambda seen: abs((seen["clock_off_ms"] or 0) - case.off_ms) < 2000)

    async def told() -> Any:
        now = city.web.parts.clock.now()
        return await timeline(city, camera, now - timedelta(minutes=5), now)

    found = await until(told, lambda said: len({one["run"] for one in said["ranges"]}) >= case.runs)
    assert {one["reason"] for one in found["gaps"]} <= {case.gap}, found
