"""An export says of a camera whose footage is kept at its site that it is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.cameras.test_outages import AT, camera
from watchfloor.cameras.details import FootageKept
from watchfloor.evidence.model import AT_SITE, MAY_BE_AT_SITE, holes, known_of
from watchfloor.recordings.coverage import NOT_BEGUN, UNKNOWN
from watchfloor.recordings.model import us
from watchfloor.recordings.play import Range


def test_what_is_kept_at_its_site_is_missing_for_that_reason_and_no_other() -> None:
    one = replace(camera(1), created_at=AT)
    begin, end = us(AT - timedelta(hours=1)), us(AT + timedelta(hours=3))
    for kept, why in (
        (FootageKept.AT_SITE, AT_SITE),
        (FootageKept.BOTH, MAY_BE_AT_SITE),
        (FootageKept.HERE, UNKNOWN),
    ):
        known = known_of(replace(one, details=replace(one.details, footage_kept=kept)))
        recorded = [Range(us(AT + timedelta(hours=1)), end, 1)]
        (hole,) = holes(recorded, known, [], [], begin_us=us(AT), end_us=end)
        assert hole.reason == why
        (hole,) = holes(recorded, known, [], [], begin_us=begin, end_us=us(AT))
        assert hole.reason == NOT_BEGUN
