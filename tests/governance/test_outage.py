"""What stays open while the database is away, and what says so: without a database at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from watchfloor.governance.grant import Grant
from watchfloor.governance.model import About, Actor, ActorKind, AgencyId, Allowed, Ask, EntryId
from watchfloor.governance.needs import Need
from watchfloor.governance.outage import Outage
from watchfloor.governance.spool import DecisionSpool
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.ids import uuid7

CLOCK = SystemClock()
AWAY = Unavailable("The database does not answer.", reason="database_away")


@pytest.mark.parametrize(
    ("need", "stays"),
    [(Need.CAMERA_LIVE, True), (Need.CAMERA_LENT, True), (Need.CAMERA_PLAYBACK, False)],
)
async def test_what_is_watched_or_lent_stays_and_the_spool_has_that_and_what_was_recorded_is_shut(
    tmp_path: Path, need: Need, stays: bool
) -> None:
    async def closed(grant: Grant, counts: Mapping[str, int]) -> None: ...

    now = CLOCK.now()
    actor = Actor(uuid7(now), ActorKind.PERSON, AgencyId(uuid7(now)), frozenset(need.roles))
    ask = Ask(actor, need, None, About("camera", uuid7(now)), TechnologyKind.FIXED_CAMERA)
    allowed = Allowed("authorised", "Allowed.", None, None)
    grant = Grant(uuid7(now), ask, EntryId(uuid7(now)), now + timedelta(minutes=5), allowed, closed)
    outage = Outage(CLOCK, DecisionSpool(tmp_path, b"k" * 32), {}, second_factor_required=False)
    for _ in range(2):
        await outage.without_database(actor.agency, [grant], AWAY)
    lines = _lines(tmp_path)
    told = [(line["entry"]["need"], line["entry"]["reason"], line["entry"]["cause"]) for line in lines]
    assert grant.ended.is_set() is not stays
    assert told == ([(need.word, "kept_in_outage", str(grant.entry))] if stays else [])


def _lines(spool: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for one in spool.glob("*.jsonl") for line in one.read_text().splitlines()]
