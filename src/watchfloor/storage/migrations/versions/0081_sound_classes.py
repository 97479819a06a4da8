"""Revision 0081: what a sound is taken for, what is kept back, and the weather."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0081"
down_revision = "0080"


def upgrade() -> None:
    run_sql("0081_sound_classes")
