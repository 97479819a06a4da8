"""How much of a time was recorded: a table of days, and nothing counted twice or lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.cameras.model import Camera, CameraId, Shown, of_status
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.geo import Point
from watchfloor.recordings.answers import WHOSE, Whose, answers
from watchfloor.recordings.coverage import NOT_BEGUN, UNKNOWN, Stretch, coverage
from watchfloor.recordings.model import GAP_FROM_US, GAP_OF_STATE, GAP_SENTENCES, GapReason, us
from watchfloor.recordings.planned import Planned, cut
from watchfloor.recordings.play import Range, missing

S = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def live(since_s: int) -> Shown:
    return Shown("normal", "live", "Pictures come.", _EPOCH + timedelta(seconds=since_s))


def dead(since_s: int) -> Shown:
    return Shown("serious", "no answer", "Nothing listens.", _EPOCH + timedelta(seconds=since_s))


@pytest.mark.parametrize(
    ("recorded", "gaps", "state", "told"),
    [
        pytest.param([(0, 940)], [], live(0), (1000, 1000, 0, None), id="live: what is not in the index yet counts"),
        pytest.param([], [], live(400), (1000, 600, 1, (0, 400, UNKNOWN)), id="live since a while, nothing in the index"),
        pytest.param([(0, 300)], [], dead(300), (1000, 300, 1, (300, 1000, "Nothing listens.")), id="away until now: its state says why"),
        pytest.param([(0, 300), (301, 1000)], [], dead(1000), (1000, 1000, 0, None), id="a late picture is no gap"),
        pytest.param(
            [(0, 300), (420, 700), (710, 1000)],
            [(300, 310, GapReason.NO_ROOM), (310, 420, GapReason.CAMERA_SILENT)],
            live(710),
            (1000, 870, 2, (300, 420, "The camera was connected and sent no pictures.")),
            id="the reason of most of the longest gap",
        ),
        pytest.param([(0, 300), (600, 1000)], [], live(600), (1000, 700, 1, (300, 600, UNKNOWN)), id="a gap without a word"),
        pytest.param([(0, 500), (400, 700)], [], live(650), (1000, 1000, 0, None), id="two recorders at once count once"),
        pytest.param([], [], dead(0), (1000, 0, 1, (0, 1000, "Nothing listens.")), id="nothing at all"),
    ],
)  # fmt: skip
def test_a_day_of_a_camera_in_figures(
    recorded: list[Stretch],
    gaps: list[tuple[int, int, GapReason]],
    state: Shown,
    told: tuple[int, int, int, tuple[int, int, str] | None],
) -> None:
    found = coverage(
        [(a * S, b * S) for a, b in recorded],
        [(a * S, b * S, why) for a, b, why in gaps],
        state,
        begin_us=0,
        until_us=1000 * S,
    )
    longest = found.longest and (found.longest.begin_us // S, found.longest.end_us // S, found.longest.reason)
    assert (found.expected_us // S, found.recorded_us // S, found.gaps, longest) == told


def test_each_gap_is_told_in_its_order_with_its_own_reason() -> None:
    told = [(300 * S, 420 * S, GapReason.CAMERA_SILENT), (700 * S, 705 * S, GapReason.NO_ROOM)]
    recorded = [(100 * S, 300 * S), (420 * S, 700 * S), (705 * S, 900 * S)]
    found = coverage(recorded, told, dead(900), begin_us=0, until_us=1000 * S)
    assert [(hole.begin_us // S, hole.end_us // S, hole.reason) for hole in found.holes] == [
        (0, 100, UNKNOWN),
        (300, 420, GAP_SENTENCES[GapReason.CAMERA_SILENT]),
        (700, 705, GAP_SENTENCES[GapReason.NO_ROOM]),
        (900, 1000, "Nothing listens."),
    ]


def test_every_gap_has_somebody_who_answers_for_it() -> None:
    """Whatever its cause, kept or that of the state the camera is in; and what nobody knows the cause of, the center."""
    plain = Camera(
        CameraId(UUID(int=1)), UUID(int=2), "Mill St", TechnologyKind.FIXED_CAMERA, "", "", Point(38.6, -90.2), None, True,
        False, 1, _EPOCH, None,
    )  # fmt: skip
    kept = replace(plain, details=replace(plain.details, owner_text="Streets department"))
    there = replace(kept, site_name="Garage 4")
    said = {reason: [answers(WHOSE[reason], one) for one in (plain, kept, there)] for reason in GapReason}
    assert all(all(each) for each in said.values())
    assert said[GapReason.CAMERA_SILENT] == [
        "the agency’s technicians", "Streets department", "the site Garage 4",
    ]  # fmt: skip
    assert set(said[GapReason.NO_ROOM]) == {"who runs this center"}
    assert answers(Whose.BOX, replace(plain, box="Shop 12")) == "who has the edge box Shop 12"
    found = coverage(
        [(100 * S, 300 * S), (420 * S, 700 * S)],
        [(300 * S, 420 * S, GapReason.BY_AGREEMENT)],
        dead(700),
        begin_us=0,
        until_us=1000 * S,
    )
    assert [hole.whose for hole in found.holes] == [Whose.CENTER, Whose.OWNER, Whose.KEEPER]
    for status, reason in GAP_OF_STATE.items():
        state = of_status(status, "Why.", _EPOCH)
        if state.level != "normal":
            (hole,) = coverage([], [], state, begin_us=0, until_us=1000 * S).holes
            assert hole.whose is WHOSE[reason], status


def test_before_the_first_picture_of_a_new_camera_nothing_was_missed_that_somebody_knows_of() -> None:
    found = coverage([(300 * S, 940 * S)], [], live(300), begin_us=0, until_us=1000 * S, new=True)
    assert found.longest is not None and found.longest.reason == NOT_BEGUN


def test_of_a_camera_that_was_registered_after_it_nothing_is_expected() -> None:
    assert coverage([], [], dead(0), begin_us=5 * S, until_us=3 * S).expected_us == 0


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 200)), max_size=8), st.booleans())
def test_what_is_recorded_and_what_is_missing_is_the_whole_time(
    stretches: list[tuple[int, int]], is_live: bool
) -> None:
    recorded = [(a * S, min(a + long, 1000) * S) for a, long in stretches]
    found = coverage(recorded, [], live(500) if is_live else dead(0), begin_us=0, until_us=1000 * S)
    assert 0 <= found.recorded_us <= found.expected_us == 1000 * S
    longest = found.longest.end_us - found.longest.begin_us if found.longest else 0
    missing = found.expected_us - found.recorded_us
    assert longest <= missing <= longest * max(found.gaps, 1)
    assert (found.gaps == 0) is (missing == 0) and (not found.gaps or longest >= GAP_FROM_US)


@pytest.mark.parametrize(
    ("hole", "planned", "pieces"),
    [
        ((0, 100), [], [(0, 100, None)]),
        ((0, 100), [(20, 60, "A")], [(0, 20, None), (20, 60, "A"), (60, 100, None)]),
        ((30, 50), [(20, 60, "A")], [(30, 50, "A")]),
        ((0, 100), [(-9, 40, "A"), (30, 70, "B")], [(0, 40, "A"), (40, 70, "B"), (70, 100, None)]),
        ((0, 10), [(10, 20, "A")], [(0, 10, None)]),
    ],
)
def test_the_part_of_a_gap_within_planned_work_is_a_gap_of_its_own(
    hole: Stretch, planned: list[Planned], pieces: list[tuple[int, int, str | None]]
) -> None:
    assert list(cut(*hole, planned)) == pieces


def test_planned_work_is_the_reason_of_a_gap_that_it_may_have_made_and_of_no_other() -> None:
    work = [(200 * S, 400 * S, "Planned work by Jo Field: a new switch")]
    for kept, reason in (
        (GapReason.CAMERA_UNREACHABLE, work[0][2]),
        (GapReason.NO_AUTHORISATION, GAP_SENTENCES[GapReason.NO_AUTHORISATION]),
        (GapReason.RECORDER_DOWN, GAP_SENTENCES[GapReason.RECORDER_DOWN]),
    ):
        found = coverage(
            [(0, 100 * S), (600 * S, 1000 * S)], [(100 * S, 600 * S, kept)], live(600), begin_us=0, until_us=1000 * S,
            planned=work,
        )  # fmt: skip
        assert (found.recorded_us, found.gaps) == (500 * S, 3)
        assert [hole.reason for hole in found.holes][1] == reason
        assert {found.holes[n].reason for n in (0, 2)} == {GAP_SENTENCES[kept]}


@pytest.mark.parametrize(
    ("word", "reason"), [("no answer", "Planned work by Jo Field: x"), ("no recorder", "It says nothing.")]
)
def test_a_gap_that_is_not_over_is_planned_works_only_while_the_camera_is_what_fails(
    word: str, reason: str
) -> None:
    state = Shown("serious", word, "It says nothing.", _EPOCH + timedelta(seconds=300))
    found = coverage(
        [(0, 300 * S)], [], state, begin_us=0, until_us=1000 * S,
        planned=[(300 * S, 2000 * S, "Planned work by Jo Field: x")],
    )  # fmt: skip
    assert [hole.reason for hole in found.holes] == [reason]


def test_what_is_kept_at_the_site_is_neither_expected_here_nor_a_gap() -> None:
    at_site = Shown("normal", "at its site", "Its footage is kept at its site.", _EPOCH)
    found = coverage([], [], at_site, begin_us=0, until_us=1000 * S, elsewhere=True)
    assert (found.expected_us, found.recorded_us, found.holes, found.at_site_us) == (0, 0, (), 1000 * S)
    # Recorded here until it was moved there, with a gap of its own before.
    told = [(100 * S, 200 * S, GapReason.CAMERA_SILENT)]
    recorded = [(0, 100 * S), (200 * S, 400 * S)]
    found = coverage(recorded, told, at_site, begin_us=0, until_us=1000 * S, elsewhere=True)
    assert (found.expected_us, found.recorded_us, found.gaps) == (400 * S, 300 * S, 1)
    # And recorded here again.
    told = [(100 * S, 900 * S, GapReason.AT_SITE)]
    found = coverage([(0, 100 * S)], told, live(900), begin_us=0, until_us=1000 * S)
    assert (found.expected_us, found.recorded_us, found.gaps) == (200 * S, 200 * S, 0)


@pytest.mark.parametrize(
    ("day", "hours", "half_past_one"),
    [
        pytest.param(
            "2026-11-01", 25, ["06:30", "07:30"], id="the clocks go back: half past one comes twice"
        ),
        pytest.param("2026-03-08", 23, ["07:30"], id="the clocks go on: the hour from two is never"),
    ],
)
def test_the_day_on_which_the_clocks_change_has_all_its_hours_and_tells_its_two_half_past_ones_apart(
    day: str, hours: int, half_past_one: list[str]
) -> None:
    zone = ZoneInfo("America/Chicago")
    begin = datetime.fromisoformat(day).replace(tzinfo=zone)
    end = (begin + timedelta(days=1)).astimezone(UTC)  # by the clock on the wall
    begin_us, end_us = (us(moment.astimezone(UTC)) for moment in (begin, end))
    assert (end_us - begin_us) // (3600 * S) == hours
    moments = [datetime.fromisoformat(f"{day}T{text}+00:00") for text in half_past_one]
    assert {moment.astimezone(zone).strftime("%H:%M") for moment in moments} == {"01:30"}
    # The last of them was not recorded.
    gap = (us(moments[-1]) - 60 * S, us(moments[-1]) + 60 * S)
    found = coverage(
        [(begin_us, gap[0]), (gap[1], end_us)], [(*gap, GapReason.CAMERA_UNREACHABLE)], dead(0), begin_us=begin_us, until_us=end_us
    )  # fmt: skip
    assert (found.expected_us, found.recorded_us) == (hours * 3600 * S, hours * 3600 * S - 120 * S)
    assert [(hole.begin_us, hole.end_us) for hole in found.holes] == [gap]
    segment = Range(us(moments[0]), us(moments[0]) + S, 7)
    assert missing([segment], us(moments[0]), us(moments[0]) + S) == []
    if len(moments) == 2:
        assert missing([segment], us(moments[1]), us(moments[1]) + S) == [
            (us(moments[1]), us(moments[1]) + S)
        ]
