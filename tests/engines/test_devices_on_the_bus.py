"""Devices on MQTT: whom the doorkeeper lets in publishes its own pulses and nothing else. The bytes are MQTT 3.1.1's own."""

from __future__ import annotations

import asyncio
import base64
import binascii
import ssl
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import nats
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.js.api import DiscardPolicy

from tests.acoustics.over_mqtt import a_server
from tests.engines.device import Device, Letter
from tests.fixtures.engines import intake
from watchfloor.engines.keys import secret
from watchfloor.engines.layout import Layout
from watchfloor.engines.nats import DOORKEEPER, ISSUER, USER, WATCHER, NatsServer, secret_of
from watchfloor.engines.scrub import Scrub
from watchfloor.engines.tls import tls_of
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Unavailable
from watchfloor.settings import HttpSettings
from watchfloor.storage.doorkeeper import Doorkeeper, Knock, Leave, Sharing, Turned
from watchfloor.storage.nats import Bus
from watchfloor.storage.nkeys import Issuer, encoded, request_of
from watchfloor.storage.shares import Shares
from watchfloor.storage.streams import MOST_OF_ONE_SENSOR, SENSORS, SENSORS_SUBJECTS


async def nothing() -> None:
    """Everything is ready."""


@dataclass
class Door:
    """Who is let in here, by password. `away`: nobody can tell."""

    known: dict[str, str] = field(default_factory=lambda: {"array-7": "seven", "array-8": "eight"})
    away: bool = False
    knocks: list[Knock] = field(default_factory=list)

    async def decides(self, knock: Knock) -> Leave | Turned:
        self.knocks.append(knock)
        if self.away:
            raise Unavailable("nobody can tell")
        if not knock.password or self.known.get(knock.name) != knock.password:
            return Turned("wrong")
        return Leave(
            f"{knock.name}.1", (f"pulses.{knock.name}", f"clips.{knock.name}"), hears=f"pulls.{knock.name}"
        )

    async def may_stay(self, names: Collection[str]) -> set[str]:
        return {name for name in names if name.partition(".")[0] in self.known}


@asynccontextmanager
async def answering(
    server: NatsServer, door: Door, sharing: Sharing | None = None
) -> AsyncIterator[Doorkeeper]:
    """The server with somebody at the door."""

    def kept(name: str) -> str:
        return secret(secret_of(server.layout, name))

    asked, looks = [
        await Bus.connect(server.url, user=user, password=kept(user), name=user)
        for user in (DOORKEEPER, WATCHER)
    ]
    keeper = Doorkeeper(
        asked,
        looks,
        Issuer.of(kept(ISSUER)),
        SystemClock(),
        decides=door.decides,
        may_stay=door.may_stay,
        ready=nothing,
        sharing=sharing,
    )
    await keeper.begin()
    yield keeper
    await asked.close()
    await looks.close()


@pytest.fixture
def door() -> Door:
    return Door()


@pytest_asyncio.fixture
async def keeper(nats_server: NatsServer, door: Door) -> AsyncIterator[Doorkeeper]:
    async with answering(nats_server, door) as keeper:
        yield keeper


async def test_a_device_publishes_its_own_pulses_and_hears_what_is_asked_of_it_alone(
    nats_server: NatsServer, keeper: Doorkeeper
) -> None:
    center = await nats.connect(nats_server.url, user=USER, password=nats_server.password())
    heard = await center.subscribe("pulses.>")
    client, code = await Device.connect(nats_server.mqtt_port, "array-7", "seven")
    assert code == 0
    assert await client.publish("pulses/array-7", b"pulse")
    message = await heard.next_msg(timeout=60)
    assert (message.subject, message.data) == ("pulses.array-7", b"pulse")
    for topic in (
        "wf/v1/#",
        "#",
        "pulses/array-7",
        "$SYS/#",
        "pulls/#",
        "pulls/+",
        "pulls/array-8",
        "clips/array-7",
    ):
        assert await client.subscribe(topic) == 0x80, topic
    assert await client.subscribe("pulls/array-7") < 0x80
    answered = await center.subscribe("clips.array-7")
    await center.flush()
    assert await client.publish("clips/array-7", b"clip")
    assert (await answered.next_msg(timeout=60)).data == b"clip"
    kept = await center.jetstream().stream_info(SENSORS)
    assert kept.state.messages == 0, "a clip is kept by no stream"
    client.close()
    await center.close()


