"""Routes of the mapping of a reader's tables: a sample is looked at, a mapping saved. Translate in, judge, translate out."""

from __future__ import annotations

import asyncio

import msgspec
from fastapi import APIRouter

from watchfloor.governance.asks import asks
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.plates import reader_store, table_forms
from watchfloor.plates.ingest import columns
from watchfloor.plates.ingest.claim import Rejected
from watchfloor.plates.ingest.columns import Mapping
from watchfloor.plates.ingest.sample import looked
from watchfloor.plates.model import ReaderId
from watchfloor.plates.take_table import mapping_of


def add_routes(router: APIRouter, door: Door) -> None:
    """The routes of mappings."""

    @router.get("/readers/{reader_id}/csv-mapping", openapi_extra=asks(Need.READERS_VIEW))
    async def get_csv_mapping(actor: Signed, reader_id: str) -> table_forms.KeptMapping:
        """Which column of the reader's tables says what."""
        return await _kept(door, actor, ReaderId(inside("reader", reader_id)))

    @router.put(
        "/readers/{reader_id}/csv-mapping", openapi_extra=asks(Need.READERS_CHANGE, Need.READERS_VIEW)
    )
    async def set_csv_mapping(
        actor: Signed, reader_id: str, body: table_forms.MappingBody
    ) -> table_forms.KeptMapping:
        """Say which column says what, from the next table on."""
        reader, mapping = ReaderId(inside("reader", reader_id)), _mapping(body)
        document = msgspec.json.encode(mapping).decode()
        await _set(door, actor, reader, document)
        return await _kept(door, actor, reader)

    @router.delete(
        "/readers/{reader_id}/csv-mapping", status_code=204, openapi_extra=asks(Need.READERS_CHANGE)
    )
    async def remove_csv_mapping(actor: Signed, reader_id: str) -> None:
        """The headings of its tables are our own words from now on."""
        await _set(door, actor, ReaderId(inside("reader", reader_id)), None)

    @router.post("/readers/{reader_id}/csv-mapping/sample", openapi_extra=asks(Need.READERS_CHANGE))
    async def look_at_sample(
        actor: Signed, reader_id: str, body: table_forms.SampleBody
    ) -> table_forms.TableSample:
        """What would be taken of a table, what not and why, by a mapping or by what its headings seem to say. Nothing of it is kept."""
        mapping = _mapping(body.mapping) if body.mapping is not None else None
        reader = ReaderId(inside("reader", reader_id))
        async with door.open(Ask(actor, Need.READERS_CHANGE, about=About("reader", reader))) as tx:
            if await reader_store.reader(tx, reader) is None:
                raise NotFound("There is no such reader.")
            zone = tx.zone
        return table_forms.sample_json(await asyncio.to_thread(looked, body.sample, mapping), zone)


def _mapping(body: table_forms.MappingBody) -> Mapping:
    """Raises Invalid."""
    said = {name: value for name, value in body.model_dump().items() if value is not None and value != ""}
    if not body.plate.strip():
        raise Invalid("Choose the column that has the plates.", reason="plate")
    found = columns.mapping_of(msgspec.json.encode(said))
    if isinstance(found, Rejected):
        raise Invalid(f"{found.detail[:1].upper()}{found.detail[1:]}.", reason="mapping")
    return found


async def _kept(door: Door, actor: Actor, reader_id: ReaderId) -> table_forms.KeptMapping:
    async with door.open(Ask(actor, Need.READERS_VIEW, about=About("reader", reader_id))) as tx:
        reader = await reader_store.reader(tx, reader_id)
        if reader is None:
            raise NotFound("There is no such reader.")
    mapping = mapping_of(reader)
    return {
        "mapping": table_forms.mapping_json(mapping) if mapping is not None else None,
        "set_at": reader.csv_mapping_at,
    }


async def _set(door: Door, actor: Actor, reader_id: ReaderId, document: str | None) -> None:
    about = About("reader", reader_id)
    async with door.open(Ask(actor, Need.READERS_CHANGE, about=about)) as tx:
        if not await reader_store.map_columns(tx, reader_id, document):
            raise NotFound("There is no such reader.")
        if document is None:
            await effect(tx, "reader.mapping_removed", about)
        else:
            await effect(tx, "reader.mapping_set", about, detail={"mapping": document})
