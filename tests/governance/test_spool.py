"""The database stops and starts: what stays open, what may be opened, what is shut, and what the log holds afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio
from psycopg.rows import dict_row

from tests.fixtures.engines import _prepared, run
from watchfloor.engines.binaries import postgres_binaries
from watchfloor.engines.bootstrap import OWNER
from watchfloor.engines.endpoints import dsn_of, password_file
from watchfloor.engines.layout import Layout
from watchfloor.engines.postgres import Postgres
from watchfloor.engines.spawn import engine_user
from watchfloor.governance import body_store, case_store, policy_store, store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import entry_of_decision
from watchfloor.governance.body_store import Approval
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import (
    About,
    Actor,
    ActorKind,
    AgencyId,
    Allowed,
    Ask,
    Case,
    Refused,
    Why,
)
from watchfloor.governance.needs import Need
from watchfloor.governance.outage import Outage
from watchfloor.governance.spool import DecisionSpool, Line
from watchfloor.governance.words import CaseKind, Purpose, Role, TechnologyKind
from watchfloor.identity.first import first_start
from watchfloor.kit.clock import ManualClock, SystemClock
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.settings import PostgresSettings
from watchfloor.storage.database import Database

CLOCK = SystemClock()
PLACE = Point(38.6, -90.2)
KEY = b"k" * 32
_AWAY = "The database is away; meanwhile only pictures of incidents that were just seen open can be opened"


@dataclass
class Center:
    """A door on a server that the test may stop."""

    server: Postgres
    owner: str
    door: Door
    spool: Path
    agency: UUID
    incident: UUID

    def ask(
        self, need: Need = Need.CAMERA_LIVE, *, incident: UUID | None = None, session: UUID | None = None
    ) -> Ask:
        actor = Actor(
            uuid7(CLOCK.now()),
            ActorKind.PERSON,
            AgencyId(self.agency),
            frozenset({Role.ANALYST}),
            session=session,
        )
        why = Why(Purpose.STOLEN_VEHICLE, Case(CaseKind.INCIDENT, incident or self.incident))
        about = About("camera", uuid7(CLOCK.now()))
        return Ask(actor, need, why, about, TechnologyKind.FIXED_CAMERA, PLACE)

    async def stop(self) -> None:
        await self.server.stop(within_s=10)

    async def start(self) -> None:
        self.server.start()
        await self.server.ready()

    def lines(self) -> list[dict[str, Any]]:
        return [
            json.loads(line)
            for path in sorted(self.spool.glob("*.jsonl"))
            for line in path.read_text().splitlines()
        ]

    async def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        async with await psycopg.AsyncConnection.connect(self.owner, row_factory=dict_row) as connection:
            return await (await connection.execute(sql, params)).fetchall()

    async def spooled(self) -> list[dict[str, Any]]:
        """The log's entries that came out of the spool."""
        leaves = [
            json.loads(bytes(row["leaf"]))
            for row in await self.rows("select leaf from audit_entry order by id")
        ]
        return [leaf for leaf in leaves if leaf.get("spooled")]


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory, short_directory: Path) -> Iterator[Postgres]:
    """A server of this module's own: it is stopped and started."""
    layout = Layout.of(short_directory / "own")
    layout.prepare()
    run_as = engine_user()
    settings = PostgresSettings(shared_buffers_mb=32, max_connections=40)
    server = Postgres(
        layout, postgres_binaries(settings, run_as), settings, CLOCK, run_as=run_as, disposable=True
    )
    server.prepare()
    server.start()
    try:
        run(_prepared(server))
        yield server
    finally:
        run(server.stop(within_s=10))


@pytest_asyncio.fixture
async def town(own_server: Postgres, tmp_path: Path) -> AsyncIterator[Center]:
    def dsn(role: str) -> str:
        return dsn_of(own_server.place, role, password_file(own_server.layout, role))

    async with await psycopg.AsyncConnection.connect(dsn(OWNER), row_factory=dict_row) as connection:
        await connection.execute("truncate agency cascade")
        await first_start(connection, agency="River City", time_zone="UTC", now=CLOCK.now())
        row = await (await connection.execute("select id from agency")).fetchone()
    assert row is not None
    database = await Database.connect(dsn("wf_app"), role="wf_app", patience_s=0.5)
    rules = DoorRules({CaseKind.INCIDENT: case_store.case_standing}, _signed_in, False)
    door = Door(database, CLOCK, rules, DecisionSpool(tmp_path / "decisions", KEY))
    incident = uuid7(CLOCK.now())
    center = Center(own_server, dsn(OWNER), door, tmp_path / "decisions", row["id"], incident)
    await _authorise(center)
    watching = asyncio.create_task(door.watch([center.agency]))
    try:
        yield center
    finally:
        watching.cancel()
        await database.close()


async def _signed_in(*_: object) -> None:
    return None


