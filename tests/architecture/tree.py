"""The source tree as the rules see it: paths from the root, texts, syntax trees. It judges nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON_FOLDERS = ("src", "tests", "tools", "scenarios", "bench")
_LEFT_OUT = {"__pycache__", "node_modules", ".venv"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file; `path` is from the root, with slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=self.path)


def files(*folders: str, suffixes: tuple[str, ...]) -> list[Path]:
    """Files of the tree under `folders`, in a stable order, without what a build left."""
    found: list[Path] = []
    for folder in folders:
        top = ROOT / folder
        found += [top] if top.is_file() else (p for p in top.rglob("*") if p.is_file())
    return sorted(
        p for p in found if p.suffix in suffixes and not _LEFT_OUT & set(p.relative_to(ROOT).parts[:-1])
    )


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """The Python files under `folders`."""
    return tuple(source(p) for p in files(*folders, suffixes=(".py",)))


@cache
def source(path: Path) -> Source:
    """One file, read and parsed once for all rules."""
    return Source(relative(path), path.read_text())


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Every function with its qualified name, those inside classes and functions too."""
    yield from _functions(tree, "")


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield prefix + child.name, child
                yield from _functions(child, f"{prefix}{child.name}.")
            case ast.ClassDef():
                yield from _functions(child, f"{prefix}{child.name}.")
            case _:
                yield from _functions(child, prefix)


def is_public(qualified: str) -> bool:
    """No part of the name is private; `__init__` and its like count as public."""
    return all(not part.startswith("_") or part.endswith("__") for part in qualified.split("."))


def parameters(function: Function) -> list[ast.arg]:
    """Every parameter, `self` too."""
    a = function.args
    rest = [x for x in (a.vararg, a.kwarg) if x is not None]
    return [*a.posonlyargs, *a.args, *a.kwonlyargs, *rest]
