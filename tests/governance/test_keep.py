"""What an authorisation may say of how long data is kept, class by class, and what it then says in words."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from tests.fixtures.center import CenterMaker
from tests.fixtures.engines import Dsns, waits_for_a_lock
from watchfloor.governance.keep import KEEPS, TITLES, lengths, minutes_of
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.errors import Invalid
from watchfloor.storage.classes import TABLES, DataClass, Retention

READER, CAMERA = TechnologyKind.PLATE_READER, TechnologyKind.FIXED_CAMERA


def days(technology: TechnologyKind, base: int, **named: int) -> dict[str, int]:
    return {length.data_class.value: length.keep_for.days for length in lengths(technology, base, named, {})}


@pytest.mark.parametrize(
    ("base", "named", "kept"),
    [
        (30, {}, {"plate_read": 30, "plate_picture": 30, "plate_hit": 30}),
        (30, {"plate_hit": 365}, {"plate_read": 30, "plate_picture": 30, "plate_hit": 365}),
        (30, {"plate_read": 3}, {"plate_read": 3, "plate_picture": 3, "plate_hit": 30}),
        (30, {"plate_read": 0}, {"plate_read": 0, "plate_picture": 0, "plate_hit": 30}),
        (30, {"plate_read": 60}, {"plate_read": 60, "plate_picture": 30, "plate_hit": 30}),
        (30, {"plate_picture": 0}, {"plate_read": 30, "plate_picture": 0, "plate_hit": 30}),
    ],
)
def test_each_class_is_kept_as_named_and_else_as_the_whole(
    base: int, named: dict[str, int], kept: dict[str, int]
) -> None:
    assert days(READER, base, **named) == kept


@pytest.mark.parametrize(
    ("technology", "base", "named", "field", "words"),
    [
        (CAMERA, 0, {}, "keep_for_days", "from 1 day to ten years"),
        (CAMERA, 3651, {}, "keep_for_days", "from 1 day to ten years"),
        (CAMERA, 30, {"footage": 0}, "keep_by_class", "Footage are kept from 1"),
        (
            CAMERA,
            30,
            {"plate_read": 3},
            "keep_by_class",
            "not a class of data that this technology keeps: footage",
        ),
        (READER, 30, {"plate_hit": 0}, "keep_by_class", "kept from 1 to 3650"),
        (READER, 30, {"plate_read": -1}, "keep_by_class", "kept from 0 to 3650"),
        (READER, 30, {"plate_read": 7, "plate_picture": 8}, "keep_by_class", "not kept longer than the read"),
        (TechnologyKind.AUDIO, 30, {"audio": 1}, "keep_by_class", "none of its own"),
    ],
)
def test_what_cannot_be_approved_is_refused_with_the_field(
    technology: TechnologyKind, base: int, named: dict[str, int], field: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        lengths(technology, base, named, {})
    assert refused.value.reason == field


@pytest.mark.parametrize(
    ("days_named", "minutes", "kept"),
    [
        ({}, {"plate_read": 3}, (3, 3, 43_200)),
        ({"plate_hit": 365}, {"plate_read": 1439, "plate_picture": 30}, (1439, 30, 525_600)),
        ({"plate_picture": 0}, {"plate_read": 30}, (30, 0, 43_200)),
        ({}, {"plate_picture": 30}, (43_200, 30, 43_200)),
    ],
)
def test_reads_and_their_pictures_may_be_kept_for_minutes_and_hits_apart_for_days(
    days_named: dict[str, int], minutes: dict[str, int], kept: tuple[int, int, int]
) -> None:
    found = lengths(READER, 30, days_named, minutes)
    assert tuple(minutes_of(one.keep_for) for one in found) == kept


@pytest.mark.parametrize(
    ("days_named", "minutes", "words"),
    [
        ({}, {"plate_read": 2}, "from 3 to 1439 minutes"),
        ({}, {"plate_read": 1440}, "what is kept longer has days"),
        ({}, {"plate_hit": 30}, "kept for days, never for minutes"),
        ({"plate_read": 3}, {"plate_read": 3}, "in days or in minutes, not both"),
        ({}, {"plate_read": 3, "plate_picture": 4}, "not kept longer than the read"),
        ({}, {"footage": 30}, "not a class of data that this technology keeps"),
    ],
)
def test_minutes_that_cannot_be_approved_are_refused(
    days_named: dict[str, int], minutes: dict[str, int], words: str
) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        lengths(READER, 30, days_named, minutes)
    assert refused.value.reason == "keep_minutes"


def test_what_may_be_named_is_what_is_kept_by_rule() -> None:
    by_rule = {kept.data_class for kept in TABLES.values() if kept.retention is Retention.BY_RULE}
    # Clips are few: each has its own end, from the authorisation's length.
    by_row = {DataClass.SOUND_CLIP}
    assert TABLES["sound_clip"].retention is Retention.UNTIL_EXPIRY
    for classes in KEEPS.values():
        assert set(classes) <= by_rule | by_row
        assert set(classes) <= set(TITLES)


async def test_two_persons_approve_each_length_and_everybody_reads_it(center: CenterMaker) -> None:
    async with center() as web:
        named = {"plate_read": 0, "plate_hit": 365}
        made = await web.authorise("plate_reader", keep_by_class=named)
        clerk = await web.person("clerk")
        (proposal,) = (await clerk.get("/api/v1/proposals?state=all")).json()["items"]
        assert "plate reads are matched and never stored" in proposal["sentence"]
        assert "hits with their pictures and alerts 365 days" in proposal["sentence"]
        assert proposal["payload"]["keep_by_class"] == named
        shown = (await clerk.get(f"/api/v1/authorisations/{made}")).json()
        assert shown["keep_for_days"] == 30
        assert shown["keep_by_class"] == {"plate_read": 0, "plate_picture": 0, "plate_hit": 365}
        kinds = (await clerk.get("/api/v1/technologies")).json()["items"]
        (reader,) = [kind for kind in kinds if kind["technology"] == "plate_reader"]
        assert [(k["data_class"], k["may_be_none"]) for k in reader["keeps"]] == [
            ("plate_read", True),
            ("plate_picture", True),
            ("plate_hit", False),
        ]
        wrong = await clerk.post("/api/v1/authorisations", json=web_form(shown, {"footage": 3}))
        assert (wrong.status_code, wrong.json()["reason"]) == (422, "keep_by_class"), wrong.text


def web_form(shown: dict[str, object], named: dict[str, int]) -> dict[str, object]:
    """What was approved, proposed again with other lengths."""
    fields = (
        "technology",
        "title",
        "effective_at",
        "expires_at",
        "purposes",
        "roles",
        "area",
        "keep_for_days",
    )
    bodies = [{"body": "City Council", "instrument": "Resolution 12", "approved_at": shown["effective_at"]}]
    return {field: shown[field] for field in fields} | {"bodies": bodies, "keep_by_class": named}


async def test_an_approval_and_a_maker_of_partitions_never_wait_for_each_other_in_a_ring(
    center: CenterMaker, dsns: Dsns
) -> None:
    """The maker takes the tables in the order of their names, and is half way."""
    make = "call wf_partition_create(%s, 77::smallint, '2026-11-22')"
    async with center() as web:
        async with await psycopg.AsyncConnection.connect(dsns.owner) as maker:
            await maker.execute(make, ("plate_hit",))
            approving = asyncio.create_task(web.authorise("plate_reader"))
            while not await waits_for_a_lock(dsns.owner):
                await web.parts.clock.sleep(0.05)
            await maker.execute(make, ("plate_read",))
        assert await approving
