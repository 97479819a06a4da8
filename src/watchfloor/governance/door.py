"""The one door: the only way to a transaction, and to anything that lasts. It decides, writes the decision down in a
commit of its own, and only then opens. It must not be gone around: no other module makes a `Tx`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, timedelta, tzinfo
from functools import partial
from types import TracebackType
from typing import Final, Protocol
from uuid import UUID

from watchfloor.governance import store
from watchfloor.governance.agreement_store import agreements_about
from watchfloor.governance.audit import entry_of_decision
from watchfloor.governance.decide import Facts, decide
from watchfloor.governance.deciding import DECIDING, LOGGING
from watchfloor.governance.grant import OUTAGE_FOR, Grant, GrantKeeper, may_stay
from watchfloor.governance.lease import ENGINES_AWAY, Due, Lease, LeaseBook, to_decide
from watchfloor.governance.lending_store import lendings_about
from watchfloor.governance.model import (
    Act,
    Allowed,
    Ask,
    Case,
    Decision,
    Denied,
    Ended,
    EntryId,
    Refused,
    refusal,
)
from watchfloor.governance.moving import as_they_stand
from watchfloor.governance.needs import Logged
from watchfloor.governance.outage import LIVE, Outage, join
from watchfloor.governance.rules import DoorRules as DoorRules
from watchfloor.governance.spool import DecisionSpool
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Conflict, Unavailable, WatchfloorError
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.kit.sure import sure
from watchfloor.kit.together import Together
from watchfloor.storage.tx import Connection, Tx

GRANT_FOR: Final = timedelta(seconds=60)
LOOK_S: Final = 0.5
_log = logger("door")


class Transactions(Protocol):
    """Where transactions come from: begun with the agency set, committed when the block ends."""

    def transaction(self, *, agency: UUID | None = None) -> _Connections: ...

    def statement(self) -> _Connections: ...


_Connections = AbstractAsyncContextManager[Connection]
_ZoneOf = Callable[[Connection, UUID], Awaitable[tzinfo]]


class Door:
    """Decides every ask, and opens for it. One per process; `watch()` must run beside it."""

    def __init__(
        self, database: Transactions, clock: Clock, rules: DoorRules, spool: DecisionSpool | None = None
    ) -> None:
        """With a `spool` live pictures of open incidents are decided though the database is away, 15 minutes at most."""
        self._database = database
        self._clock = clock
        self._rules = rules
        self._zones: dict[UUID, tzinfo] = {}
        self.outage = Outage(clock, spool, self._zones, second_factor_required=rules.second_factor_required)
        self.leases = LeaseBook(
            clock,
            second_factor_required=rules.second_factor_required,
            incidents=rules.incidents,
            whereabouts=rules.whereabouts,
        )
        self._rounds: dict[UUID, Together[Due, None]] = {}
        self.grants = GrantKeeper(clock)

    @asynccontextmanager
    async def open(self, ask: Ask) -> AsyncIterator[Tx]:
        """A transaction for `ask`. Raises Refused, with the log entry of the refusal, or Unavailable.

        What the rows themselves forbid is raised inside as Refused: nothing of it stays, and the refusal is kept.
        """
        entry = await self._admit(ask)
        try:
            async with self._database.transaction(agency=ask.actor.agency) as connection:
                tx = await self._tx(connection, ask, entry)
                yield tx
                if tx.wrote and ask.actor.act is not None:
                    await self._do_once(connection, ask, ask.actor.act)
        except Refused as refused:
            await self._keep_refusal(ask, refused, entry)
            raise
        for act in tx.taken_after():
            await act()

    @asynccontextmanager
    async def single(self, ask: Ask) -> AsyncIterator[Tx]:
        """For one statement that sets its agency itself and is a transaction of its own, under a need that is never logged."""
        if ask.need.logged is not Logged.NEVER:
            raise AssertionError(f"{ask.need.word} is logged; it takes a transaction")
        await self._admit(ask)
        async with self._database.statement() as connection:
            yield self._untimed(connection, ask, None)

    async def grant(self, ask: Ask) -> Grant:
        """A revocable leave for something that lasts: at most 60 s, renewed while the rules still say yes.

        Raises Refused or Unavailable. The holder watches `grant.ended` and must `close` it with its counts.
        """
        try:
            return await self._granted(ask)
        except Unavailable as away:
            grant = await self.outage.grant(ask, away, self._close_grant)
            self.grants.add(grant)
            grant.decided_at = grant.until - OUTAGE_FOR  # so that it ends when its window does
            return grant

    async def _granted(self, ask: Ask) -> Grant:
        async with self._deciding(ask) as tx:
            decision, entry = await self._decided(tx, ask)
            grant = self._new_grant(ask, entry, decision) if isinstance(decision, Allowed) else None
            if grant is not None:
                about = (ask.about.kind, ask.about.id) if ask.about else None
                technology = ask.technology.value if ask.technology else None
                await store.insert_grant(tx, grant.id, entry, ask.need.word, about, technology, grant.until)
        if isinstance(decision, Denied):
            raise refusal(decision, entry)
        return self.grants.add(sure(grant))

    def _new_grant(self, ask: Ask, entry: EntryId, decision: Allowed) -> Grant:
        now = self._clock.now()
        return Grant(
            uuid7(now),
            ask,
            entry,
            min(now + GRANT_FOR, decision.until or now + GRANT_FOR),
            decision,
            self._close_grant,
        )

    @asynccontextmanager
    async def under(self, grant: Grant) -> AsyncIterator[Tx]:
        """A transaction under a grant that holds: no new decision, the touches of its need. Raises Refused once it ended."""
        if grant.ended.is_set():
            raise Refused(Denied("grant_ended", grant.end_reason or "The leave has ended."), grant.entry)
        async with self._database.transaction(agency=grant.ask.actor.agency) as connection:
            tx = await self._tx(connection, grant.ask, grant.entry)
            yield tx
        for act in tx.taken_after():
            await act()

    async def lease(self, asks: Sequence[Ask]) -> tuple[Lease | Denied, ...]:
        """Answers to machines' asks, in their order: leased 60 s, kept in memory, and only changes are logged.

        With the engines away the last answer holds until its authorisation's own end, 15 minutes at most.
        """
        fresh = self.leases.fresh(asks)
        due = [ask for ask, known in zip(asks, fresh, strict=True) if known is None]
        if due:
            try:
                await self._decide_leases(due)
            except Unavailable:
                return tuple(self.leases.in_an_outage(ask) for ask in asks)
        return tuple(self.leases.answer(ask) for ask in asks)

    async def watch(self, agencies: Sequence[UUID]) -> None:
        """Look for changes of policy twice a second, for ever: re-decide open grants, forget leases, join the spool."""
        while True:
            for agency in agencies:
                try:
                    await self._look(agency)
                except Unavailable as away:
                    await self.outage.without_database(agency, self.grants.open_of(agency), away)
                    self.grants.end_after_outage(agency)
                except WatchfloorError as error:
                    # Whatever it is, the next look is soon: nothing may outlive its authorisation for want of a look.
                    _log.error("the look for changes of policy failed", error=error.detail)
            await self._clock.sleep(LOOK_S)

    async def look_now(self, agency: UUID) -> None:
        """Look at once, in the process in which policy was changed: what may be seen no more is dark within its own commit."""
        await self._look(agency)

    async def _look(self, agency: UUID) -> None:
        async with self._transaction(agency, "policy.look_up") as tx:
            version = await store.policy_version(tx)
            self._zones[agency] = await store.zone(tx) or UTC
            if not self.outage.knows(agency, version):
                self.outage.policy_is(agency, version, await store.authorisations(tx, LIVE))
            self.outage.in_contact(agency, tx.now)
        await join(self.outage, agency, self._transaction)
        self.leases.policy_is(agency, version)
        await self._renew_grants(agency, version)

    async def _admit(self, ask: Ask) -> EntryId | None:
        match ask.need.logged:
            case Logged.EACH:
                quick = await self._admitted_to_role(ask)
                if quick is not None:
                    return quick
                async with self._deciding(ask) as tx:
                    decision, entry = await self._decided(tx, ask)
                if isinstance(decision, Denied):
                    raise refusal(decision, entry)
                return entry
            case Logged.CHANGES:
                (answer,) = await self.lease([ask])
                if isinstance(answer, Denied):
                    if answer.reason == ENGINES_AWAY:
                        raise Unavailable(answer.sentence, reason="database_away", retry_after_s=2)
                    raise Refused(answer)
                return answer.entry
            case Logged.NEVER:
                bare = decide(ask, Facts((), None, False), now=self._clock.now())
                if isinstance(bare, Denied):
                    raise Refused(bare)
                return None

    async def _keep_refusal(self, ask: Ask, refused: Refused, after: EntryId | None) -> None:
        """Log what was refused after the door had said yes, in a commit of its own, and name the entry in the refusal.

        Of what is asked each second (its needs are logged by changes) one a minute is kept.
        """
        if refused.entry is not None or ask.need.logged is Logged.NEVER:
            return
        often = ask.need.logged is Logged.CHANGES
        refused.entry = self.leases.refusal_kept(ask, refused.reason) if often else None
        if refused.entry is None:
            async with self._deciding(ask) as tx:
                made = entry_of_decision(ask, refused.denied, now=tx.now, cause=after)
                await store.append_entry(tx, made)
            refused.entry = made.id
            if often:
                self.leases.keep_refusal(ask, refused.reason, made.id)

    async def _admitted_to_role(self, ask: Ask) -> EntryId | None:
        """A yes that rests on the role and a session that holds, decided and kept in one statement; None for all else."""
        if ask.need.with_technology or (ask.why is not None and ask.why.case is not None):
            return None
        now = self._clock.now()
        decision = decide(ask, Facts((), None, self._rules.second_factor_required), now=now)
        if isinstance(decision, Denied):
            return None
        entry = entry_of_decision(ask, decision, now=now)
        agency, need = ask.actor.agency, ask.need.word
        async with self._database.statement() as connection:
            tx = Tx(connection, agency, now, None, ask.actor.id, DECIDING, need)
            kept = await store.append_while_signed_in(tx, entry, ask.actor.session)
        if kept:
            self.outage.session_was(ask.actor.session, now, valid=True)
        return entry.id if kept else None

    async def _decided(self, tx: Tx, ask: Ask) -> tuple[Decision, EntryId]:
        decision = await self._decision(tx, ask)
        entry = entry_of_decision(ask, decision, now=tx.now)
        await store.append_entry(tx, entry)
        return decision, entry.id

    async def _decision(self, tx: Tx, ask: Ask, *, held: bool = False) -> Decision:
        (ask,) = await as_they_stand(tx, [ask], self._rules.whereabouts)
        found = await store.authorisations(tx, [ask.technology.value]) if ask.technology else []
        case = ask.why.case if ask.why else None
        standing = await self._case_standing(tx, case)
        ended = standing if isinstance(standing, Ended) else None
        is_open = None if standing is None else standing is True
        agreed = await agreements_about(tx, [ask], self._rules.incidents)
        lent = await lendings_about(tx, [ask])
        facts = Facts(found, is_open, self._rules.second_factor_required, ended, tx.zone, agreed, lent)
        gone = await self._rules.still_valid(tx, ask.actor.session) if ask.actor.session else None
        self.outage.session_was(ask.actor.session, tx.now, valid=gone is None)
        if gone is not None and not (held and await self._stays(tx, ask)):
            return Denied("signed_out", gone, next_step="Sign in again.")
        return decide(ask, facts, now=tx.now)

    async def _stays(self, tx: Tx, ask: Ask) -> bool:
        stays = self._rules.stays if may_stay(ask) else None
        return stays is not None and ask.actor.session is not None and await stays(tx, ask.actor.session)

    async def _case_standing(self, tx: Tx, case: Case | None) -> bool | Ended | None:
        if case is None:
            return None
        look_up = self._rules.cases.get(case.kind)
        standing = look_up is not None and await look_up(tx, case.id)
        self.outage.case_was(tx.agency, case, tx.now, found=standing is True)
        return standing

    async def _decide_leases(self, asks: Sequence[Ask]) -> None:
        """All that are due at a moment are decided together: each by itself would wait for the others' commits."""
        by_agency: dict[UUID, list[Due]] = {}
        for ask in asks:
            by_agency.setdefault(ask.actor.agency, []).append(to_decide(ask))
        for agency, own in by_agency.items():
            if agency not in self._rounds:
                decided = partial(self._lease_round, agency)
                self._rounds[agency] = Together(decided, self._clock, every_s=0, one_by_one=True)
            await self._rounds[agency].of_all(own)

    async def _lease_round(self, agency: UUID, asked: Sequence[Due]) -> Mapping[Due, None]:
        if asks := self.leases.with_those_soon_due(asked):
            async with self._transaction(agency, "lease") as tx:
                decided = await self.leases.decide(tx, asks)
            self.leases.publish(decided)
        return {}

    async def _renew_grants(self, agency: UUID, version: int) -> None:
        async with self.grants.renewing:
            if due := self.grants.due(agency, version):
                await self._decide_again(agency, version, due)

    async def _decide_again(self, agency: UUID, version: int, due: Sequence[Grant]) -> None:
        async with self._transaction(agency, "grant.renew") as tx:
            for grant in due:
                decision = await self._decision(tx, grant.ask, held=True)
                if isinstance(decision, Denied):
                    revoked = partial(entry_of_decision, kind="revocation", cause=grant.entry)
                    await store.append_entry(tx, revoked(grant.ask, decision, now=tx.now))
                    grant.end(decision.sentence, decision.reason)
                else:
                    grant.renewed(version, decision, tx.now + GRANT_FOR, tx.now)
                    await store.renew_grant(tx, grant.id, grant.until)

    async def _close_grant(self, grant: Grant, counts: Mapping[str, int]) -> None:
        entry = grant.entry_of_end(self._clock.now(), counts)
        try:
            async with self._transaction(
                grant.ask.actor.agency, "grant.close", actor=grant.ask.actor.id
            ) as tx:
                await store.end_grant(tx, grant.id, grant.end_reason or "closed by the viewer", dict(counts))
                await store.append_entry(tx, entry)
        except Unavailable as away:
            await self.outage.keep_end(grant, entry, counts, away)

    async def _do_once(self, connection: Connection, ask: Ask, act: Act) -> None:
        """Say in the same transaction that the act is done, so that no other request does it again. Raises Conflict."""
        tx = Tx(connection, ask.actor.agency, self._clock.now(), None, ask.actor.id, DECIDING, ask.need.word)
        if not await store.mark_done(tx, act):
            raise Conflict(
                "The same request was sent again meanwhile, and that one does it.", reason="idempotency_key"
            )

    def _deciding(self, ask: Ask) -> _Opened:
        return self._transaction(ask.actor.agency, ask.need.word, actor=ask.actor.id)

    def _transaction(self, agency: UUID, need: str, *, actor: UUID | None = None) -> _Opened:
        connections = self._database.transaction(agency=agency)
        return _Opened(connections, agency, need, actor or agency, self._clock, self._zone)

    async def _tx(self, connection: Connection, ask: Ask, entry: EntryId | None) -> Tx:
        tx = self._untimed(connection, ask, entry)
        tx.zone = await self._zone(connection, tx.agency)
        return tx

    async def _zone(self, connection: Connection, agency: UUID) -> tzinfo:
        """The agency's time zone: read once, and again by `watch`."""
        if agency not in self._zones:
            tx = Tx(connection, agency, self._clock.now(), None, agency, DECIDING, "zone")
            found = await store.zone(tx)
            if found is None:
                return UTC
            self._zones[agency] = found
        return self._zones[agency]

    def _untimed(self, connection: Connection, ask: Ask, entry: EntryId | None) -> Tx:
        touches, now = ask.need.touches | LOGGING, self._clock.now()
        actor = ask.actor
        return Tx(connection, actor.agency, now, entry, actor.id, touches, ask.need.word, actor.machine)


class _Opened:
    """The door's own transaction, in which it decides."""

    def __init__(
        self, connections: _Connections, agency: UUID, need: str, actor: UUID, clock: Clock, zone_of: _ZoneOf
    ) -> None:
        self._connections = connections
        self._agency, self._need, self._actor, self._clock = agency, need, actor, clock
        self._zone_of = zone_of

    async def __aenter__(self) -> Tx:
        connection = await self._connections.__aenter__()
        tx = Tx(connection, self._agency, self._clock.now(), None, self._actor, DECIDING, self._need)
        tx.zone = await self._zone_of(connection, self._agency)
        return tx

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._connections.__aexit__(kind, error, trace)
