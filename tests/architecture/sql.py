"""Reads what migrations say about tables: created, dropped, columns, row security. It is no parser of SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = r'"?([a-z_][a-z0-9_]*)"?'
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_CREATE = re.compile(
    rf"create\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:public\.)?{_NAME}\s*(\(|partition\s+of)",
    re.I,
)
_DROP = re.compile(rf"drop\s+table\s+(?:if\s+exists\s+)?(?:public\.)?{_NAME}", re.I)
_RENAME = re.compile(
    rf"alter\s+table\s+(?:if\s+exists\s+)?(?:public\.)?{_NAME}\s+rename\s+to\s+{_NAME}", re.I
)
_ADD_COLUMN = re.compile(
    rf"alter\s+table\s+(?:only\s+)?(?:public\.)?{_NAME}\s+add\s+column\s+(?:if\s+not\s+exists\s+)?{_NAME}",
    re.I,
)
_SECURITY = re.compile(
    rf"alter\s+table\s+(?:only\s+)?(?:public\.)?{_NAME}\s+(enable|force)\s+row\s+level\s+security", re.I
)
# The migrations' own procedure that enables and forces; it counts only where the same text defines it to do both.
_ISOLATE = re.compile(rf"call\s+wf_isolate\s*\(\s*'(?:public\.)?{_NAME}'", re.I)
_ISOLATE_BODY = re.compile(
    r"create\s+(?:or\s+replace\s+)?procedure\s+wf_isolate\b.*?\bend\s*\$\$", re.I | re.DOTALL
)
_NOT_A_COLUMN = frozenset({"primary", "foreign", "unique", "check", "constraint", "exclude", "like"})


@dataclass(frozen=True)
class Table:
    """A table as the migrations leave it; a partition belongs to its parent and is no table here."""

    name: str
    columns: frozenset[str]
    enabled: bool
    forced: bool


def tables(sql: str) -> dict[str, Table]:
    """Every table that stands after all of `sql`, by name. Raises ValueError when a bracket is never closed."""
    text = _COMMENT.sub(" ", sql)
    columns: dict[str, set[str]] = {}
    for at, verb, match in _statements(text):
        match verb:
            case "create" if match[2] == "(":
                columns[match[1].lower()] = _columns(text, match.end())
            case "drop":
                columns.pop(match[1].lower(), None)
            case "rename":
                columns[match[2].lower()] = columns.pop(match[1].lower())
            case "add":
                columns.setdefault(match[1].lower(), set()).add(match[2].lower())
            case "create":
                pass
            case _:
                raise ValueError(f"{verb} at {at}")
    security: dict[str, set[str]] = {}
    for name, what in _SECURITY.findall(text):
        security.setdefault(name.lower(), set()).add(what.lower())
    if _isolates(text):
        for name in _ISOLATE.findall(text):
            security.setdefault(name.lower(), set()).update(("enable", "force"))
    return {
        name: Table(
            name, frozenset(of), "enable" in security.get(name, ()), "force" in security.get(name, ())
        )
        for name, of in columns.items()
    }


def _isolates(text: str) -> bool:
    bodies = _ISOLATE_BODY.findall(text)
    return bool(bodies) and all(f"{what} row level security" in bodies[-1] for what in ("enable", "force"))


def _statements(text: str) -> list[tuple[int, str, re.Match[str]]]:
    kinds = (("create", _CREATE), ("drop", _DROP), ("rename", _RENAME), ("add", _ADD_COLUMN))
    return sorted(
        ((m.start(), verb, m) for verb, form in kinds for m in form.finditer(text)),
        key=lambda found: found[0],
    )


def _columns(text: str, start: int) -> set[str]:
    depth, piece, pieces = 1, "", []
    for character in text[start:]:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            pieces.append(piece)
            break
        if character == "," and depth == 1:
            pieces.append(piece)
            piece = ""
        else:
            piece += character
    else:
        raise ValueError("a create table is never closed")
    first_words = (re.match(rf"\s*{_NAME}", piece, re.I) for piece in pieces)
    return {found[1].lower() for found in first_words if found} - _NOT_A_COLUMN
