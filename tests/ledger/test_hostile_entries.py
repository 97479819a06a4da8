"""Whoever takes over the application may add entries, and can neither stop the ledger nor make an honest log look tampered."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest

from tests.ledger.center import check_whole, published
from tests.ledger.conftest import AGENCY, BEGUN, Log, entry
from watchfloor.governance import audit
from watchfloor.governance.audit import make_entry
from watchfloor.governance.entry import Entry
from watchfloor.ledger.report import Verdict
from watchfloor.ledger.source import Folder
from watchfloor.ledger.verify import verify

OTHERS = UUID("01890000-0000-7000-8000-00000000ffff")
OTHER = str(OTHERS)
FAR, LONG_AGO = "12026-03-01 00:00Z", "0044-03-15 00:00Z BC"


@asynccontextmanager
async def hostile(log: Log, role: str = "app") -> AsyncIterator[psycopg.AsyncConnection]:
    async with await psycopg.AsyncConnection.connect(getattr(log.dsns, role), autocommit=True) as connection:
        await connection.execute("select set_config('wf.agency', %s, false)", [str(AGENCY)])
        yield connection


async def insert(connection: psycopg.AsyncConnection, one: Entry, **forged: object) -> None:
    """The entry's row by SQL of the attacker's own, some columns forged."""
    row: dict[str, object] = {
        "id": one.id, "agency_id": one.agency, "at": one.at, "kind": one.kind, "actor_id": one.actor, "need": one.need,
        "result": one.result, "reason": one.reason, "about_kind": one.about.kind if one.about else None,
        "about_id": one.about.id if one.about else None, "leaf": one.leaf,
    } | forged  # fmt: skip
    names = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, row))
    values = psycopg.sql.SQL(", ").join([psycopg.sql.Placeholder()] * len(row))
    await connection.execute(
        psycopg.sql.SQL("insert into audit_entry ({}) values ({})").format(names, values), list(row.values())
    )


def saying(one: Entry, **other: object) -> bytes:
    """The entry's leaf, but for these fields."""
    return json.dumps(json.loads(one.leaf) | other).encode()


FORGED: Mapping[str, Callable[[Entry], Mapping[str, object]]] = {
    "a place far ahead": lambda one: {"leaf_index": 1_000_000},
    "the next place": lambda one: {"leaf_index": 2},
    "a place before the first": lambda one: {"leaf_index": -1},
    "no JSON": lambda one: {"leaf": b"leaf"},
    "no text": lambda one: {"leaf": b"\xff\xfe"},
    "no object": lambda one: {"leaf": b"[]"},
    "an empty leaf": lambda one: {"leaf": b""},
    "a leaf too long for a tile": lambda one: {"leaf": saying(one, more="x" * 65536)},
    "another's id in the leaf": lambda one: {"leaf": saying(one, id=OTHER)},
    "another agency in the leaf": lambda one: {"leaf": saying(one, agency=OTHER)},
    "another result in the row": lambda one: {"result": "refused"},
    "another reason in the row": lambda one: {"reason": "nothing"},
    "another need in the row": lambda one: {"need": "cases.view"},
    "another actor in the row": lambda one: {"actor_id": OTHER},
    "another thing in the row": lambda one: {"about_id": OTHER},
    "another cause in the row": lambda one: {"cause_id": OTHER},
    "a case that is none": lambda one: {"leaf": saying(one, case="grudge:mine")},
    "an authorisation that is no id": lambda one: {"leaf": saying(one, authorisation="mine")},
    "a restore in the leaf alone": lambda one: {"leaf": saying(one, kind="restore")},
    "a restore said last": lambda one: {"leaf": one.leaf[:-1] + b',"kind":"restore"}'},
    "no end of time": lambda one: {"at": "infinity", "leaf": saying(one, at="infinity")},
    "a year that no program reads": lambda one: {"at": FAR, "leaf": saying(one, at=FAR)},
    "before there were computers": lambda one: {"at": LONG_AGO, "leaf": saying(one, at=LONG_AGO)},
}


@pytest.mark.parametrize("role", ["app", "sweep"])
@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
async def test_an_entry_that_is_not_what_it_says_is_not_taken(
    log: Log, forged: Callable[[Entry], Mapping[str, object]], role: str
) -> None:
    await log.grow(2)
    one = entry()
    async with hostile(log, role) as connection:
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.DataError, psycopg.IntegrityError)):
            await insert(connection, one, **forged(one))
        await insert(connection, one)  # nothing else about it was wrong
    assert await log.sequence() == 3
    await check_whole(log, 3)
    assert verify(Folder(log.root)).verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    "forged",
    [
        {"payload": "[1]"},
        {"payload": None},
        {"erase_after": "infinity"},
        {"erase_after": None},
        {"salt": None, "erased_at": "2026-03-01Z"},
    ],
    ids=str,
)
async def test_a_payload_that_cannot_be_shown_or_forgotten_is_not_taken(
    log: Log, forged: dict[str, str | None]
) -> None:
    (one,) = await log.write(1)
    kept = {"salt": b"salt", "payload": "{}", "erase_after": "2031-03-01Z", "erased_at": None}
    statement = "insert into audit_payload (entry_id, agency_id, salt, payload, erase_after, erased_at) values (%s, %s, %s, %s, %s, %s)"
    async with hostile(log) as connection:
        for each, taken in ((kept | forged, False), (kept, True)):
            values = [one.id, AGENCY, *each.values()]
            if taken:
                await connection.execute(statement, values)
            else:
                with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.IntegrityError)):
                    await connection.execute(statement, values)


async def test_whoever_holds_an_entry_fast_keeps_that_one_alone_from_its_place(log: Log) -> None:
    held, *_ = await log.write(3)
    async with hostile(log) as connection, connection.transaction():
        await connection.execute(
            "insert into audit_payload (entry_id, agency_id, salt, payload, erase_after)"
            " values (%s, %s, 'salt', '{}', '2031-03-01Z')",
            [held.id, AGENCY],
        )
        async with asyncio.timeout(60):
            assert await log.sequence() == 2
    assert await log.sequence() == 3
    await check_whole(log, 3)


async def test_a_restore_that_an_entry_repeats_is_still_one_restore(log: Log) -> None:
    """Not even the owner's hand in the database makes the log look tampered by saying a true restore again."""
    await log.grow(3)
    newest = published(log)
    made = make_entry(
        audit.RESTORE, agency=AGENCY, actor=OTHERS, now=BEGUN, result="done", reason="log.restored",
        more={"size": 3, "lost_to": 3, "lost_root": base64.b64encode(newest.root).decode()},
    )  # fmt: skip
    await as_it_stands(log, made)
    await log.grow(1)
    assert verify(Folder(log.root)).verdict is Verdict.RESTORED
    copied = entry()
    await as_it_stands(log, replace(copied, leaf=saying(copied, **json.loads(made.leaf))))
    await log.grow(1)
    report = verify(Folder(log.root))
    assert (report.verdict, report.findings) == (Verdict.RESTORED, [])


async def as_it_stands(log: Log, one: Entry) -> None:
    await log.as_owner(
        "insert into audit_entry (id, agency_id, at, kind, actor_id, result, reason, leaf) values (%s, %s, %s, %s, %s, %s, %s, %s)",
        one.id, one.agency, one.at, one.kind, one.actor, one.result, one.reason, one.leaf,
    )  # fmt: skip
