"""A floor with a queue: the real web and database, a hot list with one entry, and hits that come when the test says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import APIRouter

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from tests.incidents.made import hit, read, reader, wanted
from watchfloor.calls import api as call_api
from watchfloor.calls.api import Calls
from watchfloor.calls.store import call_is_open
from watchfloor.dispatch.api import beside_incident
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.model import Ask, Authorisation
from watchfloor.governance.needs import Need
from watchfloor.governance.store import authorisations
from watchfloor.governance.words import CaseKind, TechnologyKind
from watchfloor.identity import store as identity_store
from watchfloor.incidents import api, around_api
from watchfloor.incidents.alert_store import alert_is_open
from watchfloor.incidents.api import IncidentParts
from watchfloor.incidents.in_hand import Alerts
from watchfloor.incidents.incident_store import incident_is_open
from watchfloor.incidents.nearby import cameras_beside
from watchfloor.incidents.raise_alerts import AlertsFromHits
from watchfloor.incidents.record_system import RecordSystem
from watchfloor.kit.clock import Clock, ManualClock, rfc3339
from watchfloor.kit.ids import encode, uuid7
from watchfloor.places.skyline import Skyline
from watchfloor.plates import entry_store, hot_list_store
from watchfloor.plates.hot_list_store import HotListRow
from watchfloor.plates.hotlist import keys_of
from watchfloor.plates.model import Hit, HotListId, ListKind, Plate, PlateRead, Reader, Wanted
from watchfloor.plates.picture import key_of, name_of
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Objects
from watchfloor.storage.tx import Tx
from watchfloor.units import api as unit_api
from watchfloor.units.change import Units

PICTURE = b"\xff\xd8\xff\xe0 a picture of a plate"
PLATE = "QZ04417"

News = Callable[[str, UUID, UUID], Awaitable[None]]
MoreRouters = Callable[[CenterParts, News, Objects], list[APIRouter]]


@dataclass
class Floor:
    """The room: people by role, the wanted entry, the readers."""

    web: CenterWeb
    objects: Objects
    news: list[tuple[str, UUID, UUID]]
    entry: Wanted
    rule: int
    reader: Reader = field(default_factory=reader)

    @property
    def clock(self) -> Clock:
        return self.web.parts.clock

    @property
    def agency(self) -> UUID:
        return self.web.parts.agency

    def door_at(self, now: datetime) -> Door:
        """A door of the same database at another hour."""
        return Door(self.web.parts.database, ManualClock(now), DoorRules({}, identity_store.why_ended, False))

    @asynccontextmanager
    async def upkeep(self, door: Door | None = None) -> AsyncIterator[Tx]:
        """A transaction that may arrange anything."""
        ask = Ask(process_actor(self.agency, "sweep"), Need.RETENTION_SWEEP)
        async with (door or self.web.parts.door).open(ask) as tx:
            yield tx

    def read_of(self, **changes: Any) -> PlateRead:
        now = self.clock.now()
        return read(**({"at": now, "received_at": now, "picture": name_of(PICTURE)} | changes))

    def hit_of(
        self, seen: PlateRead | None = None, *, at: Reader | None = None, entry: Wanted | None = None
    ) -> Hit:
        return hit(seen or self.read_of(), entry or self.entry, at=at or self.reader, rule=self.rule)

    async def sees(self, *hits: Hit, door: Door | None = None) -> None:
        """Readers see wanted plates: what `sense` does with hits, under its own need."""
        ask = Ask(
            process_actor(self.agency, "sense"),
            Need.PLATES_INGEST,
            technology=TechnologyKind.PLATE_READER,
            place=self.reader.point,
        )

        async def told(kind: str, agency: UUID, thing: UUID) -> None:
            self.news.append((kind, agency, thing))

        async with (door or self.web.parts.door).open(ask) as tx:
            await AlertsFromHits(told)(tx, hits or (self.hit_of(),))

    async def queue(self, role: str = "analyst") -> list[dict[str, Any]]:
        answer = await (await self.web.person(role)).get("/api/v1/alerts")
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    async def alert(self) -> str:
        """A hit comes; the id of its alert, outside form."""
        before = {item["id"] for item in await self.queue()}
        await self.sees()
        (new,) = [item["id"] for item in await self.queue() if item["id"] not in before]
        return str(new)

    async def alert_of_another_plate(self) -> str:
        """A hit on the same entry by another reading of it, which is another alert; its id."""
        before = {item["id"] for item in await self.queue()}
        await self.sees(self.hit_of(self.read_of(plate=Plate(PLATE.replace("0", "O")))))
        (new,) = [item["id"] for item in await self.queue() if item["id"] not in before]
        return str(new)

    async def post(
        self, path: str, body: object = None, *, by: str = "analyst", **kwargs: Any
    ) -> httpx.Response:
        return await (await self.web.person(by)).post(f"/api/v1{path}", json=body or {}, **kwargs)

    def record(self, reply: str = "active", **ago: float) -> dict[str, object]:
        return {
            "reply": reply,
            "reference": "LR-1",
            "checked_at": rfc3339(self.clock.now() - timedelta(**ago)),
        }

    async def reviewed(
        self, alert: str, *, by: str = "analyst", plate: str = PLATE, state: str | None = "RC"
    ) -> None:
        """The review is opened and something typed."""
        opened = await self.post(f"/alerts/{alert}/review", by=by)
        assert opened.status_code == 200, opened.text
        typed = await self.post(
            f"/alerts/{alert}/typed", {"plate": plate, "state": state, "vehicle": None}, by=by
        )
        assert typed.status_code == 200, typed.text

    async def confirm(self, alert: str, *, by: str = "analyst", **changes: Any) -> httpx.Response:
        body = {"live_record": self.record(), "vehicle_agrees": True, "note": None} | changes
        return await self.post(f"/alerts/{alert}/confirm", body, by=by)

    async def incident(self) -> str:
        """A confirmed alert's incident, outside form."""
        alert = await self.alert()
        await self.reviewed(alert)
        confirmed = await self.confirm(alert)
        assert confirmed.status_code == 200, confirmed.text
        return str(confirmed.json()["incident"]["id"])

    async def change_entry(self, **changes: Any) -> None:
        """The wanted entry says something else from now: a manual entry, replaced on its list."""
        self.entry = replace(self.entry, version=self.entry.version + 1, **changes)
        async with self.upkeep() as tx:
            await tx.execute("delete from hot_list_entry where id = %(id)s", id=self.entry.id)
            await _insert(tx, self.entry)

    async def drop_entry(self) -> None:
        async with self.upkeep() as tx:
            await tx.execute("delete from hot_list_entry where id = %(id)s", id=self.entry.id)

    async def put_picture(self) -> None:
        await self.objects.put(key_of(self.agency, name_of(PICTURE)), PICTURE)

    def nowhere(self, prefix: str) -> str:
        """An outside id of nothing."""
        return encode(prefix, uuid7(self.clock.now()))


