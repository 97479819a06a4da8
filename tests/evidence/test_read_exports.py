"""Plate reads that a search found are exported by two persons: a package that proves each row and picture, or names what is not so."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.conftest import Room, manifest, no_news
from tests.fixtures.center import CenterMaker, CenterParts, new_id
from tests.fixtures.engines import Dsns
from tests.plates.conftest import AREA, Town, a_town
from tests.plates.make import jpeg
from tests.recordings.footage import Desk
from watchfloor.evidence import api, request
from watchfloor.evidence.fetch import FetchParts
from watchfloor.evidence.reads import COLUMNS, TABLE, hash_of, table_of
from watchfloor.evidence.sealed import ExportKeys
from watchfloor.evidence.verify import verify
from watchfloor.governance.checkpoint import VerifierKey
from watchfloor.governance.extract import Extract
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import rfc3339
from watchfloor.plates.picture import key_of, name_of
from watchfloor.storage.nats import Bus
from watchfloor.storage.objects import Objects

PATH = "/api/v1/read-exports"
PICTURE = jpeg(tail=b"grey hatchback")


@dataclass
class Found:
    """A town of readers with a search that found three reads, of which the newest has a picture; and what makes exports."""

    town: Town
    room: Room
    search: str
    reads: list[str]
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        why = {"purpose": "stolen_vehicle", "case": self.room.case, "reason": "the car at the school"}
        return why | {"search": self.search, "reads": self.reads}

    async def asks(self, **changes: Any) -> httpx.Response:
        return await (await self.town.web.person("analyst")).post(PATH, json=self.body | changes)

    async def made(self) -> dict[str, Any]:
        """Asked for, approved by another, in the signed log, and made."""
        asked = await self.asks()
        assert asked.status_code == 201, asked.text
        path = f"/api/v1/proposals/{asked.json()['proposal']}/approve"
        own = await (await self.town.web.person("analyst")).post(path, json={"note": ""})
        assert own.status_code == 403
        answer = await (await self.town.web.person("supervisor")).post(path, json={"note": "fits"})
        assert answer.status_code == 200, answer.text
        await self.room.sign()
        assert await self.room.work() == 1
        return await self.room.seen(asked.json()["id"])


@pytest_asyncio.fixture
async def found(center: CenterMaker, bus: Bus, dsns: Dsns, tmp_path: Path) -> AsyncIterator[Found]:
    data = tmp_path / "data"
    for name in ("keys", "spool/exports", "keystore"):
        (data / name).mkdir(parents=True)
    keys = ExportKeys(data / "keystore" / "exports", data / "keys" / "exports.key")

    def more(parts: CenterParts, objects: Objects) -> list[Any]:
        return [api.routes(api.Exports(FetchParts(parts.door, objects, keys, data / "ledger"), no_news))]

    async with a_town(center, bus, dsns, tmp_path, more=more, acts=[request.ACT], area=AREA) as town:
        reader = await town.reader()
        await reader.posts(f"/plate-pictures/{name_of(PICTURE)}", PICTURE, method="PUT")
        async with town.matching():
            await reader.sends(
                *({"id": f"n{n}", "plate": "AB0123", "state": "MO", "at": town.ago(hours=n + 1)} for n in range(2)),
                {"id": "p", "plate": "AB0123", "at": town.ago(minutes=5), "picture": name_of(PICTURE)},
                {"id": "other", "plate": "QZ04417", "at": town.ago(hours=1)},
            )  # fmt: skip
            await town.stored(4)
        case, analyst = await town.web.case(), await town.web.person("analyst")
        body = {"plate": "AB0123", "from": town.ago(days=1), "to": rfc3339(town.now())}
        asked = body | {"purpose": "stolen_vehicle", "case": case}
        answer = (await analyst.post("/api/v1/plate-searches", json=asked)).json()
        desk, begun = Desk(tmp_path), town.now() - timedelta(minutes=1)
        room = Room(town.web, data, dsns, None, begun, desk, town.objects, case)  # type: ignore[arg-type]  # no clip is cut
        yield Found(town, room, answer["id"], [one["id"] for one in answer["items"]])


async def test_two_persons_get_a_package_of_reads_that_proves_each_of_them(
    found: Found, tmp_path: Path
) -> None:
    made = await found.made()
    assert (made["state"], made["spans"], made["missing"]) == ("ready", [], []), made
    assert (made["of_reads"]["search"], made["of_reads"]["reads"], made["of_reads"]["pictures"]) == (
        found.search,
        3,
        1,
    )
    folder = await found.room.unpacked(made["id"], tmp_path)
    said = manifest(folder)
    assert [row["read"] for row in said["reads"]] == found.reads[::-1] and said["complete"]
    assert said["request"]["search"] == found.search and said["request"]["case"] == found.room.case
    assert [one["what"] for one in said["custody"]] == [
        "searched",
        "asked for the export",
        "approved the export",
    ]
    assert [one["by"]["name"] for one in said["custody"]] == ["Analyst", "Analyst", "Supervisor"]
    assert said["custody"][0]["entry"] == found.search and said["custody"][2]["entry"] == said["log"]["entry"]
    with (folder / TABLE).open(newline="") as table:
        rows = list(csv.DictReader(table))
    assert [(row["plate"], row["reader"], row["state"]) for row in rows] == [
        ("AB0123", "North", "MO")
    ] * 2 + [("AB0123", "North", "")]
    assert (folder / rows[2]["picture"]).read_bytes() == PICTURE
    key = VerifierKey.parse((found.room.data / "ledger" / "key.pub").read_text())
    await found.room.sign()
    proof = await (await found.town.web.person("analyst")).get(f"/api/v1/exports/{made['id']}/proof")
    proven = verify(folder, key=key, extract=Extract.parse(json.dumps(proof.json()["extract"]).encode()))
    assert proven.verdict == "verified", proven.lines()
    assert "3 reads; nothing of what was asked for is missing." in proven.said
    _whatever_is_changed_is_named(folder, said, tmp_path)
    # Only for what it was made for.
    other = await found.room.fetched(made["id"], **{"Wf-Case": await found.town.web.case()})
    assert (other.status_code, other.json()["reason"]) == (403, "other_case")


def _whatever_is_changed_is_named(folder: Path, said: dict[str, Any], tmp_path: Path) -> None:
    """Also where the bag's own sums were made anew: every row and picture is bound in what was approved."""
    shown, copy = said["reads"][2]["picture"], tmp_path / "copy"
    for name in (TABLE, shown, "data/manifest.json"):
        shutil.copytree(folder, copy)
        content = bytearray((copy / name).read_bytes())
        at = content.index(b"AB0123") if name != shown else 40
        content[at] ^= 1
        (copy / name).write_bytes(bytes(content))
        found = verify(copy)
        assert found.verdict == "tampered" and name in {file for file, _ in found.faults}, (
            name,
            found.lines(),
        )
        assert any("approved" in sentence or "table" in sentence for _, sentence in found.faults), (
            found.lines()
        )
        shutil.rmtree(copy)
    shutil.copytree(folder, copy)
    less = said | {"reads": said["reads"][:2]}
    (copy / "data/manifest.json").write_text(json.dumps(less))
    assert any("says nothing of a read" in sentence for _, sentence in verify(copy).faults)
    bare = [row | {"picture": None} if row["picture"] else row for row in said["reads"]]
    (copy / "data/manifest.json").write_text(json.dumps(said | {"reads": bare}))
    assert any("says nothing of the picture" in sentence for _, sentence in verify(copy).faults)
    (copy / "data" / "pictures" / "999.jpg").write_bytes(PICTURE)
    assert any("does not know this picture" in sentence for _, sentence in verify(copy).faults)


