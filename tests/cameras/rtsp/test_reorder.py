"""Datagrams overtake each other, come twice, get lost and wrap around: what goes on is in order, soon, and never twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.cameras.rtsp.reorder import MOST, PATIENCE_S, Reorder


def passed(numbers: list[int], *, each_s: float = 0.0) -> list[int]:
    """What goes on of packets that come so, at this pace, and at the end."""
    line, out, now = Reorder(), [], 0.0
    for number in numbers:
        now += each_s
        if line.passes(number):
            out.append(number)
        else:
            out += [int.from_bytes(one, "big") for one in line.take(number, number.to_bytes(2, "big"), now)]
    return out + [int.from_bytes(one, "big") for one in line.rest()]


@pytest.mark.parametrize(
    ("come", "go"),
    [
        ([7, 8, 9], [7, 8, 9]),
        ([7, 9, 8, 10], [7, 8, 9, 10]),
        ([7, 8, 8, 7, 9], [7, 8, 9]),
        ([65534, 65535, 0, 1], [65534, 65535, 0, 1]),
        ([65534, 0, 65535, 1], [65534, 65535, 0, 1]),
        ([65535, 2, 1, 0], [65535, 0, 1, 2]),
        ([7, 9, 10], [7, 9, 10]),
        ([5, 40000, 6], [5, 6]),
        ([5, 40000, 40001, 40002], [5, 40000, 40001, 40002]),
        ([5, 7, 40000, 40001], [5, 7, 40000, 40001]),
        ([5, 40000, 30000, 6, 7], [5, 6, 7]),
    ],
    ids=[
        "in order", "overtaken", "twice", "around", "overtaken around", "backwards around", "lost at the end", "a stray",
        "the device counts anew", "counts anew while one is missing", "two strays",
    ],
)  # fmt: skip
def test_packets_go_on_in_their_order(come: list[int], go: list[int]) -> None:
    assert passed(come) == go


def test_what_is_missing_is_waited_for_briefly_and_then_given_up() -> None:
    line = Reorder()
    assert line.take(1, b"1", 0.0) == [b"1"]
    assert line.take(3, b"3", 0.0) == [] and line.overdue(PATIENCE_S / 2) == []
    assert line.overdue(PATIENCE_S) == [b"3"]
    # It comes after all: too late to be of use.
    assert line.take(2, b"2", PATIENCE_S) == [] and line.late == 1
    assert line.passes(4)


def test_no_more_than_so_many_are_held_for_one_that_is_missing() -> None:
    line, out = Reorder(), []
    for number in (0, *range(2, MOST + 3)):
        out += line.take(number, b"", 0.0)
    assert len(out) == MOST + 2 and line.rest() == []


@given(
    st.integers(0, 65535),
    st.lists(st.integers(0, 7), min_size=1, max_size=80),
    st.sets(st.integers(1, 79), max_size=8),
)
def test_whatever_the_line_does_nothing_comes_twice_or_backwards(
    first: int, late_by: list[int], lost: set[int]
) -> None:
    """Each packet but the first is late by up to seven others, or never comes."""
    sent = [(first + n) & 0xFFFF for n in range(len(late_by))]
    late = sorted(range(1, len(sent)), key=lambda n: n + late_by[n])
    come = [sent[0], *(sent[n] for n in late if n not in lost)]
    assert passed(come) == [number for n, number in enumerate(sent) if n not in lost or n == 0]
