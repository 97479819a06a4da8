"""The spool as somebody sees it who only counts: what waits, what was refused, how old and how large."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from watchfloor.kit.ids import uuid7
from watchfloor.recordings.model import Gap, GapReason, Terms, us
from watchfloor.recordings.spool import Backlog, Spool, backlog

NOW = datetime(2026, 11, 22, 21, tzinfo=UTC)


def test_what_waits_in_all_spools_of_a_machine_is_counted_with_its_age(tmp_path: Path) -> None:
    assert backlog(tmp_path, NOW) == Backlog(0, 0, 0, 0.0)
    for recorder, waited_s in (("record", 40), ("record-2", 90)):
        spool = Spool.take(tmp_path, recorder)
        terms = Terms(UUID(int=1), UUID(int=2), 1, 1)
        gap = Gap(uuid7(NOW), UUID(int=3), terms, us(NOW), us(NOW) + 1, GapReason.RECORDER_DOWN)
        os.utime(spool.keep_row(gap), (0, NOW.timestamp() - waited_s))
        (spool.of_camera(UUID(int=3)) / "open.part").write_bytes(b"x" * 1000)
        spool.close()
    (tmp_path / "record" / "rows" / "cannot-be.bad").write_bytes(b"{}")
    assert backlog(tmp_path, NOW) == Backlog(2, 1, 2000, 90.0)
