"""What may still be decided while the database is away: live pictures, of what was open and of open incidents, for 15 minutes.

It remembers what the door last read, writes each decision into the spool before anybody is let in, and brings the spool
into the log afterwards. Search, playback and export stay shut: it knows no other need than the one for live pictures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, TypeVar
from uuid import UUID

from watchfloor.governance import spool_store
from watchfloor.governance.audit import entry_of_decision, make_entry
from watchfloor.governance.decide import Facts, decide
from watchfloor.governance.entry import Entry
from watchfloor.governance.grant import DATABASE_AWAY, OUTAGE_FOR, Closer, Grant
from watchfloor.governance.model import (
    About,
    ActorKind,
    Allowed,
    Ask,
    Authorisation,
    Case,
    Decision,
    Denied,
    EntryId,
    Refused,
)
from watchfloor.governance.needs import Need
from watchfloor.governance.spool import BadLine, DecisionSpool, Line, SpooledGrant, SpoolFile
from watchfloor.governance.words import CaseKind, TechnologyKind
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Unavailable, WatchfloorError
from watchfloor.kit.ids import name_uuid, uuid7
from watchfloor.kit.logs import logger
from watchfloor.storage.plainly import CANNOT
from watchfloor.storage.tx import Tx

LIVE: Final = (
    TechnologyKind.FIXED_CAMERA.value,
    TechnologyKind.MOBILE_TRAILER.value,
    TechnologyKind.PRIVATE_CAMERA_LINK.value,
    TechnologyKind.BODY_CAMERA.value,
)
# What stays as it is: what somebody watches, and what a partner records by its leave.
_STAYS: Final = frozenset({Need.CAMERA_LIVE, Need.CAMERA_LENT})
# A clock that is off is no outage: it is set right first.
_AWAY: Final = CANNOT | {"commit_unknown"}
# Just after the server went the pool still believes in its connections and calls itself busy.
_MAYBE_AWAY: Final = _AWAY | {"database_busy"}
_MOST_REMEMBERED: Final = 5_000
K = TypeVar("K")
_SPOOLED: Final = {"spooled": True}
_log = logger("outage")

Transaction = Callable[[UUID, str], AbstractAsyncContextManager[Tx]]


class Outage:
    """What this process's door remembers for the time without a database, and its spool."""

    def __init__(
        self,
        clock: Clock,
        spool: DecisionSpool | None,
        zones: Mapping[UUID, tzinfo],
        *,
        second_factor_required: bool,
    ) -> None:
        self.spool = spool
        self._zones = zones
        self._clock = clock
        self._second_factor_required = second_factor_required
        self._contact: dict[UUID, datetime] = {}
        self._policy: dict[UUID, tuple[int, Sequence[Authorisation]]] = {}
        self._cases: dict[tuple[UUID, Case], datetime] = {}
        self._sessions: dict[UUID, datetime] = {}
        self._kept: set[UUID] = set()
        self._writing = asyncio.Lock()

    def in_contact(self, agency: UUID, now: datetime) -> None:
        """The database answered: an outage begins at the last time it did."""
        self._contact[agency] = now

    def knows(self, agency: UUID, version: int) -> bool:
        """Whether what is remembered is of this version of policy."""
        return self.spool is None or self._policy.get(agency, (-1, ()))[0] == version

    def policy_is(self, agency: UUID, version: int, authorisations: Sequence[Authorisation]) -> None:
        """These are the agency's authorisations of live pictures."""
        self._policy[agency] = (version, authorisations)

    def case_was(self, agency: UUID, case: Case, now: datetime, *, found: bool) -> None:
        """An incident was open, or was not."""
        if case.kind is CaseKind.INCIDENT:
            _remember(self._cases, (agency, case), now if found else None)

    def session_was(self, session: UUID | None, now: datetime, *, valid: bool) -> None:
        """A session was valid, or was not."""
        if session is not None:
            _remember(self._sessions, session, now if valid else None)

    async def grant(self, ask: Ask, away: Unavailable, closer: Closer) -> Grant:
        """Decide on a new live picture without the database. Raises Refused, or `away` for everything else."""
        if self.spool is None or ask.need is not Need.CAMERA_LIVE or away.reason not in _MAYBE_AWAY:
            raise away
        now = self._clock.now()
        decision = self._decide(ask, now)
        entry = entry_of_decision(ask, decision, now=now, more=_SPOOLED)
        if isinstance(decision, Denied):
            await self._keep(Line(entry, None))
            raise Refused(decision, entry.id) from away
        until = decision.until or now
        grant = Grant(uuid7(now), ask, entry.id, until, decision, closer)
        technology = ask.technology.value if ask.technology else None
        await self._keep(Line(entry, SpooledGrant(grant.id, until, technology)))
        self._kept.add(grant.id)
        return grant

    def _decide(self, ask: Ask, now: datetime) -> Decision:
        case = ask.why.case if ask.why else None
        agency = ask.actor.agency
        known = [self._contact.get(agency), self._cases.get((agency, case)) if case else None]
        if ask.actor.session is not None:
            known.append(self._sessions.get(ask.actor.session))
        ends = [at + OUTAGE_FOR for at in known if at is not None]
        if len(ends) < len(known) or min(ends) <= now:
            return Denied(
                "engines_away",
                "The database is away; meanwhile only pictures of incidents that were just seen open can be opened,"
                f" for {OUTAGE_FOR // timedelta(minutes=1)} minutes at most.",
                next_step="It is started again by itself; try again then.",
            )
        own = self._policy.get(agency, (-1, ()))[1]
        zone = self._zones.get(agency, UTC)
        decision = decide(ask, Facts(own, True, self._second_factor_required, zone=zone), now=now)
        if isinstance(decision, Allowed):
            return replace(decision, until=min(*ends, decision.until or min(ends)))
        return decision

    async def without_database(self, agency: UUID, grants: Sequence[Grant], away: Unavailable) -> None:
        """What is open stays, live pictures alone (watched, or lent), and that it stays is itself kept: once a grant and outage."""
        if away.reason not in _AWAY:
            return
        for grant in grants:
            if grant.ask.need is Need.CAMERA_PLAYBACK:
                grant.end("The database is away; recorded video is shut until it is back.", DATABASE_AWAY)
        for grant in grants:
            if self.spool and grant.ask.need in _STAYS and grant.id not in self._kept:
                await self._keep_open(grant)

    async def _keep_open(self, grant: Grant) -> None:
        words = "It was open when the database went away."
        stays = Allowed("kept_in_outage", words, grant.decision.authorisation, None)
        entry = entry_of_decision(grant.ask, stays, now=self._clock.now(), cause=grant.entry, more=_SPOOLED)
        try:
            await self._keep(Line(entry, None))
            self._kept.add(grant.id)
        except WatchfloorError as error:
            grant.end(error.detail, error.reason)

    async def keep_end(
        self, grant: Grant, entry: Entry, counts: Mapping[str, int], away: Unavailable
    ) -> None:
        """Keep the end of a grant. Raises `away` where there is no spool."""
        if self.spool is None:
            raise away
        reason = grant.end_reason or "closed by the viewer"
        await self._keep(Line(entry, SpooledGrant(grant.id, grant.until, None, reason, counts)))

    async def let_go(self) -> DecisionSpool | None:
        """The database is back: end this process's file; the spool, if there is one."""
        async with self._writing:
            self._kept.clear()
            if self.spool is not None:
                self.spool.close()
        return self.spool

    async def _keep(self, line: Line) -> None:
        if self.spool is None:
            raise Unavailable("There is no spool to keep a decision in.")
        async with self._writing:
            # To the end even if the asker goes away: half a line would be one too many.
            await asyncio.shield(asyncio.to_thread(self.spool.keep, line))


