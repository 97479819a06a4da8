"""An array of microphones in a street drawn by chance: what is fired, set off and rumbles in it, and what each microphone makes of it.

The truth stands beside. It imports nothing of the center, and knows no protocol: `microphone.py` sends what is made here.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["gunfire", "fireworks", "thunder", "backfire", "clutter", "echo"]
Place = tuple[float, float]
"""Metres east and north of the middle of the array."""

# Peak level at one metre, dB SPL, and how much that differs from one to the next.
_LOUD: Final[dict[str, tuple[float, float]]] = {
    "gunfire": (157.0, 2.0),
    "fireworks": (150.0, 5.0),
    "thunder": (185.0, 4.0),
    "backfire": (140.0, 4.0),
}
# What houses and air take besides distance: gunfire is then picked in half of the cases at some 700 m, as published densities of
# sensors say. Thunder comes from above them.
_CITY_DB_PER_M: Final = 0.045
_ABOVE_DB_PER_M: Final = 0.004
_BEND_DB: Final = 9.0
# So far above the noise a pulse is picked in half of the cases, and how soon that changes.
_PICKED_DB: Final = 12.0
_PICKED_FADE_DB: Final = 3.0
_SAME_PLACE_M: Final = 5.0


@dataclass(frozen=True, slots=True)
class Street:
    """What bends, delays and answers sound. Seconds, shares; `echoes`: so many a pulse on average."""

    temperature_c: float = 15.0
    wind_mps: Place = (0.0, 0.0)
    nlos_share: float = 0.3
    nlos_s: float = 0.025
    bend_s: float = 0.005
    jitter_s: float = 0.001
    echoes: float = 1.0
    echo_s: float = 0.4

    @property
    def speed_mps(self) -> float:
        return 331.3 * math.sqrt(1 + self.temperature_c / 273.15)


@dataclass(frozen=True, slots=True)
class Clock:
    """How a microphone's clock goes: off by so much, drifting, and jumping by `jump_s` at `jump_at_s`."""

    off_s: float = 0.0
    drift: float = 0.0
    jump_s: float = 0.0
    jump_at_s: float = math.inf

    def shows(self, true_s: float) -> float:
        """What it shows at a true time."""
        return true_s * (1 + self.drift) + self.off_s + (self.jump_s if true_s >= self.jump_at_s else 0.0)


