"""Revision 0083: districts, what came of sounds, and for how long microphones were heard."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0083"
down_revision = "0082"


def upgrade() -> None:
    run_sql("0083_sound_outcomes")
