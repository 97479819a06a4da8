"""Revision 0002: people, credentials, sessions, invitations, device tokens."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql("0002_identity")
