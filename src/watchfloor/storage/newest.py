"""Whether a database has the schema of this program already: one question, without the machinery that brings it there.

It changes nothing. What is not at the newest revision, or cannot be asked, is `migrate.py`'s business.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import psycopg

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_MADE_BY: Final = """select obj_description(to_regclass('public.alembic_version'), 'pg_class')"""
_REVISION: Final = "select array_agg(version_num) from alembic_version"


def at_newest(dsn: str) -> bool:
    """True when the database was brought to our newest revision, by the files that we have. Blocking.

    Any role may ask. False also when the server does not answer: whoever migrates then says why.
    """
    newest = max(file.name.partition("_")[0] for file in MIGRATIONS.glob("*.sql"))
    try:
        with psycopg.connect(dsn, connect_timeout=10, application_name="watchfloor migrate") as connection:
            made_by = connection.execute(_MADE_BY).fetchone()
            if made_by is None or made_by[0] != made_from(newest):
                return False
            return connection.execute(_REVISION).fetchone() == ([newest],)
    except psycopg.Error:
        return False


def made_from(revision: str) -> str:
    """A revision, and the digest of the SQL that leads to it: what the database is told to have been made by."""
    files = sorted(file for file in MIGRATIONS.glob("*.sql") if file.name[: len(revision)] <= revision)
    return f"{revision} {hashlib.sha256(b'-'.join(file.read_bytes() for file in files)).hexdigest()}"
