"""Revision 0038: trailers, what they carry, where it stood before, and what was counted around each place."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    run_sql("0038_trailers")
