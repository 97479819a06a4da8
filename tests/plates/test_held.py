"""What is held of reads of minutes is moved at the cost of what is held, not of what is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import sql

from tests.fixtures.engines import Dsns

AGENCY = "00000000-0000-0000-0000-000000000001"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EACH, READERS = 200, 20
_MOVED = sql.SQL("select source_key from wf_keep_held(%s, %s::uuid[], %s, %s)")
_LOOKED_AT = sql.SQL(
    "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int from pg_stat_xact_user_tables where relname like 'plate_%'"
)


def reader(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012}"


def a_day_of_reads(connection: psycopg.Connection) -> None:
    """A read a second with its picture, of each reader in turn, kept three minutes; of reader 7 the first hour is held."""
    connection.execute("insert into agency values (%s, 'River City', 'UTC', '2026-01-01Z')", [AGENCY])
    connection.execute(
        "insert into retention_rule (agency_id, keep_for, created_at) values (%s, '3 minutes', %s)",
        [AGENCY, NOON],
    )
    (rule,) = connection.execute("select rule from retention_rule").fetchone() or (0,)
    for table in ("plate_read", "plate_picture"):
        connection.execute("call wf_partition_create(%s::text, %s::smallint, %s::date)", [table, rule, NOON])
    connection.execute(
        "insert into plate_read (agency_id, rule, at, device_id, source_key, plate, folded_key, received_at, clock_suspect,"
        " authorisation_id) select %(agency)s, %(rule)s, at, device, n::text, 'ZZNORTH', 1, at, false, %(agency)s from (select n,"
        " %(noon)s + n * interval '1 second' as at, ('00000000-0000-0000-0000-' || lpad((n %% %(readers)s)::text, 12, '0'))::uuid"
        " as device from generate_series(0, %(most)s - 1) n) as came",
        {"agency": AGENCY, "rule": rule, "noon": NOON, "readers": READERS, "most": EACH * READERS},
    )
    connection.execute(
        "insert into plate_picture (agency_id, rule, at, sha256, device_id)"
        " select agency_id, rule, at, source_key, device_id from plate_read"
    )
    for (name,) in connection.execute(
        "select conname from pg_constraint where conrelid = 'hold'::regclass and contype = 'f'"
    ).fetchall():  # a hold's case, which does not matter here
        connection.execute(sql.SQL("alter table hold drop constraint {}").format(sql.Identifier(name)))
    for table in ("plate_read", "plate_picture"):
        connection.execute(
            "insert into hold (id, agency_id, case_id, data_class, about_kind, about_id, from_at, to_at, reason, placed_by, placed_at,"
            " ends_at) values (gen_random_uuid(), %s, %s, %s, 'reader', %s, %s, %s, 'an arrest', %s, %s, %s)",
            [AGENCY, AGENCY, table, reader(7), NOON, NOON + timedelta(hours=1), AGENCY, NOON, NOON],
        )
    connection.execute("analyze plate_read")
    connection.execute("analyze plate_picture")


def moved(
    connection: psycopg.Connection, devices: list[str] | None, first: object, last: object
) -> tuple[list[str], int]:
    """Which came again, and how many rows were looked at."""
    with connection.transaction():
        connection.execute("select set_config('wf.agency', %s, true)", [AGENCY])
        again = connection.execute(_MOVED, [NOON, devices, first, last]).fetchall()
        (looked_at,) = connection.execute(_LOOKED_AT).fetchone() or (0,)
    return [key for (key,) in again], looked_at or 0


def held(connection: psycopg.Connection) -> list[int]:
    """How many reads and pictures lie where a crash does not lose them."""
    return [
        int((connection.execute(count).fetchone() or (0,))[0])
        for count in (
            "select count(*) from plate_read join retention_rule r using (rule) where r.held",
            "select count(*) from plate_picture join retention_rule r using (rule) where r.held",
        )
    ]


def test_what_is_held_is_looked_for_by_its_reader_and_time_and_nothing_else_is_looked_at(dsns: Dsns) -> None:
    within = NOON, NOON + timedelta(seconds=READERS * 3)
    with psycopg.connect(dsns.owner) as owner:
        a_day_of_reads(owner)
    with (
        psycopg.connect(dsns.app, autocommit=True) as app,
        psycopg.connect(dsns.owner, autocommit=True) as owner,
    ):
        assert moved(app, [reader(8)], *within) == ([], 0), "another reader's batch"
        after = NOON + timedelta(hours=2)
        assert moved(app, [reader(7)], after, after + timedelta(hours=1)) == ([], 0), "after the hold"
        again, looked_at = moved(app, [reader(7), reader(8)], *within)
        assert (again, held(owner)) == ([], [3, 3])
        assert looked_at < EACH * READERS / 10, "what came within the batch, not what is kept"
        again, _ = moved(app, None, "-infinity", "infinity")
        of_the_hour = 3600 // READERS
        assert (again, held(owner)) == ([], [of_the_hour, of_the_hour])
        copies = "agency_id, at, device_id, source_key, plate, folded_key, received_at, clock_suspect, authorisation_id"
        owner.execute(
            sql.SQL(
                "insert into plate_read (rule, {0}) select (select rule from retention_rule where not held), {0}"
                " from plate_read where source_key = '7'"
            ).format(sql.SQL(copies))
        )
        assert moved(app, [reader(7)], *within)[0] == ["7"], "it was moved before, and is there once"
        assert held(owner) == [of_the_hour, of_the_hour]
        left = owner.execute("select count(*) from plate_read where source_key = '7'").fetchone()
        assert left == (1,)
