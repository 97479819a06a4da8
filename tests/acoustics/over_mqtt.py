"""A microphone that sends over MQTT, and what is behind it: a nats-server of its own that may be killed, the doorkeeper, the database."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import nats
import nats.errors
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.engines.device import Device
from tests.fixtures.center import CenterWeb
from tests.plates.test_outage import Outage
from tests.sensor.sounds import GoesOn, sixteen, wav, with_bangs
from tests.sensor.sounds import street as quiet
from watchfloor.acoustics.admit import Admission
from watchfloor.acoustics.hear import CONSUMER, SUBJECT, Hearing
from watchfloor.acoustics.pull import Asked, Clip, NoClip, Signer, answer
from watchfloor.acoustics.take import Intake
from watchfloor.engines.binaries import nats_binary
from watchfloor.engines.keys import secret
from watchfloor.engines.layout import Layout
from watchfloor.engines.nats import DOORKEEPER, HOST, ISSUER, USER, WATCHER, NatsServer, secret_of
from watchfloor.engines.ports import chosen
from watchfloor.engines.spawn import engine_user
from watchfloor.engines.tls import TlsFiles
from watchfloor.kit.clock import SystemClock, rfc3339
from watchfloor.settings import NatsSettings
from watchfloor.storage.doorkeeper import Doorkeeper
from watchfloor.storage.nats import Bus
from watchfloor.storage.nkeys import Issuer
from watchfloor.storage.streams import SENSORS
from watchfloor_sensor.ears import Ears
from watchfloor_sensor.journal import Journal, verified
from watchfloor_sensor.line import Broker
from watchfloor_sensor.pull import SENTENCES
from watchfloor_sensor.pulls import Pulls
from watchfloor_sensor.sensor import Sensor
from watchfloor_sensor.timing import BoardClock, Recorded
from watchfloor_sim.microphone import OverMqtt


@asynccontextmanager
async def a_server(folder: Path, tls: TlsFiles | None = None) -> AsyncIterator[NatsServer]:
    """A nats-server that may be killed."""
    layout = Layout.of(folder)
    layout.prepare()
    run_as = engine_user()
    server = NatsServer(
        layout,
        nats_binary(NatsSettings(), run_as),
        SystemClock(),
        port=chosen(HOST, 0, what="nats"),
        mqtt_port=chosen(HOST, 0, what="mqtt"),
        store_mb=64,
        tls=tls,
        run_as=run_as,
    )
    server.prepare()
    server.start()
    try:
        await server.ready()
        yield server
    finally:
        await server.stop()


@dataclass
class Street:
    """Microphones and what hears them. Nothing is taken until `hearing`."""

    web: CenterWeb
    server: NatsServer
    bus: Bus
    asked: Bus
    admission: Admission
    keeper: Doorkeeper
    intake: Intake

    @asynccontextmanager
    async def hearing(self) -> AsyncIterator[None]:
        """Take what comes."""
        task = asyncio.create_task(Hearing(self.intake, [self.web.parts.agency]).run(self.bus))
        try:
            yield
        finally:
            while not task.done():
                task.cancel()
                await asyncio.wait([task], timeout=1)

    async def taken(self) -> None:
        """Nothing waits any more."""
        clock, end = self.web.parts.clock, self.web.parts.clock.monotonic() + 20
        while (waits := await self.bus.waiting(SENSORS)).messages:
            assert clock.monotonic() < end, waits
            await clock.sleep(0.05)

    async def turned_away(self, name: str, password: str, *, client_id: str | None = None) -> str:
        """Why it is not let in."""
        before = self.admission.outcomes.copy()
        client, code = await Device.connect(self.server.mqtt_port, name, password, client_id=client_id)
        client.close()
        assert code != 0
        (why,) = self.admission.outcomes - before
        return why

    async def killed(self) -> None:
        """The bus, with the signal that nobody can answer; and started again."""
        assert self.server.child is not None
        self.server.child.send(signal.SIGKILL)
        while self.server.child.alive():
            await self.web.parts.clock.sleep(0.01)
        before = self.asked.comings
        self.server.start()
        await self.server.ready()
        while self.asked.comings == before:  # whoever comes sooner waits for five seconds
            await self.web.parts.clock.sleep(0.01)


@asynccontextmanager
async def a_street(web: CenterWeb, folder: Path) -> AsyncIterator[Street]:
    """The server with a doorkeeper who asks this center."""
    async with a_server(folder) as server:

        def kept(name: str) -> str:
            return secret(secret_of(server.layout, name))

        agency = web.parts.agency
        admission = Admission(web.app.state.identity, [agency])
        bus, asked, looks = [
            await Bus.connect(server.url, user=user, password=kept(user), name=user)
            for user in (USER, DOORKEEPER, WATCHER)
        ]

        async def ready() -> None:
            await bus.ensure_sensors((CONSUMER, SUBJECT))

        keeper = Doorkeeper(
            asked,
            looks,
            Issuer.of(kept(ISSUER)),
            web.parts.clock,
            decides=admission.decides,
            may_stay=admission.may_stay,
            ready=ready,
        )
        await keeper.begin()
        yield Street(web, server, bus, asked, admission, keeper, Intake(web.parts.door, web.parts.clock))
        for one in (bus, asked, looks):
            await one.close()


@dataclass
class Sender:
    """One microphone of the registry, and its page."""

    street: Street
    technician: httpx.AsyncClient
    id: str
    token: str

    @property
    def way(self) -> OverMqtt:
        return OverMqtt(HOST, self.street.server.mqtt_port, self.id, self.token)

    @property
    def topic(self) -> str:
        return f"pulses/{self.id}"

    def body(self, *keys: str, **more: Any) -> dict[str, Any]:
        """A message of pulses that came just now."""
        now = rfc3339(self.street.web.parts.clock.now())
        one = {"at": now, "clock_bound_ms": 0.4, "snr_db": 21, "peak_db": 96}
        return {"sent_at": now, "pulses": [one | {"id": key} for key in keys]} | more

    async def page(self) -> dict[str, Any]:
        return dict((await self.technician.get(f"/api/v1/microphones/{self.id}")).json())

    async def new_token(self) -> str:
        answer = await self.technician.post(f"/api/v1/microphones/{self.id}/token", json={})
        return str(answer.json()["token"])


async def sends_over_mqtt(web: CenterWeb, folder: Path, microphone: str, other: str, outage: Outage) -> None:
    """All of a microphone's life over MQTT, and what becomes of what it says of another."""
    async with a_street(web, folder / "street") as street:
        one = Sender(street, await web.person("technician"), microphone, "")
        one.token = await one.new_token()
        await _comes_in_alone(one, other)
        await _is_kept_once(one)
        await _is_told_what_cannot_be_read(one, other)
        await _waits_for_the_database(one, outage)
        await _outlives_the_bus(one)
        await _is_our_own_program(one, folder)
        await _is_put_out(one)


