"""What the application's role can do if somebody takes it over: read and write its agency's rows, and nothing else.

Everything here is tried with the real role, with SQL that no code of ours contains.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, LiteralString

import psycopg
import pytest

from tests.fixtures.engines import Dsns
from watchfloor.governance.audit import make_entry
from watchfloor.kit.ids import uuid7

AT = datetime(2026, 11, 22, 20, tzinfo=UTC)
OURS, THEIRS = uuid7(AT), uuid7(AT)

Denied = psycopg.errors.InsufficientPrivilege


@pytest.fixture
def app(dsns: Dsns) -> Iterator[psycopg.Connection]:
    """wf_app, in a database with two agencies, each with a case and a log entry of two."""
    with psycopg.connect(dsns.owner) as owner:
        for agency, name in ((OURS, "ours"), (THEIRS, "theirs")):
            owner.execute("insert into agency values (%s, %s, 'UTC', %s)", (agency, name, AT))
            owner.execute(
                "insert into case_file (id, agency_id, number, title, purpose, opened_by, opened_at)"
                " values (%s, %s, '1', %s, 'p', %s, %s)",
                (uuid7(AT), agency, f"case of {name}", uuid7(AT), AT),
            )
            owner.execute(
                "insert into audit_entry (id, agency_id, at, kind, actor_id, result, reason, leaf)"
                " values (%s, %s, %s, 'decision', %s, 'refused', 'r', %s)",
                (uuid7(AT), agency, AT, uuid7(AT), b"leaf"),
            )
    with psycopg.connect(dsns.app, autocommit=True) as connection:
        connection.execute("select set_config('wf.agency', %s, false)", (str(OURS),))
        yield connection


def titles(connection: psycopg.Connection) -> list[str]:
    return [row[0] for row in connection.execute("select title from case_file").fetchall()]


def test_row_security_cannot_be_turned_off(app: psycopg.Connection) -> None:
    assert titles(app) == ["case of ours"]
    app.execute("set row_security = off")
    with pytest.raises(Denied):
        titles(app)
    app.execute("set row_security = on")
    with pytest.raises(Denied):
        app.execute("alter table case_file no force row level security")
    with pytest.raises(Denied):
        app.execute("drop policy of_agency on case_file")


def test_no_other_role_can_be_taken(app: psycopg.Connection) -> None:
    for role in ("wf_owner", "wf_ledger", "wf_sweep", "wf_super"):
        name = psycopg.sql.Identifier(role)
        with pytest.raises(Denied):
            app.execute(psycopg.sql.SQL("set role {}").format(name))
        with pytest.raises(Denied):
            app.execute(psycopg.sql.SQL("grant {} to wf_app").format(name))


NOT_ITS_BUSINESS: Final[tuple[LiteralString, ...]] = (
    "update audit_entry set leaf = 'forged'",
    "update audit_entry set leaf_index = 0",
    "delete from audit_entry",
    "truncate audit_entry",
    "update audit_payload set payload = null",
    "delete from audit_payload",
    "insert into audit_entry (id, agency_id, at, kind, actor_id, result, reason, leaf, leaf_index) values"
    " (gen_random_uuid(), wf_agency(), now(), 'effect', wf_agency(), 'done', 'r', '{}', 1000000)",
    "insert into audit_entry (id, agency_id, at, kind, actor_id, result, reason, leaf) values"
    " (gen_random_uuid(), wf_agency(), now(), 'effect', wf_agency(), 'done', 'r', '{}')",
    "do $$ begin lock table audit_entry in access exclusive mode; end $$",
    "select 1 from audit_entry for update",
    "drop policy of_leaf on audit_entry",
    "insert into audit_checkpoint values (1, '', '', '2026-11-22Z')",
    "delete from audit_checkpoint",
    "update deletion_receipt set objects = 0",
    "delete from deletion_receipt",
    "alter table audit_entry disable trigger all",
    "drop table audit_entry",
    "create trigger t before insert on audit_entry for each row execute function wf_leaf_index_once()",
    "insert into agency values (gen_random_uuid(), 'mine', 'UTC', '2026-11-22Z')",
    "update agency set created_at = now()",
    "call wf_partition_drop('plate_read', 1::smallint, '2026-11-22')",
    "call wf_isolate('case_file')",
    "create table mine (n int)",
    "create temporary table person (n int)",
    "create schema mine",
    "create function mine() returns int language sql as 'select 1'",
    "create extension dblink",
    "create role mine login",
    "alter role wf_app superuser",
    "alter role wf_owner password 'mine'",
    "alter database watchfloor set row_security = off",
    "alter system set row_security = off",
    "copy person to '/tmp/stolen'",
    "copy person to program 'cat'",
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('.')",
    "select * from pg_authid",
    "select lo_import('/etc/passwd')",
)


def allowed(connection: psycopg.Connection, statements: Sequence[LiteralString]) -> list[str]:
    """Those of the statements that are not denied."""
    found = []
    for statement in statements:
        try:
            connection.execute(statement)
        except (Denied, psycopg.errors.FeatureNotSupported):
            continue
        found.append(statement)
    return found


def test_what_is_not_its_business_is_denied(app: psycopg.Connection) -> None:
    assert allowed(app, NOT_ITS_BUSINESS) == []
    assert allowed(app, ["select 1", "select * from person"]) == ["select 1", "select * from person"]


def test_another_agency_is_reached_only_by_naming_it(app: psycopg.Connection) -> None:
    """Naming another agency is what the door decides; this shows that nothing else reaches it."""
    assert app.execute("update case_file set title = 'x' where agency_id = %s", (THEIRS,)).rowcount == 0
    assert app.execute("delete from case_file where agency_id = %s", (THEIRS,)).rowcount == 0
    with pytest.raises(Denied):
        app.execute("update case_file set agency_id = %s", (THEIRS,))
    app.execute("select set_config('wf.agency', '', false)")
    assert titles(app) == []
    app.execute("select set_config('wf.agency', %s, false)", (str(THEIRS),))
    assert titles(app) == ["case of theirs"]


def test_a_wrong_agency_setting_shows_nothing_or_fails(app: psycopg.Connection) -> None:
    app.execute("select set_config('wf.agency', 'no-uuid', false)")
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        titles(app)


def test_nobody_but_the_owner_owns_up_to_a_restore(app: psycopg.Connection) -> None:
    """Such an entry explains away what is lost; any other kind of entry may be added."""
    entry: LiteralString = (
        "insert into audit_entry (id, agency_id, at, kind, actor_id, result, reason, leaf)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)"
    )
    for kind, taken in (("effect", True), ("restore", False)):
        made = make_entry(kind, agency=OURS, actor=OURS, now=AT, result="done", reason="log.restored")
        row = [made.id, made.agency, made.at, made.kind, made.actor, made.result, made.reason, made.leaf]
        if taken:
            app.execute(entry, row)
        else:
            with pytest.raises(Denied):
                app.execute(entry, row)


def test_a_partition_is_not_a_way_around_row_security(dsns: Dsns, app: psycopg.Connection) -> None:
    app.execute("call wf_partition_create('plate_read', 1::smallint, '2026-11-22')")
    for name in ("plate_read_r1", "plate_read_r1_20261122"):
        with pytest.raises(Denied):
            app.execute(psycopg.sql.SQL("select * from {}").format(psycopg.sql.Identifier(name)))


def test_the_ledger_sees_the_log_alone_and_cannot_change_a_leaf(dsns: Dsns, app: psycopg.Connection) -> None:
    with psycopg.connect(dsns.ledger, autocommit=True) as ledger:
        found = allowed(
            ledger,
            [
                "update audit_entry set leaf = 'forged'",
                "delete from audit_entry",
                "select * from person",
                "select * from plate_read",
                "select * from case_file",
                "update audit_checkpoint set note = ''",
                "delete from audit_checkpoint",
                "create table mine (n int)",
            ],
        )
    assert found == []


def test_a_leaf_gets_its_index_once(dsns: Dsns, app: psycopg.Connection) -> None:
    with psycopg.connect(dsns.ledger, autocommit=True) as ledger:
        assert (
            ledger.execute("update audit_entry set leaf_index = 0 where agency_id = %s", (OURS,)).rowcount
            == 1
        )
        with pytest.raises(psycopg.errors.RaiseException, match="sequenced once"):
            ledger.execute("update audit_entry set leaf_index = 1 where agency_id = %s", (OURS,))
        with pytest.raises(psycopg.errors.RaiseException, match="sequenced once"):
            ledger.execute("update audit_entry set leaf_index = null where agency_id = %s", (OURS,))


def test_the_sweep_cannot_touch_the_log_or_the_receipts(dsns: Dsns, app: psycopg.Connection) -> None:
    with psycopg.connect(dsns.sweep, autocommit=True) as sweep:
        sweep.execute("select set_config('wf.agency', %s, false)", (str(OURS),))
        for statement in (
            "delete from audit_entry",
            "update audit_entry set leaf = ''",
            "delete from deletion_receipt",
        ):
            with pytest.raises(Denied):
                sweep.execute(statement)


def test_only_ones_own_agency_can_be_named_and_nothing_else_of_it(app: psycopg.Connection) -> None:
    assert app.execute("update agency set name = 'mine now'").rowcount == 1
    names = app.execute("select name from agency order by name").fetchall()
    assert [name for (name,) in names] == ["mine now", "theirs"]
    for statement in ("update agency set created_at = now()", "delete from agency"):
        with pytest.raises(Denied):
            app.execute(statement)
    with pytest.raises(Denied):
        app.execute("insert into agency values (%s, 'a third', 'UTC', %s)", (uuid7(AT), AT))
