"""The exceptions we live with, which may only become fewer. It reads the list; it never adds to it.

`ratchet.json` names each exception with its size and why it stands. A test fails when one is missing from the list,
when one grew, and when one shrank without the list following. `python -m tests.architecture.ratchet` lowers the list
to what is true today. Across commits no entry may be added or raised while `baseline` stays the same number; whoever
raises that number changes a rule and says why in the same commit.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any, cast

from tests.architecture.tree import ROOT

PATH = ROOT / "tests/architecture/ratchet.json"

Sizes = Mapping[str, int]


def entries(kind: str) -> dict[str, int]:
    """The allowed sizes of one kind. Raises ValueError for an entry that gives no reason."""
    document = json.loads(PATH.read_text())
    for name, entry in document[kind].items():
        if not str(entry.get("why", "")).strip():
            raise ValueError(f"{PATH.name}: {kind}: {name} gives no reason")
    return {name: int(entry["size"]) for name, entry in document[kind].items()}


def judge(found: Sizes, allowed: Sizes) -> list[str]:
    """What turns the ratchet the wrong way, and what has come down and must be written down."""
    wrong = []
    for name, size in found.items():
        if name not in allowed:
            wrong.append(f"{name}: {size}, and it is not a listed exception")
        elif size > allowed[name]:
            wrong.append(f"{name}: grew from {allowed[name]} to {size}")
    for name, size in allowed.items():
        if found.get(name, 0) < size:
            wrong.append(
                f"{name}: is down from {size} to {found.get(name, 0)}; lower the list (make ratchet)"
            )
    return wrong


def turned_back(older: Mapping[str, Any], newer: Mapping[str, Any]) -> list[str]:
    """Entries added or raised from one version of the list to the next, under the same baseline."""
    # The first list that names anything is where counting begins.
    begun = any(isinstance(entries, Mapping) and entries for entries in older.values())
    if older.get("baseline") != newer.get("baseline") or not begun:
        return []
    wrong = []
    for kind in sorted(older.keys() | newer.keys()):
        before, after = older.get(kind), newer.get(kind)
        if isinstance(after, Mapping):
            before = before if isinstance(before, Mapping) else {}
            wrong += [
                f"{kind}: {name}"
                for name, entry in after.items()
                if name not in before or entry["size"] > before[name]["size"]
            ]
    return wrong


def versions() -> list[Mapping[str, Any]]:
    """The list as each commit had it, oldest first, and as it is now. Only the present one where git cannot say."""
    here = PATH.relative_to(ROOT).as_posix()
    past = []
    for commit in reversed(_git("log", "--format=%H", "--", here).split()):
        text = _git("show", f"{commit}:{here}")
        if text:
            past.append(cast("Mapping[str, Any]", json.loads(text)))
    return [*past, json.loads(PATH.read_text())]


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def lower(document: dict[str, Any], found: Mapping[str, Sizes]) -> dict[str, Any]:
    """The list with every entry brought down to what is true, those that are gone left out; nothing is added."""
    for kind, sizes in found.items():
        document[kind] = {
            name: entry | {"size": min(entry["size"], sizes[name])}
            for name, entry in sorted(document[kind].items())
            if name in sizes
        }
    return document


def main() -> None:
    from tests.architecture.test_ratchets import measured

    document = lower(json.loads(PATH.read_text()), measured())
    PATH.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
