"""The closed list of what a superuser does for us: four roles, one database, their rights. Nothing else needs one.

| role | may |
|---|---|
| wf_owner | own the schema and migrate it; no process of the center connects as it |
| wf_app | read and write rows of the agency that the door names |
| wf_ledger | read the log and set the index of a leaf |
| wf_sweep | delete what is past its retention, create and drop partitions |
"""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from watchfloor.engines.endpoints import password_file
from watchfloor.engines.keys import secret
from watchfloor.engines.layout import Layout
from watchfloor.kit.errors import Invalid, Unavailable

OWNER: Final = "wf_owner"
ROLES: Final = (OWNER, "wf_app", "wf_ledger", "wf_sweep")
_LOCK: Final = 0x77665F31
_ATTRIBUTES: Final = "login nosuperuser nocreatedb nocreaterole noinherit noreplication nobypassrls"


async def bootstrap(superuser_dsn: str, layout: Layout, database: str) -> None:
    """Make roles, database and rights as they should be; a second time changes nothing.

    Raises Unavailable when the server does not answer, Invalid when the given user may not do this.
    """
    try:
        connection = await psycopg.AsyncConnection.connect(superuser_dsn, autocommit=True)
    except psycopg.OperationalError as error:
        raise Unavailable(f"PostgreSQL does not let us in to set it up: {_first_line(error)}") from error
    try:
        async with connection:
            await connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
            for role in ROLES:
                await _role(connection, role, secret(password_file(layout, role)))
            await _database(connection, database)
    except psycopg.errors.InsufficientPrivilege as error:
        raise Invalid(
            f"postgres.dsn names a user who may not set the database up: {_first_line(error)}"
        ) from error
    await rights(make_conninfo(superuser_dsn, dbname=database), database)


async def _role(connection: psycopg.AsyncConnection[tuple[object, ...]], role: str, password: str) -> None:
    # The verifier is computed here, so that the password itself is in no statement and no log of the server.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    found = await (await connection.execute("select from pg_roles where rolname = %s", (role,))).fetchone()
    verb = "alter" if found is not None else "create"
    statement = sql.SQL(f"{verb} role {{}} {_ATTRIBUTES} password {{}}")
    await connection.execute(statement.format(sql.Identifier(role), sql.Literal(verifier)))


async def _database(connection: psycopg.AsyncConnection[tuple[object, ...]], database: str) -> None:
    found = await (
        await connection.execute("select from pg_database where datname = %s", (database,))
    ).fetchone()
    name = sql.Identifier(database)
    if found is None:
        # A superuser of a managed service is none: it must be a member of a role to give it a database.
        await connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(OWNER)))
        await connection.execute(
            sql.SQL("create database {} owner {} template template0 encoding 'UTF8'").format(
                name, sql.Identifier(OWNER)
            )
        )


async def rights(superuser_dsn: str, database: str) -> None:
    """Who may connect and who may create: the owner creates, nobody else, not even a temporary table.

    A temporary table could stand in for a real one inside a security-definer function; so there are none.
    """
    others, owner = _others(), sql.Identifier(OWNER)
    async with await psycopg.AsyncConnection.connect(superuser_dsn) as connection:
        for statement in (
            *rights_on(database),
            sql.SQL("alter schema public owner to {}").format(owner),
            sql.SQL("revoke all on schema public from public").format(),
            sql.SQL("grant usage on schema public to {}").format(others),
        ):
            await connection.execute(statement)


def rights_on(database: str) -> tuple[sql.Composed, ...]:
    """What of these rights belongs to the database and not to what is in it: a copy of it begins without."""
    name = sql.Identifier(database)
    return (
        sql.SQL("revoke all on database {} from public").format(name),
        sql.SQL("grant connect on database {} to {}").format(name, _others()),
        sql.SQL("grant all on database {} to {}").format(name, sql.Identifier(OWNER)),
    )


def _others() -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(role) for role in ROLES if role != OWNER)


def database_of(dsn: str) -> str:
    """The database that a connection string names. Raises Invalid when it names none."""
    name = conninfo_to_dict(dsn).get("dbname")
    if not name:
        raise Invalid("postgres.dsn names no database (dbname=...).")
    return str(name)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