async def _comes_in_alone(one: Sender, other: str) -> None:
    """Who it is its token says, and what it is called must be just that; nobody comes by another way."""
    street = one.street
    assert await street.turned_away(one.id, "guessed") == "wrong"
    assert await street.turned_away(one.id, "") == "wrong"
    assert await street.turned_away(other, one.token) == "wrong"
    assert await street.turned_away(one.id.lower(), one.token) == "wrong"
    assert await street.turned_away(one.id, one.token, client_id=other) == "client_id"
    before = street.admission.outcomes["not_mqtt"]
    try:
        await nats.connect(street.server.url, user=one.id, password=one.token, allow_reconnect=False)
        raise AssertionError("it came in where the center itself does")
    except (nats.errors.Error, OSError):
        assert street.admission.outcomes["not_mqtt"] == before + 1
    for n in range(12):
        why = await street.turned_away(other, f"guessed {n}")
        assert why == ("wrong" if n < 9 else "too_often")
    assert one.token not in repr(street.admission.outcomes)
    # Somebody who guesses under its own name, from where it stands, keeps it out no second.
    while await street.turned_away(one.id, "guessed again") != "too_often":
        pass
    client, code = await Device.connect(street.server.mqtt_port, one.id, one.token)
    assert code == 0
    client.close()
    assert await street.turned_away(one.id, "guessed again") == "wrong", "it was in, and is counted anew"


