"""Every table and file class has an owner and a retention, and no agency sees another's rows."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.architecture import sql
from tests.architecture.tree import ROOT

# Tables that workers take from across agencies: they hold ids and no personal data, and may be of no agency at all.
_ACROSS_AGENCIES = {"job"}

_MIGRATIONS = ROOT / "src/watchfloor/storage/migrations"


def _migrated() -> dict[str, sql.Table]:
    found = sorted(_MIGRATIONS.glob("*.sql"))
    assert found, "there are no migrations"
    return sql.tables("\n".join(path.read_text() for path in found))


def _classes() -> Any:
    return import_module("watchfloor.storage.classes")


def test_every_table_has_an_owner_and_a_retention_and_no_class_lacks_its_table() -> None:
    assert set(_migrated()) == set(_classes().TABLES)


def test_every_owner_is_a_slice() -> None:
    classes = _classes()
    slices = {p.name for p in (ROOT / "src/watchfloor").iterdir() if p.is_dir()}
    owners = {name: kept.owner for name, kept in {**classes.TABLES, **classes.FILES}.items()}
    assert {name: owner for name, owner in owners.items() if owner not in slices} == {}


def test_every_class_of_data_lives_somewhere_and_has_one_retention() -> None:
    classes = _classes()
    kept = [*classes.TABLES.values(), *classes.FILES.values()]
    assert {k.data_class for k in kept} == set(classes.DataClass)
    assert all(isinstance(k.retention, classes.Retention) for k in kept)


def test_every_table_of_an_agency_forces_row_security() -> None:
    of_agencies = {name: table for name, table in _migrated().items() if "agency_id" in table.columns}
    assert of_agencies, "no table has an agency: the reader of migrations or the schema is wrong"
    open_tables = {name for name, table in of_agencies.items() if not (table.enabled and table.forced)}
    assert open_tables == _ACROSS_AGENCIES
    assert all(_classes().TABLES[name].data_class == _classes().DataClass.MACHINERY for name in open_tables)


def test_no_time_comes_from_the_database_unasked() -> None:
    """`default now()` would be a second clock; SQL gets the time as a parameter."""
    for path in sorted(Path(_MIGRATIONS).glob("*.sql")):
        text = " ".join(path.read_text().lower().split())
        assert "default now()" not in text and "default current_timestamp" not in text, path.name


def test_the_revisions_follow_one_another_in_one_line() -> None:
    """Two made at once under one number would keep every center from starting."""
    found = sorted((_MIGRATIONS / "versions").glob("[0-9]*.py"))
    said = [re.findall(r'^(?:down_)?revision = (?:"(\d+)"|None)$', path.read_text(), re.M) for path in found]
    numbers = [f"{number:04}" for number in range(1, len(found) + 1)]
    assert [path.name[:4] for path in found] == numbers
    assert said == [[number, before] for before, number in zip(["", *numbers], numbers, strict=False)]
