"""What the bench of reading says of its counts."""

from __future__ import annotations

from watchfloor.bench.reading import figures_of, told


def test_figures_are_of_the_time_that_was_measured() -> None:
    counts = {"pictures": 200.0, "moving": 120.0, "looked": 30.0, "busy": 90.0, "cpu_s": 15.0}
    figures = figures_of(counts, 18.0, 60)
    assert (figures["looked"], figures["busy"], figures["looked_a_second"]) == (30, 90, 0.5)
    assert (figures["cpu_s_per_looked"], figures["cpu_s_per_looked_with_decoding"], figures["cores"]) == (
        0.5,
        0.6,
        0.3,
    )


def test_where_nothing_was_read_there_is_no_figure_of_it() -> None:
    assert figures_of({"looked": 0.0, "cpu_s": 0.0}, 1.0, 10)["cpu_s_per_looked"] is None
    assert told([]) == {"reads": 0, "delay_s_median": None, "delay_s_most": None}
    assert told([2.0, 1.0, 4.0]) == {"reads": 3, "delay_s_median": 2.0, "delay_s_most": 4.0}
