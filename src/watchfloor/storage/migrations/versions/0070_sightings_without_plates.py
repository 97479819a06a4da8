"""Revision 0070: what an incident says of sightings, without their plates."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0070"
down_revision = "0069"


def upgrade() -> None:
    run_sql("0070_sightings_without_plates")
