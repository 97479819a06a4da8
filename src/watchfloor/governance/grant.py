"""Grants: leave for something that lasts, ended at once when the rules change. It holds them; the door decides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance import store
from watchfloor.governance.audit import make_entry
from watchfloor.governance.entry import Entry
from watchfloor.governance.model import About, Allowed, Ask, EntryId
from watchfloor.governance.needs import Need
from watchfloor.governance.words import CaseKind
from watchfloor.kit.clock import Clock, rfc3339
from watchfloor.storage.tx import Tx

# With PostgreSQL away, what is open stays for this long at most: closed for new looks, not for the room.
OUTAGE_FOR: Final = timedelta(minutes=15)
_RENEW_BEFORE: Final = timedelta(seconds=30)
# Whoever holds one renews it each minute. What was open in an outage may be told of a quarter of an hour later, from the spool.
LEFT_AFTER: Final = timedelta(hours=1)

SIGNED_OUT: Final = "signed_out"
DATABASE_AWAY: Final = "database_away"

Closer = Callable[["Grant", Mapping[str, int]], Awaitable[None]]


def may_stay(ask: Ask) -> bool:
    """Whether a look of this kind can stay at a locked workstation: live, for an incident. That it is open is asked at each renewal."""
    case = ask.why.case if ask.why is not None else None
    return ask.need is Need.CAMERA_LIVE and case is not None and case.kind is CaseKind.INCIDENT


class Grant:
    """One leave that lasts. `ended` is set on revocation, expiry or close; `end_reason` is a sentence for the viewer, `end_cause` its word,
    as a refusal's `reason` is."""

    def __init__(
        self, grant_id: UUID, ask: Ask, entry: EntryId, until: datetime, decision: Allowed, closer: Closer
    ) -> None:
        self.id = grant_id
        self.ask = ask
        self.entry = entry
        self.until = until
        self.decision = decision
        self.decided_at = until
        self.ended = asyncio.Event()
        self.end_reason: str | None = None
        self.end_cause = "grant_ended"
        self.version = -1
        self._closer = closer
        self._closed = False

    def end(self, reason: str, cause: str = "grant_ended") -> None:
        """End it; the first reason stays."""
        if not self.ended.is_set():
            self.end_reason, self.end_cause = reason, cause
            self.ended.set()

    def renewed(self, version: int, decision: Allowed, until: datetime, now: datetime) -> None:
        """The rules still say yes, as of policy `version`: by this decision, which may rest on another leave than the one before."""
        self.version, self.decision, self.decided_at = version, decision, now
        self.until = min(until, decision.until or until)

    async def close(self, counts: Mapping[str, int]) -> None:
        """The holder is done: keep what was used. Closing twice is closing once."""
        if self._closed:
            return
        self._closed = True
        self.end("closed by the viewer")
        await self._closer(self, counts)

    def entry_of_end(self, now: datetime, counts: Mapping[str, int]) -> Entry:
        """The log's entry of the end, with counts. The same entry joins from the spool when the database is away."""
        return make_entry(
            "grant_end",
            agency=self.ask.actor.agency,
            actor=self.ask.actor.id,
            now=now,
            need=self.ask.need.word,
            result="ended",
            reason="grant.ended",
            about=self.ask.about,
            cause=self.entry,
            more={"counts": dict(counts), "grant": str(self.id), "actor_kind": self.ask.actor.kind.value},
            payload={"sentence": self.end_reason or ""},
        )


class GrantKeeper:
    """The open grants of this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[UUID, Grant] = {}
        # Who decides them again has this: what a request ends at once and the look ends too is written down once.
        self.renewing = asyncio.Lock()

    def add(self, grant: Grant) -> Grant:
        """Keep a new grant."""
        grant.decided_at = self._clock.now()
        self._open[grant.id] = grant
        return grant

    def due(self, agency: UUID, version: int) -> list[Grant]:
        """The agency's grants to decide again: policy changed since, or their end is near."""
        now = self._clock.now()
        self._open = {grant_id: grant for grant_id, grant in self._open.items() if not grant.ended.is_set()}
        mine = [grant for grant in self._open.values() if grant.ask.actor.agency == agency]
        return [grant for grant in mine if grant.version != version or grant.until - now < _RENEW_BEFORE]

    def open_of(self, agency: UUID) -> list[Grant]:
        """The agency's grants that have not ended."""
        return [g for g in self._open.values() if g.ask.actor.agency == agency and not g.ended.is_set()]

    def end_after_outage(self, agency: UUID) -> None:
        """While nothing can be decided: end what is past 15 minutes or past its authorisation's own end."""
        now = self._clock.now()
        for grant in list(self._open.values()):
            if grant.ask.actor.agency != agency or grant.ended.is_set():
                continue
            if grant.decision.until is not None and now >= grant.decision.until:
                grant.end("The authorisation has ended.", "expired")
            elif now - grant.decided_at > OUTAGE_FOR:
                grant.end(
                    "The database has been away for 15 minutes; nothing may be watched until it is back.",
                    DATABASE_AWAY,
                )

    def end_of_session(self, session: UUID, reason: str, *, but_what_may_stay: bool = False) -> None:
        """End what a session holds: it was signed out, or locked at a workstation, where live pictures of incidents stay."""
        for grant in self._open.values():
            if grant.ask.actor.session == session and not (but_what_may_stay and may_stay(grant.ask)):
                grant.end(reason, SIGNED_OUT)

    def end_of_person(self, person: UUID, reason: str) -> None:
        """End what a person holds, in whichever session."""
        for grant in self._open.values():
            if grant.ask.actor.id == person:
                grant.end(reason, SIGNED_OUT)


async def end_left(tx: Tx) -> int:
    """Write down the end of what a process held that was killed: nobody else would, and a look would seem to go on; how many."""
    left = await store.end_left_grants(tx, tx.now - LEFT_AFTER)
    for row in left:
        made = make_entry(
            "grant_end",
            agency=tx.agency,
            actor=row["actor_id"],
            now=tx.now,
            need=row["need"],
            result="ended",
            reason="grant.left",
            about=About(row["about_kind"], row["about_id"]) if row["about_kind"] else None,
            cause=row["entry_id"],
            more={"grant": str(row["id"]), "until": rfc3339(row["until"])},
        )
        await store.append_entry(tx, made)
    return len(left)