async def _is_kept_once(one: Sender) -> None:
    street, way = one.street, one.way
    sent = one.body("q1", "q2")
    assert await way.sends(sent)
    assert await way.sends(sent), "sent again"
    # What its neighbour is to have said goes nowhere.
    client, code = await Device.connect(street.server.mqtt_port, one.id, one.token)
    assert code == 0
    await client.publish(one.topic[:-1] + ("0" if one.topic[-1] != "0" else "1"), json.dumps(sent).encode())
    assert await client.subscribe("pulses/#") == 0x80 and await client.subscribe("pulls/#") == 0x80
    client.close()
    assert (await street.bus.waiting(SENSORS)).messages == 2, "acknowledged is on disk"
    async with street.hearing():
        await street.taken()
    pulses = (await one.page())["pulses"]
    assert (pulses["kept"], pulses["doubled"]) == (2, 2)
    await way.close()


async def _is_told_what_cannot_be_read(one: Sender, other: str) -> None:
    """At its page, for over MQTT nobody is answered; and nothing of it is kept."""
    street, way = one.street, one.way
    bad = {
        "JSON": b"\xff{",
        "pulses.0.snr_db": json.dumps(one.body("r") | {"pulses": [one.body("r")["pulses"][0] | {"snr_db": "loud"}]}).encode(),
        "another microphone": json.dumps(one.body("r", microphone=other)).encode(),
        "lat and lon": json.dumps(one.body("r", lat=38.6)).encode(),
        "longer than": b" " * 300_000,
    }  # fmt: skip
    async with street.hearing():
        for words, payload in bad.items():
            client, code = await Device.connect(street.server.mqtt_port, one.id, one.token)
            assert code == 0 and await client.publish(one.topic, payload)
            client.close()
            await street.taken()
            state = (await one.page())["state"]
            assert state["word"] == "unreadable" and words in state["reason"], state
            assert "loud" not in state["reason"], "what it sent is not repeated"
        assert await way.sends(one.body("s", microphone=one.id))
        await street.taken()
    assert (await one.page())["pulses"]["kept"] == 3
    await way.close()


async def _waits_for_the_database(one: Sender, outage: Outage) -> None:
    """With the database away what it sends is acknowledged and waits; nobody new comes in, and it stays."""
    street, way = one.street, one.way
    assert await way.sends(one.body())
    async with street.hearing():
        await street.taken()
        outage.begin()
        try:
            assert await way.sends(one.body("t1"))
            assert await street.turned_away(one.id, one.token, client_id=f"{one.id}2") == "away"
            assert (await street.bus.waiting(SENSORS)).messages == 1
        finally:
            outage.end()
        await street.taken()
    assert (await one.page())["pulses"]["kept"] == 4
    await way.close()


async def _outlives_the_bus(one: Sender) -> None:
    """Killed while it takes: what was acknowledged is kept, once, and what was not is sent again by the microphone."""
    street, way = one.street, one.way
    left, comes_back = [one.body(f"k{n}") for n in range(20)], asyncio.Event()
    assert await way.sends(left[0])

    async def all_are_sent() -> None:
        while left:
            if await way.sends(left[0]):
                del left[0]
            else:
                await comes_back.wait()

    sending = asyncio.create_task(all_are_sent())
    while len(left) > 14:
        await street.web.parts.clock.sleep(0.005)
    await street.killed()
    comes_back.set()
    await sending
    async with street.hearing():
        await street.taken()
    assert (await one.page())["pulses"]["kept"] == 24
    await way.close()


