"""Devices on MQTT: each publishes its own pulses and nothing else. The bytes are MQTT 3.1.1's own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import nats
import pytest

from tests.fixtures.engines import run
from watchfloor.engines.layout import Layout
from watchfloor.engines.nats import USER, NatsServer

DEVICES = {"array-7": "seven", "array-8": "eight"}


def _text(value: str) -> bytes:
    return len(value).to_bytes(2, "big") + value.encode()


def _packet(kind: int, body: bytes) -> bytes:
    return bytes([kind, len(body)]) + body


class Mqtt:
    """As much of an MQTT client as a device needs."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, port: int, user: str, password: str) -> tuple[Mqtt, int]:
        """A client and the server's return code: 0 is accepted."""
        client = cls(*await asyncio.open_connection("127.0.0.1", port))
        body = _text("MQTT") + bytes([4, 0b11000010]) + (60).to_bytes(2, "big")
        client._writer.write(_packet(0x10, body + _text(f"client-{user}") + _text(user) + _text(password)))
        answer = await client._reader.read(4)
        return client, answer[3] if len(answer) == 4 else 255

    async def publish(self, topic: str, payload: bytes) -> bool:
        """QoS 1: whether it was acknowledged; the server cuts off who may not."""
        self._writer.write(_packet(0x32, _text(topic) + (1).to_bytes(2, "big") + payload))
        answer = await asyncio.wait_for(self._reader.read(4), 10)
        return answer[:1] == b"\x40"

    async def subscribe(self, topic: str) -> int:
        """The granted QoS, 0x80 for refused."""
        self._writer.write(_packet(0x82, (2).to_bytes(2, "big") + _text(topic) + b"\x01"))
        answer = await asyncio.wait_for(self._reader.read(5), 10)
        return answer[-1] if answer[:1] == b"\x90" else 0x80

    def close(self) -> None:
        self._writer.close()


@pytest.fixture
def server(nats_server: NatsServer) -> Iterator[NatsServer]:
    """The session's server, with two devices while the test runs."""
    nats_server.reload(DEVICES)
    run(_until_known(nats_server))
    yield nats_server
    nats_server.reload({})


async def _until_known(server: NatsServer) -> None:
    while True:
        client, code = await Mqtt.connect(server.mqtt_port, "array-7", "seven")
        client.close()
        if code == 0:
            return


async def test_a_device_publishes_its_own_pulses_and_they_arrive(server: NatsServer) -> None:
    center = await nats.connect(server.url, user=USER, password=server.password())
    heard = await center.subscribe("pulses.>")
    client, code = await Mqtt.connect(server.mqtt_port, "array-7", "seven")
    assert code == 0
    assert await client.publish("pulses/array-7", b"pulse")
    message = await heard.next_msg(timeout=5)
    assert (message.subject, message.data) == ("pulses.array-7", b"pulse")
    client.close()
    await center.close()


async def test_a_device_publishes_for_no_other_and_on_no_other_subject(server: NatsServer) -> None:
    center = await nats.connect(server.url, user=USER, password=server.password())
    heard = await center.subscribe(">")
    for topic in ("pulses/array-8", "intake/plates/r1", "wf/v1/a/incidents/alert/changed", "pulses"):
        client, _ = await Mqtt.connect(server.mqtt_port, "array-7", "seven")
        await client.publish(topic, b"forged")
        client.close()
    client, _ = await Mqtt.connect(server.mqtt_port, "array-8", "eight")
    assert await client.publish("pulses/array-8", b"true")
    client.close()
    ours: list[tuple[str, bytes]] = []
    while not ours:
        message = await heard.next_msg(timeout=5)
        if not message.subject.startswith(("$", "_INBOX")):
            ours.append((message.subject, message.data))
    assert ours == [("pulses.array-8", b"true")]
    await center.close()


async def test_a_device_hears_nothing(server: NatsServer) -> None:
    client, _ = await Mqtt.connect(server.mqtt_port, "array-7", "seven")
    assert await client.subscribe("wf/v1/#") == 0x80
    client.close()


async def test_a_wrong_password_and_a_device_that_was_removed_are_not_let_in(server: NatsServer) -> None:
    assert (await Mqtt.connect(server.mqtt_port, "array-7", "eight"))[1] != 0
    client, code = await Mqtt.connect(server.mqtt_port, "array-8", "eight")
    assert code == 0
    server.reload({"array-7": "seven"})
    assert await asyncio.wait_for(client._reader.read(1), 10) == b"", "the connection is cut"
    assert (await Mqtt.connect(server.mqtt_port, "array-8", "eight"))[1] != 0


async def test_devices_do_not_pass_as_the_center_and_need_a_password(server: NatsServer) -> None:
    with pytest.raises((nats.errors.Error, OSError)):
        await nats.connect(server.url, user="array-7", password="seven", allow_reconnect=False)
    with pytest.raises((nats.errors.Error, OSError)):
        await nats.connect(server.url, allow_reconnect=False)


def test_its_configuration_is_read_by_nobody_else(nats_server: NatsServer, engine_layout: Layout) -> None:
    for name in ("nats-server.conf", "users.conf"):
        assert (engine_layout.nats / name).stat().st_mode & 0o077 == 0
