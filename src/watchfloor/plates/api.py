"""Routes of plates for people: readers and hot lists (searches: search_api). Translate in, call a use case, translate out."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from watchfloor.detections.envelope import Changed, subject_of, written
from watchfloor.governance.api import proposal_json
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside, why_given
from watchfloor.governance.inner_forms import Token
from watchfloor.governance.model import About
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_forms import Proposal
from watchfloor.governance.words import TechnologyKind, named
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid, TooLarge
from watchfloor.kit.geo import Point
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page, takes
from watchfloor.plates import device_api, forms, hot_lists, registry, search_api
from watchfloor.plates.entry_store import EntryRow
from watchfloor.plates.hot_list_store import HotListRow, Preview
from watchfloor.plates.hot_lists import EntryDraft
from watchfloor.plates.model import HotListId, ImportId, ListKind, Plate, ReaderId, state_of
from watchfloor.plates.registry import NewReader, ShownReader
from watchfloor.plates.take import Intake

MOST_FILE_BYTES = 512 * 1024 * 1024
NEWS = "plates.hot_list.changed"


@dataclass(frozen=True, slots=True)
class PlatesParts:
    """What the routes need: what taking reads needs, and a folder for files that are being read (not listed there)."""

    intake: Intake
    spool: Path


class ReaderBody(BaseModel):
    """A plate reader to register."""

    name: str = Field(min_length=1, max_length=100)
    place: str = Field(min_length=1, max_length=200)
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    heading_deg: float | None = Field(default=None, ge=0, lt=360)
    technology: str = TechnologyKind.PLATE_READER.value


class ListBody(BaseModel):
    """A hot list to make: filled from files (`imported`) or by two persons (`manual`)."""

    name: str = Field(min_length=1, max_length=100)
    source: ListKind
    purpose: str
    default_days: int = 30
    most_days: int = 366


class EntryBody(BaseModel):
    """A manual entry to propose."""

    hot_list: str
    plate: str = Field(max_length=60)
    state: str | None = Field(default=None, max_length=20)
    reason: str = Field(min_length=3, max_length=200)
    vehicle: str | None = Field(default=None, max_length=100)
    expires_at: Instant
    purpose: str
    case: str | None = None


def routes(parts: PlatesParts) -> APIRouter:
    """The routes of plates."""
    router = APIRouter(tags=["plates"], route_class=Stated)
    _add_readers(router, parts)
    _add_lists(router, parts)
    _add_imports(router, parts)
    _add_entries(router, parts)
    search_api.add_routes(router, parts.intake.door, parts.intake.objects)
    router.include_router(device_api.routes(parts.intake))
    return router


def _add_readers(router: APIRouter, parts: PlatesParts) -> None:
    door = parts.intake.door

    @router.get("/readers", openapi_extra=asks(Need.READERS_VIEW))
    async def list_readers(actor: Signed, extent: InPages) -> Page[forms.Reader]:
        """Every plate reader and its state."""
        return page((await registry.every(door, actor, extent)).of(reader_json))

    @router.post("/readers", status_code=201, openapi_extra=asks(Need.READERS_CHANGE, Need.READERS_VIEW))
    async def register_reader(actor: Signed, body: ReaderBody) -> forms.Reader:
        """Register a plate reader."""
        try:
            technology = TechnologyKind(body.technology)
        except ValueError as error:
            raise Invalid("There is no such technology.", reason="technology") from error
        new = NewReader(body.name, technology, body.place, Point(body.lat, body.lon), body.heading_deg)
        return reader_json(await registry.register(door, actor, new))

    @router.post("/readers/{reader_id}/token", status_code=201, openapi_extra=asks(Need.DEVICES_CHANGE))
    async def issue_token(actor: Signed, reader_id: str) -> Token:
        """A new token for the reader's device, shown once; the one before ends."""
        return {"token": await registry.issue_token(door, actor, ReaderId(inside("reader", reader_id)))}

    @router.post("/readers/{reader_id}/retire", openapi_extra=asks(Need.READERS_CHANGE, Need.READERS_VIEW))
    async def retire_reader(actor: Signed, reader_id: str) -> forms.Reader:
        """Take a reader out of service; nothing more is taken from it."""
        return reader_json(await registry.retire(door, actor, ReaderId(inside("reader", reader_id))))


