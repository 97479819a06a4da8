"""Nights as a room has them, from drawn pulses to the card: gunfire, the Fourth, two who fire, half an array, a clock, a fallen bus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from tests.acoustics.test_stream import ears_of, point
from watchfloor.acoustics.due import SLOT_S, due, looked_at, slot_of
from watchfloor.acoustics.kind import SoundKind
from watchfloor.acoustics.located import Heard, Located, SourceId
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.neighbourhood import Ear, neighbourhoods
from watchfloor.acoustics.stream import Account, Stretch, account, hints
from watchfloor.acoustics.taken import Around
from watchfloor.acoustics.weather import weather_at
from watchfloor.incidents.model import Level
from watchfloor.incidents.sound import KeptSource, Sound, SoundSource, beside, settled, sound_of
from watchfloor.incidents.sound_card import card_of_sound
from watchfloor.incidents.sound_known import alarm_of, kept_back
from watchfloor.kit.geo import distance_m
from watchfloor_sim.acoustic_array import AcousticArray, Clock, Place, Street, firecrackers, grid, shots
from watchfloor_sim.acoustic_array import Ear as Drawn
from watchfloor_sim.acoustic_array import Sound as Fired

CHICAGO = ZoneInfo("America/Chicago")
WINTER = datetime(2027, 2, 10, 4, 30, tzinfo=UTC)
FOURTH = datetime(2027, 7, 5, 3, 30, tzinfo=UTC)
COUNT, SEED, LASTS_S = 10, 6, 8.0
HERE: Place = (60.0, -50.0)


@dataclass(frozen=True)
class Night:
    """What microphones have of what was fired, and who of them was up."""

    ears: tuple[Ear, ...]
    heard: Stretch
    began: datetime

    def told(self, of: Stretch | None = None) -> list[Account]:
        """All that is located once every slot was looked at."""
        whole, weather = of or self.heard, weather_at([], self.began)
        first, last = slot_of(whole.begins_s), slot_of(whole.ends_s) - 1
        around = neighbourhoods(self.ears)
        slots = [slot for slot in range(first, last + 1) if len(whole.part(*looked_at(slot)).heard) > 2]
        found = {slot: hints(around, whole.part(*looked_at(slot)), weather.air) for slot in slots}
        return [account(self.ears, one, whole, weather) for one in due(found, slots)]

    def sources(self) -> list[Located]:
        return [one for told in self.told() for one in told.sources]


def night(
    fired: Sequence[Fired], began: datetime = WINTER, *, ears: Sequence[Drawn] | None = None, down: int = 0
) -> Night:
    """A drawn night; the last `down` microphones are known to be down."""
    drawn = list(ears or grid(COUNT, apart_m=280.0, seed=SEED))
    up = len(drawn) - down
    begins_s = float(SLOT_S * (began.timestamp() // SLOT_S))
    made = AcousticArray(drawn, SEED, Street(nlos_share=0.1, echoes=0.3))
    heard = [one for one in made.hears(fired, LASTS_S) if 0 <= one.at_s < LASTS_S and one.ear < up]
    pulses: list[Heard] = [(MicrophoneId(UUID(int=one.ear + 1)), one.key) for one in heard]
    times, peaks = np.array([begins_s + one.at_s for one in heard]), np.array([one.peak_db for one in heard])
    return Night(
        ears_of(COUNT, SEED)[:up], Stretch(begins_s, begins_s + LASTS_S, tuple(pulses), times, peaks), began
    )


def alert_of(*sources: Located) -> Sound:
    kept = tuple(SoundSource(SourceId(UUID(int=n + 1)), 1, False, one) for n, one in enumerate(sources))
    return sound_of(kept, Around(CHICAGO))


def test_gunfire_at_night_is_located_classed_and_urgent() -> None:
    (source,) = night([shots(HERE, 3.0, 4, every_s=0.45)]).sources()
    sound = alert_of(source)
    assert distance_m(source.middle, point(*HERE)) < 15 and source.point is not None
    card = card_of_sound(sound, now=WINTER)
    assert sound.taken_for.kind is SoundKind.GUNFIRE and card.title == "Likely gunfire: 4 rounds"
    assert (
        card.level is Level.CRITICAL
        and source.counted is not None
        and source.counted.low <= 4 <= source.counted.high
    )
    assert not kept_back(sound, alarm_of([], 1.0, now=WINTER))
    assert source.aired is not None and source.aired.widens_m > 0 and source.aired.read_at is None


def test_a_string_of_fireworks_on_the_fourth_is_one_card_at_most_and_held_back_where_little_is_borne() -> (
    None
):
    fired = [firecrackers(HERE, 3.0, 12, seed=3)]
    drawn = night(fired, FOURTH)
    sources = drawn.sources()
    assert sources, "it is located, and nothing of it is lost"
    kept: list[KeptSource] = []
    for n, one in enumerate(sources):
        near = beside(one, kept)
        kept.append(
            KeptSource(
                SoundSource(SourceId(UUID(int=n + 1)), 1, False, one), near[0] if near else UUID(int=n + 100)
            )
        )
    assert len({one.alert for one in kept}) == 1, "one alert, whatever it burnt"
    sound = alert_of(*sources)
    assert sound.taken_for.kind is not SoundKind.GUNFIRE and (sound.taken_for.gunfire or 0) < 0.2
    assert any("the Fourth of July" in one.sentence for one in sound.taken_for.reasons)
    assert kept_back(sound, alarm_of([], 1.0, now=FOURTH))


def test_two_who_fire_at_once_are_two_places() -> None:
    there: Place = (-220.0, 130.0)
    found = night([shots(HERE, 3.0, 3, every_s=0.5), shots(there, 3.6, 2, every_s=0.6)]).sources()
    assert len(found) == 2
    for place in (HERE, there):
        assert min(distance_m(one.middle, point(*place)) for one in found) < 25
    first, second = found
    assert (
        beside(second, [KeptSource(SoundSource(SourceId(UUID(int=1)), 1, False, first), UUID(int=2))]) == []
    )


def test_with_half_of_the_array_down_it_is_located_and_the_ellipse_is_no_smaller() -> None:
    fired = [shots(HERE, 3.0, 3)]
    (whole,), (half,) = night(fired).sources(), night(fired, down=COUNT // 2).sources()
    assert len(half.heard) <= COUNT // 2 and half.most.major_m >= whole.most.major_m
    assert half.region is not None or distance_m(half.middle, point(*HERE)) < 40
    assert not set(half.missed) & {MicrophoneId(UUID(int=n + 1)) for n in range(COUNT // 2, COUNT)}


def test_a_clock_that_lies_by_a_third_of_a_second_moves_nothing() -> None:
    drawn = grid(COUNT, apart_m=280.0, seed=SEED)
    drawn[5] = replace(drawn[5], clock=Clock(off_s=0.3))
    (source,) = night([shots(HERE, 3.0, 3)], ears=drawn).sources()
    assert distance_m(source.middle, point(*HERE)) < 20
    assert alert_of(source).taken_for.kind is SoundKind.GUNFIRE


def test_with_the_bus_killed_amid_it_what_waited_revises_the_same_source() -> None:
    """Half of the microphones' messages come after the bus is back."""
    drawn = night([shots(HERE, 3.0, 4, every_s=0.45)])
    before = np.array([who.int % 2 == 0 for who, _ in drawn.heard.heard])
    some = np.flatnonzero(before)
    first = Stretch(
        drawn.heard.begins_s,
        drawn.heard.ends_s,
        tuple(drawn.heard.heard[n] for n in some.tolist()),
        drawn.heard.times_s[some],
        None,
    )
    kept = [
        KeptSource(SoundSource(SourceId(UUID(int=1)), 1, False, one), UUID(int=9))
        for told in drawn.told(first)
        for one in told.sources
    ]
    assert len(kept) == 1
    for told in drawn.told():
        result = settled(kept, told.sources, (), told.cover, told.ears)
        assert (result.new, result.fallen) == ((), ())
        for was, now in result.revised:
            assert was.source.id == kept[0].source.id and was.source.located.pulses < now.pulses
            assert len(now.rounds) == 4 and now.most.major_m <= was.source.located.most.major_m