async def _is_our_own_program(one: Sender, folder: Path) -> None:
    """What our own program hears in a recording is kept; what it is asked for it gives, and a lie gets it nothing."""
    street, before, clock = one.street, (await one.page())["pulses"]["kept"], one.street.web.parts.clock
    wave, center = with_bangs(quiet(2.0), [0.5, 1.0]), Signer.of(b"the secret of this center")
    source, began = GoesOn(wav(folder / "street.wav", wave)), clock.now() - timedelta(seconds=2)
    ears = Ears(source.rate, Recorded(source.rate, began, 1.0), full_scale_db=120.0)
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(center.public))
    pulls = Pulls(one.id, ears, key, Journal(folder / "pulls.jsonl"), clock.now)
    broker = Broker.of(f"mqtt://{HOST}:{street.server.mqtt_port}", one.id, one.token, None)
    says: asyncio.Queue[Mapping[str, object]] = asyncio.Queue()
    sensor = Sensor(one.id, ears, pulls, BoardClock(), broker, says.put_nowait, every_s=0.05)
    async with street.hearing(), _clips(one) as answers:
        running = asyncio.create_task(sensor.run(source))
        assert (await says.get())["hears_pulls"] is True
        while not (sensor.told().sent >= 2 and not len(sensor.outbox)):
            await clock.sleep(0.02)
        name, heard = min(ears.heard().items(), key=lambda pulse: pulse[1].at)
        begins, ends = heard.at - timedelta(seconds=0.4), heard.at + timedelta(seconds=1)
        heard_by = ((one.id, name), ("mic_2", "a"), ("mic_3", "b"))
        honest = Asked("pul_1", one.id, "snd_1", heard_by, begins, ends, "aut_1", "log_1", clock.now())
        street.bus.tell(f"pulls.{one.id}", center.signed(honest))
        clip = answer(await answers.get(), by=one.id)
        assert isinstance(clip, Clip) and clip.samples in sixteen(wave).tobytes() and clip.seconds == 1.4
        street.bus.tell(f"pulls.{one.id}", Signer.of(b"another's").signed(replace(honest, pull="pul_2")))
        assert answer(await answers.get(), by=one.id) == NoClip(None, "forged", SENTENCES["forged"])
        source.ends.set()
        counts = await running
        await street.taken()
    assert counts.sent == counts.pulses and verified(folder / "pulls.jsonl").lines == 2
    told = (await one.page())["pulses"]
    assert told["kept"] == before + counts.sent and told["refused"] == 0


@asynccontextmanager
async def _clips(one: Sender) -> AsyncIterator[asyncio.Queue[bytes]]:
    """What it answers to who asks for sound: no stream keeps that."""
    answers: asyncio.Queue[bytes] = asyncio.Queue()

    async def answered(_: str, payload: bytes) -> None:
        answers.put_nowait(payload)

    stop = await one.street.bus.hear(f"clips.{one.id}", answered)
    try:
        yield answers
    finally:
        await stop()


async def _is_put_out(one: Sender) -> None:
    """A new token, and the end of its service, end what is open by the old one."""
    street = one.street
    old, code = await Device.connect(street.server.mqtt_port, one.id, one.token)
    assert code == 0
    await street.keeper.look()
    assert await old.publish(one.topic, json.dumps(one.body()).encode()), "it may stay"
    before, one.token = one.token, await one.new_token()
    await street.keeper.look()
    assert await old.ended()
    assert await street.turned_away(one.id, before) == "wrong"
    new, code = await Device.connect(street.server.mqtt_port, one.id, one.token)
    assert code == 0
    await street.keeper.look()
    assert await new.publish(one.topic, json.dumps(one.body()).encode())
    retired = await one.technician.post(f"/api/v1/microphones/{one.id}/retire", json={})
    assert retired.status_code == 200, retired.text
    await street.keeper.look()
    assert await new.ended()
    assert await street.turned_away(one.id, one.token) == "retired"
