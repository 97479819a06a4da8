"""What an agency has in the database and on disk, past row security: to be the same before and after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

from psycopg import AsyncConnection, sql

from watchfloor.storage.classes import TABLES, DataClass

# What every request leaves behind, a refused one too: the log, how often machines asked, when a session was last used.
LEFT_BY_ASKING: Final = {
    *(
        table
        for table, kept in TABLES.items()
        if kept.data_class in (DataClass.AUDIT, DataClass.AUDIT_PAYLOAD)
    ),
    "sign_in",
    "machine_lease",
    "lease_count",
}


async def rows(dsn: str, agency: UUID) -> Mapping[str, tuple[int, str]]:
    """Of each table that holds rows of agencies: how many are this one's, and a digest of all that is in them."""
    found = {}
    async with await AsyncConnection.connect(dsn) as connection:
        for table in await _tables(connection):
            if table not in LEFT_BY_ASKING:
                statement = sql.SQL(
                    "select count(*), coalesce(md5(string_agg(t::text, E'\\n' order by t::text)), '')"
                    " from {} t where {} = %s"
                ).format(sql.Identifier(table), sql.Identifier("id" if table == "agency" else "agency_id"))
                row = await (await connection.execute(statement, (agency,))).fetchone()
                assert row is not None
                found[table] = (row[0], row[1])
    return found


async def ids(dsn: str, agency: UUID) -> frozenset[UUID]:
    """Every id in every row of an agency, the log's too."""
    found: set[UUID] = set()
    async with await AsyncConnection.connect(dsn) as connection:
        for table in await _tables(connection):
            owner = "id" if table == "agency" else "agency_id"
            columns = await connection.execute(
                "select column_name from information_schema.columns"
                " where table_schema = 'public' and table_name = %s and data_type = 'uuid'",
                (table,),
            )
            for (column,) in await columns.fetchall():
                statement = sql.SQL("select distinct {} from {} where {} = %s").format(
                    sql.Identifier(column), sql.Identifier(table), sql.Identifier(owner)
                )
                found |= {row[0] for row in await (await connection.execute(statement, (agency,))).fetchall()}
    return frozenset(found - {None})


async def strangers_in_the_log(dsn: str, agency: UUID, theirs: UUID) -> int:
    """How many entries of an agency's log say that somebody of the other did something."""
    async with await AsyncConnection.connect(dsn) as connection:
        asked = await connection.execute(
            "select count(*) from audit_entry where agency_id = %s and actor_id in"
            " (select id from person where agency_id = %s)",
            (agency, theirs),
        )
        row = await asked.fetchone()
        assert row is not None
        return int(row[0])


def files(folder: Path) -> Mapping[str, tuple[int, int]]:
    """Every file below, its size and when it was written."""
    found = ((path, path.stat()) for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): (seen.st_size, seen.st_mtime_ns) for path, seen in found}


async def _tables(connection: AsyncConnection) -> list[str]:
    """The agency itself and every table that says whose a row is; partitions are looked at through their table."""
    known = await connection.execute(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'"
        " where c.relkind in ('r', 'p') and not c.relispartition and (c.relname = 'agency' or exists"
        " (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'agency_id')) order by 1"
    )
    return [row[0] for row in await known.fetchall()]
