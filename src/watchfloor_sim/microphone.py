"""Microphones on the wire: each sends what it heard over HTTP or MQTT, again until it is taken, and once a minute that it is there.

It was written from docs/operate/microphones.md and imports nothing of the center. What is heard is made in `acoustic_array.py`.
"""

from __future__ import annotations

import asyncio
import json
import math
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import httpx
import typer

from watchfloor_sim.acoustic_array import (
    AcousticArray,
    Clock,
    Heard,
    Place,
    Sound,
    backfires,
    firecrackers,
    grid,
    shots,
    thunder,
    truth,
)
from watchfloor_sim.http import retry_after_s, trust
from watchfloor_sim.mqtt import Line, NotLetIn
from watchfloor_sim.people import Person, sign_in
from watchfloor_sim.reader import rfc3339

_M_PER_DEG: Final = 111_320.0
_EVERY_S: Final = 1.0
_THERE_S: Final = 60.0
_MOST: Final = 500
_HERE: Final = ("127.0.0.1", "::1", "localhost")


@dataclass(slots=True)
class Counts:
    """What a microphone was told of what it sent. `waiting`: what is not taken yet; over MQTT it is told of no more than `taken`."""

    sent: int = 0
    taken: int = 0
    kept: int = 0
    doubled: int = 0
    late: int = 0
    refused: int = 0
    waiting: int = 0


@dataclass
class OverMqtt:
    """A microphone's way by MQTT: a connection that is opened anew when it has ended."""

    host: str
    port: int
    id: str
    token: str
    tls: ssl.SSLContext | None = None
    _line: Line | None = None
    _again: bool = False

    async def sends(self, body: Mapping[str, object]) -> bool:
        """Whether it was acknowledged."""
        try:
            if self._line is None or self._line.ended:
                self._line = await Line.opened(
                    self.host, self.port, name=self.id, password=self.token, tls=self.tls
                )
        except (OSError, NotLetIn):
            return False
        took = await self._line.publish(f"pulses/{self.id}", json.dumps(body).encode(), again=self._again)
        self._again = not took
        return took

    async def close(self) -> None:
        """Go."""
        if self._line is not None:
            await self._line.close()


@dataclass
class MicrophoneDevice:
    """One microphone. `client` has its token; `began_s` is when its night began, in seconds since 1970. With `mqtt` it sends by that."""

    client: httpx.AsyncClient
    began_s: float
    clock: Clock = field(default_factory=Clock)
    position: tuple[float, float] | None = None
    mqtt: OverMqtt | None = None
    counts: Counts = field(default_factory=Counts)
    _waiting: list[Heard] = field(default_factory=list)
    _told_s: float = -math.inf
    _not_before_s: float = -math.inf

    async def hears(self, pulses: Sequence[Heard], now_s: float) -> None:
        """Send these, and what was not taken before; `now_s` is truly how long the night has lasted. All is kept while the center asks
        for a pause.
        """
        self._waiting += pulses
        while now_s >= self._not_before_s and (self._waiting or now_s - self._told_s >= _THERE_S):
            batch = self._waiting[:_MOST]
            if not await self._send(batch, now_s):
                break
            self._waiting = self._waiting[len(batch) :]
            self._told_s = now_s
        self.counts.waiting = len(self._waiting)

    async def _send(self, batch: Sequence[Heard], now_s: float) -> bool:
        """Whether it need not be sent again."""
        body: dict[str, object] = {
            "sent_at": self._shown(self.clock.shows(now_s)),
            "pulses": [self._form(one) for one in batch],
        }
        if self.position is not None:
            body |= {"lat": self.position[0], "lon": self.position[1]}
        self.counts.sent += len(batch)
        if self.mqtt is not None:
            took = await self.mqtt.sends(body)
            self.counts.taken += len(batch) if took else 0
            return took
        try:
            answer = await self.client.post("/api/v1/acoustic-pulses", json=body)
        except httpx.TransportError:
            return False
        if answer.status_code == 200:
            told = answer.json()
            self.counts.taken += len(batch)
            self.counts.kept += told["kept"]
            self.counts.doubled += told["doubled"]
            self.counts.late += told["late"]
            self.counts.refused += len(told["refused"])
            return True
        if answer.status_code == 429 or answer.is_server_error:
            self._not_before_s = now_s + retry_after_s(answer)
            return False
        self.counts.refused += len(batch)
        return True

    def _form(self, one: Heard) -> dict[str, object]:
        return {
            "id": one.key,
            "at": self._shown(one.at_s),
            "clock_bound_ms": 1.0,
            "snr_db": max(one.snr_db, -50.0),
            "peak_db": max(one.peak_db, 0.0),
            "features": list(one.features),
        }

    def _shown(self, at_s: float) -> str:
        return rfc3339(datetime.fromtimestamp(self.began_s + at_s, UTC))


async def play(heard: Sequence[Heard], devices: Mapping[int, MicrophoneDevice], seconds: float) -> Counts:
    """Live the night: each pulse is sent when it would be, what is lost never is. What all of them were told."""
    clock = asyncio.get_running_loop().time
    began = clock()
    waiting = sorted((one for one in heard if one.sent_s is not None), key=lambda one: one.sent_s or 0.0)
    last = max([seconds, *(one.sent_s or 0.0 for one in waiting)])
    while True:
        now = clock() - began
        due = [one for one in waiting if (one.sent_s or 0.0) <= now]
        waiting = waiting[len(due) :]
        await asyncio.gather(
            *(
                device.hears([one for one in due if one.ear == number], now)
                for number, device in devices.items()
            )
        )
        if now >= last:
            return _sum([device.counts for device in devices.values()])
        await asyncio.sleep(_EVERY_S)


