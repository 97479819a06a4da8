"""Writes the tables of docs/ that the code knows best: settings, needs, error kinds, routes.

It reads the code and writes words; it decides nothing. `--check` writes nothing and fails when a table is stale.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, fields
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a script, the folder above is not on the path

from tools.route_table import APPLICATION, application, ways  # noqa: E402  # after the path

_MADE = (
    "<!-- Written by tools/docs_tables.py from the code (`make docs`). Change the code, not this file. -->"
)


def settings() -> str:
    """docs/operate/settings.md, from settings.py."""
    module = import_module("watchfloor.settings")
    parts = [
        "# Settings\n",
        _MADE,
        "\nSettings are read once at start: the default, then `config.toml` in the data directory,",
        "then the environment.",
        "A secret is never a setting; a setting names the file that holds it. `watchfloor check` says which value is",
        "wrong and why. An unknown name is an error, so a misspelt setting cannot be passed over.\n",
    ]
    for section, kind in module.SECTIONS.items():
        parts.append(f"## [{section}]\n\n{(kind.__doc__ or '').strip()}\n")
        rows = [
            (
                f"`{f.name}`",
                f"`{module.PREFIX}{section.upper()}__{f.name.upper()}`",
                "" if f.default is MISSING else _value(f.default),
                f.metadata["sentence"],
            )
            for f in fields(kind)
        ]
        parts.append(_table(("Name", "In the environment", "Default", "What it says"), rows))
    return "\n".join(parts)


def needs() -> str:
    """docs/oversight/needs.md, from governance/needs.py."""
    need = import_module("watchfloor.governance.needs").Need
    rows = [
        (
            f"`{n.word}`",
            n.sentence,
            ", ".join(sorted(str(role) for role in n.roles)),
            _yes(n.with_technology),
            _yes(n.with_purpose),
        )
        for n in need
    ]
    head = (
        "# Needs\n\n"
        f"{_MADE}\n\n"
        "A need is what somebody wants from the door. Whoever asks says the need; the door checks the role, the\n"
        "authorisation of the technology where one is required, and purpose and case where those are. What is not in\n"
        "this table cannot be asked for.\n\n"
    )
    columns = ("Need", "What it is for", "Who may ask", "Authorisation required", "Purpose and case required")
    return head + _table(columns, rows)


def errors() -> str:
    """docs/operate/errors.md, from kit/errors.py."""
    kind = import_module("watchfloor.kit.errors").Kind
    rows = [(f"`{k.word}`", k.sentence) for k in kind]
    head = (
        "# Error kinds\n\n"
        f"{_MADE}\n\n"
        "Every expected failure has one of these kinds. It stands in the field `kind` of the answer\n"
        "(`application/problem+json`) beside `reason`, `detail`, `next_step` and `request_id`. Anything else is a\n"
        "fault of ours: report it with its `request_id`.\n\n"
    )
    return head + _table(("Kind", "What it means"), rows)


def routes() -> str:
    """docs/operate/routes.md, from the assembled application."""
    rows = [(f"`{way.method}`", f"`{way.path}`", way.words, way.who) for way in ways(application())]
    head = (
        "# Routes\n\n"
        f"{_MADE}\n\n"
        "The whole public API; the console uses nothing else. Being let in is not being allowed: what a person or\n"
        "device may do is the door's to say, by [need](../oversight/needs.md). A socket looks at session and Origin\n"
        "by itself.\n\n"
    )
    return head + _table(("Method", "Path", "What it does", "Who is let in"), rows)


PAGES: dict[str, tuple[str, Callable[[], str]]] = {
    "docs/operate/settings.md": ("watchfloor.settings", settings),
    "docs/operate/errors.md": ("watchfloor.kit.errors", errors),
    "docs/oversight/needs.md": ("watchfloor.governance.needs", needs),
    "docs/operate/routes.md": (APPLICATION, routes),
}


def exists(module: str) -> bool:
    """The module a page is written from is there."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def stale(page: str) -> bool:
    """The page is not what the code says."""
    path = ROOT / page
    return not path.exists() or path.read_text() != PAGES[page][1]()


def _value(value: object) -> str:
    return "empty" if value == "" else f"`{value}`"


def _yes(is_so: object) -> str:
    return "yes" if is_so else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return (
        "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
        + "\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")
    only_check = parser.parse_args().check
    behind = [page for page, (module, _) in PAGES.items() if exists(module) and stale(page)]
    for page in behind:
        if not only_check:
            (ROOT / page).write_text(PAGES[page][1]())
        print(f"docs: {page} {'is stale; run make docs' if only_check else 'written'}")
    return 1 if only_check and behind else 0


if __name__ == "__main__":
    sys.exit(main())
