"""Bringing a database to this program's schema: once, by whoever comes first, all of it or nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from tests.fixtures.engines import Dsns, run
from watchfloor.engines.bootstrap import OWNER, rights
from watchfloor.engines.endpoints import dsn_of, password_file
from watchfloor.engines.postgres import Postgres
from watchfloor.governance.store import AUTHORISATION
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.storage.migrate import migrate, pending
from watchfloor.storage.newest import MIGRATIONS, at_newest, made_from


@pytest.fixture
def empty(postgres: Postgres) -> Iterator[str]:
    """The owner's connection string of a database in which nothing is."""
    name = "t_migrate"
    with psycopg.connect(postgres.superuser_dsn(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} owner {} template template0").format(
                sql.Identifier(name), sql.Identifier(OWNER)
            )
        )
    run(rights(postgres.superuser_dsn(name), name))
    yield dsn_of(make_conninfo(postgres.place, dbname=name), OWNER, password_file(postgres.layout, OWNER))
    with psycopg.connect(postgres.superuser_dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def tables(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    assert row is not None
    return int(row[0])


def test_an_empty_database_gets_every_revision_once(empty: str) -> None:
    every = pending(empty)
    assert every[:6] == ["0001", "0002", "0003", "0004", "0005", "0006"]
    assert migrate(empty) == (None, every[-1])
    assert pending(empty) == []
    assert migrate(empty) == (every[-1], every[-1])


def test_a_start_with_nothing_to_migrate_asks_only_whether_that_is_so(empty: str) -> None:
    assert not at_newest(empty)
    _, newest = migrate(empty)
    assert at_newest(empty)
    for wrong in (
        "update alembic_version set version_num = '0001'",
        "delete from alembic_version",
        "comment on table alembic_version is '0007 abc'",
    ):
        with psycopg.connect(empty) as connection:
            connection.execute(wrong)
        assert not at_newest(empty), wrong
        with psycopg.connect(empty) as connection:
            connection.execute("delete from alembic_version")
            connection.execute("insert into alembic_version values (%s)", [newest])
    assert not at_newest("host=/nowhere dbname=watchfloor user=wf_owner")


async def test_two_starters_at_once_migrate_once(empty: str) -> None:
    answers = await asyncio.gather(*(asyncio.to_thread(migrate, empty) for _ in range(3)))
    head = answers[0][1]
    assert sorted(answers, key=str) == sorted([(None, head), (head, head), (head, head)], key=str)
    assert tables(empty) > 30


def test_a_migration_that_fails_halfway_leaves_the_database_untouched(empty: str) -> None:
    with psycopg.connect(empty) as connection:
        connection.execute("create table hot_list (in_the_way int)")  # 0005 makes one of that name
    with pytest.raises(psycopg.errors.DuplicateTable):
        migrate(empty)
    assert tables(empty) == 1
    with psycopg.connect(empty) as connection:
        connection.execute("drop table hot_list")
    assert migrate(empty)[0] is None


def test_a_database_of_a_newer_program_is_refused(dsns: Dsns) -> None:
    with psycopg.connect(dsns.owner) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(Invalid, match="newer watchfloor"):
        migrate(dsns.owner)
    with pytest.raises(Invalid, match="newer watchfloor"):
        pending(dsns.app)


def test_a_database_that_other_files_made_is_refused_before_anything_is_asked_of_it(empty: str) -> None:
    """Until the first release the SQL of a revision may change; a database of the old one fits nothing."""
    migrate(empty)
    with psycopg.connect(empty) as connection:
        connection.execute("comment on table alembic_version is '0007 abc'")
    for look in (migrate, pending):
        with pytest.raises(Invalid, match="as another unreleased watchfloor made it") as refused:
            look(empty)
        assert refused.value.next_step == "Start that version again, or begin in a new data directory."


def test_a_server_that_does_not_answer_is_said_to_be_away() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        migrate("host=/nowhere dbname=watchfloor user=wf_owner")


def test_every_revision_runs_the_file_of_its_own_name() -> None:
    revisions = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))
    files = sorted(MIGRATIONS.glob("*.sql"))
    assert [p.stem for p in revisions] == [p.stem for p in files]
    for path in revisions:
        assert re.findall(r'run_sql\("(.+)"\)', path.read_text()) == [path.stem]
    assert all(path.read_text().strip() for path in files)


AGENCY, CLERK, SECOND = (f"00000000-0000-0000-0000-00000000000{n}" for n in (1, 2, 3))


def _before(dsn: str, revision: str) -> None:
    """The database as the files before this revision made it."""
    files = [file for file in sorted(MIGRATIONS.glob("*.sql")) if file.name < revision]
    last = files[-1].name[:4]
    with psycopg.connect(dsn) as connection:
        for file in files:
            connection.execute(file.read_bytes())
        connection.execute("create table alembic_version (version_num varchar(32) primary key)")
        connection.execute("insert into alembic_version values (%s)", [last])
        connection.execute(
            sql.SQL("comment on table alembic_version is {}").format(sql.Literal(made_from(last)))
        )


