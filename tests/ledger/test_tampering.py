"""Everything that can be done to a log behind its back, done, and counted how much of it an outsider finds."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from tests.fixtures.counts import Counted
from tests.ledger.paper import FOREIGN, OURS, Paper, leaf, leaves
from watchfloor.governance.checkpoint import open_checkpoint
from watchfloor.governance.tiles import decode_bundle, encode_bundle
from watchfloor.ledger.report import NO_ROLLBACK_PROOF, Outside, Report, Verdict
from watchfloor.ledger.restored import restore_of
from watchfloor.ledger.source import Folder
from watchfloor.ledger.verify import verify


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper(tmp_path / "log")


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Paper]:
    """Where an attacker prepares his version of the log."""
    path = tmp_path / "other"
    yield Paper(path)


def tampered(report: Report) -> bool:
    return report.verdict is Verdict.TAMPERED and bool(report.findings)


def start_anew(paper: Paper) -> Paper:
    shutil.rmtree(paper.root, ignore_errors=True)
    return paper


def restored(number: int, **said: object) -> bytes:
    """An entry that owns up to a restore, or pretends to."""
    root = base64.b64encode(bytes(range(32))).decode()
    told: dict[str, object] = {"kind": "restore", "size": 3, "lost_to": 5, "lost_root": root}
    return leaf(number, **(told | said))


def test_every_flipped_byte_of_a_log_that_was_restored_is_found(paper: Paper, counted: Counted) -> None:
    told = restore_of(restored(4))
    assert told is not None
    paper.write([*leaves(4), restored(4), *leaves(2)], extensions=(told.line,))
    assert paper.verify().verdict is Verdict.RESTORED
    found = tried = 0
    for path, content in paper.contents().items():
        if path.name == "key.pub":
            continue
        for at in range(len(content)):
            changed = bytearray(content)
            changed[at] ^= 1 << (at % 8)
            paper.put(path, bytes(changed))
            tried += 1
            found += tampered(paper.verify())
        paper.put(path, content)
    counted(f"flipped bytes of a log with a restore: found {found} of {tried}")
    assert found == tried > 2000


@pytest.mark.parametrize(
    "said",
    [
        {"size": "30 50 AAAA\nx"},
        {"size": -1},
        {"size": True},
        {"size": 1 << 70},
        {"lost_to": [5]},
        {"lost_root": "AAAA"},
        {"lost_root": 7},
        {"at": None},
        {"size": None, "lost_to": None, "lost_root": None},
    ],
)
def test_an_entry_that_only_looks_like_a_restores_says_nothing_and_stops_nothing(
    paper: Paper, said: dict[str, object]
) -> None:
    assert restore_of(restored(4, **said)) is None
    paper.write([*leaves(4), restored(4, **said)])
    assert paper.verify().verdict is Verdict.VERIFIED


def test_a_restore_that_no_checkpoint_signs_for_counts_for_nothing(paper: Paper) -> None:
    """Whoever can write any entry but a restore's may put its words into another kind's."""
    earlier = paper.write(leaves(4))
    paper.write([*leaves(4), restored(4)])
    report = paper.verify(earlier)
    assert (report.verdict, list(report.restores)) == (Verdict.VERIFIED, [])


def test_who_has_the_database_and_the_key_can_feign_a_restore_and_the_answer_asks_for_its_note(
    paper: Paper, counted: Counted
) -> None:
    """Entries are thrown away and a restore is told that never was: never "verified" to who holds the old checkpoint."""
    held = paper.write(leaves(9))
    lost = open_checkpoint(held, OURS.key)
    feigned = restored(4, size=4, lost_to=9, lost_root=base64.b64encode(lost.root).decode())
    told = restore_of(feigned)
    assert told is not None
    start_anew(paper).write([*leaves(4), feigned], extensions=(told.line,))
    report = paper.verify(held)
    assert report.verdict is Verdict.RESTORED
    assert "restored from a backup at size 4" in report.restores[0].sentence
    counted("a feigned restore by who has database and key: said to be a restore, with what is lost, 1 of 1")


def test_every_flipped_byte_of_entries_tiles_and_checkpoint_is_found(paper: Paper, counted: Counted) -> None:
    paper.write(leaves(12))
    assert paper.verify().verdict is Verdict.VERIFIED
    found = tried = 0
    for path, content in paper.contents().items():
        if path.name == "key.pub":
            continue  # the outsider has the key already; see the test of a replaced key
        for at in range(len(content)):
            changed = bytearray(content)
            changed[at] ^= 1 << (at % 8)
            paper.put(path, bytes(changed))
            tried += 1
            found += tampered(paper.verify())
        paper.put(path, content)
    counted(f"flipped bytes of 12 entries, their tile and checkpoint: found {found} of {tried}")
    assert found == tried > 5000
    assert paper.verify().verdict is Verdict.VERIFIED


def test_flipped_bytes_of_every_file_of_a_larger_log_are_found(paper: Paper, counted: Counted) -> None:
    paper.write(leaves(1100))
    found = tried = 0
    for path, content in paper.contents().items():
        if path.name == "key.pub":
            continue
        for at in range(0, len(content), max(1, len(content) // 8)):
            changed = bytearray(content)
            changed[at] ^= 0x20
            paper.put(path, bytes(changed))
            tried += 1
            found += tampered(paper.verify())
        paper.put(path, content)
    counted(f"flipped bytes in each file of 1,100 entries: found {found} of {tried}")
    assert found == tried > 90


def test_the_changed_entry_is_named(paper: Paper) -> None:
    paper.write(leaves(600))
    path = paper.root / "tile/entries/001"
    entries = decode_bundle(path.read_bytes())
    entries[300 - 256] = entries[300 - 256].replace(b"violent_crime", b"missing_perso")
    paper.put(path, encode_bundle(entries))
    report = paper.verify()
    assert report.verdict is Verdict.TAMPERED
    assert [(f.what, f.first) for f in report.findings] == [("entry_changed", 300), ("root_differs", None)]
    assert "Entry 300 is not the one that was signed." in report.findings[0].sentence


def test_a_changed_hash_is_told_from_a_changed_entry(paper: Paper) -> None:
    paper.write(leaves(600))
    path = paper.root / "tile/0/001"
    content = bytearray(path.read_bytes())
    content[44 * 32] ^= 1
    paper.put(path, bytes(content))
    report = paper.verify()
    assert [(f.what, f.first) for f in report.findings] == [("tile_changed", 300)]
    assert "the entry itself is as signed" in report.findings[0].sentence


def test_every_removed_file_is_found(paper: Paper, counted: Counted) -> None:
    paper.write(leaves(1100))
    found = tried = 0
    for path, content in paper.contents().items():
        if path.name in ("key.pub", "checkpoint"):
            continue
        path.unlink()
        tried += 1
        found += tampered(paper.verify())
        path.write_bytes(content)
    counted(f"files removed from a log of 1,100 entries: found {found} of {tried}")
    assert found == tried == 11
    (paper.root / "checkpoint").unlink()
    assert paper.verify().verdict is Verdict.UNKNOWN


def put_unsigned(paper: Paper, other: Paper, entries: list[bytes]) -> Report:
    """All files made anew to fit these entries; the checkpoint stays, for the attacker has no key."""
    note = paper.note
    start_anew(other).write(entries)
    (other.root / "checkpoint").write_bytes(note)
    return other.verify()


def test_every_entry_removed_without_the_key_is_found(paper: Paper, other: Paper, counted: Counted) -> None:
    entries = leaves(60)
    paper.write(entries)
    reports = [put_unsigned(paper, other, entries[:at] + entries[at + 1 :]) for at in range(60)]
    found = sum(map(tampered, reports))
    counted(f"entries removed, all files made to fit: found {found} of {len(reports)}")
    assert found == 60


def test_every_two_entries_exchanged_without_the_key_are_found(
    paper: Paper, other: Paper, counted: Counted
) -> None:
    entries = leaves(24)
    paper.write(entries)
    found = tried = 0
    for first, second in combinations(range(24), 2):
        swapped = list(entries)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        tried += 1
        found += tampered(put_unsigned(paper, other, swapped))
    counted(f"pairs of entries exchanged: found {found} of {tried}")
    assert found == tried == 276


def test_entries_put_in_between_or_twice_without_the_key_are_found(
    paper: Paper, other: Paper, counted: Counted
) -> None:
    entries = leaves(40)
    paper.write(entries)
    versions = [[*entries[:at], leaf(1000), *entries[at:]] for at in range(41)]
    versions += [[*entries[: at + 1], *entries[at:]] for at in range(40)]
    found = sum(tampered(put_unsigned(paper, other, version)) for version in versions)
    counted(f"entries put in between, or doubled: found {found} of {len(versions)}")
    assert found == len(versions)


def test_every_tail_cut_off_without_the_key_is_found(paper: Paper, other: Paper, counted: Counted) -> None:
    entries = leaves(300)
    paper.write(entries)
    sizes = [*range(1, 40), 255, 256, 257, 298, 299]
    found = sum(tampered(put_unsigned(paper, other, entries[:size])) for size in sizes)
    counted(f"tails cut off: found {found} of {len(sizes)}")
    assert found == len(sizes)


def test_a_log_rolled_back_to_a_backup_is_found_by_a_later_checkpoint_kept_outside(
    paper: Paper, other: Paper, counted: Counted
) -> None:
    entries = leaves(300)
    kept = paper.write(entries)
    found = tried = undetectable = 0
    for size in [*range(0, 300, 7), 255, 256, 257, 299]:
        start_anew(other).write(entries[:size])  # an honest older state, honestly signed at its time
        tried += 1
        report = other.verify(kept)
        found += tampered(report)
        assert [f.what for f in report.findings] == ["rolled_back"]
        alone = other.verify()
        undetectable += alone.verdict is Verdict.VERIFIED and alone.rollback == NO_ROLLBACK_PROOF
    counted(
        f"roll-back to an older backup: found {found} of {tried} with a checkpoint kept outside;"
        f" without one, {undetectable} of {tried} say that roll-back cannot be excluded"
    )
    assert found == undetectable == tried


def test_two_logs_shown_to_two_people_are_found_when_they_compare(
    paper: Paper, other: Paper, counted: Counted
) -> None:
    entries = leaves(50)
    paper.write(entries)
    found = 0
    for at in range(50):
        shown = list(entries)
        shown[at] = leaf(at, result="refused")
        report = paper.verify(start_anew(other).write(shown))
        found += tampered(report)
        assert [f.what for f in report.findings] == ["split_view"]
    counted(f"split views of the same size: found {found} of 50")
    assert found == 50


def test_history_rewritten_with_database_and_key_is_found_with_an_outside_checkpoint_alone(
    paper: Paper, other: Paper, counted: Counted
) -> None:
    """The attacker has everything: he changes any entry, makes every file fit and signs with the log's own key."""
    entries = leaves(70)
    kept = paper.write(entries[:60])
    found = honest = 0
    for at in range(60):
        rewritten = list(entries)
        rewritten[at] = leaf(at, reason="ordered by the chief")
        start_anew(other).write(rewritten)
        report = other.verify(kept)
        found += tampered(report)
        assert [f.what for f in report.findings] == ["rewritten"]
        alone = other.verify()
        honest += alone.verdict is Verdict.VERIFIED and alone.rollback == NO_ROLLBACK_PROOF
    counted(
        f"history rewritten by who holds database and key: found {found} of 60 with a checkpoint kept outside;"
        f" without one, {honest} of 60 say that roll-back cannot be excluded"
    )
    assert found == honest == 60


