"""A mask that was set at one place holds there and nowhere else; where nobody knows where a camera stands, all of it is covered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.cameras.cover import OPEN, Cover, always, live, recorded, to_paint
from watchfloor.cameras.masks import WHOLE, Mask, Shape
from watchfloor.cameras.standing import FRESH, SETTLES_IN, Said, Stand, Stood, after
from watchfloor.recordings.model import us

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOOR: Shape = ((0.1, 0.2), (0.4, 0.2), (0.4, 0.9), (0.1, 0.9))
SIGN: Shape = ((0.6, 0.1), (0.9, 0.1), (0.9, 0.3))
GATE, YARD = Stand("dome", 0.5, -0.2, 0.1), Stand("dome", -0.5, 0.1, 0.6)
MASK = Mask(UUID(int=1), UUID(int=9), "a", "b", DOOR, UUID(int=3), NOON)
AT_GATE = Mask(UUID(int=2), UUID(int=9), "a", "b", SIGN, UUID(int=3), NOON, stand=GATE)
NONE_IN_YARD = Mask(UUID(int=4), UUID(int=9), "a", "b", (), UUID(int=3), NOON, stand=YARD)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def said(seconds: float, stand: Stand | None = GATE) -> Said:
    return Said(later(seconds), stand)


def test_masks_go_by_where_the_camera_stands_and_those_of_every_place_hold_with_them() -> None:
    masks = (MASK, AT_GATE, NONE_IN_YARD)
    assert to_paint(masks, NOON, GATE) == (DOOR, SIGN)
    assert to_paint(masks, NOON, YARD) == (DOOR,), "somebody looked there and found nothing more"
    for elsewhere in (None, Stand("dome", 0.5, -0.2, 0.2), Stand("another", 0.5, -0.2, 0.1)):
        assert to_paint(masks, NOON, elsewhere) == (WHOLE,)
    assert to_paint((MASK,), NOON, None) == (DOOR,), "without a place it holds wherever the camera looks"


def test_a_camera_stands_once_it_said_so_twice_well_after_it_was_told_to_turn() -> None:
    assert after(None, None, said(0), None) is None
    known = after(None, said(0), said(1), None)
    assert known == Stood(GATE, later(1), later(1))
    for before, now in (
        (said(0), said(1, YARD)),
        (said(0, None), said(1)),
        (said(0), said(1, None)),
        (said(0), said(9)),
    ):
        assert after(None, before, now, None) is None
    told = later(0) - SETTLES_IN
    assert after(None, said(0), said(1), told) == known and after(None, said(0), said(1), later(-1)) is None


def test_it_stands_until_it_says_otherwise_or_nothing() -> None:
    known = Stood(GATE, later(0), later(10))
    assert after(known, None, said(11), None) == Stood(GATE, later(0), later(11))
    for other in (said(11, YARD), said(11, None), said(15)):
        assert after(known, None, other, None) == Stood(GATE, later(0), later(10), later(10)), (
            "as long as it was seen"
        )
    assert known.until(later(12)) == later(12) and known.until(later(10) + 2 * FRESH) == later(10)


def test_pictures_from_before_it_stood_are_covered_live_too() -> None:
    masks, stood = (AT_GATE, NONE_IN_YARD), Stood(GATE, later(10), later(20))
    found = live(masks, stood, later(21))
    assert [found.at(us(later(s))) for s in (9, 11)] == [(WHOLE,), (SIGN,)]
    assert live(masks, stood, later(30)) == live(masks, None, later(30)) == always([WHOLE]), (
        "nobody heard of it since"
    )
    yard = Stood(YARD, later(10), later(200))
    assert live(masks, yard, later(201)) == OPEN != live(masks, replace(yard, from_at=later(199)), later(201))
    assert live((MASK,), None, later(1)) == always([DOOR])


def test_what_was_recorded_is_covered_by_where_it_stood_then() -> None:
    stood = [Stood(GATE, later(10), later(20), later(20)), Stood(YARD, later(30), later(99))]
    found = recorded((AT_GATE, NONE_IN_YARD), stood, [(later(14), later(16))], later(100))
    each = [(WHOLE,), (SIGN,), (WHOLE,), (SIGN,), (WHOLE,), (), (WHOLE,)]
    assert [found.at(us(later(s))) for s in (5, 12, 15, 18, 25, 40, 101)] == each
    assert found.over(us(later(11)), us(later(13))) == {SIGN} and not found.over(us(later(31)), us(later(90)))
    held = Mask(
        UUID(int=2), UUID(int=9), "a", "b", DOOR, UUID(int=3), NOON, "m1", later(50), asked_at=later(50)
    )
    by_device = recorded((held,), (), (), later(100))
    assert by_device.at(us(later(49))) == (DOOR,) and by_device.at(us(later(50))) == ()
    assert recorded((), stood, (), NOON) == OPEN == always(())


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=6), st.integers(-5, 60))
def test_no_moment_at_which_nobody_knows_is_left_open(spans: list[tuple[int, int]], moment: int) -> None:
    stood = [Stood(YARD, later(min(a, b)), later(max(a, b)), later(max(a, b))) for a, b in spans]
    stands = any(min(a, b) <= moment < max(a, b) for a, b in spans)
    shapes = recorded((NONE_IN_YARD,), stood, (), later(100)).at(us(later(moment)))
    assert shapes == (() if stands else (WHOLE,))


def test_a_time_of_which_one_moment_is_covered_is_seen_and_one_covered_throughout_is_not() -> None:
    half = Cover(((100, (WHOLE,)), (200, ()), (10**18, (WHOLE,))))
    seen = [(0, 100), (0, 101), (150, 160), (199, 300), (200, 300)]
    assert [half.hides_all(*span) for span in seen] == [True, False, False, False, True]
    assert not OPEN.hides_all(0, 1) and always((WHOLE,)).hides_all(0, 1)
