"""Revision 0076: where each microphone was registered, by its versions."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0076"
down_revision = "0075"


def upgrade() -> None:
    run_sql("0076_microphone_places")
