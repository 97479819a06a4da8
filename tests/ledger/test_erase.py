"""A payload is erased and nothing else: the tree verifies as before, and the log says who erased under which rule."""

from __future__ import annotations

import json
from uuid import UUID

import psycopg
import pytest

from tests.ledger.center import check_whole, leaves
from tests.ledger.conftest import AGENCY, ANALYST, Log
from watchfloor.governance import log_store
from watchfloor.governance.audit import commitment
from watchfloor.governance.checkpoint import VerifierKey
from watchfloor.governance.entry import Entry
from watchfloor.governance.erase import erase, erased
from watchfloor.governance.extract import Extract, faults
from watchfloor.kit.canonical import Json
from watchfloor.ledger.report import Outside, Verdict
from watchfloor.ledger.source import Folder
from watchfloor.ledger.verify import verify
from watchfloor.storage.database import Database

PLATE: dict[str, Json] = {"plate": "WFL 0001", "sentence": "A search for one plate."}


def extract_of(log: Log, entry: Entry) -> Extract:
    report = verify(Folder(log.root), entry=UUID(int=entry.id.int))
    assert report.entry is not None
    return report.entry


async def test_an_erased_payload_is_gone_and_every_checkpoint_still_fits(
    log: Log, sweep_database: Database
) -> None:
    entry = (await log.write(3, payload=PLATE))[1]
    await log.sequence()
    before = (log.root / "checkpoint").read_bytes()
    async with log.tx(sweep_database) as tx:
        said = await erase(tx, entry.id, "audit_payload_90d")
    assert said is not None
    assert await log.sequence() == 4
    await check_whole(log, 4)
    report = verify(Folder(log.root), checkpoints=[Outside("kept", before)])
    assert (report.verdict, report.rollback) == (Verdict.VERIFIED, "excluded for the first 3 entries")
    rows = await log.as_owner("select payload, salt from audit_payload where entry_id = %s", entry.id)
    assert rows == [(None, None)]
    assert await log.as_owner("select count(*) from audit_payload where payload is not null") == [(2,)]
    assert "WFL 0001" not in "".join(
        map(str, await log.as_owner("select * from audit_payload where erased_at is not null"))
    )


async def test_the_erasure_is_an_entry_with_its_rule_and_reader_sees_a_sentence(
    log: Log, sweep_database: Database
) -> None:
    entry = (await log.write(1, payload=PLATE))[0]
    async with log.tx(sweep_database) as tx:
        said = await erase(tx, entry.id, "audit_payload_90d")
        assert said is not None
    await log.sequence()
    leaf = json.loads(next(leaf for leaf in leaves(log, 2) if str(said).encode() in leaf))
    assert (leaf["kind"], leaf["reason"], leaf["about"]) == (
        "erasure",
        "audit_payload_90d",
        {"kind": "entry", "id": str(entry.id)},
    )
    assert (leaf["agency"], leaf["actor"]) == (str(AGENCY), str(ANALYST))
    async with log.tx() as tx:
        row = await log_store.entry(tx, entry.id)
    assert row is not None
    assert row["payload"] is None
    assert erased(row) == "payload erased under rule audit_payload_90d on 2026-04-10"


async def test_a_payload_is_erased_once_and_nothing_is_no_erasure(log: Log, sweep_database: Database) -> None:
    with_payload, without = (await log.write(1, payload=PLATE))[0], (await log.write(1))[0]
    async with log.tx(sweep_database) as tx:
        assert await erase(tx, with_payload.id, "r1") is not None
        assert await erase(tx, with_payload.id, "r2") is None
        assert await erase(tx, without.id, "r1") is None
    rows = await log.as_owner("select erased_under from audit_payload where erased_at is not null")
    assert rows == [("r1",)]
    async with log.tx() as tx:
        row = await log_store.entry(tx, without.id)
    assert row is not None
    assert erased(row) is None


async def test_a_payload_is_proven_by_its_salt_and_no_longer_once_it_is_erased(log: Log) -> None:
    entry = (await log.write(1, payload=PLATE))[0]
    await log.sequence()
    key = VerifierKey.parse((log.root / "key.pub").read_text())
    bare = extract_of(log, entry)
    assert faults(bare, key) == []
    whole = Extract(bare.leaf, bare.index, bare.proof, bare.note, PLATE, entry.salt)
    assert faults(Extract.parse(json.dumps(whole.as_json()).encode()), key) == []
    for payload, salt in (
        ({**PLATE, "plate": "WFL 0002"}, entry.salt),
        (PLATE, bytes(32)),
        (PLATE, None),
        ({}, entry.salt),
    ):
        wrong = Extract(bare.leaf, bare.index, bare.proof, bare.note, payload, salt)
        assert faults(wrong, key) == ["The payload is not the one that the entry was made of."]


async def test_without_the_salt_a_plate_cannot_be_guessed_from_the_leaf(log: Log) -> None:
    """The leaf has a commitment; trying every plate against it with any salt but the right one finds nothing."""
    entry = (await log.write(1, payload=PLATE))[0]
    said = json.loads(entry.leaf)["commitment"]
    assert entry.salt is not None
    assert said == commitment(entry.salt, PLATE)
    assert said not in {commitment(bytes(32), {**PLATE, "plate": f"WFL {n:04d}"}) for n in range(1000)}
    assert b"WFL" not in entry.leaf


async def test_the_payload_never_reaches_the_published_files(log: Log) -> None:
    await log.write(300, payload=PLATE)
    await log.sequence()
    published = b"".join(p.read_bytes() for p in log.root.rglob("*") if p.is_file())
    assert b"WFL" not in published
    assert b"plate" not in published


async def test_the_center_itself_cannot_erase(log: Log) -> None:
    entry = (await log.write(1, payload=PLATE))[0]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with log.tx() as tx:
            await erase(tx, entry.id, "r1")
