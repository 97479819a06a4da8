"""Routes of hot lists: made, filled from files or by a machine, their entries proposed and withdrawn."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from watchfloor.detections.envelope import Changed, subject_of, written
from watchfloor.governance.api import proposal_json
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside, why_given
from watchfloor.governance.inner_forms import Token
from watchfloor.governance.model import About, Actor
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_forms import Proposal
from watchfloor.governance.words import named
from watchfloor.identity.api import Device, Signed
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import TooLarge
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page, takes
from watchfloor.plates import feed, file_kinds, forms, hot_lists, take_file
from watchfloor.plates.entry_store import EntryRow
from watchfloor.plates.feed import Fed
from watchfloor.plates.file_kinds import Draft, KeptApproval
from watchfloor.plates.handling import Handling
from watchfloor.plates.handling_form import handling_json
from watchfloor.plates.hot_list_store import HotListRow
from watchfloor.plates.hot_lists import EntryDraft, ListDraft
from watchfloor.plates.import_store import Preview
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.model import EntryId, HotListId, ImportId, ListKind, Plate, Priority, state_of
from watchfloor.plates.take import Intake
from watchfloor.plates.take_file import Progress, Reading

MOST_FILE_BYTES = 512 * 1024 * 1024
MOST_FEED_BYTES = 64 * 1024 * 1024
NEWS = "plates.hot_list.changed"


@dataclass(frozen=True, slots=True)
class ListParts:
    """What the routes need: the door and the bus, a folder for files that are being read (not listed there), and which are."""

    intake: Intake
    spool: Path
    reading: Reading = field(default_factory=Reading)

    @property
    def clock(self) -> Clock:
        return self.intake.clock


class ListBody(BaseModel):
    """A hot list to make: filled from files (`imported`), by two persons (`manual`), or by a machine of its owner (`api`)."""

    name: str = Field(min_length=1, max_length=100)
    source: ListKind
    purpose: str
    default_days: int = 30
    most_days: int = 366
    owner: str = Field(default="", max_length=100, description="Who answers for what is on it.")
    priority: Priority = Priority.USUAL
    refresh_hours: int | None = Field(
        default=None,
        ge=1,
        le=8784,
        description="How often its source is to be heard; a list by hand has none.",
    )
    file_kind: str | None = Field(
        default=None,
        max_length=40,
        description="Of a file of national records: its kind, which needs an approval of its own.",
    )


class EntryBody(BaseModel):
    """A manual entry to propose."""

    hot_list: str
    plate: str = Field(max_length=60)
    state: str | None = Field(default=None, max_length=20)
    reason: str = Field(min_length=3, max_length=200)
    vehicle: str | None = Field(default=None, max_length=100)
    agency: str | None = Field(default=None, max_length=80, description="Who entered it, and confirms a hit.")
    handling: list[Handling] = Field(default=[], max_length=len(Handling))
    expires_at: Instant
    purpose: str
    case: str | None = None
    at_once: bool = Field(
        default=False,
        description="In force now, by one person, within the open incident that `case` names; for an hour.",
    )


class WithdrawBody(BaseModel):
    """Why an entry answers no more."""

    why: str = Field(min_length=3, max_length=200)


class ApplyBody(BaseModel):
    """Whether it is meant that more than half of the list goes."""

    shrunk_is_meant: bool = False


class FileKindBody(BaseModel):
    """An approval of a kind of file to propose."""

    kind: str = Field(max_length=40)
    body: str = Field(min_length=1, max_length=100, pattern=r"\S")
    instrument: str = Field(min_length=1, max_length=100, pattern=r"\S")
    effective_at: Instant
    expires_at: Instant


def add_routes(router: APIRouter, parts: ListParts, look_ups: LookUps) -> None:
    """The routes of hot lists."""
    _add_lists(router, parts)
    _add_imports(router, parts)
    _add_entries(router, parts, look_ups)
    _add_kinds(router, parts)


def feed_routes(parts: ListParts) -> APIRouter:
    """What a machine that writes a list calls."""
    router = APIRouter(tags=["plates"], route_class=Stated)
    door, json_body = parts.intake.door, asks(Need.HOT_LIST_FEED) | takes("application/json")

    @router.put("/hot-list-feed/entries", openapi_extra=json_body)
    async def put_feed(
        request: Request,
        actor: Device,
        *,
        shrunk_is_meant: Annotated[bool, Query(description="That half of it goes is meant.")] = False,
    ) -> forms.Fed:
        """Make these the entries of the list of this token, all in one instant."""
        body = await _body(request)
        fed = await feed.put_whole(door, actor, body, shrunk_is_meant=shrunk_is_meant)
        return _told(parts, actor, fed)

    @router.post("/hot-list-feed/entries", openapi_extra=json_body)
    async def add_to_feed(request: Request, actor: Device) -> forms.Fed:
        """Add entries to the list of this token, or say anew what they are."""
        return _told(parts, actor, await feed.add(door, actor, await _body(request)))

    @router.post("/hot-list-feed/withdrawals", openapi_extra=json_body)
    async def withdraw_from_feed(request: Request, actor: Device) -> forms.Fed:
        """Withdraw entries of the list of this token, named by plate, state and reference as they were sent."""
        return _told(parts, actor, await feed.withdraw(door, actor, await _body(request)))

    return router


async def _body(request: Request) -> bytes:
    taken: list[bytes] = []
    size = 0
    async for block in request.stream():
        size += len(block)
        if size > MOST_FEED_BYTES:
            raise TooLarge(f"At most {MOST_FEED_BYTES // 2**20} MB are taken at once.", reason="body")
        taken.append(block)
    return b"".join(taken)


def _told(parts: ListParts, actor: Actor, fed: Fed) -> forms.Fed:
    tell(parts, actor, HotListId(actor.id))
    bad: list[forms.BadRow] = [
        {"line": row.line, "field": row.field, "text": row.text, "reason": row.reason} for row in fed.bad
    ]
    return {"done": fed.done, "new": fed.new, "entries": fed.entries, "bad_rows": bad}


def tell(parts: ListParts, actor: Actor, list_id: HotListId) -> None:
    """Matchers look at once rather than within a second."""
    now, about = parts.clock.now(), About("hot_list", list_id)
    news = written(NEWS, actor.agency, Changed(id=list_id), at=now, now=now, about=about)
    parts.intake.bus.tell(subject_of(actor.agency, NEWS), news)


def _add_lists(router: APIRouter, parts: ListParts) -> None:
    door = parts.intake.door

    @router.get("/hot-lists", openapi_extra=asks(Need.HOT_LIST_VIEW))
    async def list_hot_lists(actor: Signed, extent: InPages) -> Page[forms.HotList]:
        """Every hot list."""
        now = parts.clock.now()
        found = await hot_lists.every(door, actor, extent)
        return page(found.of(lambda row: list_json(row, now, parts.reading.now.get(row.id))))

    @router.post("/hot-lists", status_code=201, openapi_extra=asks(Need.HOT_LIST_IMPORT))
    async def make_hot_list(actor: Signed, body: ListBody) -> forms.HotList:
        """Make a hot list."""
        draft = ListDraft(
            body.name, body.source, named(body.purpose), body.default_days, body.most_days,
            body.owner.strip(), body.priority, body.refresh_hours, body.file_kind,
        )  # fmt: skip
        return list_json(await hot_lists.make_list(door, actor, draft), parts.clock.now())

    @router.get("/hot-lists/{list_id}", openapi_extra=asks(Need.HOT_LIST_VIEW))
    async def get_hot_list(actor: Signed, list_id: str) -> forms.HotList:
        """One hot list, and how far a file is that is being read for it."""
        wanted = HotListId(inside("hot_list", list_id))
        found = await hot_lists.one(door, actor, wanted)
        return list_json(found, parts.clock.now(), parts.reading.now.get(wanted))

    @router.post("/hot-lists/{list_id}/token", status_code=201, openapi_extra=asks(Need.DEVICES_CHANGE))
    async def issue_list_token(actor: Signed, list_id: str) -> Token:
        """A new token for the machine that writes the list, shown once; the one before ends."""
        return {"token": await feed.issue_token(door, actor, HotListId(inside("hot_list", list_id)))}


def _add_imports(router: APIRouter, parts: ListParts) -> None:
    door = parts.intake.door

    @router.get("/hot-lists/{list_id}/imports", openapi_extra=asks(Need.HOT_LIST_VIEW))
    async def list_imports(actor: Signed, list_id: str, extent: InPages) -> Page[forms.ImportPreview]:
        """The files of a list, the latest first: what each brought, who took it and who applied it."""
        wanted = HotListId(inside("hot_list", list_id))
        return page((await take_file.imports_of(door, actor, wanted, extent)).of(preview_json))

    @router.post(
        "/hot-lists/{list_id}/imports",
        status_code=201,
        openapi_extra=asks(Need.HOT_LIST_IMPORT) | takes("text/csv"),
    )
    async def import_file(
        request: Request,
        actor: Signed,
        list_id: str,
        name: Annotated[str, Query(max_length=200, description="What the file is called.")] = "",
    ) -> forms.ImportPreview:
        """Look at a file, the body itself, beside what is in force; nothing changes yet."""
        wanted = HotListId(inside("hot_list", list_id))
        # Without a name in the folder, and gone when it is closed.
        with tempfile.TemporaryFile(dir=parts.spool) as file:
            taken = 0
            async for block in request.stream():
                taken += len(block)
                if taken > MOST_FILE_BYTES:
                    raise TooLarge(f"At most {MOST_FILE_BYTES // 2**20} MB are taken at once.", reason="file")
                file.write(block)
            preview = await take_file.import_file(door, actor, wanted, file, name=name, reading=parts.reading)
        return preview_json(preview)

    @router.post("/hot-list-imports/{import_id}/apply", openapi_extra=asks(Need.HOT_LIST_IMPORT))
    async def apply_import(actor: Signed, import_id: str, body: ApplyBody) -> forms.ImportPreview:
        """Put an import in force, all of it in one instant."""
        wanted = ImportId(inside("hot_list_import", import_id))
        applied = await take_file.apply_import(door, actor, wanted, shrunk_is_meant=body.shrunk_is_meant)
        tell(parts, actor, applied.list)
        return preview_json(applied)


def _add_entries(router: APIRouter, parts: ListParts, look_ups: LookUps) -> None:
    door = parts.intake.door

    @router.get("/hot-lists/{list_id}/entries", openapi_extra=asks(Need.HOT_LIST_VIEW))
    async def list_hot_list_entries(actor: Signed, list_id: str, extent: InPages) -> Page[forms.HotListEntry]:
        """The entries of a list that have not expired; those whose case is over say so."""
        wanted = HotListId(inside("hot_list", list_id))
        found, rows = await hot_lists.entries_of(door, actor, wanted, extent)
        return page(rows.of(lambda row: entry_json(*row, found.name)))

    @router.post("/hot-list-entries", status_code=201, openapi_extra=asks(Need.HOT_LIST_PROPOSE))
    async def propose_entry(actor: Signed, body: EntryBody) -> Proposal:
        """Propose an entry; a second person puts it in force."""
        draft = EntryDraft(
            HotListId(inside("hot_list", body.hot_list)), Plate.of(body.plate), state_of(body.state), body.reason.strip(),
            body.vehicle, body.expires_at, tuple(body.handling), (body.agency or "").strip() or None, body.at_once,
        )  # fmt: skip
        why = why_given(body.purpose, body.case)
        proposal = await hot_lists.propose_entry(door, look_ups, actor, draft, why)
        if body.at_once:
            tell(parts, actor, draft.list)
        return proposal_json(proposal, proposal.proposed_at)

    @router.post("/hot-list-entries/{list_entry_id}/withdraw", openapi_extra=asks(Need.HOT_LIST_WITHDRAW))
    async def withdraw_entry(actor: Signed, list_entry_id: str, body: WithdrawBody) -> forms.HotListEntry:
        """Withdraw an entry: from now no read answers to it, whatever the next file says."""
        wanted = EntryId(inside("hot_list_entry", list_entry_id))
        row = await hot_lists.withdraw(door, actor, wanted, body.why.strip())
        tell(parts, actor, row.wanted.list)
        return entry_json(row, f"It was withdrawn: {body.why.strip()}", "")


def _add_kinds(router: APIRouter, parts: ListParts) -> None:
    door = parts.intake.door

    @router.get("/hot-list-file-kinds", openapi_extra=asks(Need.HOT_LIST_VIEW))
    async def list_file_kinds(actor: Signed, extent: InPages) -> Page[forms.FileKindApproval]:
        """What allows files of national records, kind by kind, the latest first; the ended stay in the list."""
        now = parts.clock.now()
        return page((await file_kinds.every(door, actor, extent)).of(lambda row: kind_json(row, now)))

    @router.post("/hot-list-file-kinds", status_code=201, openapi_extra=asks(Need.POLICY_PROPOSE))
    async def propose_file_kind(actor: Signed, body: FileKindBody) -> Proposal:
        """Propose that files of a kind may be taken; a second person puts it in force."""
        draft = Draft(
            body.kind, body.body.strip(), body.instrument.strip(), body.effective_at, body.expires_at
        )
        proposal = await file_kinds.propose_kind(door, actor, draft)
        return proposal_json(proposal, proposal.proposed_at)


def kind_json(row: KeptApproval, now: datetime) -> forms.FileKindApproval:
    """The outside form of an approval of a kind of file."""
    approval = row.approval
    return {
        "id": outside("hot_list_file_kind", row.id),
        "kind": approval.kind.word,
        "title": approval.kind.title,
        "body": approval.body,
        "instrument": approval.instrument,
        "effective_at": approval.effective_at,
        "expires_at": approval.expires_at,
        "in_force": row.in_force(now),
    }


def list_json(row: HotListRow, now: datetime, reading: Progress | None = None) -> forms.HotList:
    """The outside form of a hot list."""
    return {
        "id": outside("hot_list", row.id),
        "name": row.name,
        "source": row.kind,
        "purpose": row.purpose.word,
        "default_days": row.default_days,
        "most_days": row.most_days,
        "owner": row.owner,
        "priority": row.priority,
        "refresh_hours": row.refresh_hours,
        "file_kind": row.file_kind,
        "entries": row.entries,
        "withdrawn": row.withdrawn,
        "expiring": row.expiring,
        "imported_at": row.filled_at,
        "due_at": row.due_at,
        "stale": row.is_stale(now),
        "failure": {"at": row.failed_at, "why": row.failure or ""} if row.failed_at else None,
        "reading": {"rows": reading.rows, "since": reading.since} if reading else None,
        "version": row.version,
    }


def preview_json(row: Preview) -> forms.ImportPreview:
    """The outside form of an import."""
    return {
        "id": outside("hot_list_import", row.id),
        "hot_list": outside("hot_list", row.list),
        "state": row.state,
        "encoding": row.encoding,
        "rows": row.rows,
        "good": row.good,
        "bad": row.bad,
        "doubled": row.rows - row.good - row.bad,
        "new": row.new,
        "changed": row.changed,
        "gone": row.gone,
        "shrunk": row.shrunk,
        "withdrawn": row.withdrawn,
        "bad_rows": [
            {"line": bad["line"], "field": bad["field"], "text": bad["text"], "reason": bad["reason"]}
            for bad in row.bad_rows
        ],
        "imported_at": row.imported_at,
        "applied_at": row.applied_at,
        "expires_at": row.expires_at,
    }


def entry_json(row: EntryRow, ended: str | None, source: str) -> forms.HotListEntry:
    """The outside form of an entry; `ended` says why it alerts no more, `source` is the name of its list."""
    wanted = row.wanted
    return {
        "id": outside("hot_list_entry", wanted.id),
        "plate": wanted.plate.text,
        "state": wanted.state,
        "reason": wanted.reason,
        "vehicle": wanted.vehicle,
        "handling": handling_json(wanted.handling),
        "agency": wanted.agency,
        "stale": wanted.stale,
        "reference": row.reference,
        "ratify_by": row.ratify_by,
        "entered_at": row.entered_at,
        "expires_at": wanted.expires_at,
        "ended": ended,
        "source": source,
        "version": wanted.version,
    }
