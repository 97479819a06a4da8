"""Searches of the history against a plain walk over the same reads: every kind of criteria, over random histories."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.fixtures.engines import Dsns
from tests.plates.test_sought import distance
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.kit.extent import Extent
from watchfloor.kit.geo import Point, distance_m
from watchfloor.kit.gone import unless_gone
from watchfloor.kit.ids import uuid7
from watchfloor.plates import history_store, scenes_store
from watchfloor.plates.criteria import Criteria, looked, of_said, parts, said, there
from watchfloor.plates.hotlist import key_of
from watchfloor.plates.model import ReaderId, folded
from watchfloor.plates.scenes_store import Scene
from watchfloor.plates.sought import How
from watchfloor.plates.where import Stood, Where
from watchfloor.storage.database import Database
from watchfloor.storage.tx import Tx

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = 3
SPOTS = (Point(38.60, -90.20), Point(38.61, -90.20), Point(38.62, -90.20), Point(38.70, -90.30))
MOVED_AT = NOON - timedelta(days=1)
COLOURS = ("grey", "red", None)
MAKES = ("Ford", "Kia", None)


@dataclass(frozen=True)
class Row:
    """A read as it was put in."""

    plate: str
    reader: int
    minutes: int
    colour: str | None
    own: bool = False
    make: str | None = None

    @property
    def at(self) -> datetime:
        return NOON - timedelta(minutes=self.minutes)

    @property
    def says_where(self) -> bool:
        return self.own and self.reader == 2

    @property
    def spot(self) -> Point:
        """The first reader stood elsewhere before; the third moves, and says of some reads where it was."""
        if self.says_where:
            return SPOTS[3]
        return SPOTS[3] if self.reader == 0 and self.at < MOVED_AT else SPOTS[self.reader]


ROWS = st.lists(
    st.builds(
        Row,
        plate=st.text("AB018", min_size=3, max_size=5),
        reader=st.integers(0, 2),
        minutes=st.integers(0, DAYS * 1440 - 1),
        colour=st.sampled_from(COLOURS),
        own=st.booleans(),
        make=st.sampled_from(MAKES),
    ),
    max_size=25,
)
PLACES = st.one_of(
    st.none(),
    st.builds(
        lambda spot, metres: Where("near", (spot,), metres),
        st.sampled_from(SPOTS), st.sampled_from([50.0, 1_200.0, 9_000.0]),
    ),
    st.just(Where("route", (Point(38.595, -90.2), Point(38.615, -90.2)), 80.0)),
    st.just(Where("area", (Point(38.605, -90.21), Point(38.605, -90.19), Point(38.63, -90.19), Point(38.63, -90.21)))),
)  # fmt: skip
OF_A_READ = ("whole", "begins", "ends", "within", "edited")
TEXTS = st.one_of(
    st.none(),
    st.text("AB018", min_size=3, max_size=5),
    st.sampled_from(["AB?*", "AB0*", "*A1?0", "*018", "B0?1*", "AB*8"]),
    # Of a plate that was read: by text drawn apart too few searches find anything.
    st.sampled_from(OF_A_READ),
)


def of_a_read(text: str | None, rows: Sequence[Row]) -> str | None:
    """The text to look for, where it is to be one of what was read."""
    plate = rows[0].plate if rows else "AB018"
    kinds = {
        "whole": plate, "begins": f"{plate[:3]}*", "ends": f"*{plate[-3:]}", "within": f"{plate[:2]}?*{plate[-1]}",
        "edited": plate[:1] + plate[2:] if len(plate) > 3 else plate + "8",
    }  # fmt: skip
    return kinds.get(text, text) if text is not None else None


WHOLE = (0, DAYS * 1440)
SPANS = st.one_of(st.just(WHOLE), st.tuples(st.integers(0, DAYS * 1440), st.integers(1, DAYS * 1440)))


@dataclass
class Store:
    """A database with three readers, one of which was moved."""

    database: Database
    owner: psycopg.AsyncConnection[tuple[object, ...]]
    agency: UUID
    rule: int
    readers: tuple[ReaderId, ...]

    async def holds(self, rows: Sequence[Row]) -> None:
        await self.owner.execute("delete from plate_read")
        async with self.owner.cursor() as cursor:
            await cursor.executemany(
                "insert into plate_read (agency_id, rule, at, device_id, source_key, plate, folded_key, received_at, clock_suspect,"
                " vehicle, authorisation_id, lat, lon)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s, false, jsonb_build_object('colour', %s::text, 'make', %s::text), %s, %s, %s)",
                [
                    (self.agency, self.rule, one.at, self.readers[one.reader], str(n), one.plate, key_of(one.plate), one.at,
                     one.colour, one.make, self.agency, *((one.spot.lat, one.spot.lon) if one.says_where else (None, None)))
                    for n, one in enumerate(rows)
                ],
            )  # fmt: skip
        await self.owner.commit()

    async def tx(self, act: Callable[[Tx], object]) -> object:
        async with self.database.transaction(agency=self.agency) as connection:
            need = Need.PLATES_SEARCH
            tx = Tx(
                connection, self.agency, NOON + timedelta(hours=1), None, self.agency, need.touches, need.word
            )
            await history_store.bound(tx, 10)
            return await act(tx)  # type: ignore[misc]  # each is a coroutine


async def a_store(dsns: Dsns) -> Store:
    owner = await psycopg.AsyncConnection.connect(dsns.superuser)
    agency, readers = uuid7(NOON), tuple(ReaderId(uuid7(NOON)) for _ in range(3))
    await owner.execute("insert into agency values (%s, 'Town', 'UTC', %s)", (agency, NOON))
    cursor = await owner.execute(
        "insert into retention_rule (agency_id, keep_for, created_at) values (%s, '30 days', %s) returning rule",
        (agency, NOON),
    )
    row = await cursor.fetchone()
    assert row is not None
    rule = int(row[0])
    for n, one in enumerate(readers):
        await owner.execute(
            "insert into reader (id, agency_id, name, technology, place, lat, lon, created_at, created_by, version, mobile)"
            " values (%s, %s, %s, 'plate_reader', %s, %s, %s, %s, %s, 1, %s)",
            (one, agency, f"R{n}", f"Corner {n}", SPOTS[n].lat, SPOTS[n].lon, NOON, agency, n == 2),
        )
    await owner.execute(
        "insert into reader_stood (reader_id, agency_id, since, until, place, lat, lon) values (%s, %s, %s, %s, 'Before', %s, %s)",
        (readers[0], agency, NOON - timedelta(days=9), MOVED_AT, SPOTS[3].lat, SPOTS[3].lon),
    )
    for back in range(DAYS + 2):
        day = (NOON - timedelta(days=back)).date()
        await owner.execute("call wf_partition_create('plate_read', %s::smallint, %s)", (rule, day))
    await owner.commit()
    return Store(await Database.connect(dsns.app, role="wf_app"), owner, agency, rule, readers)


@pytest.fixture
def run_in(dsns: Dsns):  # type: ignore[no-untyped-def]  # a store, and what runs a coroutine in its loop
    """One loop and one store for all examples of a test."""
    loop = asyncio.new_event_loop()
    store = loop.run_until_complete(a_store(dsns))
    yield store, loop.run_until_complete
    loop.run_until_complete(store.database.close())
    loop.run_until_complete(store.owner.close())
    loop.close()


def plainly(rows: Sequence[Row], asked: Criteria, store: Store) -> list[tuple[datetime, str]]:
    """The same search, by looking at each read."""
    found = [
        one
        for one in rows
        if asked.since <= one.at < asked.until
        and (asked.plate is None or _is(asked.plate, asked.how, one.plate))
        and (asked.where is None or _in(asked.where, one.spot))
        and (not asked.readers or store.readers[one.reader] in asked.readers)
        and (asked.colour is None or one.colour == asked.colour)
        and (asked.make is None or one.make == asked.make)
    ]
    return sorted(((one.at, one.plate) for one in found), reverse=True)


def _is(text: str, how: How, plate: str) -> bool:
    pattern = text.replace("?", ".").replace("*", ".*")
    match how:
        case How.EXACT:
            return re.fullmatch(pattern, plate) is not None
        case How.ALIKE:
            return re.fullmatch(folded(pattern), folded(plate)) is not None
        case How.FUZZY:
            return distance(folded(text), folded(plate)) <= 1


def _in(where: Where, spot: Point) -> bool:
    if where.kind == "near":
        return distance_m(where.points[0], spot) <= where.within_m
    # The readers lie well inside or outside of both.
    return spot in (SPOTS[:2] if where.kind == "route" else SPOTS[1:3])


async def searched(
    tx: Tx, asked: Criteria, limit: int
) -> tuple[list[tuple[datetime, str, Point]], list[int]]:
    """All pages of it, and how many reads the first said that there are: in all, by reader, by hour."""
    wanted = looked(asked, await history_store.stands(tx, asked.since, asked.until))
    found: list[tuple[datetime, str, Point]] = []
    after, tally = None, history_store.Tally()
    while True:
        result = await history_store.search(tx, wanted, Extent(limit, after))
        found += [(one.read.at, one.read.plate.text, one.point) for one in result.found.items]
        tally, after = result.tally or tally, result.found.following
        if after is None:
            return found, [
                tally.reads,
                *(sum(one[-1] for one in of) for of in (tally.by_reader, tally.by_hour)),
            ]


def test_each_kind_of_search_finds_what_a_plain_walk_finds(run_in) -> None:  # type: ignore[no-untyped-def]  # as the fixture is
    store, run = run_in

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        ROWS, st.tuples(TEXTS, st.sampled_from(How)), PLACES, SPANS, st.sampled_from([None, None, 0, 2]), st.sampled_from([None, *COLOURS]),
        st.sampled_from(MAKES), st.integers(1, 30),
    )  # fmt: skip
    def compared(rows, text, where, span, reader, colour, make, limit) -> None:  # type: ignore[no-untyped-def]  # drawn by hypothesis
        until = NOON - timedelta(minutes=span[0]) + timedelta(seconds=1)
        readers = () if reader is None else (store.readers[reader],)
        if text[0] is None and where is None and reader is None:
            return
        plate = of_a_read(text[0], rows)
        asked = Criteria(
            until - timedelta(minutes=span[1]), until, plate, text[1], where, readers, colour, make
        )
        assert of_said(said(asked)) == asked
        run(store.holds(rows))
        try:
            found, counts = run(store.tx(lambda tx: searched(tx, asked, limit)))
        except Invalid as refused:
            assert refused.reason in ("plate", "match")
            return
        expected = plainly(rows, asked, store)
        assert sorted(((at, plate) for at, plate, _ in found), reverse=True) == expected
        by_place = {(one.at, one.plate): one.spot for one in rows}
        assert all(point == by_place[at, plate] for at, plate, point in found)
        assert counts == [len(expected)] * 3

    # Whatever is drawn, each kind of text is looked for where there is something to find, with each make and colour.
    kept = [
        Row(plate, n % 3, 60 * n, "red", own=n % 2 == 0, make="Kia")
        for n, plate in enumerate(("A0B81", "A08B1", "B0A18"))
    ]
    for kind, colour in itertools.product(OF_A_READ, (None, "red")):
        how = How.FUZZY if kind == "edited" else How.ALIKE
        make = "Kia" if colour else None
        compared = example(kept, (kind, how), None, WHOLE, None, colour, make, 30)(compared)
    compared()


def test_two_scenes_find_what_a_plain_walk_finds(run_in) -> None:  # type: ignore[no-untyped-def]  # as the fixture is
    store, run = run_in

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(st.builds(Row, plate=st.sampled_from(["AB1", "A81", "B01", "B10"]), reader=st.integers(1, 2),
                           minutes=st.integers(0, 300), colour=st.none()), max_size=12),
        SPANS,
    )  # fmt: skip
    def compared(rows, span) -> None:  # type: ignore[no-untyped-def]  # drawn by hypothesis
        since = NOON - timedelta(minutes=300 - span[0] % 200)
        run(store.holds(rows))
        first = Stood(store.readers[1], "R1", "Corner 1", SPOTS[1], since, since + timedelta(hours=2))
        second = Stood(store.readers[2], "R2", "Corner 2", SPOTS[2], since, NOON)

        async def both(tx: Tx) -> set[tuple[str, frozenset[datetime], frozenset[datetime]]]:
            found, complete = await scenes_store.at_both(
                tx, *(Scene((one,), one.since, one.until) for one in (first, second))
            )
            assert complete
            return {
                (folded(one.first[0].read.plate.text), frozenset(r.read.at for r in one.first), frozenset(r.read.at for r in one.second))
                for one in found
            }  # fmt: skip

        expected = set()
        for plate in {folded(one.plate) for one in rows}:
            at = [[one.at for one in rows if folded(one.plate) == plate and store.readers[one.reader] == scene.reader
                   and scene.since <= one.at < scene.until] for scene in (first, second)]  # fmt: skip
            if any(b > a for a in at[0] for b in at[1]):
                expected.add((plate, *(frozenset(sorted(of)[:5]) for of in at)))
        assert {(p, a, b) for p, a, b in run(store.tx(both))} == expected

    compared()


def test_a_search_of_a_pattern_goes_back_in_parts_that_are_all_of_the_time() -> None:
    asked = looked(Criteria(NOON - timedelta(days=60), NOON, "AB1*"), ())
    found = parts(asked)
    assert [(one.until - one.since).days for one in found] == [7, 31, 22]
    assert (found[0].until, found[-1].since) == (asked.until, asked.since)
    assert all(older.until == newer.since for newer, older in itertools.pairwise(found))
    assert parts(replace(asked, sought=looked(Criteria(asked.since, NOON, "AB123"), ()).sought)) != found


def test_without_a_plate_a_search_is_bounded_in_reader_hours() -> None:
    reader = ReaderId(uuid7(NOON))
    stand = Stood(reader, "R", "Corner", SPOTS[0], NOON - timedelta(days=40), NOON)
    asked = Criteria(stand.since, NOON, where=Where("near", (SPOTS[0],), 100.0))
    assert there(asked, [stand]) == [stand]
    with pytest.raises(Invalid, match="960 hours of readers; at most 750") as refused:
        looked(asked, [stand])
    assert "smaller area" in str(refused.value.next_step)
    assert looked(replace(asked, plate="AB1*"), [stand]).stood == (stand,)


def test_what_is_asked_of_the_database_ends_when_the_asker_is_gone(run_in) -> None:  # type: ignore[no-untyped-def]  # as the fixture is
    store, run = run_in

    class Left:
        """A browser that leaves once the statement runs."""

        async def is_disconnected(self) -> bool:
            return await running() > 0

    async def running() -> int:
        cursor = await store.owner.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and state = 'active' and query like '%pg_sleep(60)%'"
            " and pid <> pg_backend_pid()"
        )
        row = await cursor.fetchone()
        await store.owner.rollback()
        return int(row[0])

    async def left() -> None:
        with pytest.raises(Unavailable, match="has left"):
            await unless_gone(
                Left(), store.tx(lambda tx: tx.fetch("select pg_sleep(60)::text")), SystemClock()
            )
        assert await running() == 0

    run(asyncio.wait_for(left(), 60))


def test_a_statement_that_takes_too_long_is_stopped_and_said(run_in) -> None:  # type: ignore[no-untyped-def]  # as the fixture is
    store, run = run_in

    async def slow(tx: Tx) -> object:
        await history_store.bound(tx, 0.05)
        return await tx.fetch("select pg_sleep(60)::text")

    with pytest.raises(Unavailable, match="took too long"):
        run(store.tx(slow))
