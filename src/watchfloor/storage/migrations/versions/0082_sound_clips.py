"""Revision 0082: seconds of sound that people pulled from microphones."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0082"
down_revision = "0081"


def upgrade() -> None:
    run_sql("0082_sound_clips")
