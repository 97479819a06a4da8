"""What a sensor does when its broker is away, comes back, says no, or is none: nothing that it heard is lost, and nothing is told twice."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.sensor.sounds import RATE, GoesOn, street, wav, with_bangs
from watchfloor_sensor.audio import BadAudio, Wav
from watchfloor_sensor.band import Samples
from watchfloor_sensor.ears import Ears
from watchfloor_sensor.line import Broker, Line, NotLetIn
from watchfloor_sensor.outbox import Outbox, Pulse
from watchfloor_sensor.pulls import Pulls
from watchfloor_sensor.sensor import Counts, Sensor, to_stdout
from watchfloor_sensor.timing import BoardClock, Recorded
from watchfloor_sim.mqtt import packet, text

BANGS = [0.4, 0.8, 1.3]


@dataclass
class FakeBroker:
    """Speaks as much MQTT as is asked here. `acknowledges` so many messages of a connection, then ends it."""

    acknowledges: int = 100
    lets_in: bool = True
    asks: bytes = b""
    port: int = 0
    came: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    connections: int = 0
    _server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._speaks, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _speaks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        taken = 0
        try:
            while True:
                kind, body = await _packet(reader)
                if kind == 0x10:
                    writer.write(packet(0x20, bytes([0, 0 if self.lets_in else 5])))
                elif kind == 0x82:
                    writer.write(packet(0x90, body[:2] + b"\x00"))
                    if self.asks:
                        writer.write(packet(0x30, text("pulls/mic_1") + self.asks))
                elif kind & 0xF0 == 0x30:
                    after = 2 + int.from_bytes(body[:2], "big")
                    if taken == self.acknowledges:
                        return
                    taken += 1
                    self.came.append((body[2:after].decode(), json.loads(body[after + 2 :])))
                    writer.write(packet(0x40, body[after : after + 2]))
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    def pulses(self) -> list[str]:
        return [one["at"] for topic, said in self.came if topic == "pulses/mic_1" for one in said["pulses"]]


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    kind, length, shift = (await reader.readexactly(1))[0], 0, 0
    while True:
        digit = (await reader.readexactly(1))[0]
        length |= (digit & 0x7F) << shift
        shift += 7
        if not digit & 0x80:
            return kind, await reader.readexactly(length)


def sensor(port: int, says: list[Mapping[str, object]]) -> Sensor:
    ears = Ears(RATE, Recorded(RATE, datetime.now(UTC), 1.0), full_scale_db=120.0)  # noqa: TID251 -- the sensor's clock is the board's
    pulls = Pulls("mic_1", ears, None, None, lambda: datetime.fromtimestamp(0, UTC))
    broker = Broker("127.0.0.1", port, "mic_1", "token", None)
    return Sensor("mic_1", ears, pulls, BoardClock(), broker, says.append, every_s=0.01)


async def hears(one: Sensor, folder: Path) -> Counts:
    wave = with_bangs(street(1.8), BANGS)
    return await one.run(Wav(wav(folder / "street.wav", wave)))


async def test_what_it_heard_while_nobody_was_there_comes_once_somebody_is(tmp_path: Path) -> None:
    broker = FakeBroker()
    says: list[Mapping[str, object]] = []
    await broker.open()
    await broker.close()
    one = sensor(broker.port, says)
    told = asyncio.Event()

    def says_so(what: Mapping[str, object]) -> None:
        says.append(what)
        told.set()

    one.says = says_so
    running = asyncio.create_task(hears(one, tmp_path))
    await told.wait()
    assert says[0]["connected"] is False and says[0]["why"]
    await broker.open()
    counts = await running
    assert counts.sent == counts.pulses == len(broker.pulses()) >= len(BANGS)
    assert len(set(broker.pulses())) == counts.sent and one.outbox.dropped == 0
    await broker.close()


async def test_what_was_not_acknowledged_is_sent_again_by_the_next_connection(tmp_path: Path) -> None:
    broker = FakeBroker(acknowledges=1)
    await broker.open()
    counts = await hears(sensor(broker.port, []), tmp_path)
    assert broker.connections >= 2 and counts.came_in == broker.connections
    assert set(broker.pulses()) and counts.sent == counts.pulses == len(broker.pulses())
    await broker.close()


async def test_a_broker_that_says_no_is_named_and_asked_again_later(tmp_path: Path) -> None:
    broker = FakeBroker(lets_in=False)
    await broker.open()
    with pytest.raises(NotLetIn, match="no such name and token"):
        await Line.opened(Broker("127.0.0.1", broker.port, "mic_1", "token", None), lambda _: None)
    says: list[Mapping[str, object]] = []
    one = sensor(broker.port, says)
    with_nothing = Wav(wav(tmp_path / "still.wav", np.zeros(RATE)))
    await one.run(with_nothing, leaves_within_s=0.1)
    assert "token" not in repr(one.broker)
    await broker.close()


async def test_what_is_asked_of_it_is_answered_on_its_own_topic_and_what_is_too_long_ends_the_line(
    tmp_path: Path,
) -> None:
    broker = FakeBroker(asks=b"{}")
    await broker.open()
    counts = await hears(sensor(broker.port, []), tmp_path)
    answers = [said for topic, said in broker.came if topic == "clips/mic_1"]
    assert counts.asked == len(answers) == 1
    assert (answers[0]["verdict"], answers[0]["reason"]) == ("refused", "no_key")
    broker.asks, before = bytes(70_000), broker.connections
    line = await Line.opened(Broker("127.0.0.1", broker.port, "mic_1", "token", None), lambda _: None)
    await line.subscribe("pulls/mic_1")
    assert not await line.publish("pulses/mic_1", b"{}"), "it ended"
    assert line.ended and broker.connections == before + 1
    await line.close()
    await broker.close()


async def test_a_server_that_speaks_no_mqtt_is_told_from_one_that_says_no() -> None:
    async def speaks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(speaks, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises((NotLetIn, OSError)):
        await Line.opened(Broker("127.0.0.1", port, "mic_1", "token", None), lambda _: None)
    server.close()


class Deaf:
    """A microphone of which nothing comes any more, or always the same."""

    rate = RATE

    def __init__(self, *, gives: bool) -> None:
        self.gives, self.ended = gives, threading.Event()

    def piece(self) -> Samples | None:
        if not self.gives:
            self.ended.wait(60)
            return None
        return np.full(10 * RATE, 7, dtype=np.int16)

    def close(self) -> None:
        self.ended.set()


class Odd(Pulls):
    """Answers as nobody thought that it could."""

    def __init__(self) -> None: ...

    def answer(self, payload: bytes) -> bytes:
        raise ZeroDivisionError(payload)


async def test_who_hears_and_sends_no_more_ends_rather_than_hear_for_nobody() -> None:
    def odd(_: Mapping[str, object]) -> None:
        raise ZeroDivisionError

    for answers in (False, True):
        broker, source = FakeBroker(asks=b"{}"), Deaf(gives=False)
        await broker.open()
        one = sensor(broker.port, [])
        one.still_s = 60
        if answers:
            one.pulls = Odd()
        else:
            one.says = odd
        with pytest.raises(ZeroDivisionError):
            await one.run(source)
        source.close()
        await broker.close()


class Filling(Outbox):
    """Says when it has what is heard of the bangs."""

    def __init__(self, full: asyncio.Event) -> None:
        super().__init__()
        self.full = full

    def put(self, pulses: Sequence[Pulse]) -> None:
        super().put(pulses)
        if len(self) >= len(BANGS):
            self.full.set()


class Unread(io.StringIO):
    """Where nobody reads any more."""

    def flush(self) -> None:
        raise BrokenPipeError


async def test_one_that_is_told_to_end_sends_what_it_heard_and_needs_nobody_to_read_its_words(
    tmp_path: Path,
) -> None:
    with contextlib.redirect_stdout(Unread()):
        to_stdout({"connected": True})
    broker = FakeBroker()
    await broker.open()
    one = sensor(broker.port, [])
    one.every_s = 0.3
    one.outbox = Filling(full := asyncio.Event())
    source = GoesOn(wav(tmp_path / "street.wav", with_bangs(street(1.8), BANGS)))
    running = asyncio.create_task(one.run(source))
    await full.wait()
    waiting = len(one.outbox)
    one.end()
    counts = await running
    assert waiting and counts.sent == counts.pulses == len(broker.pulses())
    source.ends.set()
    await broker.close()


async def test_a_microphone_that_is_gone_or_broken_ends_the_sensor_rather_than_be_said_to_hear() -> None:
    for gives, words in ((False, "No sound came"), (True, "Every sample of a minute is the same")):
        broker, source = FakeBroker(), Deaf(gives=gives)
        await broker.open()
        one = sensor(broker.port, [])
        one.still_s = 0.05 if not gives else 60
        with pytest.raises(BadAudio, match=words):
            await one.run(source)
        source.close()
        assert one.ears.ring.begins == one.ears.ring.ends, "and forgets what it had"
        await broker.close()
