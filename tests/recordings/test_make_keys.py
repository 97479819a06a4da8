"""Day keys are there before the day is, so that no camera waits for a disk at midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from tests.recordings.footage import CAMERA
from watchfloor.recordings.keystore import Keystore
from watchfloor.recordings.make_keys import KeysAhead

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATE = datetime(2026, 11, 22, 23, 50, tzinfo=UTC)


def test_tomorrows_key_is_made_before_midnight_and_not_at_noon(tmp_path: Path) -> None:
    keystore = Keystore(tmp_path / "keystore", b"w" * 32)
    ahead = KeysAhead(keystore)
    ahead.make(ahead.wanted([(CAMERA, 3)], NOON))
    assert list(keystore.days()) == [(3, date(2026, 11, 22))]
    ahead.make(ahead.wanted([(CAMERA, 3)], LATE))
    assert sorted(keystore.days()) == [(3, date(2026, 11, 22)), (3, date(2026, 11, 23))]
    assert keystore.keys(3, date(2026, 11, 23)) == [CAMERA]


def test_a_key_that_is_there_is_not_asked_for_again_but_another_rules_is(tmp_path: Path) -> None:
    ahead = KeysAhead(Keystore(tmp_path / "keystore", b"w" * 32))
    ahead.make(ahead.wanted([(CAMERA, 3)], NOON))
    assert ahead.wanted([(CAMERA, 3)], NOON) == set()
    assert ahead.wanted([(CAMERA, 4)], NOON) == {(CAMERA, 4, date(2026, 11, 22))}


def test_a_day_that_is_destroyed_gets_no_key_and_keeps_no_other_from_its_own(tmp_path: Path) -> None:
    keystore = Keystore(tmp_path / "keystore", b"w" * 32)
    keystore.destroy(3, NOON.date(), NOON)
    ahead = KeysAhead(keystore)
    ahead.make(ahead.wanted([(CAMERA, 3), (CAMERA, 4)], NOON))
    assert keystore.keys(3, NOON.date()) == []
    assert keystore.keys(4, NOON.date()) == [CAMERA]
