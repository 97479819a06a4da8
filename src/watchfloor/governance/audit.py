"""What is written into the log: the leaf, and the erasable payload beside it. It never reads the log."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.governance import store
from watchfloor.governance.checkpoint import Checkpoint
from watchfloor.governance.entry import Entry
from watchfloor.governance.model import About, ActorKind, Ask, Decision, Denied, EntryId
from watchfloor.governance.words import Purpose, Role
from watchfloor.kit.canonical import Json, canonical
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.ids import uuid7
from watchfloor.storage.tx import Tx

_SALT_BYTES = 32
RESTORE: Final = "restore"


def commitment(salt: bytes, payload: Mapping[str, Json]) -> str:
    """Hex HMAC-SHA256 of the canonical payload under a secret salt: once the salt is erased nothing can be guessed."""
    return hmac.new(salt, canonical(payload), hashlib.sha256).hexdigest()


def entry_of_decision(
    ask: Ask,
    decision: Decision,
    *,
    now: datetime,
    kind: str = "decision",
    cause: UUID | None = None,
    more: Mapping[str, Json] | None = None,
) -> Entry:
    """The entry of a yes or a no."""
    authorisation = (
        decision.nearest
        if isinstance(decision, Denied)
        else decision.authorisation and decision.authorisation.id
    )
    return make_entry(
        kind,
        agency=ask.actor.agency,
        actor=ask.actor.id,
        now=now,
        need=ask.need.word,
        result="refused" if isinstance(decision, Denied) else "allowed",
        reason=decision.reason,
        about=ask.about,
        cause=cause,
        more={
            **(more or {}),
            "actor_kind": ask.actor.kind.value,
            "roles": _acting(ask),
            "technology": ask.technology.value if ask.technology else None,
            # A word that is none of the list is free text, and stands in the sentence alone.
            "purpose": ask.why.purpose.word if ask.why and isinstance(ask.why.purpose, Purpose) else None,
            "case": f"{ask.why.case.kind.value}:{ask.why.case.id}" if ask.why and ask.why.case else None,
        },
        case=ask.why.case.id if ask.why and ask.why.case else None,
        authorisation=authorisation or None,
        payload={"name": ask.actor.name, "sentence": decision.sentence, **_asked_for(ask), **ask.detail},
    )


def _asked_for(ask: Ask) -> dict[str, Json]:
    """Whom a partner center says that it asks for. Nobody else asks for others."""
    if Role.PARTNER not in ask.actor.roles or ask.why is None or not ask.why.asked_for:
        return {}
    return {"asked_for": ask.why.asked_for}


def _acting(ask: Ask) -> str | None:
    """The roles in which a person asks: what an owner is told, who learns no name."""
    if ask.actor.kind is not ActorKind.PERSON:
        return None
    return ",".join(sorted(role.value for role in ask.actor.roles & ask.need.roles))


def make_entry(
    kind: str,
    *,
    agency: UUID,
    actor: UUID,
    now: datetime,
    result: str,
    reason: str,
    need: str | None = None,
    about: About | None = None,
    cause: UUID | None = None,
    case: UUID | None = None,
    authorisation: UUID | None = None,
    more: Mapping[str, Json] | None = None,
    payload: Mapping[str, Json] | None = None,
    entry_id: EntryId | None = None,
) -> Entry:
    """A log entry; whatever names a person, a plate or free text belongs into `payload`, never into `more`.

    `entry_id` is for what may be told twice and must stand once.
    """
    salt = secrets.token_bytes(_SALT_BYTES) if payload else None
    made = Entry(
        entry_id or EntryId(uuid7(now)), agency, now, kind, actor, need, result, reason, about, case, authorisation, cause,
        leaf=b"", salt=salt, payload=payload or None,
    )  # fmt: skip
    return replace(made, leaf=canonical(_leaf(made, more or {})))


def _leaf(entry: Entry, more: Mapping[str, Json]) -> dict[str, Json]:
    about = entry.about
    own: dict[str, Json] = {
        "v": 1,
        "id": str(entry.id),
        "at": rfc3339(entry.at),
        "agency": str(entry.agency),
        "kind": entry.kind,
        "actor": str(entry.actor),
        "need": entry.need,
        "result": entry.result,
        "reason": entry.reason,
        "authorisation": str(entry.authorisation) if entry.authorisation else None,
        "about": {"kind": about.kind, "id": str(about.id) if about.id else None} if about else None,
        "cause": str(entry.cause) if entry.cause else None,
        "commitment": commitment(entry.salt, entry.payload) if entry.salt and entry.payload else None,
    }
    # The database takes no entry whose row is not its leaf's.
    if hidden := own.keys() & more.keys():
        raise AssertionError(f"{entry.reason} says {', '.join(sorted(hidden))} a second time")
    return own | dict(more)


async def restored(tx: Tx, *, size: int, newest: Checkpoint | None, backup_of: str, by: str) -> EntryId:
    """Write that the state was restored from a backup of `size` sequenced entries: the first entry after that.

    `newest` is the newest checkpoint that whoever restored knows of; what lies between is lost, and the entry says so.
    """
    entry = make_entry(
        RESTORE,
        agency=tx.agency,
        actor=tx.actor,
        now=tx.now,
        result="done",
        reason="log.restored",
        about=About("agency", tx.agency),
        more={
            "size": size,
            "lost_to": newest.size if newest else None,
            "lost_root": base64.b64encode(newest.root).decode() if newest else None,
            "backup_of": backup_of,
            **acted_by(tx.machine),
        },
        payload={"by": by},
    )
    await store.append_entry(tx, entry)
    return entry.id


async def effect(
    tx: Tx,
    what: str,
    about: About,
    *,
    detail: Mapping[str, Json] | None = None,
    more: Mapping[str, Json] | None = None,
) -> EntryId:
    """Write what was done into the log, in the transaction that does it; `detail` is erasable, `more` is not.

    Every business write has one; the entry names the decision that allowed it as its cause.
    """
    entry = make_entry(
        "effect",
        agency=tx.agency,
        actor=tx.actor,
        now=tx.now,
        need=tx.need,
        result="done",
        reason=what,
        about=about,
        cause=tx.decision,
        more={**acted_by(tx.machine), **(more or {})},
        payload=detail,
    )
    await store.append_entry(tx, entry)
    return entry.id


def acted_by(machine: tuple[str, str] | None) -> dict[str, Json]:
    """What sort of actor it is, and the name of one that is no person, as a leaf has them."""
    if machine is None:
        return {"actor_kind": ActorKind.PERSON.value}
    kind, name = machine
    return {"actor_kind": kind, "asker": name}
