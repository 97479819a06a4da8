"""A use of an owner's camera is sealed for a case by two persons: its owner is told of it later, and then for certain.

Sealed is what is told, never what is logged: whoever oversees sees the entry and its seal at once. Nothing here prolongs a seal; where the
sweep is late, the owner's page tells by itself, for it asks the time and no timer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final, cast
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.extract import Extract
from watchfloor.governance.forms import case_text, inside, outside, why_of
from watchfloor.governance.model import About, Actor, Ask, Case, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Proposal
from watchfloor.governance.proposals import TwoPersonAct, propose
from watchfloor.governance.prove import prove
from watchfloor.governance.words import CaseKind
from watchfloor.identity.store import names_of
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.envelope import Envelope
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.kit.said import day, moment
from watchfloor.kit.sure import sure
from watchfloor.owners import letters, outbox, seal_store, store, use_store
from watchfloor.owners.seal_store import Seal
from watchfloor.owners.sign_up import Owners
from watchfloor.owners.use_store import Kept
from watchfloor.owners.uses import Use, UseWay, case_words, role_words
from watchfloor.storage import jobs
from watchfloor.storage.jobs import Job
from watchfloor.storage.tx import Tx

KIND: Final = "use_seal"
OPEN: Final = "use_seal.open"
"""The job that tells the owner when a seal ends."""
LONGEST_DAYS: Final = 30
# What an owner may have read for days is not taken out of their sight: asked for and approved within three days of the use.
FRESH_FOR: Final = timedelta(hours=72)
_DID: Final = {
    UseWay.LIVE: "was watched live",
    UseWay.PLAYBACK: "was looked at as recorded",
    UseWay.EXPORT: "was exported",
    UseWay.SNAPSHOT: "was saved as a picture",
    UseWay.AIMING: "was shown coarsely",
}


async def ask_for(owners: Owners, actor: Actor, why: Why | None, entry: UUID, days: int, reason: str) -> UUID:
    """A supervisor asks that a use be sealed for the case that `why` names; the proposal, which a second person decides.

    Raises NotFound, Invalid, Conflict.
    """
    ask = Ask(actor, Need.USE_SEAL, why, About("entry", entry), detail={"reason": reason})
    async with owners.door.open(ask) as tx:
        if not 1 <= days <= LONGEST_DAYS:
            raise Invalid(f"A seal is of 1 to {LONGEST_DAYS} days.", reason="days")
        case = _case(why)
        use, kept, _ = await _sealable(tx, entry)
        _same_case(kept, case)
        left = use.at + FRESH_FOR - tx.now
        payload: dict[str, Json] = {
            "entry": outside("entry", entry), "purpose": sure(why).allowed.word, "case": case_text(case), "days": days,
            "reason": reason,
        }  # fmt: skip
        made = await propose(
            tx, KIND, title=f"Seal of a use of {use.camera_name}",
            sentence=f"Its owner is told only after {days} days that it {_DID[use.way]} on {moment(use.at, tx.zone)} by"
            f" {role_words(use)}: {reason}",
            payload=payload, open_for=left,
        )  # fmt: skip
        return made.id


async def apply(tx: Tx, proposal: Proposal) -> UUID:
    """What approval does: it is sealed from now on, and the day on which it is told is set."""
    said = cast("dict[str, str]", proposal.payload)
    entry, days = inside("entry", said["entry"]), int(said["days"])
    use, _, owner = await _sealable(tx, entry)
    case = _case(why_asked(proposal))
    seal = Seal(
        uuid7(tx.now), entry, use.camera, owner, case.id, said["reason"], proposal.proposed_by, tx.actor, tx.now,
        tx.now + timedelta(days=days),
    )  # fmt: skip
    if not await seal_store.insert(tx, seal):
        raise Conflict("This use was sealed at the same moment.", reason="sealed")
    await jobs.add(tx, OPEN, {"seal": str(seal.id)}, run_at=seal.until, key=f"{OPEN} {seal.id}")
    more: dict[str, Json] = {
        "seal": outside("use_seal", seal.id),
        "for_case": case_text(case),
        "until": rfc3339(seal.until),
    }
    await effect(tx, "use.sealed", About("entry", entry), more=more)
    return seal.id


def why_asked(proposal: Proposal) -> Why | None:
    """The purpose and the case that it was asked for."""
    said = cast("dict[str, str]", proposal.payload)
    return why_of(said["purpose"], said["case"])


ACT: Final = TwoPersonAct(KIND, Need.USE_SEAL_APPROVE, None, apply, open_for=FRESH_FOR, why=why_asked)


async def everything(owners: Owners, actor: Actor, extent: Extent) -> tuple[Cut[Seal], Mapping[UUID, str]]:
    """A part of all seals, newest first, and the names of those who sealed."""
    async with owners.door.open(Ask(actor, Need.USE_SEALS_VIEW)) as tx:
        found = await seal_store.seals(tx, extent)
        people = [person for one in found.items for person in (one.asked_by, one.sealed_by)]
        return found, await names_of(tx, people)


def opening(
    door: Door, envelope: Envelope, url: str, ledger: Path
) -> Mapping[str, Callable[[Job], Awaitable[None]]]:
    """The work of the job at a seal's end: the owner is written what was done, how long it was sealed, and its proof."""

    async def tell(job: Job) -> None:
        agency, wanted = sure(job.agency, "a seal's agency"), UUID(str(job.payload["seal"]))
        ask = Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP, about=About("use_seal", wanted))
        async with door.open(ask) as tx:
            seal = await seal_store.to_open(tx, wanted)
            if seal is None:
                return
            await seal_store.opened(tx, seal.id)
            owner, found = await store.owner_of(tx, seal.owner), await use_store.any_use(tx, seal.entry)
            if owner is not None and found is not None:
                use, kept = found
                proof = await asyncio.to_thread(_extract, ledger, kept)
                page = f"{url}/owners/enter?agency={outside('agency', agency)}"
                letter = letters.unsealed(
                    await store.agency_name(tx), _what(use, tx), _sealed(seal, tx), page, proof
                )
                await outbox.put(tx, envelope, owner, letter)
            more: dict[str, Json] = {
                "seal": outside("use_seal", seal.id),
                "until": rfc3339(seal.until),
                "told": owner is not None,
            }
            await effect(tx, "use.opened", About("entry", seal.entry), more=more)

    return {OPEN: tell}