async def test_a_read_or_a_picture_that_is_gone_when_it_is_packed_is_missing_with_its_reason(
    found: Found, tmp_path: Path
) -> None:
    asked = await found.asks()
    await found.town.rows(
        "delete from plate_read where at = (select min(at) from plate_read) returning plate"
    )
    await found.town.rows(
        "update plate_read set state = 'IL' where at = (select min(at) from plate_read where state = 'MO')"
        " returning plate"
    )
    await found.town.objects.delete(key_of(found.town.web.parts.agency, name_of(PICTURE)))
    path = f"/api/v1/proposals/{asked.json()['proposal']}/approve"
    assert (
        await (await found.town.web.person("supervisor")).post(path, json={"note": ""})
    ).status_code == 200
    await found.room.sign()
    await found.room.work()
    made = await found.room.seen(asked.json()["id"])
    reasons = [one["reason"] for one in made["of_reads"]["missing"]]
    assert [reason.partition(" ")[0] for reason in reasons] == ["Its", "Its", "The"], reasons
    assert ["retention" in reasons[0], "told more" in reasons[1], "picture" in reasons[2]] == [True] * 3
    folder = await found.room.unpacked(made["id"], tmp_path)
    said = verify(folder)
    assert said.verdict == "verified" and not manifest(folder)["complete"], said.lines()
    assert sum(line.startswith("Missing: read_") for line in said.said) == 3


async def test_an_export_of_reads_without_grounds_or_sense_is_refused_and_says_why(found: Found) -> None:
    wrong: tuple[tuple[dict[str, Any], int, str], ...] = (
        ({"reads": []}, 422, "invalid"),
        ({"reads": [found.reads[0]] * 201}, 422, "invalid"),
        ({"reads": ["cam_1"]}, 422, "id"),
        ({"reads": [f"read_{'0' * 26}"]}, 404, "reads"),
        ({"search": outside("entry", new_id())}, 404, "search"),
        ({"reason": "x"}, 422, "invalid"),
        ({"purpose": "lawful_protest"}, 403, "purpose_prohibited"),
        ({"case": await found.town.web.lapsed_case()}, 403, "case_lapsed"),
    )
    for changes, status, reason in wrong:
        answer = await found.asks(**changes)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), changes
    for who in ("officer", "auditor"):
        answer = await (await found.town.web.person(who)).post(PATH, json=found.body)
        assert (answer.status_code, answer.json()["reason"]) == (403, "role")


@given(st.dictionaries(st.sampled_from(COLUMNS), st.one_of(st.none(), st.text(max_size=8), st.booleans())))
def test_no_cell_of_the_table_is_a_formula_and_every_change_of_a_row_changes_its_hash(
    row: dict[str, Any],
) -> None:
    whole = dict.fromkeys(COLUMNS) | row
    text = table_of([whole]).decode()
    for line in csv.reader(text.splitlines()[1:] if "\n" not in str(row) and "\r" not in str(row) else []):
        assert not any(cell[:1] in tuple("=+@\t\r") for cell in line if cell)
    for name in COLUMNS:
        changed = whole | {name: "another"}
        assert (hash_of(changed) == hash_of(whole)) == (name == "picture" or whole[name] == "another")
