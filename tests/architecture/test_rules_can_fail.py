"""Each rule is shown something bad: a rule that finds nothing there would let anything through."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from tests.architecture import ratchet, rules, sql
from tests.architecture.tree import Source


def bad(text: str, path: str = "src/watchfloor/plates/store.py") -> Source:
    return Source(path, dedent(text))


_FOUND: list[tuple[Callable[[Source], Any], str]] = [
    (rules.overlong, "x = 1\n" * 401),
    (rules.overlong, "def f():\n" + "    x = 1\n" * 40),
    (rules.overlong, "class C:\n    async def f(self):\n" + "        x = 1\n" * 40),
    (rules.stores_without_touches, "async def reads_of(tx: Tx, plate: Plate) -> None: ..."),
    (rules.stores_without_touches, "async def reads_of(transaction: 'Tx') -> None: ..."),
    (rules.stores_without_touches, "@touches()\nasync def reads_of(tx: Tx) -> None: ..."),
    (rules.stores_without_touches, "class Store:\n    async def reads_of(self, tx: Tx) -> None: ..."),
    (rules.stores_without_touches, "@cached\nasync def reads_of(*, tx: storage.Tx) -> None: ..."),
    (rules.broad_excepts, "try:\n    f()\nexcept Exception:\n    pass"),
    (
        rules.broad_excepts,
        "def g():\n    try:\n        f()\n    except (OSError, BaseException) as e:\n        pass",
    ),
    (rules.broad_excepts, "try:\n    f()\nexcept:\n    pass"),
    (rules.broad_excepts, "with contextlib.suppress(Exception):\n    f()"),
    (rules.any_in_signatures, "def f(x: Any) -> int: ..."),
    (rules.any_in_signatures, "def f(x: int) -> dict[str, typing.Any]: ..."),
    (rules.any_in_signatures, "class C:\n    def f(self, *, x: 'list[Any]') -> None: ..."),
    (rules.patched_names, "def test_x(monkeypatch): ..."),
    (rules.patched_names, "from unittest.mock import patch"),
    (rules.patched_names, "import unittest.mock"),
    (rules.imports_with_effect, "import logging\nlogging.basicConfig()"),
]


@pytest.mark.parametrize(("rule", "sample"), _FOUND)
def test_the_rule_finds_the_bad_sample(rule: Callable[[Source], Any], sample: str) -> None:
    assert rule(bad(sample))


_PASSED: list[tuple[Callable[[Source], Any], str]] = [
    (rules.overlong, "@decorated(\n" + "    1,\n" * 40 + ")\ndef f():\n" + "    x = 1\n" * 39),
    (rules.stores_without_touches, "@touches(D.PLATE_READ, READ)\nasync def reads_of(tx: Tx) -> None: ..."),
    (rules.stores_without_touches, "async def _rows(tx: Tx) -> None: ...\ndef text(x: int) -> str: ..."),
    (rules.broad_excepts, "try:\n    f()\nexcept ValueError:\n    pass"),
    (rules.any_in_signatures, "def _f(x: Any) -> Any: ...\ndef g(x: object) -> 'Company': ..."),
    (rules.patched_names, "def test_x(night): ..."),
    (rules.imports_with_effect, '"""Words."""\nX = f()'),
]


@pytest.mark.parametrize(("rule", "sample"), _PASSED)
def test_the_rule_lets_the_good_sample_be(rule: Callable[[Source], Any], sample: str) -> None:
    assert not rule(bad(sample))


@pytest.mark.parametrize(
    ("sample", "says"),
    [
        ("async def f(tx): return await tx.fetch('select 1')", False),
        ("async def _f(anything): await anything.execute_many('delete', rows)", False),
        ("async def _f(anything): await anything.execute_uncounted('delete')", False),
        ("class C:\n    async def f(self):\n        return await self._tx.fetch_one('select 1')", False),
        ("@touches(D.UNIT, READ)\nasync def f(tx): return [r for r in await tx.fetch('select 1')]", True),
    ],
)
def test_a_statement_is_found_whoever_puts_it(sample: str, says: bool) -> None:
    assert list(rules.statements(bad(sample)).values()) == [says]
    assert not rules.statements(bad("async def f(tx): return await store.reads_of(tx)"))


@pytest.mark.parametrize(
    ("sample", "way"),
    [
        ("tx = Tx(connection, agency, now)", "Tx"),
        ("tx = storage.tx.Tx(connection, agency, now)", "Tx"),
        ("async def f(self):\n    async with self._database.transaction(agency=a) as c: ...", "transaction"),
        ("opened = database.statement()", "statement"),
        ("async def f():\n    async with as_owner(dsn) as connection: ...", "as_owner"),
        ("def f():\n    from psycopg.rows import dict_row", "driver"),
        ("import psycopg_pool as pool", "driver"),
    ],
)
def test_a_way_to_the_database_past_the_door_is_found(sample: str, way: str) -> None:
    assert rules.ways_in(bad(sample)) == {way}
    assert not rules.ways_in(bad("async def f(tx: Tx) -> None:\n    async with door.open(ask) as tx: ..."))


@pytest.mark.parametrize(
    "path", ["src/watchfloor/plates/service.py", "src/watchfloor/utils/x.py", "tests/helpers.py"]
)
def test_a_name_without_an_edge_is_found(path: str) -> None:
    assert rules.names_without_an_edge(path)


def test_a_long_component_is_found() -> None:
    assert rules.overlong_text("console/src/Queue.svelte", "x\n" * 251)
    assert not rules.overlong_text("console/src/queue.ts", "x\n" * 251)


@pytest.mark.parametrize("mark", ["# TO" + "DO: later", "// FIX" + "ME", "@pytest.mark.xf" + "ail"])
def test_work_put_off_is_found(mark: str) -> None:
    assert rules.unfinished("a.py", f"x = 1\n{mark}\n")


@pytest.mark.parametrize(
    "line",
    [
        "  .age { color: #fff; }",
        "a { background: rgb(0 0 0 / 0.5); }",
        '<rect fill="#0b1016" />',
        "p{color:#FFFFFF80}",
        "b { text-shadow: 0 1px 2px #000, 0 0 4px #000; }",
    ],
)
def test_a_colour_is_found_where_it_stands(line: str) -> None:
    assert rules.colours("a.svelte", line)


@pytest.mark.parametrize(
    "line", ["{#each rows as row}", "  #round = 0;", 'href="#main"', "a { color: var(--text); }", "url(#add)"]
)
def test_what_is_no_colour_is_none(line: str) -> None:
    assert not rules.colours("a.svelte", line)


def test_a_size_of_type_beside_the_scale_is_found() -> None:
    assert rules.type_sizes("a.svelte", "  h1 { font-size: 22px; line-height: 1.2; }")
    assert rules.type_sizes("a.svelte", "text { font: 600 12px var(--font); }")
    assert not rules.type_sizes("a.svelte", "h1 { font-size: var(--t20); width: 22px; }")


def test_a_form_that_sends_the_version_at_saving_is_found() -> None:
    form = "<Dialog><form></form></Dialog>{ key, version: unit.version }"
    assert rules.versions_at_saving("a.svelte", form)
    assert not rules.versions_at_saving("a.svelte", f"const unit = untrack(() => given);{form}")


def test_the_ratchet_turns_one_way() -> None:
    assert ratchet.judge({"a": 41}, {})
    assert ratchet.judge({"a": 42}, {"a": 41})
    assert ratchet.judge({"a": 41}, {"a": 42})
    assert ratchet.judge({}, {"a": 42})
    assert not ratchet.judge({"a": 42}, {"a": 42})


def test_the_list_of_exceptions_cannot_grow_from_one_commit_to_the_next() -> None:
    entry = {"size": 41, "why": "a table"}
    before = {"baseline": 1, "length": {"a": entry}}
    assert ratchet.turned_back(before, {"baseline": 1, "length": {"a": entry, "b": entry}})
    assert ratchet.turned_back(before, {"baseline": 1, "length": {"a": entry | {"size": 42}}})
    assert not ratchet.turned_back(before, {"baseline": 1, "length": {"a": entry | {"size": 40}}})
    assert not ratchet.turned_back(before, {"baseline": 2, "length": {"a": entry, "b": entry}})


def test_lowering_the_list_adds_nothing() -> None:
    document = {"baseline": 1, "length": {"a": {"size": 50, "why": "w"}, "gone": {"size": 50, "why": "w"}}}
    assert ratchet.lower(document, {"length": {"a": 45, "new": 60}})["length"] == {
        "a": {"size": 45, "why": "w"}
    }


_ISOLATE = """create procedure wf_isolate(target regclass) language plpgsql as $$ begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
end $$;"""


def test_tables_are_read_from_migrations() -> None:
    found = sql.tables(
        f"""{_ISOLATE}
        create table camera (id uuid primary key, -- , agency_id
            agency_id uuid not null, spot point check (spot <> point(0,0)), unique (agency_id, id));
        call wf_isolate('camera');
        create table plain (id uuid); create table gone (id uuid); drop table gone;
        create table loose (agency_id uuid); alter table loose enable row level security;
        create table later (id int); alter table later add column agency_id uuid;
        create table plate_read_2026 partition of plate_read for values in (1);
        """
    )
    assert set(found) == {"camera", "plain", "loose", "later"}
    assert found["camera"].columns == {"id", "agency_id", "spot"}
    assert found["camera"].forced
    assert found["loose"].enabled and not found["loose"].forced
    assert "agency_id" in found["later"].columns and not found["later"].forced


def test_a_procedure_that_does_not_force_isolates_nothing() -> None:
    weak = _ISOLATE.replace("force", "disable")
    assert not sql.tables(f"{weak} create table t (agency_id uuid); call wf_isolate('t');")["t"].forced
