"""Keeps that somebody looked a plate up: as keyed hashes, beside the log's entry of the look-up. Every way to look up calls it.

It judges nothing, so that nobody waits for it and nobody sees in their own answer whether they were flagged: the sweep does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.model import Denied, Refused, Why
from watchfloor.kit.sure import sure
from watchfloor.plates.hotlist import key_of
from watchfloor.plates.misuse import store
from watchfloor.plates.misuse.fingerprints import Fingerprints
from watchfloor.storage.tx import Tx

# The way of who looked nothing up, and put the plate on a hot list by hand: what passes comes to them.
ENTERED: Final = "entry"


@dataclass(frozen=True, slots=True)
class LookUps:
    """What a way to look up is given: it asks `admit` before it looks and tells `looked_up` what it was aimed at."""

    fingerprints: Fingerprints
    keep_for: timedelta
    plates_required: bool = False
    """Whether nobody looks up anything before they have said which plates are theirs."""

    async def admit(self, tx: Tx) -> None:
        """Raises Refused where whoever asks owes their own plates."""
        if self.plates_required and not await store.has_said(tx, tx.actor):
            raise Refused(
                Denied(
                    "plates_unsaid",
                    "Before plates are looked up here, everybody says which ones are of their own household.",
                    next_step="Say yours under Settings, or that there are none; nobody can read them there.",
                )
            )

    async def looked_up(
        self, tx: Tx, *, way: str, why: Why | None, plates: Collection[str], found: int
    ) -> UUID:
        """Keep a look-up, in its own transaction; its id, which is that of its entry in the log.

        `way` is how (`search`, `search_again`, ...); `plates` are the folded plates that it was aimed at, none where it was aimed
        at a place; `found` is how many reads came of it.
        """
        entry = sure(tx.decision, "the entry of a look-up")
        keys = [key_of(one) for one in plates if one.isalnum()]
        await store.insert_look_up(
            tx,
            entry,
            way=way,
            case=why.case.id if why is not None and why.case is not None else None,
            fingerprints=self.fingerprints.all(tx.agency, plates),
            found=found,
            answered=bool(keys) and await store.is_entered(tx, keys),
            keep_for=self.keep_for,
        )
        return entry