def test_what_was_rewritten_after_the_outside_checkpoint_is_not_claimed_to_be_known(
    paper: Paper, other: Paper
) -> None:
    entries = leaves(70)
    kept = paper.write(entries[:60])
    entries[65] = leaf(65, result="refused")
    other.write(entries)
    report = other.verify(kept)
    assert report.verdict is Verdict.VERIFIED
    assert report.rollback == "excluded for the first 60 entries"


def test_a_log_signed_anew_with_another_key_is_found_by_who_has_the_first(paper: Paper) -> None:
    kept = paper.write(leaves(10))
    start_anew(paper).write([leaf(n, result="refused") for n in range(10)], FOREIGN)
    assert tampered(paper.verify())
    # Who takes the key from the log itself cannot call it tampered, but is told that the old checkpoint does not fit.
    report = verify(Folder(paper.root), checkpoints=[Outside("kept", kept)])
    assert report.verdict is Verdict.UNKNOWN
    assert "the log's key was replaced" in report.unknown[0]


def test_the_same_log_grown_honestly_fits_every_checkpoint_it_ever_had(
    paper: Paper, counted: Counted
) -> None:
    entries = leaves(520)
    kept = [start_anew(paper).write(entries[:size]) for size in range(0, 520, 13)]
    start_anew(paper).write(entries)
    report = paper.verify(*kept)
    assert report.verdict is Verdict.VERIFIED
    assert all(h.fits for h in report.held)
    assert report.rollback == "excluded for the first 507 entries"
    counted(f"honest growth: {len(kept)} of {len(kept)} earlier checkpoints fit, 0 false alarms")
    assert OURS.key == report.key