@dataclass(frozen=True, slots=True)
class Ear:
    """A microphone: where, how loud it is there, how much it picks of nothing, how its clock and its link are."""

    place: Place
    height_m: float = 8.0
    noise_db: float = 55.0
    clutter_per_s: float = 0.1
    clock: Clock = field(default_factory=Clock)
    lost: float = 0.0
    late: float = 0.0
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Sound:
    """What truly happened: at one place, each impulse at its time. Of thunder and of what drives `places` has one for each impulse."""

    kind: Kind
    times_s: tuple[float, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """One pulse. `at_s` by the microphone's clock, `true_s` truly; it is sent at `sent_s`, None where that is lost. `of`: what made it."""

    ear: int
    key: str
    at_s: float
    true_s: float
    snr_db: float
    peak_db: float
    features: tuple[int, ...]
    of: Kind
    sent_s: float | None


@dataclass
class AcousticArray:
    """The array, and chance: one `seed` gives one night."""

    ears: Sequence[Ear]
    seed: int
    street: Street = field(default_factory=Street)
    _count: int = 0

    def hears(self, sounds: Sequence[Sound], seconds: float) -> list[Heard]:
        """Every pulse of these seconds, in the order of their true times."""
        heard = [
            one for number, ear in enumerate(self.ears) for one in self._of(number, ear, sounds, seconds)
        ]
        return sorted(heard, key=lambda one: (one.true_s, one.ear))

    def _of(self, number: int, ear: Ear, sounds: Sequence[Sound], seconds: float) -> Iterator[Heard]:
        if ear.dead:
            return
        chance = random.Random(f"{self.seed} {number}")
        at = chance.expovariate(ear.clutter_per_s) if ear.clutter_per_s > 0 else math.inf
        while at < seconds:
            yield self._pulse(chance, number, ear, at, ear.noise_db + 12 + chance.expovariate(0.2), "clutter")
            at += chance.expovariate(ear.clutter_per_s)
        for sound in sounds:
            for time_s, place in zip(sound.times_s, sound.places, strict=True):
                yield from self._impulse(chance, number, ear, sound.kind, time_s, place)

    def _impulse(
        self, chance: random.Random, number: int, ear: Ear, kind: Kind, time_s: float, place: Place
    ) -> Iterator[Heard]:
        # What the street does to a place at an ear is the same for every round of it.
        wall = random.Random(
            f"{self.seed} {number} {round(place[0] / _SAME_PLACE_M)} {round(place[1] / _SAME_PLACE_M)}"
        )
        bent = wall.random() < self.street.nlos_share
        delay = wall.gauss(0, self.street.bend_s) + (
            wall.expovariate(1 / self.street.nlos_s) if bent else 0.0
        )
        way, travel = self._way(ear, place)
        loud, spread = _LOUD[kind]
        level = (
            chance.gauss(loud, spread)
            - 20 * math.log10(max(way, 1.0))
            - (_ABOVE_DB_PER_M if kind == "thunder" else _CITY_DB_PER_M) * way
            - (_BEND_DB if bent else 0.0)
        )
        came = time_s + travel + delay + chance.gauss(0, self.street.jitter_s)
        if self._picks(chance, level - ear.noise_db):
            yield self._pulse(chance, number, ear, came, level, kind)
        for _ in range(_poisson(wall, self.street.echoes)):
            behind, weaker = wall.expovariate(1 / self.street.echo_s), 3 + wall.expovariate(0.2)
            if self._picks(chance, level - weaker - ear.noise_db):
                later = came + behind + chance.gauss(0, self.street.jitter_s)
                yield self._pulse(chance, number, ear, later, level - weaker, "echo")

    def _way(self, ear: Ear, place: Place) -> tuple[float, float]:
        east, north = ear.place[0] - place[0], ear.place[1] - place[1]
        way = max(math.hypot(east, north, ear.height_m), 0.1)
        wind = (east * self.street.wind_mps[0] + north * self.street.wind_mps[1]) / way
        return way, way / (self.street.speed_mps + wind)

    def _picks(self, chance: random.Random, over_db: float) -> bool:
        return chance.random() < 1 / (1 + math.exp((_PICKED_DB - over_db) / _PICKED_FADE_DB))

    def _pulse(
        self, chance: random.Random, number: int, ear: Ear, true_s: float, level: float, of: Kind
    ) -> Heard:
        self._count += 1
        sent: float | None = true_s + 0.05 + chance.expovariate(20)
        if chance.random() < ear.late:
            sent = true_s + chance.uniform(31, 90)
        if chance.random() < ear.lost:
            sent = None
        return Heard(
            ear=number,
            key=f"{self.seed}-{self._count}",
            at_s=ear.clock.shows(true_s),
            true_s=true_s,
            snr_db=round(level - ear.noise_db, 1),
            peak_db=round(level, 1),
            features=(
                _eight_bits(chance.lognormvariate(0, 0.5) * 20),
                _eight_bits(chance.gauss(0.5 if of == "gunfire" else 0.3, 0.15) * 100),
            ),
            of=of,
            sent_s=sent,
        )


def _eight_bits(value: float) -> int:
    return max(-128, min(127, round(value)))


def grid(count: int, *, apart_m: float = 300.0, seed: int = 0, **ear: float) -> list[Ear]:
    """So many microphones in a grid around the middle, each some way off its corner."""
    chance = random.Random(seed)
    side = math.ceil(math.sqrt(count))
    corners = [(x, y) for y in range(side) for x in range(side)][:count]
    middle = (side - 1) / 2
    return [
        Ear(
            (
                (x - middle) * apart_m + chance.uniform(-0.2, 0.2) * apart_m,
                (y - middle) * apart_m + chance.uniform(-0.2, 0.2) * apart_m,
            ),
            **ear,  # type: ignore[arg-type]  # the fields of an ear that are numbers
        )
        for x, y in corners
    ]


def shots(place: Place, at_s: float, rounds: int, *, every_s: float = 0.35) -> Sound:
    """So many rounds from one place."""
    return Sound("gunfire", tuple(at_s + n * every_s for n in range(rounds)), (place,) * rounds)


def firecrackers(place: Place, at_s: float, count: int, *, seed: int = 0) -> Sound:
    """A string of crackers: irregular, quick, jumping about within a few metres."""
    chance = random.Random(seed)
    times, at = [], at_s
    for _ in range(count):
        times.append(at)
        at += chance.uniform(0.03, 0.2)
    near = tuple((place[0] + chance.uniform(-2, 2), place[1] + chance.uniform(-2, 2)) for _ in times)
    return Sound("fireworks", tuple(times), near)


def thunder(towards_deg: float, away_m: float, at_s: float, *, seed: int = 0) -> Sound:
    """A bolt some kilometres away: hundreds of metres of it rumble, each piece at once and each from elsewhere."""
    chance = random.Random(seed)
    angle = math.radians(towards_deg)
    pieces = 12
    places = tuple(
        (
            (away_m + n * 120) * math.sin(angle) + chance.uniform(-200, 200),
            (away_m + n * 120) * math.cos(angle) + chance.uniform(-200, 200),
        )
        for n in range(pieces)
    )
    return Sound("thunder", (at_s,) * pieces, places)


def backfires(start: Place, end: Place, at_s: float, count: int) -> Sound:
    """A car that backfires as it drives by, one bang each two seconds."""
    share = [n / max(count - 1, 1) for n in range(count)]
    places = tuple((start[0] + s * (end[0] - start[0]), start[1] + s * (end[1] - start[1])) for s in share)
    return Sound("backfire", tuple(at_s + 2.0 * n for n in range(count)), places)


def truth(sounds: Sequence[Sound]) -> list[dict[str, object]]:
    """What truly happened, to stand beside what was sent."""
    return [
        {
            "kind": sound.kind,
            "impulses": [
                {"at_s": at, "east_m": place[0], "north_m": place[1]}
                for at, place in zip(sound.times_s, sound.places, strict=True)
            ],
        }
        for sound in sounds
    ]


def _poisson(chance: random.Random, mean: float) -> int:
    """Knuth's way; means here are small."""
    least, product, count = math.exp(-mean), chance.random(), 0
    while product > least:
        product *= chance.random()
        count += 1
    return count
