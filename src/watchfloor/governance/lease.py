"""Machine leases: answers to devices and workers, decided in batches, held 60 s, logged when they change.

Renewals are counted, and told of in one entry a day for each asker and need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance import lease_store, store
from watchfloor.governance.agreement_store import OpenIncidents, agreements_about
from watchfloor.governance.audit import entry_of_decision, make_entry
from watchfloor.governance.decide import Facts, decide
from watchfloor.governance.lease_store import Answer, Count
from watchfloor.governance.model import ActorKind, Ask, Authorisation, Decision, Denied, EntryId
from watchfloor.governance.moving import Whereabouts, as_they_stand
from watchfloor.kit.clock import Clock
from watchfloor.storage.tx import Tx

LEASE_FOR: Final = timedelta(seconds=60)
# With one that is due, those that end so soon are decided too: hundreds of readers are then asked for at once, and not one by one.
SOON: Final = timedelta(seconds=20)
OUTAGE_FOR: Final = timedelta(minutes=15)
ENGINES_AWAY: Final = "engines_away"
"""The reason of a no that is none: nothing can be decided at present."""

Key = tuple[UUID, UUID, bool, str, str, UUID, str | None, tuple[float, float] | None]


@dataclass(frozen=True, slots=True)
class Lease:
    """A machine may go on until `until`; with the engines away until `outage_until`. `entry` is the log's last change."""

    ask: Ask
    authorisation: Authorisation | None
    sentence: str
    until: datetime
    outage_until: datetime
    entry: EntryId | None


@dataclass(frozen=True, slots=True)
class Due:
    """An ask that has to be decided; the same as another of the same key."""

    key: Key
    ask: Ask = field(compare=False)


@dataclass(slots=True)
class Decided:
    """What a round decided, and the policy that was known before it read what is in force. It holds once it is committed."""

    agency: UUID
    policy: int | None
    answers: list[tuple[Ask, Lease | Denied, datetime]] = field(default_factory=list)


class LeaseBook:
    """The leases of this process, by thing asked about."""

    def __init__(
        self,
        clock: Clock,
        *,
        second_factor_required: bool,
        incidents: OpenIncidents | None = None,
        whereabouts: Whereabouts | None = None,
    ) -> None:
        self._clock = clock
        self._incidents = incidents
        self._whereabouts = whereabouts
        self._second_factor_required = second_factor_required
        self._known: dict[Key, tuple[Lease | Denied, datetime]] = {}
        # Which of them were asked for since they were decided: of a thing that moves, at its last place.
        self._used: dict[tuple[object, ...], Key] = {}
        self._versions: dict[UUID, int] = {}
        self._refusals: dict[tuple[Key, str], tuple[EntryId, datetime]] = {}
        self._forgot_at = clock.now()

    @property
    def remembered(self) -> int:
        """How many answers there are."""
        return len(self._known)

    def fresh(self, asks: Sequence[Ask]) -> list[Lease | Denied | None]:
        """What is known and still holds, in the order of the asks; None where a decision is due."""
        now = self._clock.now()
        answers: list[Lease | Denied | None] = []
        for ask in asks:
            key = _key(ask)
            known = self._known.get(key)
            if known is None or now >= known[1]:
                answers.append(None)
                continue
            self._used[key[:-1]] = key
            answers.append(known[0])
        return answers

    def with_those_soon_due(self, asked: Sequence[Due]) -> list[Ask]:
        """What of this is still to be decided, and with it the machines' leases of the same agencies that were used and end soon. A
        person's is not among them: what roles they have is told with each ask.
        """
        now = self._clock.now()
        nothing = (None, now)
        found = {one.key: one.ask for one in asked if now >= self._known.get(one.key, nothing)[1]}
        agencies = {key[0] for key in found}
        for key in self._used.values():
            lease, until = self._known[key]
            if key[0] not in agencies or until >= now + SOON or isinstance(lease, Denied):
                continue
            if lease.ask.actor.kind is not ActorKind.PERSON:
                found.setdefault(key, lease.ask)
        return list(found.values())

    def keep(self, ask: Ask, answer: Lease | Denied, until: datetime) -> None:
        """This is the answer until then."""
        key = _key(ask)
        if self._used.get(key[:-1]) == key:
            del self._used[key[:-1]]
        self._known[key] = (answer, until)

    def publish(self, decided: Decided) -> None:
        """These are the answers, now that they are in the log. Where policy has changed since they are asked again at once."""
        same, now = self._versions.get(decided.agency) == decided.policy, self._clock.now()
        for ask, answer, until in decided.answers:
            self.keep(ask, answer, until if same else now)
        if now - self._forgot_at >= LEASE_FOR:
            self._forgot_at = now
            self._forget(now)

    def _forget(self, now: datetime) -> None:
        """Forget answers that are of no use any more, not even in an outage: each place that a sound was told of had one."""
        self._known = {
            key: (answer, until)
            for key, (answer, until) in self._known.items()
            if now < (answer.outage_until if isinstance(answer, Lease) else until + OUTAGE_FOR)
        }
        self._used = {thing: key for thing, key in self._used.items() if key in self._known}

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

    def refusal_kept(self, ask: Ask, reason: str) -> EntryId | None:
        """The entry of the same refusal within the last minute."""
        entry, until = self._refusals.get((_key(ask), reason), (None, None))
        return entry if until is not None and self._clock.now() < until else None

    def keep_refusal(self, ask: Ask, reason: str, entry: EntryId) -> None:
        """Remember the entry of what was refused after the lease said yes; what is a minute old is forgotten."""
        now = self._clock.now()
        self._refusals = {key: kept for key, kept in self._refusals.items() if now < kept[1]}
        self._refusals[_key(ask), reason] = (entry, now + LEASE_FOR)

    def policy_is(self, agency: UUID, version: int) -> None:
        """Policy has this version: when it is a new one, every answer of the agency is asked again."""
        if self._versions.get(agency) != version:
            self._versions[agency] = version
            now = self._clock.now()
            self._known = {
                key: (answer, now if key[0] == agency else until)
                for key, (answer, until) in self._known.items()
            }

    async def decide(self, tx: Tx, asks: Sequence[Ask]) -> Decided:
        """Decide a batch of one agency in one transaction and log what changed; to be published once that is committed."""
        decided = Decided(tx.agency, self._versions.get(tx.agency))
        found = await store.authorisations(
            tx, sorted({ask.technology.value for ask in asks if ask.technology})
        )
        agreed = await agreements_about(tx, asks, self._incidents)
        facts = Facts(found, None, self._second_factor_required, zone=tx.zone, agreements=agreed)
        counts: dict[tuple[str, str], Count] = {}
        for need in sorted({ask.need for ask in asks}, key=lambda need: need.word):
            # In one order: two processes keep answers about the same things.
            own = sorted((ask for ask in asks if ask.need is need), key=lambda ask: _about(ask)[1])
            before = await lease_store.leases(tx, need.word, [_about(ask)[1] for ask in own])
            stand = await as_they_stand(tx, own, self._whereabouts)
            kept = [
                await self._decide_one(tx, ask, decide(there, facts, now=tx.now), before, counts, decided)
                for ask, there in zip(own, stand, strict=True)
            ]
            await lease_store.keep_leases(tx, kept)
        await lease_store.count(tx, list(counts.values()))
        return decided

    async def _decide_one(
        self,
        tx: Tx,
        ask: Ask,
        decision: Decision,
        before: Mapping[UUID, Answer],
        counts: dict[tuple[str, str], Count],
        decided: Decided,
    ) -> dict[str, object]:
        answer = _answer(decision)
        entry: EntryId | None = None
        changed = before.get(_about(ask)[1]) != answer
        _count(counts, tx, ask, answer, changed=changed)
        if changed:
            made = entry_of_decision(ask, decision, now=tx.now, kind="lease")
            await store.append_entry(tx, made)
            entry = made.id
        until = tx.now + LEASE_FOR
        if isinstance(decision, Denied):
            until = min(until, decision.until or until)
            decided.answers.append((ask, decision, until))
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
            decided.answers.append((ask, lease, until))
        return _row(tx, ask, answer, until)


