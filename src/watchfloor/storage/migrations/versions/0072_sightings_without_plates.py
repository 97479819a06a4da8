"""Revision 0072: what an incident says of sightings, without their plates."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0072"
down_revision = "0067"


def upgrade() -> None:
    run_sql("0072_sightings_without_plates")
