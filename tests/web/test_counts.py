"""Figures as values: of several agencies together, and in the form that a collector reads."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from watchfloor.web.counts import FIGURES, Counts, Figure


def test_of_two_agencies_numbers_are_added_and_of_ages_the_greatest_counts() -> None:
    cameras = Figure("cameras", {"live": 3, "no answer": 1}, "state")
    assert cameras.with_those_of(Figure("cameras", {"live": 2, "off": 1}, "state")).values == {
        "live": 5, "no answer": 1, "off": 1,
    }  # fmt: skip
    assert cameras.with_those_of(None) is cameras
    age = Figure.of("sweep_round_age_seconds", 10)
    assert age.with_those_of(Figure.of("sweep_round_age_seconds", 70)).values == {"": 70}


def test_what_only_rises_is_a_counter_and_every_figure_has_its_sentence() -> None:
    text = Counts().text([Figure.of("reads_total", 7), Figure("cameras", {"live": 2}, "state")]).decode()
    found = {family.name: family for family in text_string_to_metric_families(text)}
    reads, cameras = found["watchfloor_reads"], found["watchfloor_cameras"]
    assert (reads.type, reads.samples[0].value) == ("counter", 7)
    assert (cameras.type, cameras.samples[0].labels) == ("gauge", {"state": "live"})
    assert cameras.documentation == FIGURES["cameras"]


def test_a_figure_that_the_page_does_not_name_is_refused() -> None:
    with pytest.raises(KeyError, match="secret_plates"):
        Counts().text([Figure.of("secret_plates", 1)])