async def test_a_device_publishes_for_no_other_and_on_no_other_subject(
    nats_server: NatsServer, keeper: Doorkeeper
) -> None:
    center = await nats.connect(nats_server.url, user=USER, password=nats_server.password())
    heard = await center.subscribe(">")
    others = ("array-8", "array-7/x")
    forged = (
        *(f"pulses/{one}" for one in others),
        "pulses",
        "intake/plates/r1",
        "wf/v1/a/x/y/z",
        "$MQTT/msgs/pulses/array-8",
    )
    for topic in forged:
        client, _ = await Device.connect(nats_server.mqtt_port, "array-7", "seven")
        await client.publish(topic, b"forged")
        client.close()
        # What it leaves to be said when it is gone is held to the same.
        left = Letter(topic, b"forged")
        client, _ = await Device.connect(nats_server.mqtt_port, "array-7", "seven", will=left)
        client.close()
    client, _ = await Device.connect(nats_server.mqtt_port, "array-8", "eight")
    assert await client.publish("pulses/array-8", b"true")
    client.close()
    ours: list[tuple[str, bytes]] = []
    while not ours:
        message = await heard.next_msg(timeout=60)
        if not message.subject.startswith(("$", "_INBOX")) or b"forged" in message.data:
            ours.append((message.subject, message.data))
    assert ours == [("pulses.array-8", b"true")]
    await center.close()


async def test_a_device_that_floods_crowds_out_nobody_and_what_is_not_kept_is_not_acknowledged(
    nats_server: NatsServer, keeper: Doorkeeper
) -> None:
    async with intake(nats_server, "flood") as bus:
        await bus.ensure_sensors(("test-flood", f"{SENSORS_SUBJECTS}.pulses.>"))
        center = await nats.connect(nats_server.url, user=USER, password=nats_server.password())
        js = center.jetstream()
        kept = (await js.stream_info(SENSORS)).config
        assert (kept.discard, kept.max_msgs_per_subject) == (DiscardPolicy.NEW, MOST_OF_ONE_SENSOR)
        await js.update_stream(kept.evolve(max_msgs_per_subject=2))
        seven, eight = [
            (await Device.connect(nats_server.mqtt_port, *one))[0]
            for one in (("array-7", "seven"), ("array-8", "eight"))
        ]
        assert [await seven.publish("pulses/array-7", b"x") for _ in range(3)] == [True, True, False]
        assert await eight.publish("pulses/array-8", b"x")
        assert (await bus.waiting(SENSORS)).messages == 3
        assert not await eight.publish("pulses/array-8", b"x", qos=2) and await eight.ended()
        await js.delete_consumer(SENSORS, "test-flood")
        await js.update_stream(kept)
        await center.close()
        seven.close()
        eight.close()


