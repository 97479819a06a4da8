"""When a sample came: by a clock that is set, a card that is off, a board that is late, and a recording."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest

from watchfloor_sensor.outbox import Names, Outbox, Pulse, message
from watchfloor_sensor.timing import MOST_BOUND_MS, Bound, Live, Recorded, bound_of, of_chrony, of_kernel

RATE = 48_000
PIECE = 12_000
EPOCH_S = 1_796_000_000.0


@dataclass
class Board:
    """A clock that the test turns. `set_by`: how far it was set."""

    now: float = 1000.0
    set_by: float = 0.0

    def utc_s(self) -> float:
        return EPOCH_S + self.now + self.set_by

    def mono_s(self) -> float:
        return self.now


@dataclass
class Card:
    """Gives pieces: `ppm` faster than it says, each read up to 30 ms late."""

    board: Board
    live: Live
    ppm: float = 0.0
    count: int = 0

    def gives(self, seconds: float, chance: np.random.Generator) -> None:
        begins = self.board.now
        for n in range(1, round(seconds * RATE / PIECE) + 1):
            self.count += PIECE
            self.board.now = (
                begins + n * PIECE / RATE / (1 + self.ppm * 1e-6) + float(chance.exponential(0.006))
            )
            self.live.read(self.count)
        self.board.now = begins + seconds / (1 + self.ppm * 1e-6)


def live(board: Board, latency_s: float = 0.0) -> Live:
    return Live(RATE, board, lambda: Bound(0.5, "chrony"), latency_s)


@pytest.mark.parametrize("ppm", [0.0, 80.0, -80.0])
def test_a_sample_is_of_its_moment_though_pieces_are_read_late_and_the_card_is_off(ppm: float) -> None:
    board, chance = Board(), np.random.default_rng(4)
    card = Card(board, live(board), ppm)
    card.gives(90, chance)
    told = card.live.at(card.count)
    true = EPOCH_S + 1000 + card.count / RATE / (1 + ppm * 1e-6)
    assert abs(told.at.timestamp() - true) < 0.001
    assert 0.5 <= told.bound_ms < 5, "what is not known of when it was read is in the bound"
    assert card.live.lost == 0


def test_what_is_known_of_the_cards_own_delay_is_taken_off() -> None:
    for latency_s in (0.0, 0.012):
        board = Board()
        one = live(board, latency_s)
        one.read(PIECE)
        assert abs(one.at(PIECE).at.timestamp() - (EPOCH_S + 1000 - latency_s)) < 1e-4


def test_a_clock_that_is_set_is_followed_at_once_and_believed_less_for_a_minute() -> None:
    board, chance = Board(), np.random.default_rng(4)
    card = Card(board, live(board))
    card.gives(20, chance)
    board.set_by = 3.0
    card.gives(1, chance)
    told = card.live.at(card.count)
    assert card.live.jumps == 1
    assert abs(told.at.timestamp() - (EPOCH_S + 1000 + card.count / RATE + 3.0)) < 0.002
    assert 3_000 <= told.bound_ms < 3_020
    board.set_by = -1e9
    card.gives(1, chance)
    assert card.live.at(card.count).bound_ms == MOST_BOUND_MS, "never more than can be sent"
    card.gives(61, chance)
    assert card.live.at(card.count).bound_ms < 20


def test_samples_that_were_lost_are_noticed_and_a_board_that_hung_is_not_taken_for_it() -> None:
    board, chance = Board(), np.random.default_rng(4)
    card = Card(board, live(board))
    card.gives(20, chance)
    board.now += 0.3
    card.live.read(card.count)
    board.now -= 0.3  # it was late once: the next pieces come as before
    card.gives(20, chance)
    assert card.live.lost == 0
    board.now += 0.5  # half a second of sound that nobody read
    card.gives(10, chance)
    assert card.live.lost == 1
    true = EPOCH_S + 1000 + card.count / RATE + 0.5
    told = card.live.at(card.count)
    assert abs(told.at.timestamp() - true) < 0.003 and told.bound_ms < 20
    card.live.missed()  # the card itself says so, from a thread of its own
    assert (card.live.lost, card.live.at(card.count).bound_ms) == (1, MOST_BOUND_MS)
    card.gives(3, chance)
    assert (card.live.lost, card.live.at(card.count).bound_ms) == (2, MOST_BOUND_MS), "not known again"
    card.gives(5, chance)
    assert card.live.at(card.count).bound_ms < 20


def test_a_recording_is_of_when_it_says_that_it_began() -> None:
    began = datetime(2026, 11, 29, 3, 14, 15, tzinfo=UTC)
    told = Recorded(RATE, began, 20.0).at(RATE / 2)
    assert ((told.at - began).total_seconds(), told.bound_ms) == (0.5, 20.0)


CHRONY = "A9FEA97B,169.254.169.123,4,1764472800.1,0.000012,-0.000003,0.000009,2.1,0.0,0.02,0.000480,0.000031,64.2,Normal"


@pytest.mark.parametrize(
    ("said", "bound_ms"),
    [
        (CHRONY, 0.283),
        (CHRONY.replace(",4,", ",0,", 1), MOST_BOUND_MS),
        (CHRONY.replace("Normal", "Not synchronised"), MOST_BOUND_MS),
        (CHRONY.replace("0.000480", "nan"), None),
        ("506 Cannot talk to daemon", None),
        ("", None),
    ],
)
def test_what_chrony_says_of_the_clock_is_its_offset_dispersion_and_half_the_way(
    said: str, bound_ms: float | None
) -> None:
    told = of_chrony(said)
    assert told == (None if bound_ms is None else pytest.approx(bound_ms, abs=0.001))


@pytest.mark.parametrize(
    ("state", "status", "most_us", "bound_ms"),
    [(0, 0, 2_500, 2.5), (5, 0x40, 16_000_000, MOST_BOUND_MS), (0, 0x40, 2_500, MOST_BOUND_MS), (-1, 0, 9, None), (0, 0, 0, None)],
)  # fmt: skip
def test_what_the_kernel_says_of_a_clock_that_nothing_sets_is_that_it_may_be_off_by_anything(
    state: int, status: int, most_us: int, bound_ms: float | None
) -> None:
    assert of_kernel(state, status, most_us) == bound_ms


def test_where_nobody_says_how_far_the_clock_is_off_it_is_as_stated_and_that_is_said() -> None:
    told = bound_of(75.0)
    assert told.by in ("chrony", "kernel") or told == Bound(75.0, "stated")


def pulse(n: int) -> Pulse:
    return Pulse(f"k{n}", datetime.fromtimestamp(EPOCH_S + n, UTC), 1.0, 20.0, 90.0)


def test_what_waits_is_bounded_and_the_newest_goes_first() -> None:
    box = Outbox(most=1_000)
    box.put([pulse(n) for n in range(1_200)])
    assert (len(box), box.dropped) == (1_000, 200)
    now = datetime.fromtimestamp(EPOCH_S + 1_200, UTC)
    first = box.next(now)
    assert (len(first), first[-1].key) == (400, "k1199")
    assert box.next(now) == first, "it waits until it was acknowledged"
    box.sent(first)
    assert box.next(now)[-1].key == "k799"
    late = datetime.fromtimestamp(EPOCH_S + 500 + 23 * 3600, UTC)
    assert box.next(late)[0].key == "k500", "what a center would refuse is not kept"
    assert len(message(now, box.next(now), "mic_1")) < 256 * 1024


def test_no_two_sounds_have_one_name_in_this_start_or_another() -> None:
    one, other = Names(), Names()
    made = {names.next() for names in (one, other) for _ in range(500)}
    assert len(made) == 1_000 and all(len(name) <= 16 and name.isascii() for name in made)
