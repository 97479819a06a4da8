"""Habits of devices that trip clients up, played by a device that has them."""

from __future__ import annotations

import asyncio
import re
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from watchfloor.cameras.address import Login
from watchfloor.cameras.rtsp.message import BadMessage
from watchfloor.cameras.rtsp.packets import AccessUnit
from watchfloor.cameras.rtsp.session import OtherWay, Place, Refused, Session
from watchfloor.cameras.transport import Transport
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.sure import sure

SDP = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track0\r\n"


def packet(number: int, *, channel: int = 0) -> bytes:
    rtp = struct.pack(">BBHII", 0x80, 0x80 | 96, number, number * 6000, 7) + bytes((0x41, number))
    return struct.pack(">cBH", b"$", channel, len(rtp)) + rtp


@dataclass
class Device:
    """A device that answers well unless told otherwise, and then sends `stream` and closes."""

    stream: bytes = b""
    before_play: bytes = b""
    answers: dict[str, bytes] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    wait: asyncio.Event | None = None
    deaf: asyncio.Event | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                text = (await reader.readuntil(b"\r\n\r\n")).decode()
                method = text.split(" ", 1)[0]
                self.heard.append(method)
                self.requests.append(text)
                number = next(line for line in text.split("\r\n") if line.startswith("CSeq")).encode()
                if method == "PLAY":
                    writer.write(self.before_play)
                head = b"RTSP/1.0 200 OK\r\n" + number + b"\r\n"
                usual = {
                    "DESCRIBE": head + b"Content-Length: %d\r\n\r\n" % len(SDP) + SDP,
                    "SETUP": head
                    + b"Session: 9;timeout=10\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n",
                    "OPTIONS": head + b"Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n",
                }.get(method, head + b"Session: 9\r\n\r\n")
                writer.write(self.answers.get(method, usual).replace(b"{CSEQ}", number))
                if method == "PLAY":
                    writer.write(self.stream)
                    if self.wait is None:
                        writer.close()
                        return
                    if self.deaf is not None:
                        await self.deaf.wait()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@asynccontextmanager
