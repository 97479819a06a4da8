"""The benches of a whole center, short and on one center: each says the figures that were promised, and none was made up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.fixtures.browser import leave_out, why_no_browser
from watchfloor.bench import _center, alerts, audit, edge, floor, live, record, revocation, seeing
from watchfloor.bench._say import say
from watchfloor_sim.scene import scene_clip

pytestmark = [pytest.mark.slow, pytest.mark.soak, pytest.mark.browser, pytest.mark.timeout(400)]
Figures = dict[str, dict[str, Any]]
# What each was promised to say, by these names.
PROMISED: Final = {
    "record": {
        "cpu_ms_per_camera_s",
        "rss_mb_per_camera",
        "frames_in",
        "frames_recorded",
        "gaps",
        "cold_start_s",
    },
    "live": {"first_frame_ms", "glass_to_glass_ms_median", "glass_to_glass_ms_p95"},
    "alerts": {"reads_accepted", "reads_lost", "alert_ms_p50", "alert_ms_p95", "alert_ms_p99"},
    "audit": {"request_ms_p95_added"},
    "edge": {
        "cpu_ms_per_camera_s",
        "rss_mb",
        "start_s",
        "start_s_full_ring",
        "tap_to_cut_ms_median",
    },
    "revocation": {"dark_ms_median", "dark_ms_max", "revoked_dark_ms_max", "played_dark_ms_max"},
    "seeing": {"seeing_ms_p50", "seeing_ms_p95"},
    "floor": {"main_thread_ms_per_s", "memory_mb", "first_paint_ms"},
}


@pytest.fixture(scope="module")
def figures() -> Iterator[Figures]:
    if why := why_no_browser():
        leave_out(why)
    yield asyncio.run(_measured())


async def _measured() -> Figures:
    clip = await asyncio.to_thread(scene_clip, 4.0)
    # A center of its own: the others count every camera that there is.
    async with _center.running(edge.config(edge.free_port())) as center:
        boxed = await edge.measured_in(center, clip, edge.Asked(2, 1, 0, 1, 0, 8))
    async with _center.running({"record": {"camera_networks": "127.0.0.0/8"}}) as center:
        revoked = await revocation.measured_in(center, 1, 2)
    async with _center.running({"record": {"camera_networks": "127.0.0.0/8"}}) as center:
        figures: Figures = {
            "edge": boxed,
            "revocation": revoked,
            "record": await record.measured_in(center, clip, 2, 3, idle_s=0.5, settle_s=2.0),
            "live": await live.measured_in(center, 1, 1, 1, 15),
            "alerts": await alerts.measured_in(center, 200, 2, 500, warm_up_s=0.5),
            "audit": await audit.measured_in(center, 60, 8),
            "seeing": await seeing.measured_in(center, 4_000, 300, 40),
        }
    # Of the console alone: a center beside it would be measured as well.
    return figures | {"floor": await floor.measured(100, 30, 60, 2, settle_s=0.5)}


@pytest.mark.parametrize("bench", list(PROMISED))
def test_the_bench_says_the_figures_that_were_promised(figures: Figures, bench: str) -> None:
    assert PROMISED[bench] <= set(figures[bench])


def test_frames_are_counted_by_the_camera_and_in_the_files(figures: Figures) -> None:
    said = figures["record"]
    assert (said["cameras"], said["watched"], said["gaps"]) == (2, 2, 0)
    assert said["frames_in"] == said["frames_recorded"] > 2 * 3 * 14
    assert 0 < said["cpu_ms_recorder"] <= said["cpu_ms_per_camera_s"] < 1000
    assert said["seek_ms_median"] > 0


def test_what_the_screen_showed_came_from_the_camera_a_moment_before(figures: Figures) -> None:
    said = figures["live"]
    assert said["frames_shown"] >= live.FEWEST > 5  # however long a busy machine takes to draw them
    assert 0 < said["glass_to_glass_ms_median"] <= said["glass_to_glass_ms_p95"]
    assert 0 < said["first_frame_ms"] <= said["first_frame_ms_max"]


def test_a_box_of_one_core_is_cut_and_starts_with_what_it_kept(figures: Figures) -> None:
    said = figures["edge"]
    assert (said["cameras"], said["cores_of_the_box"], said["kept_mb"] >= 8) == (2, 1, True)
    assert said["pictures_per_s"] > 10 and 0 < said["cpu_ms_per_camera_s"] < 1000
    assert 0 < said["tap_to_cut_ms_median"] <= said["tap_to_cut_ms_max"]
    assert said["start_s"] > 0 and said["start_s_full_ring"] > 0


def test_an_owner_darkens_who_watches_and_who_plays(figures: Figures) -> None:
    said = figures["revocation"]
    assert (said["viewers"], said["times"]) == (1, 2)
    assert 0 < said["dark_ms_median"] <= said["dark_ms_max"] >= said["revoked_dark_ms_max"] > 0
    # The better of two presses: a busy machine draws late.
    assert 0 < said["played_dark_ms_least"] <= said["played_dark_ms_max"]
    assert min(said["dark_ms_median"], said["revoked_dark_ms_max"]) < 1000 > said["played_dark_ms_least"]


def test_every_read_that_was_taken_is_in_the_database_and_every_alert_came_on_the_screen(
    figures: Figures,
) -> None:
    said = figures["alerts"]
    assert said["reads_lost"] == 0
    assert said["reads_accepted"] >= 200 * 2
    assert said["alerts_shown"] == said["hits_sent"] >= 2
    assert 0 < said["raised_ms_p50"] <= said["alert_ms_p50"] <= said["alert_ms_p95"] <= said["alert_ms_p99"]


def test_the_log_costs_a_request_what_it_takes_longer(figures: Figures) -> None:
    said = figures["audit"]
    assert said["request_ms_p95_added"] == round(said["audited_ms_p95"] - said["plain_ms_p95"], 2)
    assert said["audited_cpu_ms_per_request"] > said["plain_cpu_ms_per_request"] > 0


def test_a_bench_ends_with_one_json_line(figures: Figures, capsys: pytest.CaptureFixture[str]) -> None:
    for said in figures.values():
        say(said, as_json=True)
        out = capsys.readouterr().out
        assert out.count("\n") == 1 and json.loads(out) == said
    say({"gaps": 0}, as_json=False)
    assert capsys.readouterr().out.split() == ["gaps", "0"]


def test_the_places_asked_about_are_seen_by_some_of_the_citys_cameras(figures: Figures) -> None:
    said = figures["seeing"]
    assert 0 < said["cameras_seeing_a_place"] < 20
    assert 0 < said["seeing_ms_p50"] <= said["seeing_ms_p95"]
