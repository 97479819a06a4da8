"""What the console calls a proof rests on the log's key: a forged, foreign or damaged log is said to be one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ledger.paper import FOREIGN, NAME, OURS, Paper, leaf, leaves
from watchfloor.governance.checkpoint import Checkpoint
from watchfloor.governance.prove import prove
from watchfloor.governance.tiles import tile_at
from watchfloor.ledger.key import Signer


@pytest.fixture
def log(tmp_path: Path) -> Paper:
    made = Paper(tmp_path)
    made.write(leaves(300))
    return made


def test_an_entry_that_the_signed_tree_holds_is_included(log: Paper) -> None:
    proof = prove(log.root, 17, leaf(17))
    assert (proof.state, proof.tree_size, proof.trouble) == ("included", 300, None)
    assert prove(log.root, 300, leaf(300)).state == "waiting"
    assert prove(log.root, None, leaf(1)).state == "waiting"


def test_a_checkpoint_signed_by_another_key_proves_nothing(log: Paper) -> None:
    key = (log.root / "key.pub").read_bytes()
    log.write([leaf(n, reason="never said") for n in range(300)], FOREIGN)
    (log.root / "key.pub").write_bytes(key)
    proof = prove(log.root, 17, leaf(17, reason="never said"))
    assert proof.state == "broken"
    assert "not signed by the key" in str(proof.trouble)


def test_a_checkpoint_whose_text_was_changed_proves_nothing(log: Paper) -> None:
    log.put(log.root / "checkpoint", log.note.replace(b"\n300\n", b"\n299\n"))
    proof = prove(log.root, 17, leaf(17))
    assert proof.state == "broken"
    assert "does not fit the text" in str(proof.trouble)


def test_the_checkpoint_of_another_log_proves_nothing(log: Paper) -> None:
    other = Signer("other.example/log", OURS.private)
    opened = Checkpoint.parse(log.note.decode().partition("\n\n")[0] + "\n")
    forged = Checkpoint(NAME, opened.size, opened.root)
    log.put(log.root / "checkpoint", other.sign(forged))
    assert prove(log.root, 17, leaf(17)).state == "broken"


def test_an_entry_that_the_database_has_otherwise_is_said_not_to_be_in_the_log(log: Paper) -> None:
    proof = prove(log.root, 17, leaf(17, reason="changed afterwards"))
    assert proof.state == "broken"
    assert "does not hold entry 17" in str(proof.trouble)


def test_a_log_whose_files_are_gone_is_said_to_be_broken(log: Paper) -> None:
    (log.root / tile_at(0, 0, 300).path).unlink()
    assert prove(log.root, 17, leaf(17)).state == "broken"
    (log.root / "key.pub").unlink()
    assert prove(log.root, 17, leaf(17)).state == "broken"