def _sum(counts: Sequence[Counts]) -> Counts:
    told = [asdict(one) for one in counts]
    return Counts(**{name: sum(one[name] for one in told) for name in asdict(Counts())})


def where(middle: tuple[float, float], place: Place) -> tuple[float, float]:
    """Latitude and longitude of a place in metres east and north of the middle."""
    lat, lon = middle
    return lat + place[1] / _M_PER_DEG, lon + place[0] / (_M_PER_DEG * math.cos(math.radians(lat)))


def night(story: str) -> list[Sound]:
    """What happens in a story. Raises ValueError for one that is none."""
    stories: dict[str, list[Sound]] = {
        "gunfire": [shots((120, -80), 10, 5)],
        "two-shooters": [shots((-150, 40), 10, 4), shots((140, 90), 11, 6, every_s=0.22)],
        "fireworks": [firecrackers((60, 110), 10, 30), firecrackers((-90, -160), 16, 24, seed=1)],
        "thunder": [thunder(250, 3000, 8)],
        "backfires": [backfires((-300, 0), (300, 40), 8, 6)],
        "quiet": [],
    }
    if story not in stories:
        raise ValueError(f"{story[:40]!r} is none of {', '.join(stories)}")
    return stories[story]


def broker_of(said: str) -> tuple[str, int]:
    """Host and port of `host:port`, or of a URL as endpoints.json has it. Raises ValueError."""
    place = urlsplit(said if "//" in said else f"//{said}")
    if not place.hostname or not place.port:
        raise ValueError(f"{said[:80]!r} is not host:port")
    return place.hostname, place.port


async def register(
    technician: Person,
    base: str,
    array: AcousticArray,
    middle: tuple[float, float],
    began_s: float,
    broker: tuple[str, int] | None = None,
) -> dict[int, MicrophoneDevice]:
    """Register each microphone of the array, with a token."""
    devices = {}
    for number, ear in enumerate(array.ears):
        lat, lon = where(middle, ear.place)
        body = {
            "name": f"Microphone {number + 1}", "lat": lat, "lon": lon, "height_m": ear.height_m, "error_m": 2,
            "clock_bound_ms": 1, "noise_db": ear.noise_db,
        }  # fmt: skip
        made = await technician.post("/microphones", body)
        token = await technician.post(f"/microphones/{made['id']}/token", {})
        client = httpx.AsyncClient(
            base_url=base,
            headers={"Authorization": f"Bearer {token['token']}"},
            timeout=10,
            verify=trust(),
        )
        device = MicrophoneDevice(client, began_s, ear.clock)
        if broker is not None:
            # On this machine it is plain; elsewhere never.
            tls = None if broker[0] in _HERE else trust()
            device.mqtt = OverMqtt(*broker, made["id"], token["token"], tls)
        devices[number] = device
    return devices


def array(
    base: Annotated[str, typer.Option(help="The center's address.")],
    *,
    microphones: Annotated[int, typer.Option(min=3, max=300, help="So many, in a grid.")] = 24,
    story: Annotated[
        str, typer.Option(help="gunfire, two-shooters, fireworks, thunder, backfires or quiet.")
    ] = "gunfire",
    seconds: Annotated[float, typer.Option(min=1, help="How long it lasts.")] = 30.0,
    seed: Annotated[int, typer.Option(help="Of chance: one seed, one night.")] = 0,
    lat: Annotated[float, typer.Option(help="Of the middle.")] = 38.6270,
    lon: Annotated[float, typer.Option(help="Of the middle.")] = -90.1990,
    technician: Annotated[str, typer.Option(help="Registers them; with the demo's password.")] = "technician",
    truth_file: Annotated[Path | None, typer.Option(help="Where to write what truly happened.")] = None,
    mqtt: Annotated[
        str | None,
        typer.Option(help="host:port of MQTT: they send by that, with TLS but to this machine."),
    ] = None,
) -> None:
    """Microphones that hear a story, and send their pulses to a center."""
    try:
        sounds = night(story)
        broker = broker_of(mqtt) if mqtt else None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    made = AcousticArray(grid(microphones, seed=seed), seed)
    if truth_file is not None:
        truth_file.write_text(json.dumps({"story": story, "seed": seed, "sounds": truth(sounds)}))
    told = asyncio.run(_array(made, sounds, base, seconds, technician, (lat, lon), broker))
    print(json.dumps(asdict(told)))


async def _array(
    made: AcousticArray,
    sounds: Sequence[Sound],
    base: str,
    seconds: float,
    technician: str,
    middle: tuple[float, float],
    broker: tuple[str, int] | None,
) -> Counts:
    person = await sign_in(base, technician)
    devices = await register(person, base, made, middle, datetime.now(UTC).timestamp(), broker)
    print(json.dumps({"ready": True, "microphones": len(devices)}), flush=True)
    try:
        began_s = datetime.now(UTC).timestamp()
        for device in devices.values():
            device.began_s = began_s
        return await play(made.hears(sounds, seconds), devices, seconds)
    finally:
        with suppress(httpx.HTTPError):
            for device in devices.values():
                if device.mqtt is not None:
                    await device.mqtt.close()
                await device.client.aclose()