async def test_a_device_that_sent_more_than_its_share_of_what_waits_is_put_out_until_it_is_taken(
    nats_server: NatsServer, door: Door
) -> None:
    told: list[str] = []

    async def tells(device: str) -> None:
        if not told:
            told.append("away")
            raise Unavailable("the database is away")
        told.append(device)

    async with intake(nats_server, "shares") as bus:
        await bus.ensure_sensors(("test-shares", f"{SENSORS_SUBJECTS}.pulses.>"))

        async def waits() -> int:
            return (await bus.waiting(SENSORS)).bytes

        sharing = Sharing(waits, tells, Shares(most=30_000, little=10_000))
        async with answering(nats_server, door, sharing) as keeper:
            seven, eight = [
                (await Device.connect(nats_server.mqtt_port, *one))[0]
                for one in (("array-7", "seven"), ("array-8", "eight"))
            ]
            await keeper.look()
            assert await seven.publish("pulses/array-7", b"x" * 40_000)
            assert await eight.publish("pulses/array-8", b"x" * 2000)
            await keeper.look()
            assert await seven.ended(), "it is put out"
            assert (await Device.connect(nats_server.mqtt_port, "array-7", "seven"))[1] != 0
            assert await eight.publish("pulses/array-8", b"x"), "and nobody else"
            await keeper.look()
            await keeper.look()
            assert told == ["away", "array-7"], "told once, when it can be"
            eight.close()
            await _comes_in_once_it_is_taken(nats_server, bus, keeper)


async def _comes_in_once_it_is_taken(nats_server: NatsServer, bus: Bus, keeper: Doorkeeper) -> None:
    """Nor is one message larger than a mebibyte kept."""
    center = await nats.connect(nats_server.url, user=USER, password=nats_server.password())
    await center.jetstream().purge_stream(SENSORS)
    await keeper.look()
    back, code = await Device.connect(nats_server.mqtt_port, "array-7", "seven")
    assert code == 0 and not await back.publish("pulses/array-7", b"x" * 1_100_000)
    assert (await bus.waiting(SENSORS)).messages == 0
    await center.jetstream().delete_consumer(SENSORS, "test-shares")
    await center.close()


async def test_what_bounds_a_store_is_brought_to_what_it_is_to_be(nats_server: NatsServer) -> None:
    """All of it: a store of an earlier version kept its other bounds for ever."""
    async with intake(nats_server, "bounds") as bus:
        await bus.ensure_sensors()
        center = await nats.connect(nats_server.url, user=USER, password=nats_server.password())
        js = center.jetstream()
        kept = (await js.stream_info(SENSORS)).config
        await js.update_stream(kept.evolve(max_msgs_per_subject=7, max_age=600.0))
        await bus.ensure_sensors()
        now = (await js.stream_info(SENSORS)).config
        assert (now.max_msgs_per_subject, now.max_age) == (MOST_OF_ONE_SENSOR, kept.max_age)
        await center.close()


async def test_who_was_removed_is_put_out_and_the_others_stay(
    nats_server: NatsServer, keeper: Doorkeeper, door: Door
) -> None:
    assert (await Device.connect(nats_server.mqtt_port, "array-7", "eight"))[1] != 0
    seven, eight = [
        await Device.connect(nats_server.mqtt_port, *one)
        for one in (("array-7", "seven"), ("array-8", "eight"))
    ]
    assert (seven[1], eight[1]) == (0, 0)
    await keeper.look()
    del door.known["array-8"]
    await keeper.look()
    assert await eight[0].ended(), "the connection is cut"
    assert (await Device.connect(nats_server.mqtt_port, "array-8", "eight"))[1] != 0
    assert await seven[0].publish("pulses/array-7", b"still")
    seven[0].close()


async def test_while_nobody_can_tell_or_answers_nobody_comes_in_and_who_is_in_stays(
    nats_server: NatsServer, door: Door
) -> None:
    async with answering(nats_server, door):
        client, code = await Device.connect(nats_server.mqtt_port, "array-7", "seven")
        assert code == 0
        door.away = True
        assert (await Device.connect(nats_server.mqtt_port, "array-8", "eight"))[1] != 0
        door.away = False
    waiting = asyncio.create_task(Device.connect(nats_server.mqtt_port, "array-8", "eight"))
    assert await client.publish("pulses/array-7", b"still")
    assert not waiting.done(), "the server asks, and nobody answers"
    waiting.cancel()
    await asyncio.wait([waiting])
    client.close()


