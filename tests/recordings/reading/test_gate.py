"""What moves is seen to move, and light, noise and a written clock are not."""

from __future__ import annotations

import numpy as np
import pytest

from watchfloor.recordings.reading.gate import Gate, Grey

ROWS, COLUMNS = 90, 160


def street(*, noise: float = 2.0, seed: int = 1, light: float = 0.0) -> Grey:
    """A grey street, each picture with noise of its own."""
    chance = np.random.default_rng(seed)
    ground = np.linspace(60, 150, ROWS)[:, None] + 20 * np.sin(np.arange(COLUMNS) / 9)[None, :]
    lit = ground + light + chance.normal(0, noise, (ROWS, COLUMNS))
    return np.asarray(np.clip(lit, 0, 255), np.uint8)


def with_car(picture: Grey, left: int, top: int = 50) -> Grey:
    made = picture.copy()
    made[top : top + 12, left : left + 24] = 20
    return made


def test_everything_moves_on_the_first_picture_and_on_the_first_of_another_size() -> None:
    gate = Gate()
    assert gate.judge(street()).blocks.all()
    assert not gate.judge(street(seed=2))
    assert gate.judge(street()[:72, :128]).blocks.all()
    gate.forget()
    assert gate.judge(street()[:72, :128])


@pytest.mark.parametrize("noise", [0.0, 2.0, 8.0, 20.0])
def test_noise_alone_moves_nothing_however_dark_the_night(noise: float) -> None:
    gate = Gate()
    gate.judge(street(noise=noise))
    assert not any(gate.judge(street(noise=noise, seed=seed)) for seed in range(2, 40))


@pytest.mark.parametrize("light", [-40.0, 35.0])
def test_a_cloud_before_the_sun_moves_nothing(light: float) -> None:
    gate = Gate()
    gate.judge(street())
    assert not gate.judge(street(seed=2, light=light))


@pytest.mark.parametrize("noise", [0.0, 2.0, 8.0])
def test_a_car_moves_and_is_told_where(noise: float) -> None:
    gate = Gate()
    gate.judge(with_car(street(noise=noise), 20))
    moved = gate.judge(with_car(street(noise=noise, seed=2), 80))
    assert moved
    assert moved.at(80 / COLUMNS, 50 / ROWS, 104 / COLUMNS, 62 / ROWS), "where it is"
    assert moved.at(20 / COLUMNS, 50 / ROWS, 44 / COLUMNS, 62 / ROWS), "where it was"
    assert not moved.at(0.9, 0.2, 0.99, 0.3), "where it never came"


def test_the_clock_that_a_camera_writes_at_the_edge_moves_nothing() -> None:
    gate = Gate()
    first, second = street(), street(seed=2)
    first[0:5, 8:60], second[0:5, 8:60] = 255, 0
    first[-5:, 8:60], second[-5:, 8:60] = 0, 255
    gate.judge(first)
    assert not gate.judge(second)