async def listening(device: Device) -> AsyncIterator[Place]:
    server = await asyncio.start_server(device.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield Place(f"rtsp://127.0.0.1:{port}/live", "127.0.0.1", port, tls=False, login=None)
    server.close()


def opened(place: Place, *, silent_after_s: float = 2.0) -> Session:
    return Session.open(place, SystemClock(), open_within_s=2.0, silent_after_s=silent_after_s)


def played(place: Place) -> list[AccessUnit]:
    session = opened(place)
    try:
        pictures = session.early()
        while (more := session.received()) is not None:
            pictures += more
        return pictures
    finally:
        session.close()


async def numbers(device: Device) -> list[int]:
    async with listening(device) as place:
        return [picture.units[0][1] for picture in await asyncio.to_thread(played, place)]


async def test_what_is_sent_before_play_is_answered_is_not_lost() -> None:
    device = Device(before_play=packet(0) + packet(1), stream=packet(2))
    assert await numbers(device) == [0, 1, 2]


async def test_pictures_before_a_forgotten_session_are_not_lost_with_it() -> None:
    gone = b"RTSP/1.0 454 Session Not Found\r\nCSeq: 99\r\n\r\n"
    device = Device(stream=packet(0) + packet(1) + gone + packet(2), wait=asyncio.Event())
    seen: list[int] = []

    def play(place: Place) -> None:
        session = opened(place)
        try:
            seen.extend(picture.units[0][1] for picture in session.early())
            while (more := session.received()) is not None:
                seen.extend(picture.units[0][1] for picture in more)
        finally:
            session.close()

    async with listening(device) as place:
        with pytest.raises(BadMessage, match="forgotten"):
            await asyncio.to_thread(play, place)
    assert seen == [0, 1]


async def test_an_answer_among_the_packets_is_stepped_over() -> None:
    answer = b"RTSP/1.0 200 OK\r\nCSeq: 99\r\nContent-Length: 4\r\n\r\n$$$$"
    assert await numbers(Device(stream=packet(0) + answer + packet(1))) == [0, 1]


@pytest.mark.parametrize("noise", [b"\x00" * 7, b"$", b"$$$$$$", b"RTSP", b"\x24\x00\x00\x10" + b"\xff" * 9])
async def test_noise_between_packets_costs_at_most_what_stands_in_it(noise: bytes) -> None:
    got = await numbers(Device(stream=packet(0) + noise + b"".join(packet(n) for n in range(1, 40))))
    assert got[0] == 0 and got[-20:] == list(range(20, 40))


async def test_a_packet_cut_by_the_end_is_no_picture() -> None:
    assert await numbers(Device(stream=packet(0) + packet(1)[:-1])) == [0]


BESIDE = "RTSP/1.0 200 OK\r\n{CSEQ}\r\nSession: 9\r\nTransport: RTP/AVP;unicast;client_port=%s\r\n\r\n"


async def test_a_device_that_sends_datagrams_all_the_same_is_left_in_order() -> None:
    device = Device(answers={"SETUP": (BESIDE % "5000-5001").encode()}, wait=asyncio.Event())
    async with listening(device) as place:
        with pytest.raises(OtherWay):
            await asyncio.to_thread(opened, place)
        while device.heard[-1] != "TEARDOWN":
            await SystemClock().sleep(0.01)
        # Where either will do, it is asked for them; to other ports than ours they would go to somebody else.
        with pytest.raises(BadMessage, match="other ports"):
            await asyncio.to_thread(opened, replace(place, transport=Transport.AUTO))
    asked = [text for text in device.requests if text.startswith("SETUP")][-1]
    port = re.search(r"Transport: RTP/AVP;unicast;client_port=(\d+)-(\d+)\r\n", asked)
    assert port is not None and int(port[1]) % 2 == 0 and int(port[2]) == int(port[1]) + 1


async def test_a_device_that_dribbles_is_given_up_in_time() -> None:
    class Dribbling(Device):
        async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while True:
                    writer.write(b"R")
                    await writer.drain()
                    await SystemClock().sleep(0.05)
            except ConnectionError:
                writer.close()

    async with listening(Dribbling()) as place:
        began = SystemClock().monotonic()
        with pytest.raises((TimeoutError, BadMessage)):
            await asyncio.to_thread(opened, place)
        assert SystemClock().monotonic() - began < 4


async def test_a_challenge_is_met_once_and_the_answer_believed() -> None:
    refuse = b'RTSP/1.0 401 Unauthorized\r\n{CSEQ}\r\nWWW-Authenticate: Digest realm="c", nonce="n"\r\n\r\n'
    device = Device(answers={"DESCRIBE": refuse, "OPTIONS": refuse})
    async with listening(device) as place:
        with_login = Place(place.url, place.ip, place.port, tls=False, login=Login("watch", "s3cret"))
        with pytest.raises(Refused) as refused:
            await asyncio.to_thread(opened, with_login)
        assert refused.value.status == 401
        assert device.heard == ["OPTIONS", "OPTIONS", "DESCRIBE", "DESCRIBE"] or len(device.heard) <= 4
        assert "s3cret" not in "".join(device.requests)


async def test_the_session_is_kept_alive_and_ended() -> None:
    """A session of ten seconds asks for a sign of life every five; the clock is one that runs ahead."""

    class Ahead(SystemClock):
        jump = 0.0

        def monotonic(self) -> float:
            return super().monotonic() + self.jump

    device = Device(stream=packet(0), wait=asyncio.Event())
    async with listening(device) as place:
        clock = Ahead()

        def play() -> None:
            session = Session.open(place, clock, open_within_s=2.0, silent_after_s=1.0)
            assert session.early() or session.received()
            clock.jump = 6.0
            with pytest.raises(TimeoutError):
                while session.received() is not None:
                    pass  # the answer to the sign of life is no picture
            session.close()

        await asyncio.to_thread(play)
        while "TEARDOWN" not in device.heard:
            await SystemClock().sleep(0.01)
    assert device.heard == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY", "OPTIONS", "TEARDOWN"]
    assert all("Session: 9" in text for text in device.requests[3:])


async def test_signs_of_life_wait_whole_for_a_device_that_takes_nothing() -> None:
    """It stops reading until every buffer between is full; once it reads again, no request is cut short or lost in another."""

    class Ahead(SystemClock):
        jump = 0.0

        def monotonic(self) -> float:
            return super().monotonic() + self.jump

    device = Device(stream=packet(0), wait=asyncio.Event(), deaf=asyncio.Event())
    due, loop = 3000, asyncio.get_running_loop()
    async with listening(device) as place:
        clock, long = Ahead(), Place(f"{place.url}/{'x' * 8000}", place.ip, place.port, tls=False, login=None)

        def play() -> None:
            session = Session.open(long, clock, open_within_s=2.0, silent_after_s=1.0)
            session.do_not_wait()
            for _ in range(due):
                clock.jump += 6.0
                assert session.received() is not None
            loop.call_soon_threadsafe(sure(device.deaf).set)
            while len(device.heard) < due:
                clock.jump += 6.0
                assert session.received() is not None
            session.close()

        await asyncio.to_thread(play)
    numbers = [int(text.partition("CSeq: ")[2].split("\r\n")[0]) for text in device.requests]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len({text.split("\r\n")[0] for text in device.requests[4:due]}) == 1
