"""Revision 0007: what each request asks and writes first, as one statement each; the ledger polls and is not notified."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql("0007_one_statement")