async def join(outage: Outage, agency: UUID, transaction: Transaction) -> None:
    """Bring what was spooled, by whatever process, into the log. Each decision stands there once, at its own time."""
    spool = await outage.let_go()
    if spool is None:
        return
    for path in spool.waiting():
        with spool.taken(path) as file:
            if file is None:
                continue
            try:
                await _join_file(file, agency, transaction)
                spool.joined(file)
            except OSError as error:
                _log.error("a spool that joined the log cannot be removed", file=path.name, error=str(error))


async def _join_file(file: SpoolFile, agency: UUID, transaction: Transaction) -> None:
    for own in sorted({line.entry.agency for line in file.lines}):
        async with transaction(own, "spool.join") as tx:
            for line in file.lines:
                if line.entry.agency == own and await spool_store.join_entry(tx, line.entry):
                    await spool_store.join_grant(tx, line)
    if not file.bad:
        return
    whose = file.lines[0].entry.agency if file.lines else agency
    async with transaction(whose, "spool.join") as tx:
        for bad in file.bad:
            _log.error("a line of the spool is refused", file=bad.file, line=bad.number, why=bad.why)
            await spool_store.join_entry(tx, _told(tx, bad))


def _told(tx: Tx, bad: BadLine) -> Entry:
    return make_entry(
        "effect",
        agency=tx.agency,
        actor=tx.actor,
        now=tx.now,
        result="refused",
        reason="spool.line_refused",
        about=About("agency", tx.agency),
        more={
            "file": bad.file,
            "line": bad.number,
            "why": bad.why,
            "sha256": bad.sha256,
            "actor_kind": ActorKind.PROCESS.value,
        },
        entry_id=EntryId(name_uuid(f"spool/{bad.file}/{bad.number}/{bad.sha256}")),
    )


def _remember(known: dict[K, datetime], key: K, at: datetime | None) -> None:
    known.pop(key, None)
    if at is not None:
        known[key] = at
    while len(known) > _MOST_REMEMBERED:
        known.pop(next(iter(known)))
