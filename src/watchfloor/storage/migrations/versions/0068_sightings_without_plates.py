"""Revision 0068: what an incident says of sightings, without their plates."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    run_sql("0068_sightings_without_plates")