async def summarise(tx: Tx) -> int:
    """Write an entry for each asker and need of each UTC day that is over: how often it was answered; how many entries."""
    counts = await lease_store.take_counts(tx, tx.now.astimezone(UTC).date())
    for one in counts:
        made = make_entry(
            "summary",
            agency=tx.agency,
            actor=tx.actor,
            now=tx.now,
            need=one.need,
            result="done",
            reason="lease.summary",
            cause=tx.decision,
            more={
                "day": one.day.isoformat(),
                "asker": one.asker,
                "allowed": one.allowed,
                "refused": one.refused,
                "changes": one.changes,
                "actor_kind": ActorKind.PROCESS.value,
            },
        )
        await store.append_entry(tx, made)
    return len(counts)


def _count(counts: dict[tuple[str, str], Count], tx: Tx, ask: Ask, answer: Answer, *, changed: bool) -> None:
    # A person's name is none of a count's business, and many officers ask.
    asker = ask.actor.name if ask.actor.kind is not ActorKind.PERSON else ActorKind.PERSON.value
    key = (ask.need.word, asker)
    known = counts.get(key) or Count(tx.now.astimezone(UTC).date(), asker, ask.need.word, 0, 0, 0)
    counts[key] = replace(
        known,
        allowed=known.allowed + answer.allowed,
        refused=known.refused + (not answer.allowed),
        changes=known.changes + changed,
    )


def _answer(decision: Decision) -> Answer:
    if isinstance(decision, Denied):
        return Answer(allowed=False, reason=decision.reason, authorisation=None)
    under = decision.authorisation.id if decision.authorisation else None
    return Answer(allowed=True, reason=decision.reason, authorisation=under)


def _about(ask: Ask) -> tuple[str, UUID]:
    return (ask.about.kind, ask.about.id) if ask.about and ask.about.id else ("agency", ask.actor.agency)


def _row(tx: Tx, ask: Ask, answer: Answer, until: datetime) -> dict[str, object]:
    """The answer as `machine_lease` keeps it."""
    kind, about = _about(ask)
    return {
        "agency": tx.agency,
        "need": ask.need.word,
        "kind": kind,
        "about": about,
        "allowed": answer.allowed,
        "reason": answer.reason,
        "authorisation": answer.authorisation,
        "now": tx.now,
        "until": until,
    }


def to_decide(ask: Ask) -> Due:
    """The ask, as one that has to be decided."""
    return Due(_key(ask), ask)


def _key(ask: Ask) -> Key:
    kind, about = _about(ask)
    technology = ask.technology.value if ask.technology else None
    # The asker is part of it: one person's yes is never another's, nor that of a session which proved less.
    return (
        ask.actor.agency,
        ask.actor.id,
        ask.actor.second_factor,
        ask.need.word,
        kind,
        about,
        technology,
        (ask.place.lat, ask.place.lon) if ask.place else None,
    )