async def test_devices_do_not_pass_as_the_center_nor_the_center_as_a_device(
    nats_server: NatsServer, keeper: Doorkeeper, door: Door
) -> None:
    for given in ({"user": "array-7", "password": "seven"}, {"user": USER, "password": "guessed"}, {}):
        with pytest.raises((nats.errors.Error, OSError)):
            await nats.connect(nats_server.url, allow_reconnect=False, **given)
    assert (await Device.connect(nats_server.mqtt_port, USER, nats_server.password()))[1] != 0
    knock = next(one for one in door.knocks if one.name == "array-7")
    assert not knock.over_mqtt and knock.host == "127.0.0.1"
    assert "seven" not in repr(knock)


async def test_a_renewed_certificate_is_shown_from_the_next_connection_on_and_who_was_in_comes_back(
    short_directory: Path, door: Door
) -> None:
    layout, local, now = Layout.of(short_directory / "tls"), HttpSettings(tls="local"), SystemClock().now()
    layout.prepare()
    files = tls_of(local, layout, now)
    assert files is not None and files.authority is not None
    trusted = ssl.create_default_context(cafile=files.authority)
    async with a_server(short_directory / "bus", files) as server, answering(server, door):
        seven, code = await Device.connect(server.mqtt_port, "array-7", "seven", tls=trusted)
        assert code == 0 and not server.renew(), "it is the same"
        files.certificate.unlink()
        assert tls_of(local, layout, now) == files and server.renew()
        shown = seven.shown
        async with asyncio.timeout(20):
            while shown == seven.shown:
                other, _ = await Device.connect(server.mqtt_port, "array-8", "eight", tls=trusted)
                shown = other.shown
                other.close()
        assert await seven.ended()
        back, code = await Device.connect(server.mqtt_port, "array-7", "seven", tls=trusted)
        assert code == 0 and await back.publish("pulses/array-7", b"still")
        back.close()


async def test_what_is_given_in_the_wrong_field_is_blotted_out_of_the_log(
    nats_server: NatsServer, keeper: Doorkeeper, engine_layout: Layout
) -> None:
    """A token as the user's name, and as the client id."""
    token = "wf-a-token-in-the-wrong-field"
    for name, client in ((token, "array-7"), ("array-7", token), (token, token)):
        assert (await Device.connect(nats_server.mqtt_port, name, "x", client_id=client))[1] != 0
    with pytest.raises((nats.errors.Error, OSError)):
        await nats.connect(nats_server.url, user=token, password="x", name=token, allow_reconnect=False)
    log = engine_layout.log("nats")
    assert token in log.read_text(), "the server writes it down"
    before, scrub = log.stat().st_size, Scrub(log)
    scrub.look()
    said = log.read_text()
    assert "authentication error" in said and token not in said and len(said.encode()) == before
    again, code = await Device.connect(nats_server.mqtt_port, "array-7", "seven")
    assert code == 0 and await again.publish("pulses/array-7", b"and it goes on")
    again.close()


def test_its_configuration_is_read_by_nobody_else(nats_server: NatsServer, engine_layout: Layout) -> None:
    for name in ("nats-server.conf", "users.conf", "door.conf", "system.conf"):
        assert (engine_layout.nats / name).stat().st_mode & 0o077 == 0
    assert not nats_server.prepare(), "what is written already is not written again"


def test_keys_are_written_as_nats_writes_them() -> None:
    """The pair of NATS's own documentation."""
    seed = base64.b32decode("SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY" + "======")
    assert binascii.crc_hqx(seed[:-2], 0).to_bytes(2, "little") == seed[-2:]
    public = Ed25519PrivateKey.from_private_bytes(seed[2:34]).public_key().public_bytes_raw()
    assert encoded(20 << 3, public) == "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"
    issuer = Issuer.of("a secret")
    assert issuer.name.startswith("A") and "secret" not in repr(issuer)
    now = datetime(2026, 11, 29, tzinfo=UTC)
    for bad in (b"", b"a.b", b"a.b.c", b"....", issuer.signed({"nats": {}}, now=now).encode(), "ü".encode()):
        with pytest.raises(ValueError, match="token"):
            request_of(bad)
