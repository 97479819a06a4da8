"""What must never be in the tree, as pure functions from a source to what is wrong with it.

`test_rules_can_fail.py` shows each of them a bad sample: a rule that finds nothing there is no rule.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import PurePosixPath

from tests.architecture.tree import Function, Source, functions, is_public, parameters

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 40
MOST_COMPONENT_LINES = 250
NAMES_WITHOUT_AN_EDGE = frozenset({"service", "manager", "handler", "helper", "util", "common", "base"})
_BROAD = frozenset({"Exception", "BaseException"})
# Spelled in pieces so that this file does not find itself.
_UNFINISHED = re.compile(
    r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")) + r")\b|xf" + "ail"
)
# A hexadecimal colour or a function that makes one, as the value of something; `{#if` and ids are neither.
_TYPE_SIZE = re.compile(r"\bfont(?:-size: |: [^;}/]*)\b\d+px")
_COLOUR = re.compile(
    r"""(?:(?<!url)\(|(?<!href=)"|[:\s',])#[0-9a-fA-F]{3,8}\b(?=[\s;,)"'}])|\b(?:rgb|hsl)a?\("""
)


def overlong(source: Source) -> dict[str, int]:
    """Files over 400 lines and functions over 40, by name, with their lengths. Decorators do not count."""
    found = {}
    if (lines := source.text.count("\n")) > MOST_FILE_LINES:
        found[source.path] = lines
    for name, function in functions(source.tree):
        if (lines := _lines(function)) > MOST_FUNCTION_LINES:
            found[f"{source.path}::{name}"] = lines
    return found


def overlong_text(path: str, text: str) -> dict[str, int]:
    """The same for the console: components over 250 lines, other files over 400."""
    most = MOST_COMPONENT_LINES if path.endswith(".svelte") else MOST_FILE_LINES
    lines = text.count("\n")
    return {path: lines} if lines > most else {}


def _lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def names_without_an_edge(path: str) -> list[str]:
    """Modules and packages named service, manager and the like: such names have no edge, so they grow."""
    parts = PurePosixPath(path).with_suffix("").parts
    return [f"{path}: {part}" for part in parts if part.lower().removesuffix("s") in NAMES_WITHOUT_AN_EDGE]


def stores_without_touches(source: Source) -> list[str]:
    """Public functions of a store that take a transaction and do not say what they touch."""
    return [
        f"{source.path}::{name}"
        for name, function in functions(source.tree)
        if is_public(name) and _takes_tx(function) and not _has_touches(function)
    ]


def statements(source: Source) -> dict[str, bool]:
    """The functions that put a statement to the database, by name, and whether each says what it touches."""
    return {
        f"{source.path}::{name}": _has_touches(function)
        for name, function in functions(source.tree)
        if any(_puts_statement(node) for node in ast.walk(function))
    }


_PUTTING = frozenset(
    {
        "fetch",
        "fetch_one",
        "fetch_page",
        "execute",
        "execute_uncounted",
        "execute_many",
        "execute_many_uncounted",
        "executemany",
    }
)


def _puts_statement(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _PUTTING


@cache
def ways_in(source: Source) -> set[str]:
    """How a module comes to the database by itself: it makes a `Tx`, opens a transaction, or imports the driver."""
    found = set()
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=called) if _called(called) in _OPENINGS:
                found.add(_called(called))
            case ast.Import(names=names) if any(n.name.split(".")[0] in _DRIVERS for n in names):
                found.add("driver")
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in _DRIVERS:
                found.add("driver")
    return found


_OPENINGS = frozenset({"Tx", "transaction", "statement", "as_owner"})
_DRIVERS = frozenset({"psycopg", "psycopg_pool", "sqlalchemy", "alembic"})


def _takes_tx(function: Function) -> bool:
    return any(arg.arg == "tx" or _names(arg.annotation) & {"Tx"} for arg in parameters(function))


def _has_touches(function: Function) -> bool:
    for decorator in function.decorator_list:
        match decorator:
            case ast.Call(func=ast.Name(id="touches") | ast.Attribute(attr="touches"), args=[_, *_]):
                return True
    return False


def broad_excepts(source: Source) -> dict[str, int]:
    """Where everything is caught, and how often: `except:`, `except Exception`, and suppress(Exception)."""
    found: dict[str, int] = {}

    def walk(node: ast.AST, inside: str) -> None:
        for child in ast.iter_child_nodes(node):
            within = inside
            match child:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    within = f"{inside}.{name}" if inside else name
                case ast.ExceptHandler(type=caught) if caught is None or _names(caught) & _BROAD:
                    found[f"{source.path}::{inside}"] = found.get(f"{source.path}::{inside}", 0) + 1
                case ast.Call(func=called, args=arguments) if _called(called) == "suppress" and any(
                    _names(a) & _BROAD for a in arguments
                ):
                    found[f"{source.path}::{inside}"] = found.get(f"{source.path}::{inside}", 0) + 1
            walk(child, within)

    walk(source.tree, "")
    return found


def any_in_signatures(source: Source) -> list[str]:
    """Public functions whose parameters or result say Any: across a slice border that is no type at all."""
    found = []
    for name, function in functions(source.tree):
        if not is_public(name):
            continue
        annotations = [arg.annotation for arg in parameters(function)] + [function.returns]
        if any("Any" in _names(annotation) for annotation in annotations):
            found.append(f"{source.path}::{name}")
    return found


def unfinished(path: str, text: str) -> list[str]:
    """Marks of work put off, and tests expected to fail."""
    return [
        f"{path}:{n}: {line.strip()}"
        for n, line in enumerate(text.splitlines(), 1)
        if _UNFINISHED.search(line)
    ]


def colours(path: str, text: str) -> list[str]:
    """Colours that are named where they stand: a theme cannot change them, and nobody looks at their contrast."""
    return [
        f"{path}:{n}: {line.strip()}" for n, line in enumerate(text.splitlines(), 1) if _COLOUR.search(line)
    ]


def type_sizes(path: str, text: str) -> list[str]:
    """Sizes of type that are on no step of the scale in tokens.css."""
    return [
        f"{path}:{n}: {line.strip()}"
        for n, line in enumerate(text.splitlines(), 1)
        if _TYPE_SIZE.search(line)
    ]


def versions_at_saving(path: str, text: str) -> list[str]:
    """Forms in a dialog that send the version at saving: what others changed meanwhile would be written over unseen. They send that
    of what was there when they were opened, which they keep by `untrack`."""
    if "<Dialog" not in text or "<form" not in text:
        return []
    named = set(re.findall(r"version: (\w+)\.version", text))
    return [f"{path}: {name}" for name in sorted(named) if not re.search(rf"const {name} = untrack\(", text)]


def patched_names(source: Source) -> list[str]:
    """Tests that take the `monkeypatch` fixture or import a mock: another part is passed in instead."""
    found = []
    for name, function in functions(source.tree):
        if any(arg.arg in ("monkeypatch", "mocker") for arg in parameters(function)):
            found.append(f"{source.path}::{name}")
    for node in ast.walk(source.tree):
        match node:
            case ast.ImportFrom(module="unittest.mock" | "mock"):
                found.append(f"{source.path}:{node.lineno}")
            case ast.Import(names=names) if any(n.name in ("unittest.mock", "mock") for n in names):
                found.append(f"{source.path}:{node.lineno}")
    return found


def imports_with_effect(source: Source) -> list[str]:
    """Bare calls at the top of a module: importing a module does nothing."""
    return [
        f"{source.path}:{statement.lineno}"
        for statement in source.tree.body
        if isinstance(statement, ast.Expr) and isinstance(statement.value, (ast.Call, ast.Await))
    ]


def _called(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _names(node: ast.expr | None) -> set[str]:
    """The names that an expression is made of, in quoted annotations too."""
    if node is None:
        return set()
    found = set()
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found.add(name)
            case ast.Constant(value=str(text)):
                found |= set(re.findall(r"\w+", text))
    return found
