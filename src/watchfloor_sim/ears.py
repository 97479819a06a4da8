"""The city's microphones: set up once by a technician, heard by MQTT as long as the city stands, and what is fired among them.

What they hear of nothing is little, so that a machine that shows the demo is left to it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from watchfloor_sim.acoustic_array import AcousticArray, Heard, Place, Sound, grid, shots
from watchfloor_sim.city.plan import ORIGIN
from watchfloor_sim.memory import Memory
from watchfloor_sim.microphone import MicrophoneDevice, OverMqtt, broker_of, where
from watchfloor_sim.people import Answered
from watchfloor_sim.story import Night, Told, authorise

MICROPHONES: Final = 24
TECHNOLOGY: Final = "acoustic_array"
# When they are set up where nobody asks for them before: the city stands and moves by then.
_LATER_S: Final = 90.0
_APART_M: Final = 260.0
_CLUTTER_PER_S: Final = 0.01
_SEED: Final = 24
_EVERY_S: Final = 1.0
_MINUTE_S: Final = 60.0
# Sound has gone by all of them after this.
_GONE_BY_S: Final = 4.0


@dataclass
class CityEars:
    """The array. `broker` is where its microphones publish; without one there are none."""

    night: Night
    memory: Memory
    broker: str | None
    told: Told
    keep: Callable[[], None]
    count: int = MICROPHONES
    _devices: dict[int, MicrophoneDevice] = field(default_factory=dict)
    _due: list[Heard] = field(default_factory=list)
    _standing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._ears = grid(self.count, apart_m=_APART_M, seed=_SEED, clutter_per_s=_CLUTTER_PER_S)

    async def stand(self) -> None:
        """They hang, are authorised and may come in; once, whoever asks how often. Raises Answered where there is no listener of MQTT."""
        async with self._standing:
            if self._devices:
                return
            if self.broker is None:
                raise Answered("this center listens to no sensors by MQTT")
            await self._authorised()
            for number in range(self.count):
                await self._hang(number)
            host, port = broker_of(self.broker)
            began_s, unused = _now_s(), self.night.people["technician"].http
            for number, ear in enumerate(self._ears):
                name, token = self.memory.microphones[str(number)]
                line = OverMqtt(host, port, name, token)
                self._devices[number] = MicrophoneDevice(unused, began_s, ear.clock, mqtt=line)
            await asyncio.gather(*(device.hears([], 0.0) for device in self._devices.values()))
            self.told("microphones", {"microphones": self.count})

    async def live(self) -> None:
        """Stand a while after the city, and send what is heard, for ever."""
        await asyncio.sleep(_LATER_S)
        await self.stand()
        minute = 0
        try:
            while True:
                if self._since_s() >= minute * _MINUTE_S:
                    minute = int(self._since_s() // _MINUTE_S) + 1
                    self._hear([], self._since_s(), _MINUTE_S)
                await self.send()
                await asyncio.sleep(_EVERY_S)
        finally:
            await self.close()

    def fires(self, place: Place, rounds: int, every_s: float) -> datetime:
        """Rounds are fired now at a place, in metres east and north of the middle; when the first was."""
        now_s = self._since_s()
        self._hear([shots(place, 0.3, rounds, every_s=every_s)], now_s, _GONE_BY_S + rounds * every_s)
        return datetime.fromtimestamp(self._began_s() + now_s + 0.3, UTC)

    async def until_heard(self, rounds_s: float) -> None:
        """Until all that could have heard what takes so long has sent it."""
        until_s = self._since_s() + rounds_s + _GONE_BY_S
        while self._since_s() < until_s:
            await self.send()
            await asyncio.sleep(_EVERY_S / 4)

    async def send(self) -> None:
        """Send what is due; what is not taken is sent again with the next."""
        now_s = self._since_s()
        due = [one for one in self._due if (one.sent_s or 0.0) <= now_s]
        self._due = [one for one in self._due if (one.sent_s or 0.0) > now_s]
        await asyncio.gather(
            *(
                device.hears([one for one in due if one.ear == number], now_s)
                for number, device in self._devices.items()
            )
        )

    async def close(self) -> None:
        """All of them go."""
        for device in self._devices.values():
            if device.mqtt is not None:
                await device.mqtt.close()

    def _hear(self, sounds: Sequence[Sound], from_s: float, lasts_s: float) -> None:
        """What the microphones make of it is due; no id comes again within a day, whoever starts the demo how often."""
        ears = self._ears if not sounds else [replace(ear, clutter_per_s=0.0) for ear in self._ears]
        made = AcousticArray(ears, random.Random().randrange(1 << 30)).hears(sounds, lasts_s)
        begun = f"{int(self._began_s() + from_s):x}"
        for number, one in enumerate(made):
            sent = None if one.sent_s is None else one.sent_s + from_s
            key = f"{begun}{'s' if sounds else 'c'}{number:x}"
            if sent is not None:
                self._due.append(replace(one, key=key, at_s=one.at_s + from_s, sent_s=sent))

    def _began_s(self) -> float:
        return next(iter(self._devices.values())).began_s

    def _since_s(self) -> float:
        return _now_s() - self._began_s()

    async def _authorised(self) -> None:
        found = (await self.night.people["clerk"].get("/authorisations", limit="200"))["items"]
        if not any((one["technology"], one["state"]) == (TECHNOLOGY, "in_force") for one in found):
            await authorise(self.night, TECHNOLOGY, "Microphones of the middle of the city", self.told)

    async def _hang(self, number: int) -> None:
        if str(number) in self.memory.microphones:
            return
        technician, ear = self.night.people["technician"], self._ears[number]
        lat, lon = where(ORIGIN, ear.place)
        body = {
            "name": f"Microphone {number + 1}", "lat": lat, "lon": lon, "height_m": ear.height_m, "error_m": 2,
            "clock_bound_ms": 1, "noise_db": ear.noise_db,
        }  # fmt: skip
        made = await technician.post("/microphones", body)
        token = (await technician.post(f"/microphones/{made['id']}/token", {}))["token"]
        self.memory.microphones[str(number)] = (str(made["id"]), str(token))
        self.keep()


def _now_s() -> float:
    return datetime.now(UTC).timestamp()
