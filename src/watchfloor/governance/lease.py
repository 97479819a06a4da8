"""Machine leases: answers to devices and workers, decided in batches, held 60 s, logged when they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance import store
from watchfloor.governance.audit import entry_of_decision
from watchfloor.governance.decide import Facts, decide
from watchfloor.governance.model import Ask, Authorisation, Decision, Denied, EntryId
from watchfloor.kit.clock import Clock
from watchfloor.storage.tx import Tx

LEASE_FOR: Final = timedelta(seconds=60)
OUTAGE_FOR: Final = timedelta(minutes=15)
ENGINES_AWAY: Final = "engines_away"
"""The reason of a no that is none: nothing can be decided at present."""

Key = tuple[UUID, UUID, str, str, UUID, str | None, tuple[float, float] | None]


@dataclass(frozen=True, slots=True)
class Lease:
    """A machine may go on until `until`; with the engines away until `outage_until`. `entry` is the log's last change."""

    ask: Ask
    authorisation: Authorisation | None
    sentence: str
    until: datetime
    outage_until: datetime
    entry: EntryId | None


class LeaseBook:
    """The leases of this process, by thing asked about."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[Key, tuple[Lease | Denied, datetime]] = {}
        self._versions: dict[UUID, int] = {}

    def fresh(self, asks: Sequence[Ask]) -> list[Lease | Denied | None]:
        """What is known and still holds, in the order of the asks; None where a decision is due."""
        now = self._clock.now()
        answers: list[Lease | Denied | None] = []
        for ask in asks:
            known = self._known.get(_key(ask))
            answers.append(known[0] if known is not None and now < known[1] else None)
        return answers

    def answer(self, ask: Ask) -> Lease | Denied:
        """The last answer."""
        return self._known[_key(ask)][0]

    def in_an_outage(self, ask: Ask) -> Lease | Denied:
        """The last answer while nothing can be decided: a yes holds until its authorisation's end, 15 min at most."""
        known = self._known.get(_key(ask))
        if known is None:
            return Denied(
                ENGINES_AWAY,
                "The database is away and nothing was decided before.",
                next_step="It is asked again each second.",
            )
        if isinstance(known[0], Lease) and self._clock.now() >= known[0].outage_until:
            return Denied(ENGINES_AWAY, "The database has been away too long for the last decision to hold.")
        return known[0]

    def policy_is(self, agency: UUID, version: int) -> None:
        """Policy has this version: when it is a new one, every answer of the agency is asked again."""
        if self._versions.get(agency) != version:
            self._versions[agency] = version
            now = self._clock.now()
            self._known = {
                key: (answer, now if key[0] == agency else until)
                for key, (answer, until) in self._known.items()
            }

    async def decide(self, tx: Tx, asks: Sequence[Ask]) -> None:
        """Decide a batch of one agency in one transaction, log what changed, keep the answers."""
        found = await store.authorisations(
            tx, sorted({ask.technology.value for ask in asks if ask.technology})
        )
        for need in {ask.need for ask in asks}:
            own = [ask for ask in asks if ask.need is need]
            before = await store.leases(tx, need.word, [_about(ask)[1] for ask in own])
            await store.keep_leases(tx, [await self._decide_one(tx, ask, found, before) for ask in own])

    async def _decide_one(
        self, tx: Tx, ask: Ask, found: Sequence[Authorisation], before: dict[UUID, tuple[bool, str]]
    ) -> dict[str, object]:
        decision = decide(ask, Facts(found, None, False), now=tx.now)
        about = _about(ask)[1]
        allowed = not isinstance(decision, Denied)
        entry: EntryId | None = None
        if before.get(about) != (allowed, decision.reason):
            made = entry_of_decision(ask, decision, now=tx.now, kind="lease")
            await store.append_entry(tx, made)
            entry = made.id
        until = tx.now + LEASE_FOR
        if isinstance(decision, Denied):
            self._known[_key(ask)] = (decision, until)
        else:
            end = decision.until or tx.now + OUTAGE_FOR
            until = min(until, end)
            known = self._known.get(_key(ask))
            kept = known[0].entry if known and isinstance(known[0], Lease) else None
            lease = Lease(
                ask,
                decision.authorisation,
                decision.sentence,
                until,
                min(end, tx.now + OUTAGE_FOR),
                entry or kept,
            )
            self._known[_key(ask)] = (lease, until)
        return _row(tx, ask, decision, until)


def _about(ask: Ask) -> tuple[str, UUID]:
    return (ask.about.kind, ask.about.id) if ask.about and ask.about.id else ("agency", ask.actor.agency)


def _row(tx: Tx, ask: Ask, decision: Decision, until: datetime) -> dict[str, object]:
    """The answer as `machine_lease` keeps it."""
    kind, about = _about(ask)
    authorisation = (
        None if isinstance(decision, Denied) else decision.authorisation and decision.authorisation.id
    )
    return {
        "agency": tx.agency,
        "need": ask.need.word,
        "kind": kind,
        "about": about,
        "allowed": not isinstance(decision, Denied),
        "reason": decision.reason,
        "authorisation": authorisation,
        "now": tx.now,
        "until": until,
    }


def _key(ask: Ask) -> Key:
    kind, about = _about(ask)
    technology = ask.technology.value if ask.technology else None
    # The asker is part of it: one person's yes is never another's.
    return (
        ask.actor.agency,
        ask.actor.id,
        ask.need.word,
        kind,
        about,
        technology,
        (ask.place.lat, ask.place.lon) if ask.place else None,
    )
