"""What keeps the ledger from signing. Each says what is wrong and what to do; the ledger never signs past one."""

from __future__ import annotations

from watchfloor.kit.errors import Kind, WatchfloorError


class LogDamaged(WatchfloorError):
    """Files, database and what was signed before do not agree: nothing is signed until a person has looked."""

    kind = Kind.CONFLICT

    def __init__(self, detail: str) -> None:
        super().__init__(
            detail,
            next_step="Compare with a checkpoint kept outside: watchfloor verify --checkpoint FILE.",
        )


class RolledBack(LogDamaged):
    """What was signed is longer than what is here: an older state was put back."""


class AnotherLedger(WatchfloorError):
    """Another ledger holds the lock; two would give one index to two entries."""

    kind = Kind.CONFLICT
