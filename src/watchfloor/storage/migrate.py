"""Bring a database to the schema of this program: each revision runs one plain SQL file, all in one transaction.

It runs as the owner of the schema, which no process of the center connects as. It knows no table.
"""

from __future__ import annotations

from typing import Final

import psycopg
import sqlalchemy
from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.storage.newest import MIGRATIONS, made_from

# Two starters at once: the second waits here, then finds nothing to do.
_LOCK: Final = 0x77665F32


def migrate(owner_dsn: str) -> tuple[str | None, str | None]:
    """Bring the database up to the newest revision, or leave it untouched. The revisions before and after.

    Blocking. Raises Unavailable when the server does not answer, Invalid when the database is newer than this program or
    was made by files that have changed since.
    """
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: _connected(owner_dsn), poolclass=sqlalchemy.NullPool
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({_LOCK})")
        config = _config()
        before = _current(connection, config)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.exec_driver_sql("grant select on alembic_version to public")
        after = MigrationContext.configure(connection).get_current_revision()
        connection.exec_driver_sql(f"comment on table alembic_version is '{made_from(after or '')}'")
    return before, after


def pending(dsn: str) -> list[str]:
    """The revisions that the database lacks, oldest first; any role may ask. Blocking.

    Raises Unavailable when the server does not answer, Invalid when the database is newer than this program.
    """
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: _connected(dsn), poolclass=sqlalchemy.NullPool
    )
    config = _config()
    with engine.begin() as connection:
        current = _current(connection, config)
    revisions = [s.revision for s in ScriptDirectory.from_config(config).walk_revisions()]
    lacking = revisions if current is None else revisions[: revisions.index(current)]
    return lacking[::-1]


def run_sql(name: str) -> None:
    """Inside a revision: run `storage/migrations/<name>.sql`, many statements in one file, as it stands."""
    text = (MIGRATIONS / f"{name}.sql").read_text()
    driver = op.get_bind().connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("migrations run on psycopg")
    # Without parameters psycopg sends the text untouched: `%` needs no doubling and semicolons may stand in it.
    driver.execute(text.encode())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _current(connection: sqlalchemy.Connection, config: Config) -> str | None:
    current = MigrationContext.configure(connection).get_current_revision()
    known = {s.revision for s in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise Invalid(
            f"The database was brought to revision {current} by a newer watchfloor than this one.",
            next_step="Start the newer version, or restore a backup made with this one.",
        )
    if current is not None:
        _refuse_other_files(connection, current)
    return current


def _refuse_other_files(connection: sqlalchemy.Connection, current: str) -> None:
    """Until the first release the files of a revision may still change: a database of the old ones fits nothing here."""
    made_by = connection.exec_driver_sql(
        "select obj_description('alembic_version'::regclass, 'pg_class')"
    ).scalar_one()
    if not made_by or made_by != made_from(made_by.partition(" ")[0]):
        raise Invalid(
            f"The database is at revision {current}, but as another unreleased watchfloor made it.",
            next_step="Start that version again, or begin in a new data directory.",
        )


def _connected(dsn: str) -> psycopg.Connection:
    try:
        return psycopg.connect(dsn, connect_timeout=10, application_name="watchfloor migrate")
    except psycopg.OperationalError as error:
        raise Unavailable(
            f"The database cannot be reached to migrate it: {str(error).splitlines()[0]}"
        ) from error
