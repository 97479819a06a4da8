"""Writes the pages of docs/ that the code knows best: settings, needs, errors, routes and their needs, the OpenAPI document.

It reads the code and writes words; it decides nothing. `--check` writes nothing and fails when a table is stale.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a script, the folder above is not on the path

from tools.route_table import Way, application, ways  # noqa: E402  # after the path

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


def figures() -> str:
    """docs/operate/figures.md, from web/counts.py."""
    told = import_module("watchfloor.web.counts").FIGURES
    rows = [(f"`watchfloor_{name}`", sentence) for name, sentence in told.items()]
    head = (
        "# Figures\n\n"
        f"{_MADE}\n\n"
        "`GET /api/v1/metrics`, in Prometheus' form, for a collector on the center's machine: the server's own figures, and those\n"
        "of every other process, as the system tells them or as they keep them in PostgreSQL, NATS and this machine's spool.\n"
        "Nothing else has to be opened or scraped. They are gathered at most every two seconds, and are of all agencies together. No\n"
        "label names a plate, a person, a case or a thing: which camera it is\n"
        "`GET /api/v1/recordings/coverage` tells whoever may see it.\n\n"
        "Worth a call at night: `process_up` or `engine_up` 0 for a minute, `process_start_time_seconds` that changes again and\n"
        "again, `cameras` in another state than `live` by more than a few, `spool_oldest_age_seconds` over 900,\n"
        "`intake_oldest_age_seconds` over 30, any `spool_refused_rows`, `quarantined_messages` or `sweep_failing_steps`,\n"
        "`sweep_round_age_seconds` over 3600, `log_waiting_entries` that stays over 0. `watchfloor check` says what each means and\n"
        "what to do.\n\n"
    )
    return head + _table(("Figure", "What it says"), rows)


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


def matrix() -> str:
    """docs/oversight/matrix.md, from the needs that the routes say they ask for."""
    rows = [
        (f"`{way.method}`", f"`{way.path}`", _needs(way), _abroad(way))
        for way in ways(application())
        if way.in_document
    ]
    head = (
        "# Role x endpoint x agency\n\n"
        f"{_MADE}\n\n"
        "What each operation of the API asks of the door, and so what a role may do with it: [the table of needs](needs.md)\n"
        "says which roles a need is for. Whom none of them is for is answered 403 with the reason `role`; whoever is not signed\n"
        "in 401; a device has its own work and nothing else. An operation may still be refused for another reason: no\n"
        "authorisation, no purpose, somebody else's unit.\n\n"
        "A person of another agency, with every role there, is told of a thing of this one what is told of a thing that never\n"
        "was, word for word: 404 where its id is in the address, and in a body 404, 422, or 403 `case_unknown` for a case.\n"
        "Lists hold what is their own; where a page goes on (`after`), any id is only compared. The published files of the\n"
        "log are for everybody: their leaves hold ids, no names. One word is the whole center's: the name of an account, by\n"
        "which one signs in. Who invites somebody under a name that is taken is told that it is, and not by whom.\n\n"
        "This page promises nothing that is not asked: `tests/web/test_matrix.py` asks every operation as nobody, as each role,\n"
        "as devices, and as a person of another agency with every role, of real things of two agencies on one center. It holds\n"
        "what the door was asked against this table, searches all that came back from abroad for our ids and names, and\n"
        "compares every row before and after. It finds 0 leaks, or the build fails. Sockets are asked too: `/live` asks for\n"
        "`camera.live`, each list of `/events` for the need of its route. A new route enters both by itself.\n\n"
    )
    return head + _table(("Method", "Path", "Needs", "A thing of another agency"), rows)


def _needs(way: Way) -> str:
    if way.needs is None:
        return "none: for everybody"
    said = " and ".join(" or ".join(f"`{word}`" for word in either) for either in way.needs)
    return said or "none: whoever is signed in"


def _abroad(way: Way) -> str:
    if "person" not in way.who or "_id}" not in way.path:
        return ""
    return "404"


def document() -> str:
    """docs/design/openapi.json, from the assembled application."""
    return json.dumps(application().openapi(), indent=1, ensure_ascii=False) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "docs/operate/settings.md": settings,
    "docs/operate/errors.md": errors,
    "docs/oversight/needs.md": needs,
    "docs/oversight/matrix.md": matrix,
    "docs/operate/routes.md": routes,
    "docs/operate/figures.md": figures,
    "docs/design/openapi.json": document,
}


def stale(page: str) -> bool:
    """The page is not what the code says."""
    path = ROOT / page
    return not path.exists() or path.read_text() != PAGES[page]()


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
    behind = [page for page in PAGES if stale(page)]
    for page in behind:
        if not only_check:
            (ROOT / page).write_text(PAGES[page]())
        print(f"docs: {page} {'is stale; run make docs' if only_check else 'written'}")
    return 1 if only_check and behind else 0


if __name__ == "__main__":
    sys.exit(main())
