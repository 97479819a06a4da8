"""An entry in words: what a machine did is told as a machine's, also of entries made before a leaf said so."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from watchfloor.cameras.partners import lendings
from watchfloor.governance import authorise, tell
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import acted_by, make_entry
from watchfloor.governance.model import Actor, ActorKind, AgencyId
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.ids import uuid7
from watchfloor.owners import seal
from watchfloor.plates import budgets, co_travel, file_kinds, hot_lists, watches

SOURCES = Path(tell.__file__).parents[1]
NOW = SystemClock().now()
AGENCY = AgencyId(uuid7(NOW))


def leaf(actor: Actor, reason: str, *, told: bool) -> dict[str, Json]:
    """What a leaf of an effect says of this; `told` is whether it says what sort of actor it was, as leaves do by now."""
    kept: dict[str, Json] = {
        "v": 1,
        "kind": "effect",
        "actor": str(actor.id),
        "agency": str(AGENCY),
        "reason": reason,
    }
    return kept | (acted_by(actor.machine) if told else {})


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize(
    ("process", "reason", "sentence"),
    [
        ("sense", "plates.hit", "The matcher of plate reads found a read that matches a hot-list entry."),
        ("sense", "alert.raised", "The matcher of plate reads raised an alert."),
        ("sense", "alert.seen_again", "The matcher of plate reads added another hit to an alert."),
        ("sweep", "retention.forgotten", "The sweep forgot what was past its retention, with a receipt."),
        ("serve", "sign_in.opened", "The server let a person sign in."),
    ],
)
def test_what_a_process_did_is_told_as_its_own(process: str, reason: str, sentence: str, told: bool) -> None:
    kept = leaf(process_actor(AGENCY, process), reason, told=told)
    assert tell.actor_kind(kept) == "process"
    assert tell.sentence_of(kept, None, UTC) == sentence


def test_a_device_is_called_by_its_name_and_a_person_by_theirs() -> None:
    device = Actor(uuid7(NOW), ActorKind.DEVICE, AGENCY, frozenset(), name="Locator 3142")
    person = Actor(uuid7(NOW), ActorKind.PERSON, AGENCY, frozenset(), name="A. Reyes")
    assert (
        tell.sentence_of(leaf(device, "unit.created", told=True), None, UTC) == "Locator 3142 created a unit."
    )
    kept = leaf(person, "camera.registered", told=True)
    assert "A. Reyes" not in str(kept) and tell.machine_name(kept, "A. Reyes") is None
    assert tell.sentence_of(kept, "A. Reyes", UTC) == "A. Reyes registered a camera."
    assert tell.sentence_of(kept, None, UTC) == "Somebody registered a camera."
    assert (
        tell.sentence_of(leaf(person, "of.an_older_version", told=False), None, UTC)
        == "Somebody: of an older version."
    )


def test_the_name_of_a_machine_is_part_of_what_is_hashed() -> None:
    more = acted_by(process_actor(AGENCY, "sense").machine)
    made = make_entry(
        "effect", agency=AGENCY, actor=AGENCY, now=NOW, result="done", reason="plates.hit", more=more
    )
    assert b'"actor_kind":"process","agency"' in made.leaf and b'"asker":"sense"' in made.leaf


def effects() -> Iterator[str]:
    """The name of every effect that the code writes, but for those made of parts."""
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "effect":
                for said in ast.walk(node.args[1]):
                    if isinstance(said, ast.Constant) and "." in str(said.value).strip("."):
                        yield str(said.value)


def test_every_effect_has_its_words() -> None:
    ours = (hot_lists.KIND, file_kinds.KIND, budgets.KIND, watches.KIND, co_travel.KIND)
    acts = (*authorise.ACTS, seal.KIND, lendings.KIND, *ours)
    made_of_parts = [f"{kind}.{what}" for kind in acts for what in ("proposed", "approved", "refused")]
    states = [f"assignment.{state}" for state in ("accepted", "en_route", "on_scene", "cleared", "cancelled")]
    states += [f"export.{state}" for state in ("failed", "stopped", "proposed", "approved", "refused")]
    states += [f"co_travel.{state}" for state in ("failed", "stopped")]
    # What an owner does, and where a camera was turned, is said by one function each.
    owners = ("agreed", "changed", "no", "offered", "resumed", "revoked", "suspended", "yes")
    states += [*(f"agreement.{what}" for what in owners), "camera.went_home", "camera.not_turned"]
    found = {*effects(), *made_of_parts, *states, "hold.due_soon", "hold.lapsed", "spool.line_refused"}
    assert len(found) > 70
    assert found == set(tell.DEEDS)