def _add_lists(router: APIRouter, parts: PlatesParts) -> None:
    door = parts.intake.door

    @router.get("/hot-lists", openapi_extra=asks(Need.HOT_LIST_VIEW))
    async def list_hot_lists(actor: Signed, extent: InPages) -> Page[forms.HotList]:
        """Every hot list."""
        return page((await hot_lists.every(door, actor, extent)).of(list_json))

    @router.post("/hot-lists", status_code=201, openapi_extra=asks(Need.HOT_LIST_IMPORT))
    async def make_hot_list(actor: Signed, body: ListBody) -> forms.HotList:
        """Make a hot list."""
        made = await hot_lists.make_list(
            door, actor, body.name, body.source, named(body.purpose), default_days=body.default_days, most_days=body.most_days
        )  # fmt: skip
        return list_json(made)


def _add_imports(router: APIRouter, parts: PlatesParts) -> None:
    door = parts.intake.door

    @router.post(
        "/hot-lists/{list_id}/imports",
        status_code=201,
        openapi_extra=asks(Need.HOT_LIST_IMPORT) | takes("text/csv"),
    )
    async def import_file(request: Request, actor: Signed, list_id: str) -> forms.ImportPreview:
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
            return preview_json(await hot_lists.import_file(door, actor, wanted, file))

    @router.post("/hot-list-imports/{import_id}/apply", openapi_extra=asks(Need.HOT_LIST_IMPORT))
    async def apply_import(actor: Signed, import_id: str) -> forms.ImportPreview:
        """Put an import in force, all of it in one instant."""
        applied = await hot_lists.apply_import(door, actor, ImportId(inside("hot_list_import", import_id)))
        now = parts.intake.clock.now()
        news = written(
            NEWS,
            actor.agency,
            Changed(id=applied.list),
            at=now,
            now=now,
            about=About("hot_list", applied.list),
        )
        parts.intake.bus.tell(subject_of(actor.agency, NEWS), news)
        return preview_json(applied)


def _add_entries(router: APIRouter, parts: PlatesParts) -> None:
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
            body.vehicle, body.expires_at,
        )  # fmt: skip
        proposal = await hot_lists.propose_entry(door, actor, draft, why_given(body.purpose, body.case))
        return proposal_json(proposal, proposal.proposed_at)


def reader_json(shown: ShownReader) -> forms.Reader:
    """The outside form of a reader."""
    reader = shown.reader
    return {
        "id": outside("reader", reader.id),
        "name": reader.name,
        "technology": reader.technology,
        "place": {"text": reader.place, "lat": reader.point.lat, "lon": reader.point.lon},
        "heading_deg": reader.heading_deg,
        "state": {
            "level": shown.shown.level,
            "word": shown.shown.word,
            "reason": shown.shown.reason,
            "since": shown.shown.since,
            "last_read_at": shown.last_read_at,
        },
        "reads": shown.reads,
        "clock_off_ms": shown.clock_off_ms,
        "authorisation": outside("authorisation", shown.authorisation) if shown.authorisation else None,
        "authorised_until": shown.authorised_until,
        "version": reader.version,
    }


def list_json(row: HotListRow) -> forms.HotList:
    """The outside form of a hot list."""
    return {
        "id": outside("hot_list", row.id),
        "name": row.name,
        "source": row.kind,
        "purpose": row.purpose.word,
        "default_days": row.default_days,
        "most_days": row.most_days,
        "entries": row.entries,
        "expiring": row.expiring,
        "imported_at": row.filled_at,
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
        "new": row.new,
        "changed": row.changed,
        "gone": row.gone,
        "bad_rows": [
            {"line": bad["line"], "field": bad["field"], "text": bad["text"], "reason": bad["reason"]}
            for bad in row.bad_rows
        ],
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
        "reference": row.reference,
        "entered_at": row.entered_at,
        "expires_at": wanted.expires_at,
        "ended": ended,
        "source": source,
        "version": wanted.version,
    }
