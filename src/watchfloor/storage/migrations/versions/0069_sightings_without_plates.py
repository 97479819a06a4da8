"""Revision 0069: what an incident says of sightings, without their plates."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    run_sql("0069_sightings_without_plates")