async def _insert(tx: Tx, entry: Wanted) -> None:
    (key,) = keys_of([entry.plate.text]).tolist()
    await entry_store.insert_entry(tx, entry, proposal=uuid7(tx.now), reference="R-1", folded_key=key)


async def _list_and_entry(floor_tx: Tx, entry: Wanted) -> None:
    row = HotListRow(
        entry.list,
        "Local",
        ListKind.MANUAL,
        entry.purpose,
        1,
        30,
        UUID(int=entry.list.int),
        floor_tx.now,
        0,
        1,
    )
    assert await hot_list_store.insert_list(floor_tx, row)
    await _insert(floor_tx, entry)


@asynccontextmanager
async def open_floor(
    center: CenterMaker,
    folder: Path,
    *,
    more: MoreRouters = lambda parts, news, objects: [],
    beside: Any = None,
    system: RecordSystem | None = None,
) -> AsyncIterator[Floor]:
    """The room, with plate readers authorised and one car wanted."""
    news: list[tuple[str, UUID, UUID]] = []
    objects = Objects(ObjectSettings(), folder / "objects")

    async def told(kind: str, agency: UUID, thing: UUID) -> None:
        news.append((kind, agency, thing))

    def both(parts: CenterParts) -> Any:
        return beside_incident, cameras_beside(Skyline(parts.door, objects))

    def routers(parts: CenterParts) -> list[APIRouter]:
        return [
            around_api.routes(parts.door),
            api.routes(IncidentParts(Alerts(parts.door, told, objects, system), beside or both(parts))),
            unit_api.routes(Units(parts.door, told)),
            call_api.routes(Calls(parts.door)),
            *more(parts, told, objects),
        ]

    cases = {CaseKind.ALERT: alert_is_open, CaseKind.INCIDENT: incident_is_open, CaseKind.CALL: call_is_open}
    async with center(routers=routers, cases=cases) as web:
        await web.authorise("plate_reader")
        now = web.parts.clock.now()
        floor = Floor(web, objects, news, wanted(expires_at=now + timedelta(days=1)), 0)
        async with floor.upkeep() as tx:
            granted: list[Authorisation] = await authorisations(tx, ["plate_reader"])
            floor.rule = granted[0].retention_rule
            floor.entry = replace(floor.entry, list=HotListId(uuid7(now)))
            await _list_and_entry(tx, floor.entry)
        yield floor


__all__ = ["PICTURE", "PLATE", "Floor", "Plate", "open_floor"]
