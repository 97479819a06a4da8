"""The figures of the whole center, asked for as a collector does: every process is told of, and they move when something happens."""

from __future__ import annotations

import os
import re
import signal

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.fixtures.browser import City, until
from watchfloor.engines.endpoints import Endpoints
from watchfloor.web.counts import FIGURES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
Figures = dict[tuple[str, str], float]


def figures(city: City) -> Figures:
    """Every value by its name and the values of its labels."""
    answer = httpx.get(f"{city.base}/api/v1/metrics", timeout=20)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name.removeprefix("watchfloor_"), " ".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def of_all(found: Figures, name: str) -> float:
    return sum(value for (figure, _), value in found.items() if figure == name)


def test_every_process_is_told_of_as_it_really_is(city: City) -> None:
    until(lambda: figures(city).get(("cameras", "live")), "a live camera: the city may have begun just now")
    found = figures(city)
    for process in Endpoints.read(city.data).pids:
        assert found["process_up", process] == 1
        assert found["process_cpu_seconds_total", process] > 0
        assert found["process_resident_memory_bytes", process] > 2**20
    assert (found["engine_up", "postgres"], found["engine_up", "nats"]) == (1, 1)
    assert found["recorders", ""] == 1 and found["cameras", "live"] >= 1
    assert found["spool_bytes", ""] > 0 and found["spool_refused_rows", ""] == 0
    assert (found["quarantined_messages", ""], found["jobs_stuck", ""], found["sweep_failing_steps", ""]) == (
        0,
        0,
        0,
    )
    assert found["sweep_round_age_seconds", ""] < 120
    assert found["log_entries_total", ""] > 20


def test_the_figures_move_when_a_wanted_car_passes_and_a_minute_is_recorded(city: City) -> None:
    before = figures(city)
    city.passes(city.wanted())

    def moved() -> bool:
        now = figures(city)
        return (
            now["reads_total", ""] == before["reads_total", ""] + 1
            and now["hits", "24h"] == before["hits", "24h"] + 1
            and of_all(now, "alerts_open") == of_all(before, "alerts_open") + 1
            and now["log_entries_total", ""] > before["log_entries_total", ""]
        )

    until(moved, "the read, its hit, its alert and their entries in the log")
    # A minute of footage is in the index once its segment is cut; other tests have taken that long already.
    until(lambda: figures(city)["recorded_frames", "10m"] > 10 * 15, "a segment in the index", 150)
    after = figures(city)
    assert after["recorded_bytes", "10m"] > after["recorded_frames", "10m"]
    assert after["process_cpu_seconds_total", "serve"] > before["process_cpu_seconds_total", "serve"]


def test_a_process_that_was_started_again_is_seen_by_when_it_was(city: City) -> None:
    began = figures(city)["process_start_time_seconds", "sweep"]
    os.kill(city.pid("sweep"), signal.SIGKILL)
    until(lambda: figures(city).get(("process_start_time_seconds", "sweep"), 0) > began, "the sweep again")


def test_what_the_page_of_figures_names_is_what_is_there(city: City) -> None:
    city.passes(city.wanted())
    until(lambda: of_all(figures(city), "alerts_open"), "an open alert: without one there is no state of any")
    # No disks of their own, perhaps nothing down, storage is listed once a day, and nothing is kept for less than one.
    perhaps = {
        "canary_gone_seconds",
        "disk_up",
        "disk_free_bytes",
        "camera_outages",
        "oldest_age_seconds",
        "oldest_most_age_seconds",
    }
    found = {re.sub("_(bucket|sum|count|created)$", "", name) for name, _ in figures(city)}
    assert found | perhaps == {
        re.sub("_total$", "", name) if name == "http_requests_total" else name for name in FIGURES
    } | {"http_requests_total"}


def test_requests_are_told_apart_by_route_and_kind_of_error_and_people_by_nothing(city: City) -> None:
    with pytest.raises(Exception, match="answered 403"):
        city.get("administrator", "/alerts")
    httpx.get(f"{city.base}/api/v1/cameras/cam_nonsense")
    found = figures(city)
    assert found["http_requests_total", "refused /api/v1/alerts 403"] >= 1
    assert found["http_requests_total", "unauthenticated /api/v1/cameras/{camera_id} 401"] >= 1
    assert found["http_request_duration_seconds_count", "/api/v1/alerts"] >= 1
    text = httpx.get(f"{city.base}/api/v1/metrics").text
    words = ("QZ0", "Mill St", "Northgate", "administrator", "cam_", "per_")
    assert [word for word in words if word in text] == []
