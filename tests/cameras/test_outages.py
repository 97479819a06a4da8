"""One dead switch is one outage: what is put together, what is not, and what is no outage at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from watchfloor.cameras.details import Details
from watchfloor.cameras.model import Camera, CameraId, Said, Shown, while_planned
from watchfloor.cameras.outages import Down, Key, Outage, Shared, grouped, outages
from watchfloor.cameras.state import CameraStatus
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.geo import Point

AT = datetime(2026, 11, 29, 2, 11, tzinfo=UTC)
SWITCH, OTHER, POWER = (Shared.SWITCH, "MDF-3"), (Shared.SWITCH, "IDF-1"), (Shared.POWER, "UPS A")


def down(number: int, *keys: Key, after_s: float = 0.0) -> Down:
    return Down(UUID(int=number), f"C-{number:03}", "no answer", AT + timedelta(seconds=after_s), keys)


def told(found: list[Outage]) -> list[tuple[str, int, int]]:
    return [(one.title, len(one.cameras), one.of) for one in found]


def test_cameras_of_one_switch_that_went_down_together_are_one_outage() -> None:
    cameras = [down(n, SWITCH, POWER, after_s=n * 4) for n in range(14)]
    (found,) = grouped([*reversed(cameras)], {SWITCH: 15, POWER: 60})
    assert (found.title, found.since, len(found.cameras), found.of) == ("Switch MDF-3", AT, 14, 15)


def test_what_explains_most_comes_first_and_of_two_that_explain_the_same_the_switch() -> None:
    cameras = [down(n, SWITCH if n < 4 else OTHER, POWER) for n in range(10)]
    assert told(grouped(cameras, {SWITCH: 4, OTHER: 6, POWER: 10})) == [("Power feed UPS A", 10, 10)]
    assert told(grouped(cameras[:4], {SWITCH: 4, OTHER: 6, POWER: 10})) == [("Switch MDF-3", 4, 4)]


def test_cameras_that_went_down_at_other_times_are_outages_of_their_own() -> None:
    cameras = [*(down(n, SWITCH) for n in range(3)), down(9, SWITCH, after_s=7200), down(8, OTHER)]
    assert told(grouped(cameras, {SWITCH: 5, OTHER: 9})) == [
        ("Switch MDF-3", 3, 5), ("C-008", 1, 1), ("C-009", 1, 1),
    ]  # fmt: skip


def test_two_of_a_hundred_on_one_switch_are_a_coincidence() -> None:
    assert told(grouped([down(1, SWITCH), down(2, SWITCH)], {SWITCH: 100})) == [
        ("C-001", 1, 1), ("C-002", 1, 1),
    ]  # fmt: skip
    assert grouped([], {}) == []


def camera(
    number: int,
    status: CameraStatus = CameraStatus.UNREACHABLE,
    *,
    enabled: bool = True,
    silent: bool = False,
) -> Camera:
    said = Said(status, "why", AT, AT - timedelta(minutes=silent), False, None, None, None, None, None, 0)
    return Camera(
        CameraId(UUID(int=number)), UUID(int=1), f"C-{number:03}", TechnologyKind.FIXED_CAMERA, "", "", Point(0, 0),
        None, enabled, False, 1, AT, said, details=Details(network_switch="MDF-3"),
    )  # fmt: skip


def test_what_is_off_not_allowed_planned_or_in_order_is_no_outage_and_what_has_no_recorder_is_the_recorders() -> (
    None
):
    cameras = [
        camera(1), camera(2), camera(3), camera(4, CameraStatus.LIVE), camera(5, CameraStatus.NOT_AUTHORISED),
        camera(6, enabled=False),
    ]  # fmt: skip
    (found,) = outages(cameras, {UUID(int=3)}, AT)
    assert [one.name for one in found.cameras] == ["C-001", "C-002"] and found.of == 4
    # Work on cameras explains no dead recorder.
    silent = [camera(n, CameraStatus.LIVE, silent=True) for n in range(3)]
    (found,) = outages(silent, {one.id for one in silent}, AT)
    assert (found.title, found.shared, len(found.cameras)) == ("No recorder", Shared.RECORDER, 3)


def test_a_dead_site_is_one_outage_though_one_of_its_cameras_is_in_planned_work() -> None:
    dead = [replace(camera(n), site_name="Mill", details=Details()) for n in range(4)]
    (found,) = outages(dead, {dead[0].id}, AT)
    assert (found.shared, len(found.cameras), found.of) == (Shared.SITE, 3, 3)


def test_an_edge_box_that_is_away_is_one_outage_whatever_its_cameras_hang_on() -> None:
    away = [replace(camera(n, CameraStatus.BOX_AWAY), box="Yard") for n in range(3)]
    other = replace(camera(4, CameraStatus.BOX_AWAY), box="Shed")
    here = replace(camera(5, CameraStatus.LIVE), box="Yard")
    found = outages([*away, other, here], set(), AT)
    assert [(one.title, len(one.cameras), one.of) for one in found] == [
        ("Edge box Yard is away", 3, 4),
        ("Edge box Shed is away", 1, 1),
    ]


def test_a_camera_whose_outage_was_planned_is_no_alarm_and_one_in_order_stays_so() -> None:
    serious, live = Shown("serious", "no answer", "It does not answer.", AT), Shown("normal", "live", "", AT)
    planned = while_planned(serious, "Planned work by Jo Field: a new switch")
    assert (planned.level, planned.word) == ("standby", "planned work")
    assert while_planned(live, "Planned work") is live and while_planned(serious, None) is serious
