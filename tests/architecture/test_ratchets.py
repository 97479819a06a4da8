"""Lengths, broad excepts and Any in signatures: exceptions are listed with a reason and may only become fewer."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest

from tests.architecture import ratchet, rules
from tests.architecture.tree import PYTHON_FOLDERS, files, relative, sources


@cache
def measured() -> dict[str, dict[str, int]]:
    """What is true of the tree today, by kind."""
    length: dict[str, int] = {}
    for source in sources(*PYTHON_FOLDERS):
        length |= rules.overlong(source)
    for path in files("console/src", suffixes=(".svelte", ".ts")):
        if "generated" not in path.parts:
            length |= rules.overlong_text(relative(path), path.read_text())
    broad: dict[str, int] = {}
    signatures: dict[str, int] = {}
    for source in sources("src"):
        broad |= rules.broad_excepts(source)
        signatures |= dict.fromkeys(rules.any_in_signatures(source), 1)
    return {"length": length, "broad_except": broad, "any_in_signature": signatures}


@pytest.mark.parametrize("kind", ["length", "broad_except", "any_in_signature"])
def test_the_exceptions_are_those_listed_and_no_larger(kind: str) -> None:
    assert ratchet.judge(measured()[kind], ratchet.entries(kind)) == []


def test_the_list_of_exceptions_only_became_shorter() -> None:
    wrong = [
        entry for older, newer in pairwise(ratchet.versions()) for entry in ratchet.turned_back(older, newer)
    ]
    assert wrong == []
