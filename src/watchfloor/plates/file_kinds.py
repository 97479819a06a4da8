"""The kinds of files of national records, and what allows each: an approval of its own, by two persons, with an end.

One kind is refused to everybody: the immigration violator file. It has a name and a code here so that it is known when it
comes, and for nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, cast
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask, Denied, Refused
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Proposal
from watchfloor.governance.proposals import TwoPersonAct, propose
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.kit.said import day
from watchfloor.plates import file_kind_store
from watchfloor.storage.tx import Tx

KIND: Final = "hot_list_file_kind"
LONGEST: Final = timedelta(days=5 * 366)


class FileKind(Enum):
    """(word, code in a record, title)."""

    STOLEN_VEHICLE = ("stolen_vehicle", "VH", "Stolen vehicles")
    STOLEN_PLATE = ("stolen_plate", "LP", "Stolen plates")
    WANTED_PERSON = ("wanted_person", "WP", "Wanted persons")
    PROTECTION_ORDER = ("protection_order", "PO", "Protection orders")
    EXTREME_RISK_ORDER = ("extreme_risk_order", "ER", "Extreme risk protection orders")
    MISSING_PERSON = ("missing_person", "MP", "Missing persons")
    GANG = ("gang", "GG", "Gangs")
    THREAT_SCREENING = ("threat_screening", "TS", "Threat screening (terrorism)")
    SUPERVISED_RELEASE = ("supervised_release", "SR", "Supervised release")
    SEX_OFFENDER = ("sex_offender", "SO", "Sex offender registry")
    PROTECTIVE_INTEREST = ("protective_interest", "PI", "Protective interest")
    VIOLENT_PERSON = ("violent_person", "VP", "Violent persons")

    def __init__(self, word: str, code: str, title: str) -> None:
        self.word = word
        self.code = code
        self.title = title

    @classmethod
    def of(cls, word: str) -> FileKind:
        """The kind called so. Raises ImmigrationFile for the one that is never taken, Invalid for none."""
        refuse_immigration(word)
        found = next((kind for kind in cls if kind.word == word), None)
        if found is None:
            raise Invalid("There is no such kind of file.", reason="file_kind")
        return found


IMMIGRATION_CODE: Final = "IV"
# The file's names, and the reasons of its records; a car stolen near an immigration office is none of them.
_BY_NAME: Final = re.compile(
    r"immigra\w*\W*(violat|enforce|detain|warrant|hold|file|record|status)|^\W*immigration\W*$|deported (felon|person)"
    r"|\bice\W*(detain|hold|warrant|removal)",
    re.IGNORECASE,
)


class ImmigrationFile(Refused):
    """What is or holds the immigration violator file: refused to everybody, and the refusal is kept."""

    def __init__(self) -> None:
        super().__init__(
            Denied(
                "immigration_file",
                "The immigration violator file is never taken here, nor any record of it: nothing of this was imported.",
            )
        )


def names_immigration(text: str) -> bool:
    """Whether a name, a file's or a record's, is of the file that is never taken."""
    return _BY_NAME.search(text.replace("_", " ")) is not None


def refuse_immigration(text: str) -> None:
    """Raises ImmigrationFile for such a name."""
    if names_immigration(text):
        raise ImmigrationFile()


@dataclass(frozen=True, slots=True)
class Approval:
    """What allows files of a kind: which body by which instrument, from when to when."""

    kind: FileKind
    body: str
    instrument: str
    effective_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KeptApproval:
    """An approval that two persons put in force."""

    id: UUID
    approval: Approval
    approved_at: datetime

    def in_force(self, now: datetime) -> bool:
        return self.approval.effective_at <= now < self.approval.expires_at


async def every(door: Door, actor: Actor, extent: Extent) -> Cut[KeptApproval]:
    """Every approval of a kind of file, the latest first."""
    async with door.open(Ask(actor, Need.HOT_LIST_VIEW, technology=TechnologyKind.PLATE_READER)) as tx:
        return (await file_kind_store.approvals(tx, extent)).of(kept_of)


def kept_of(row: file_kind_store.ApprovalRow) -> KeptApproval:
    """The approval of a row."""
    approval = Approval(FileKind.of(row.kind), row.body, row.instrument, row.effective_at, row.expires_at)
    return KeptApproval(row.id, approval, row.approved_at)


@dataclass(frozen=True, slots=True)
class Draft:
    """An approval as somebody proposes it; whether there is such a kind is seen behind the door, which keeps a refusal."""

    word: str
    body: str
    instrument: str
    effective_at: datetime
    expires_at: datetime

    def approval(self) -> Approval:
        """Raises ImmigrationFile or Invalid."""
        return Approval(
            FileKind.of(self.word), self.body, self.instrument, self.effective_at, self.expires_at
        )


async def propose_kind(door: Door, actor: Actor, draft: Draft) -> Proposal:
    """Propose that files of a kind may be taken; another person puts it in force. Raises Invalid or Refused."""
    async with door.open(Ask(actor, Need.POLICY_PROPOSE, detail={"kind": draft.word[:40]})) as tx:
        wanted = draft.approval()
        _check(wanted, tx.now)
        sentence = (
            f"Take files of the kind “{wanted.kind.title}” and match them until {day(wanted.expires_at, tx.zone)}, by"
            f" {wanted.instrument} of {wanted.body}."
        )
        payload: dict[str, Json] = {
            "kind": wanted.kind.word,
            "body": wanted.body,
            "instrument": wanted.instrument,
            "effective_at": rfc3339(wanted.effective_at),
            "expires_at": rfc3339(wanted.expires_at),
        }
        title = f"Files of the kind “{wanted.kind.title}”"
        return await propose(tx, KIND, title=title, sentence=sentence, payload=payload)


def _check(wanted: Approval, now: datetime) -> None:
    if wanted.expires_at <= max(now, wanted.effective_at):
        raise Invalid("It would have ended before it begins, or already.", reason="expires_at")
    if wanted.expires_at > now + LONGEST:
        raise Invalid("An approval lasts five years at most.", reason="expires_at")


async def _apply(tx: Tx, proposal: Proposal) -> UUID:
    said = cast("dict[str, str]", proposal.payload)
    wanted = Approval(
        FileKind.of(said["kind"]),
        said["body"],
        said["instrument"],
        parse_rfc3339(said["effective_at"]),
        parse_rfc3339(said["expires_at"]),
    )
    _check(wanted, tx.now)
    made = uuid7(tx.now)
    row = file_kind_store.ApprovalRow(
        made, wanted.kind.word, wanted.body, wanted.instrument, wanted.effective_at, wanted.expires_at, tx.now
    )
    await file_kind_store.insert_approval(tx, row, proposal=proposal.id)
    more: dict[str, Json] = {"file_kind": wanted.kind.word, "instrument": wanted.instrument}
    await effect(tx, "hot_list_file_kind.in_force", About("hot_list_file_kind", made), more=more)
    return made


ACT: Final = TwoPersonAct(KIND, Need.POLICY_APPROVE, None, _apply)


async def refuse_unapproved(tx: Tx, word: str | None) -> None:
    """Raises Refused when files of this kind are not allowed now; a list of no kind needs no leave of its own."""
    if word is None or word in await file_kind_store.in_force(tx):
        return
    raise Refused(
        Denied(
            "file_kind_not_authorised",
            f"No approval in force allows files of the kind “{FileKind.of(word).title}”. A clerk or a supervisor can propose one.",
        )
    )
