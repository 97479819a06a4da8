"""Signing in and out: the only place that compares passwords and codes. It gives sessions, never leave to see anything."""

from __future__ import annotations

import contextlib
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import NO_AGENCY, process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.grant import OUTAGE_FOR
from watchfloor.governance.model import About, Act, Actor, ActorKind, AgencyId, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity import store, workstations
from watchfloor.identity.model import (
    FAILURES_WITHIN,
    NO_BROWSER,
    Browser,
    Credential,
    Person,
    SignIn,
    hash_of,
    new_token,
    password_fault,
)
from watchfloor.identity.secrets import Passwords, new_totp_secret, totp_step, totp_uri
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import Clock
from watchfloor.kit.envelope import Envelope
from watchfloor.kit.errors import Conflict, Expired, Invalid, NotFound, TooMany, Unauthenticated, Unavailable
from watchfloor.kit.ids import uuid7
from watchfloor.kit.remember import Remembered
from watchfloor.kit.together import Together
from watchfloor.settings import IdentitySettings
from watchfloor.storage.tx import Tx

REMEMBERED = 20_000
_SHOWN_FOR_S = 5.0
_SEEN_EVERY = timedelta(seconds=30)
WRONG = "That name and password do not belong together."


@dataclass(frozen=True, slots=True)
class Identity:
    """What signing in needs."""

    door: Door
    clock: Clock
    settings: IdentitySettings
    passwords: Passwords
    envelope: Envelope
    second_factor_required: bool
    # Which agency a token's hash belongs to never changes; whether the token still holds is asked each time (`asked`: of devices).
    agencies: dict[str | bytes, UUID] = field(default_factory=dict, repr=False)
    # Sessions and devices as last seen alive, by their token's hash: for an outage alone.
    seen: dict[bytes, tuple[SignIn, datetime]] = field(default_factory=dict, repr=False)
    devices: dict[bytes, tuple[Actor, datetime]] = field(default_factory=dict, repr=False)
    asked: dict[UUID, Together[bytes, tuple[UUID, str]]] = field(default_factory=dict, repr=False)
    # The agency's name, for those who have not signed in.
    shown: Remembered[str | None] = field(default_factory=lambda: Remembered(_SHOWN_FOR_S), repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: the token goes into the person's cookie and nowhere else."""

    token: str
    sign_in: SignIn


async def sign_in(
    identity: Identity,
    name: str,
    password: str,
    code: str | None,
    source: str,
    *,
    browser: Browser = NO_BROWSER,
) -> Opened:
    """Open a session, and end with it the one that the browser had. Raises Unauthenticated (`wrong_name_or_password`,
    `code_needed`, `wrong_code`) or TooMany (`locked`).
    """
    agency = await agency_of(identity, "name", name)
    if agency is None:
        await identity.passwords.matches(None, password)
        raise Unauthenticated(WRONG, reason="wrong_name_or_password")
    person, known = await _account(identity, agency, name)
    right = await identity.passwords.matches(known.password_hash if known else None, password)
    async with _opened(identity, agency) as tx:
        # One try at a time from here: those that came meanwhile are counted, and a code seen over a shoulder opens one session.
        credential = await store.credential(tx, person.id)
        await _must_not_be_locked(identity, tx, person.id)
        if person.state == "suspended" or _set_anew(known, credential):
            right = False
        problem = None if right else Unauthenticated(WRONG, reason="wrong_name_or_password")
        proved = False
        if right and credential is not None and credential.totp_secret is not None:
            problem = await _prove_code(identity, tx, credential, credential.totp_secret, code)
            proved = problem is None
        if problem is None:
            return await open_session(identity, tx, person.id, browser, second_factor=proved)
        if problem.reason != "code_needed":
            await store.insert_failure(tx, uuid7(tx.now), person.id, source)
            said: dict[str, Json] = {"source": source, "why": problem.reason}
            await effect(tx, "sign_in.refused", About("person", person.id), detail=said)
    raise problem


async def _account(identity: Identity, agency: UUID, name: str) -> tuple[Person, Credential | None]:
    async with _opened(identity, agency) as tx:
        person = await store.person_named(tx, name)
        if person is None:
            raise Unauthenticated(WRONG, reason="wrong_name_or_password")
        await _must_not_be_locked(identity, tx, person.id)
        return person, await store.credential(tx, person.id)


def _set_anew(before: Credential | None, now: Credential | None) -> bool:
    """Whether what a password was compared with is another one by now."""
    return before is None or now is None or before.password_hash != now.password_hash


async def _must_not_be_locked(identity: Identity, tx: Tx, person: UUID) -> None:
    count, first = await store.failures(tx, person, tx.now - FAILURES_WITHIN)
    if count >= identity.settings.lock_after and first is not None:
        wait = int((first + FAILURES_WITHIN - tx.now).total_seconds()) + 1
        raise TooMany(
            f"Too many wrong tries; this account is locked for {max(1, wait // 60)} min.",
            reason="locked",
            next_step="Wait, or ask an administrator for a new invitation.",
            retry_after_s=wait,
        )


async def _prove_code(
    identity: Identity, tx: Tx, credential: Credential, sealed: bytes, code: str | None
) -> Unauthenticated | None:
    if code is None:
        return Unauthenticated("The code of your second factor is needed.", reason="code_needed")
    secret = identity.envelope.open(sealed, credential.person.bytes).decode()
    step = totp_step(secret, code, now=tx.now, last_step=credential.totp_last_step)
    if step is None:
        return Unauthenticated(
            "That code is wrong, or was used already.",
            reason="wrong_code",
            next_step="Wait for the next code.",
        )
    await store.keep_totp(tx, credential.person, None, step)
    return None


async def accept_invitation(
    identity: Identity, token: str, password: str, *, browser: Browser = NO_BROWSER
) -> Opened:
    """Set a password with a one-time link and sign in. Raises NotFound, Expired, or Invalid on `password`."""
    hashed = hash_of(token)
    agency = await agency_of(identity, "invitation", hashed)
    if agency is None:
        raise NotFound("This link is not known.", next_step="Ask an administrator for a new one.")
    async with _opened(identity, agency) as tx:
        person = await _invited(tx, hashed)
    fault = password_fault(password, names=(person.name, person.full_name))
    if fault is not None:
        raise Invalid(fault, reason="password")
    password_hash = await identity.passwords.hash(password)
    async with _opened(identity, agency) as tx:
        person = await _invited(tx, hashed)
        await store.accept_invitation(tx, hashed, person.id, password_hash)
        tx.after_commit(partial(ended, identity, person.id, "The password was set anew."))
        await effect(tx, "invitation.accepted", About("person", person.id))
        return await open_session(identity, tx, person.id, browser, second_factor=False)


async def _invited(tx: Tx, hashed: bytes) -> Person:
    found = await store.invitation(tx, hashed)
    person = await store.person(tx, found[0]) if found else None
    if found is None or person is None:
        raise NotFound(
            "This link was used already.", next_step="Sign in, or ask an administrator for a new one."
        )
    if found[1] <= tx.now or person.state == "suspended":
        raise Expired("This link is no longer valid.", next_step="Ask an administrator for a new one.")
    return person


async def open_session(
    identity: Identity, tx: Tx, person: UUID, browser: Browser, *, second_factor: bool
) -> Opened:
    await _replace(identity, tx, browser)
    token = new_token()
    until = tx.now + timedelta(hours=identity.settings.session_h)
    await store.forget_failures(tx, person)
    await store.insert_sign_in(tx, uuid7(tx.now), person, hash_of(token), until, second_factor=second_factor)
    await effect(tx, "sign_in.opened", About("person", person), more={"second_factor": second_factor})
    opened = await store.sign_in(tx, hash_of(token))
    if opened is None:
        raise Unauthenticated("This account is suspended.", reason="suspended")
    return Opened(token, opened)


async def begin_second_factor(identity: Identity, session: SignIn) -> tuple[str, str]:
    """A new secret (base32) and its `otpauth://` form; nothing is kept until a code proves it. Raises Conflict."""
    _must_have_proved(session)
    secret = new_totp_secret()
    return secret, totp_uri(secret, session.name, session.agency_name)


def _must_have_proved(session: SignIn) -> None:
    """Who has a second factor changes it in a session that proved it."""
    if session.has_totp and not session.second_factor:
        raise Conflict(
            "This account has a second factor already; sign in with its code.", reason="second_factor_exists"
        )


async def prove_second_factor(identity: Identity, session: SignIn, secret: str, code: str) -> None:
    """Keep the secret once a code of it was right. Raises Unauthenticated `wrong_code`, or Conflict."""
    _must_have_proved(session)  # another session of this account may have set one since this began
    async with _opened(identity, session.agency) as tx:
        step = totp_step(secret, code, now=tx.now, last_step=None)
        if step is None:
            raise Unauthenticated(
                "That code is wrong.",
                reason="wrong_code",
                next_step="Check the clock of your device and try the next code.",
            )
        await store.keep_totp(
            tx, session.person, identity.envelope.seal(secret.encode(), session.person.bytes), step
        )
        await store.sign_in_proved(tx, session.id)
        await effect(tx, "second_factor.set", About("person", session.person))


async def session_of(identity: Identity, token: str) -> SignIn:
    """The live session of a cookie. Raises Unauthenticated.

    With the database away, a session that was seen alive within 15 minutes counts as it was: the room keeps what the
    door still gives it, and the door alone decides what that is.
    """
    hashed, now = hash_of(token), identity.clock.now()
    try:
        session = await _live_session(identity, hashed)
    except Unavailable:
        known = identity.seen.get(hashed)
        if known is None or now - known[1] > OUTAGE_FOR or now >= known[0].until:
            raise
        return known[0]
    if len(identity.seen) >= REMEMBERED:
        identity.seen.clear()
    identity.seen[hashed] = (session, now)
    return session


async def _live_session(identity: Identity, hashed: bytes) -> SignIn:
    agency = await agency_of(identity, "sign_in", hashed)
    if agency is None:
        raise Unauthenticated("Nobody is signed in.", next_step="Sign in.")
    ask = Ask(process_actor(agency, "serve"), Need.SESSION_LOOK_UP)
    async with identity.door.single(ask) as tx:
        session = await store.sign_in(tx, hashed)
    if session is None:
        identity.seen.pop(hashed, None)
        raise Unauthenticated("The session is over.", reason="signed_out", next_step="Sign in again.")
    unused = tx.now - session.seen_at
    if unused > timedelta(minutes=identity.settings.idle_min):
        identity.seen.pop(hashed, None)
        async with identity.door.open(ask) as tx:
            await store.end_sign_in(tx, session.id, "it was left idle")
        identity.door.grants.end_of_session(session.id, "The session was left idle.")
        raise Unauthenticated("The session was left idle.", reason="idle", next_step="Sign in again.")
    if unused > _SEEN_EVERY:
        async with identity.door.open(ask) as tx:
            await store.seen(tx, session.id)
    return session


async def ended(identity: Identity, person: UUID, why: str) -> None:
    """What the sessions of a person held open ends with them, and none of them is remembered."""
    identity.seen.clear()
    identity.door.grants.end_of_person(person, why)


class Ending(StrEnum):
    """Why a person's session ends."""

    SIGNED_OUT = "signed_out"
    LOCKED = "locked"
    LEFT_IDLE = "left_idle"
    REPLACED = "replaced"

    @property
    def words(self) -> str:
        return _ENDINGS[self]


_ENDINGS: Final = {
    Ending.SIGNED_OUT: "signed out",
    Ending.LOCKED: "the screen was locked",
    Ending.LEFT_IDLE: "the screen was left idle and locked itself",
    Ending.REPLACED: "somebody signed in at the same browser",
}


async def sign_out(
    identity: Identity, session: SignIn, because: Ending = Ending.SIGNED_OUT, browser: Browser = NO_BROWSER
) -> None:
    """End the session and whatever it held open, but for what stays on a locked workstation. What its person holds of the
    queue goes back when it was their last.
    """
    async with _opened(identity, session.agency) as tx:
        await _end(identity, tx, session, because, browser)


async def _end(
    identity: Identity, tx: Tx, session: SignIn, because: Ending, browser: Browser = NO_BROWSER
) -> None:
    await store.end_sign_in(tx, session.id, because.words)
    locked = because in (Ending.LOCKED, Ending.LEFT_IDLE)
    here = await workstations.looks_stay(tx, identity.settings, session, browser) if locked else None
    stays: dict[str, Json] = {} if here is None else {"looks_stay_on": here.name}
    await effect(tx, "sign_in.ended", About("person", session.person), more={"why": because.value} | stays)

    async def of_this_process() -> None:
        identity.seen.clear()
        words = f"{because.words.capitalize()}."
        identity.door.grants.end_of_session(session.id, words, but_what_may_stay=here is not None)

    tx.after_commit(of_this_process)


async def _replace(identity: Identity, tx: Tx, browser: Browser) -> None:
    """A browser has one person: the session whose cookie gives way to a new one ends with the beginning of that, or not at all.
    So does what stayed on it, where it is a workstation.
    """
    before = await store.sign_in(tx, hash_of(browser.session)) if browser.session is not None else None
    if before is not None:
        await _end(identity, tx, before, Ending.REPLACED)
    await workstations.looks_end(tx, identity.door, browser, workstations.SIGNED_IN)


async def replace_elsewhere(identity: Identity, token: str | None, agency: UUID) -> None:
    """The same for one of another agency, which no transaction of this one sees. Whoever signed in keeps the new session in any event."""
    if token is None:
        return
    with contextlib.suppress(Unauthenticated, Unavailable):
        before = await _live_session(identity, hash_of(token))
        if before.agency != agency:
            await sign_out(identity, before, Ending.REPLACED)


def actor_of(session: SignIn, act: Act | None = None) -> Actor:
    """The actor of a session, and of one act of its person."""
    return Actor(
        id=session.person,
        kind=ActorKind.PERSON,
        agency=AgencyId(session.agency),
        roles=session.roles,
        name=session.full_name,
        second_factor=session.second_factor,
        session=session.id,
        act=act,
    )


async def agency_shown(identity: Identity) -> str | None:
    """Whose center this is, for those who have not signed in: where it is one agency's, and the database answers."""
    return await identity.shown.of(partial(_only_agency, identity), identity.clock)


async def _only_agency(identity: Identity) -> str | None:
    try:
        async with identity.door.open(Ask(process_actor(NO_AGENCY, "serve"), Need.SESSION_LOOK_UP)) as tx:
            return await store.only_agency(tx)
    except Unavailable:
        return None


async def agency_of(identity: Identity, what: str, given: str | bytes) -> UUID | None:
    """The agency that a name or a token's hash belongs to: `name`, `sign_in`, `invitation` or `device`."""
    known = identity.agencies.get(given)
    if known is not None:
        return known
    async with identity.door.open(Ask(process_actor(NO_AGENCY, "serve"), Need.SESSION_LOOK_UP)) as tx:
        found = await store.agency_of(tx, what, given)
    if found is not None and what in ("sign_in", "device"):
        if len(identity.agencies) >= REMEMBERED:
            identity.agencies.clear()
        identity.agencies[given] = found
    return found


def _opened(identity: Identity, agency: UUID) -> AbstractAsyncContextManager[Tx]:
    return identity.door.open(Ask(process_actor(agency, "serve"), Need.SIGN_IN))
