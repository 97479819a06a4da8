"""A sample of a reader's table: what its columns seem to say, and what would be taken of it; what is saved of it holds over HTTP."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.plates.conftest import Device, Town
from watchfloor.plates.ingest import columns
from watchfloor.plates.ingest.claim import Claim
from watchfloor.plates.ingest.columns import FIELDS, Mapping
from watchfloor.plates.ingest.sample import MOST_SHOWN, looked, proposed_of

TABLE = "Tag No.;Capture Time;Region;Score;Lat;Long;Comment\nZQX-107;2026-11-22T21:00:00Z;MO;0.97;38.6;-90.2;a\n;x;MO;1;;;b\n"


def test_headings_are_known_by_what_people_call_them() -> None:
    found = looked(TABLE, None)
    assert found.headings[:2] == ("Tag No.", "Capture Time") and found.separator == ";"
    assert found.proposed == {
        "plate": "Tag No.", "at": "Capture Time", "state": "Region", "confidence": "Score", "lat": "Lat", "lon": "Long",
    }  # fmt: skip
    assert (found.good, found.bad, found.fault) == (1, 1, None)
    (read,), (refused,) = found.reads, found.refused
    assert (read.plate.text, read.state, read.confidence, read.row) == ("ZQX107", "MO", 0.97, 2)
    assert read.device_at == datetime(2026, 11, 22, 21, tzinfo=UTC) and (refused.index, refused.field) == (
        3,
        "at",
    )


def test_what_makes_no_mapping_says_what_is_missing() -> None:
    assert looked("a,b\n1,2\n", None).fault == "No column seems to have the plates: choose it."
    assert "names a column for `id`, or one for `at`" in str(looked("plate,b\nZQX107,2\n", None).fault)
    assert "no column “Time”" in str(looked("plate,b\n1,2\n", Mapping(plate="plate", at="Time")).fault)
    assert looked("", None).headings == () and looked("\n\n", None).fault is not None
    assert proposed_of(["Plate", "Tag", "Date"]) == {"plate": "Plate", "at": "Date"}, (
        "each once, a day is a time where none is"
    )
    assert "lat" not in proposed_of(["plate", "lat"]), "half of a position is none"


@given(
    st.lists(st.text("ABZ019 -", min_size=1, max_size=8), max_size=20),
    st.permutations(["plate", "at", "state", "lane", "other"]),
)
def test_a_sample_says_what_the_table_itself_comes_to(plates: list[str], order: list[str]) -> None:
    """Whatever stands in it and in whatever order: what is shown to be taken is what is taken, and each row is one or the other."""
    text = io.StringIO()
    write = csv.writer(text)
    write.writerow(order)
    cells = {"at": "2026-11-22T21:00:00Z", "state": "MO", "lane": "2", "other": "x"}
    for plate in plates:
        write.writerow([plate if name == "plate" else cells[name] for name in order])
    found = looked(text.getvalue(), None)
    assert found.mapping is not None and set(found.proposed) <= set(FIELDS)
    taken = columns.parse(text.getvalue().encode(), found.mapping, lambda name: None)
    assert isinstance(taken, tuple) and found.good + found.bad == len(taken)
    assert list(found.reads) == [one for one in taken if isinstance(one, Claim)][: len(found.reads)]
    assert len(found.rows) == min(len(taken), MOST_SHOWN)


async def test_a_mapping_is_looked_at_saved_and_taken_by(town: Town) -> None:
    reader = await town.reader()
    path = f"/api/v1/readers/{reader.id}/csv-mapping"
    technician, analyst = await town.web.person("technician"), await town.web.person("analyst")
    assert (await analyst.get(path)).json() == {"mapping": None, "set_at": None}
    table = f"Tag No.;Capture Time;Region\nZQX-107;{town.ago(seconds=2)};MO\nZQX-108;yesterday;MO\n"
    unmapped = await reader.posts("/plate-reads/csv", table.encode())
    assert (unmapped.status_code, unmapped.json()["reason"]) == (422, "plate"), unmapped.text
    large = await reader.posts("/plate-reads/csv", table.encode() + b"ZQX-107;;\n" * 500_000)
    assert large.status_code == 422, "five megabytes are read before they are judged"
    seen = await technician.post(f"{path}/sample", json={"sample": table})
    assert seen.status_code == 200, seen.text
    said: dict[str, Any] = seen.json()
    assert (said["good"], said["bad"], said["reads"][0]["plate"]) == (1, 1, "ZQX107")
    assert said["refused"][0]["row"] == 3 and said["mapping"]["separator"] == ";"
    by_hand = await technician.post(
        f"{path}/sample",
        json={"sample": table, "mapping": {"plate": "Region", "id": "Tag No.", "separator": ";"}},
    )
    assert by_hand.json()["good"] == 2, "whatever a person chooses is judged as it is"
    assert (await analyst.put(path, json=said["mapping"])).status_code == 403
    for wrong, reason in (
        ({"plate": " "}, "plate"),
        ({"plate": "a"}, "mapping"),
        ({"plate": "a", "at": "b", "zone": "Nowhere"}, "mapping"),
    ):
        no = await technician.put(path, json=wrong)
        assert (no.status_code, no.json()["reason"]) == (422, reason), no.text
    kept = await technician.put(path, json=said["mapping"])
    assert kept.status_code == 200 and kept.json()["mapping"]["plate"] == "Tag No." and kept.json()["set_at"]
    await _taken(town, reader, table)
    assert (await technician.delete(path)).status_code == 204
    assert (await analyst.get(path)).json()["mapping"] is None
    auditor = await town.web.person("auditor")
    entries = (await auditor.get("/api/v1/audit/entries", params={"limit": 100})).json()["items"]
    assert {"reader.mapping_set", "reader.mapping_removed"} <= {one["reason"] for one in entries}


async def _taken(town: Town, reader: Device, table: str) -> None:
    """The table is taken by the mapping, once however often it comes, its bad row named."""

    async def by_mapping() -> bool:
        answer = await reader.posts("/plate-reads/csv", table.encode())
        return bool(answer.status_code == 202)

    await town.until(by_mapping)
    again = (await reader.posts("/plate-reads/csv", table.encode())).json()
    assert (again["accepted"], again["duplicates"]) == (0, 1) and again["rejected"][0]["index"] == 3
    async with town.matching():
        await town.stored(1)
    assert await town.plates() == ["ZQX107"]