def _what(use: Use, tx: Tx) -> str:
    return (
        f"Your camera “{use.camera_name}” {_DID[use.way]} on {moment(use.at, tx.zone)}, by {role_words(use)}, for:"
        f" {case_words(use.purpose)}."
    )


def _sealed(seal: Seal, tx: Tx) -> str:
    return (
        f"You were not told then: it was sealed for a case from {day(seal.sealed_at, tx.zone)} to {day(seal.until, tx.zone)}, by two"
        " persons, which whoever oversees the center saw at once."
    )


def _extract(ledger: Path, kept: Kept) -> str:
    found = prove(ledger, kept.index, kept.leaf)
    if found.checkpoint is None or kept.index is None:
        return ""
    steps = tuple(bytes.fromhex(step) for step in found.hashes)
    return json.dumps(Extract(kept.leaf, kept.index, steps, found.checkpoint.encode()).as_json(), indent=2)


def _case(why: Why | None) -> Case:
    case = why.case if why else None
    if case is None or case.kind is not CaseKind.CASE:
        raise Invalid(
            "A use is sealed for the case that it was done for, and for nothing else.", reason="case"
        )
    return case


def _same_case(kept: Kept, case: Case) -> None:
    """What was looked at for one case, or for none, is not sealed for another."""
    if json.loads(kept.leaf).get("case") != f"case:{case.id}":
        raise Invalid("It is sealed for the case that it was done for, and for no other.", reason="case")


async def _sealable(tx: Tx, entry: UUID) -> tuple[Use, Kept, UUID]:
    """The use, as the log has it, and who owned the camera then. Raises NotFound, Conflict."""
    found = await use_store.any_use(tx, entry)
    if found is None:
        raise NotFound("That is no use of an owner's camera.")
    use, kept = found
    if tx.now - use.at >= FRESH_FOR:
        raise Conflict(
            "A use is sealed within 72 hours; its owner may have read this one for days.", reason="too_late"
        )
    if await seal_store.is_sealed(tx, entry):
        raise Conflict("This use was sealed already, and a seal is never prolonged.", reason="sealed")
    owner = await seal_store.owner_then(tx, use.camera, use.at)
    if owner is None:
        raise Conflict(
            "Nobody had agreed about this camera then: there is nobody to be told.", reason="owner"
        )
    return use, kept, owner