async def _authorise(center: Center) -> None:
    async with center.door.open(Ask(process_actor(center.agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
        rule = await policy_store.rule_for(tx, timedelta(days=30))
        await body_store.ensure_body(tx, "City Council")
        made = uuid7(tx.now)
        await policy_store.insert_authorisation(
            tx,
            made,
            {
                "technology": "fixed_camera", "title": "Cameras", "effective_at": tx.now - timedelta(days=1),
                "expires_at": tx.now + timedelta(days=1), "purposes": [Purpose.STOLEN_VEHICLE.word], "roles": ["analyst"],
                "area": "[]", "rule": rule, "audio": False, "proposed_by": made, "proposed_at": tx.now, "approved_by": tx.actor, "note": "",
            },
        )  # fmt: skip
        await body_store.keep_approval(tx, made, Approval("City Council", "12", tx.now, None, None), made)
        await store.raise_policy_version(tx)
        await case_store.insert_case(tx, center.incident, "26-1", "An incident", "stolen_vehicle", None)


async def until(holds: Callable[[], bool], *, within_s: float = 60) -> None:
    async with asyncio.timeout(within_s):
        while not holds():
            await CLOCK.sleep(0.02)


async def test_the_room_keeps_its_pictures_and_opens_those_of_the_open_incident_and_all_of_it_joins_the_log(
    town: Center,
) -> None:
    before = await town.door.grant(town.ask())
    recorded = await town.door.grant(town.ask(Need.CAMERA_PLAYBACK))
    await until(lambda: town.door.outage.knows(town.agency, 2))
    await town.stop()
    try:
        await until(lambda: len(town.lines()) == 1)
        assert recorded.ended.is_set() and not before.ended.is_set()
        new = await town.door.grant(town.ask())
        assert timedelta(minutes=14) < new.until - CLOCK.now() <= timedelta(minutes=15)
        with pytest.raises(Refused) as caught:
            await town.door.grant(town.ask(incident=uuid7(CLOCK.now())))
        assert caught.value.detail.startswith(_AWAY)
        for shut in (Need.CAMERA_PLAYBACK, Need.PLATES_SEARCH):
            with pytest.raises(Unavailable, match="The database does not answer"):
                await town.door.grant(town.ask(shut))
        with pytest.raises(Unavailable):
            async with town.door.open(town.ask(Need.PLATES_SEARCH)):
                pass
        await new.close({"frames": 7})
        spooled = [line["entry"] for line in town.lines()]
        assert [(e["reason"], e["result"]) for e in spooled] == [
            ("kept_in_outage", "allowed"), ("authorised", "allowed"), ("engines_away", "refused"), ("grant.ended", "ended"),
        ]  # fmt: skip
    finally:
        await town.start()
    await until(lambda: not list(town.spool.glob("*.jsonl")))
    joined = await town.spooled()
    assert [(e["reason"], e["result"]) for e in joined] == [
        ("kept_in_outage", "allowed"), ("authorised", "allowed"), ("engines_away", "refused"),
    ]  # fmt: skip
    assert [e["at"] for e in joined] == [e["at"] for e in spooled[:3]]
    assert joined[0]["cause"] == str(before.entry) and not before.ended.is_set()
    (row,) = await town.rows("select * from access_grant where id = %(id)s", id=new.id)
    assert (row["counts"], row["end_reason"]) == ({"frames": 7}, "closed by the viewer")
    assert await town.rows(
        "select from audit_payload where payload ->> 'sentence' = 'It was open when the database went away.'"
    )


async def test_an_incident_that_was_closed_opens_nothing_in_an_outage(town: Center) -> None:
    (await town.door.grant(town.ask())).end("test")
    async with await psycopg.AsyncConnection.connect(town.owner) as connection:
        await connection.execute("update case_file set closed_at = now()")
    with pytest.raises(Refused):
        await town.door.grant(town.ask())
    await town.stop()
    try:
        with pytest.raises(Refused) as caught:
            await town.door.grant(town.ask())
        assert caught.value.reason == "engines_away"
    finally:
        await town.start()


async def test_a_grant_given_in_an_outage_is_decided_anew_when_it_is_over(town: Center) -> None:
    (await town.door.grant(town.ask())).end("test")
    await until(lambda: town.door.outage.knows(town.agency, 2))
    await town.stop()
    try:
        new = await town.door.grant(town.ask())
    finally:
        await town.start()
    async with await psycopg.AsyncConnection.connect(town.owner) as connection:
        await connection.execute("update authorisation set suspended_at = now(), suspended_by = id")
        await connection.execute("update policy_version set version = version + 1")
    await asyncio.wait_for(new.ended.wait(), 60)
    assert new.end_reason is not None and "suspended" in new.end_reason


async def spool_of(town: Center, count: int) -> Path:
    """A file with so many decisions, as a process that died left it."""
    spool = DecisionSpool(town.spool, KEY)
    for _ in range(count):
        ask = town.ask()
        spool.keep(
            Line(
                entry_of_decision(
                    ask, Allowed("authorised", "Yes.", None, None), now=CLOCK.now(), more={"spooled": True}
                ),
                None,
            )
        )
    spool.close()
    return next(town.spool.glob("*.jsonl"))


async def test_what_a_dead_process_left_joins_once_even_if_removing_it_failed_before(
    town: Center, tmp_path: Path
) -> None:
    elsewhere = Center(town.server, town.owner, town.door, tmp_path / "other", town.agency, town.incident)
    path = await spool_of(elsewhere, 3)
    content = path.read_bytes()
    for _ in range(2):
        town.spool.mkdir(exist_ok=True)
        _appear(town.spool / path.name, content)
        await until(lambda: not list(town.spool.glob("*.jsonl")))
    assert len(await town.spooled()) == 3
    ids = {row["id"] for row in await town.rows("select id from audit_entry where kind = 'decision'")}
    assert {UUID(json.loads(line)["entry"]["id"]) for line in content.splitlines()} <= ids


def _appear(path: Path, content: bytes) -> None:
    waiting = path.with_suffix(".new")
    waiting.write_bytes(content)
    waiting.rename(path)


def _changed(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b'"allowed"', b'"refused"'), *lines[2:]]


TAMPERED: dict[str, tuple[Callable[[list[bytes]], list[bytes]], int, str]] = {
    "changed": (_changed, 2, "its signature is wrong"),
    "taken out": (
        lambda lines: [lines[0], lines[2]],
        2,
        "lines before it are missing or were put in another order",
    ),
    "twice": (
        lambda lines: [*lines, lines[2]],
        3,
        "lines before it are missing or were put in another order",
    ),
    "swapped": (
        lambda lines: [lines[1], lines[0], lines[2]],
        3,
        "lines before it are missing or were put in another order",
    ),
    "no JSON": (lambda lines: [*lines, b"{"], 3, "it cannot be read"),
}


@pytest.mark.parametrize("how", TAMPERED)
async def test_a_tampered_line_is_refused_told_and_kept(town: Center, tmp_path: Path, how: str) -> None:
    tamper, joined, why = TAMPERED[how]
    elsewhere = Center(town.server, town.owner, town.door, tmp_path / "other", town.agency, town.incident)
    path = await spool_of(elsewhere, 3)
    content = b"\n".join(tamper(path.read_bytes().splitlines())) + b"\n"
    town.spool.mkdir(exist_ok=True)
    for _ in range(2):
        _appear(town.spool / path.name, content)
        await until(lambda: not list(town.spool.glob("*.jsonl")))
    assert len(await town.spooled()) == joined
    told = [
        json.loads(bytes(row["leaf"]))
        for row in await town.rows("select leaf from audit_entry where reason = 'spool.line_refused'")
    ]
    assert [entry["why"] for entry in told] == [why]
    spool = town.door.outage.spool
    assert spool is not None and spool.refused() == [path.name]
    assert (town.spool / "refused" / path.name).read_bytes() == content


async def test_a_line_signed_with_another_key_or_for_another_file_never_joins(
    town: Center, tmp_path: Path
) -> None:
    elsewhere = Center(town.server, town.owner, town.door, tmp_path / "other", town.agency, town.incident)
    path = await spool_of(elsewhere, 1)
    town.spool.mkdir(exist_ok=True)
    _appear(town.spool / f"{uuid7(CLOCK.now())}.jsonl", path.read_bytes())
    await until(lambda: not list(town.spool.glob("*.jsonl")))
    assert await town.spooled() == []


async def test_without_a_place_for_the_decision_nobody_is_let_in(town: Center) -> None:
    (await town.door.grant(town.ask())).end("test")
    await until(lambda: town.door.outage.knows(town.agency, 2))
    town.spool.write_text("a file stands where the folder should be")
    await town.stop()
    try:
        with pytest.raises(Unavailable) as caught:
            await town.door.grant(town.ask())
        assert caught.value.reason == "spool"
    finally:
        await town.start()


AWAY = Unavailable("The database does not answer.", reason="database_away")


async def test_the_window_closes_fifteen_minutes_after_the_last_contact(tmp_path: Path) -> None:
    clock = ManualClock(CLOCK.now())
    outage = Outage(clock, DecisionSpool(tmp_path / "decisions", KEY), {}, second_factor_required=False)
    agency, incident, session = (uuid7(clock.now()) for _ in range(3))
    center = Center(None, "", None, tmp_path, agency, incident)  # type: ignore[arg-type]  # only its asks are used
    ask = center.ask(session=session)
    assert ask.why is not None and ask.why.case is not None

    async def close(grant: Grant, counts: object) -> None:
        raise AssertionError("nothing is closed here")

    async def reason() -> str:
        with pytest.raises(Refused) as caught:
            await outage.grant(ask, AWAY, close)
        return caught.value.reason

    assert await reason() == "engines_away"
    outage.in_contact(agency, clock.now())
    outage.case_was(agency, ask.why.case, clock.now(), found=True)
    assert await reason() == "engines_away"
    outage.session_was(session, clock.now(), valid=True)
    # Everything but an authorisation: the rules are asked, and say no.
    assert await reason() == "no_authorisation"
    await clock.advance(timedelta(minutes=15, seconds=1))
    assert await reason() == "engines_away"
    with contextlib.suppress(Unavailable):
        await outage.grant(ask, Unavailable("The clock is wrong.", reason="clock_off"), close)
        raise AssertionError("a clock that is off is no outage")
    outage.session_was(session, clock.now(), valid=False)
    assert await reason() == "engines_away"
