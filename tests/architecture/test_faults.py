"""The table of faults is true: each test that it names is there."""

from __future__ import annotations

from tests.architecture.test_hostile_inputs import rows_of, without_test
from tests.architecture.tree import ROOT

PAGE = ROOT / "docs" / "design" / "faults.md"


def test_every_fault_of_the_table_has_its_test() -> None:
    rows = [row for row in rows_of(PAGE.read_text()) if row.seen != "what is seen"]
    assert len(rows) >= 20
    assert without_test(rows, ROOT) == []