def _named(connection: psycopg.Connection, day: int, *yes: str) -> str:
    """An authorisation as 0013 kept it, approved on a day of March 2026 by these bodies, which it names."""
    at = f"2026-03-{day:02} 12:00Z"
    made = f"00000000-0000-0000-0000-0000000001{day:02}"
    connection.execute(
        "insert into authorisation (id, agency_id, technology, title, effective_at, expires_at, purposes, roles, area, rule, sharing,"
        " audio, proposed_by, approved_at, approved_by, note, created_at, version) select %(id)s, %(agency)s, 'fixed_camera', 'Cameras',"
        " %(at)s, '2030-01-01Z', '{}', '{}', '[]', rule, 'none', false, %(clerk)s, %(at)s, %(second)s, '', %(at)s, 1 from retention_rule",
        {"id": made, "agency": AGENCY, "at": at, "clerk": CLERK, "second": SECOND},
    )
    for body in yes:
        connection.execute(
            "insert into approving_body values (gen_random_uuid(), %s, %s, true, %s) on conflict do nothing",
            [AGENCY, body, at],
        )
        connection.execute(
            "insert into authorisation_approval select gen_random_uuid(), %s, %s, id, 'Ordinance 7', %s, null, null, %s, %s"
            " from approving_body where name = %s",
            [AGENCY, made, at, SECOND, at, body],
        )
    return made


def test_what_was_in_force_stays_so_when_bodies_become_required_by_technology_and_an_upgrade_puts_nothing_into_force(
    empty: str,
) -> None:
    """Until 0013 a body that one authorisation had named was required for every later one."""
    _before(empty, "0014")
    with psycopg.connect(empty) as connection:
        connection.execute("insert into agency values (%s, 'River City', 'UTC', '2026-01-01Z')", [AGENCY])
        connection.execute(
            "insert into retention_rule (agency_id, keep_for, created_at) values (%s, '30 days', '2026-01-01Z')",
            [AGENCY],
        )
        first = _named(connection, 1, "City Council")
        both = _named(connection, 2, "City Council", "State Board")
        waits = _named(connection, 3, "City Council")
        connection.execute(
            "insert into proposal (id, agency_id, kind, subject_id, title, sentence, payload, proposed_by, proposed_at, expires_at)"
            " values (gen_random_uuid(), %s, 'authorisation', %s, '', '', '{}', %s, '2026-02-27Z', '2026-03-13Z')",
            [AGENCY, first, CLERK],
        )
    assert migrate(empty)[0] == "0013"
    with psycopg.connect(empty, row_factory=dict_row) as connection:
        rows = {str(row["id"]): row for row in connection.execute(AUTHORISATION).fetchall()}
        persons = connection.execute(
            "select distinct recorded_by::text, confirmed_by::text from authorisation_approval"
        ).fetchall()
    found = {made: rows[made]["waiting_for"] for made in (first, both, waits)}
    assert found == {first: [], both: [], waits: ["State Board"]}
    assert persons == [{"recorded_by": CLERK, "confirmed_by": SECOND}]
    proposed = [f"{rows[made]['proposed_at']:%m-%d}" for made in (first, both)]
    assert proposed == ["02-27", "03-02"]


def _said(dsn: str, messages: list[str], entries: list[tuple[str, str]]) -> None:
    """Messages of the room and entries of a timeline, of an incident that is not there."""
    with psycopg.connect(dsn) as connection:
        for table in ("incident_message", "incident_entry"):  # whose incident has to be there
            for (name,) in connection.execute(
                "select conname from pg_constraint where conrelid = %s::regclass and contype = 'f'", [table]
            ).fetchall():
                connection.execute(
                    sql.SQL("alter table {} drop constraint {}").format(
                        sql.Identifier(table), sql.Identifier(name)
                    )
                )
        for text in messages:
            connection.execute(
                "insert into incident_message (id, agency_id, incident_id, side, by_id, text, at, received_at)"
                " values (gen_random_uuid(), %s, %s, 'room', %s, %s, now(), now())",
                [AGENCY, CLERK, CLERK, text],
            )
        for kind, text in entries:
            connection.execute(
                "insert into incident_entry (id, agency_id, incident_id, at, kind, text)"
                " values (gen_random_uuid(), %s, %s, now(), %s, %s)",
                [AGENCY, CLERK, kind, text],
            )


def test_what_an_incident_said_of_sightings_loses_its_plate_and_what_cannot_be_read_its_words(
    empty: str,
) -> None:
    _before(empty, "0070")
    texts = [
        "Sighting, unconfirmed: ZZNORTH (MO), Main and 4th, 12:04. Nobody has looked at the picture.",
        "Sighting, unconfirmed: ZZNORTH, state unread, Main and 4th, 12:04. Nobody has looked at the picture.",
        "Sighting, unconfirmed: ZZNORTH (M",
    ]
    entries = [*(("sighting", text) for text in texts), ("follow", "Following ZZNORTH: since 12:00.")]
    _said(empty, [*texts, "On my way."], entries)
    assert migrate(empty)[0] == "0069"
    place = "Sighting, unconfirmed: Main and 4th, 12:04. Nobody has looked at the picture."
    with psycopg.connect(empty) as connection:
        told = connection.execute("select text, without_plate from incident_message").fetchall()
        noted = connection.execute("select text from incident_entry").fetchall()
    assert dict(told) == {
        texts[0]: place,
        texts[1]: place,
        texts[2]: "Sighting, unconfirmed.",
        "On my way.": None,
    }
    assert sorted(text for (text,) in noted) == sorted(
        [place, place, "Sighting, unconfirmed.", "Following a vehicle: since 12:00."]
    )
