"""Figures as values: of several agencies together, and in the form that a collector reads."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.fixtures.center import CenterMaker
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity import store as identity_store
from watchfloor.kit.clock import ManualClock
from watchfloor.kit.errors import Unavailable
from watchfloor.plates.health_book import HealthBook
from watchfloor.storage.tx import Tx
from watchfloor.web.counts import FIGURES, Counts, Figure
from watchfloor.wiring.figures import counted, of_readers, of_the_center, of_upkeep


def test_of_two_agencies_numbers_are_added_and_of_ages_the_greatest_counts() -> None:
    cameras = Figure("cameras", {"live": 3, "no answer": 1}, "state")
    assert cameras.with_those_of(Figure("cameras", {"live": 2, "off": 1}, "state")).values == {
        "live": 5, "no answer": 1, "off": 1,
    }  # fmt: skip
    assert cameras.with_those_of(None) is cameras
    age = Figure.of("sweep_round_age_seconds", 10)
    assert age.with_those_of(Figure.of("sweep_round_age_seconds", 70)).values == {"": 70}
    assert age.with_those_of(Figure("sweep_round_age_seconds", {})).values == {"": 10}


async def test_what_never_happened_is_as_late_as_the_center_is_old(center: CenterMaker) -> None:
    async with center() as web:
        parts = web.parts
        late = ManualClock(parts.clock.now() + timedelta(hours=2))
        door = Door(parts.database, late, DoorRules({}, identity_store.why_ended, False))
        async with door.open(Ask(process_actor(parts.agency, "serve"), Need.FIGURES_COUNT)) as tx:
            found = {
                figure.name: figure.values for figure in [*await of_upkeep(tx), *await of_the_center(tx)]
            }
    assert 7200 <= found["sweep_round_age_seconds"][""] < 7500
    assert 7200 <= found["log_checkpoint_age_seconds"][""] < 7500


async def test_what_is_counted_is_what_a_collector_may_touch(center: CenterMaker) -> None:
    async with (
        center() as web,
        web.parts.door.open(Ask(process_actor(web.parts.agency, "serve"), Need.FIGURES_COUNT)) as tx,
    ):
        readers, video, looking = await of_readers(tx, HealthBook())
    assert (readers.name, readers.label) == ("readers", "state")
    assert (video.name, video.label) == ("video_pictures_total", "outcome") and set(video.values) >= {
        "looked",
        "busy",
    }
    assert looking.values == {"": 0.0}, "nothing was looked at"


async def test_a_figure_that_cannot_be_counted_leaves_the_others_be_and_a_database_that_is_away_is_said() -> (
    None
):
    async def breaks(_: Tx) -> Iterable[Figure]:
        raise KeyError("state")

    async def is_away(_: Tx) -> Iterable[Figure]:
        raise Unavailable("The database does not answer.")

    assert list(await counted(_no_transaction, breaks)) == []
    with pytest.raises(Unavailable):
        await counted(_no_transaction, is_away)


def _no_transaction() -> AbstractAsyncContextManager[Tx]:
    return nullcontext(object.__new__(Tx))


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
