"""What `watchfloor check` says of retention, asked of a real database as the sweep's role and through the door."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.sweep.conftest import Night
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.layout import Layout
from watchfloor.engines.look import look
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.sure import sure
from watchfloor.sweep.prove import Oldest
from watchfloor.wiring.check import Retention, retention


@pytest.fixture
def endpoints(night: Night, tmp_path: Path) -> Endpoints:
    """A data directory that points at the night's database."""
    layout = Layout.of(tmp_path / "data")
    layout.prepare()
    parts = {name: str(value) for name, value in conninfo_to_dict(night.dsns.sweep).items()}
    (layout.keys / "postgres.wf_sweep").write_text(parts.pop("password") + "\n")
    parts.pop("user")
    return Endpoints(
        layout.data, "", "", make_conninfo("", **parts), nats="", mqtt=None, runtime=layout.runtime
    )


async def test_the_oldest_of_each_kind_is_said_with_how_long_it_may_be_kept(
    night: Night, endpoints: Endpoints
) -> None:
    clock = SystemClock()
    assert sure(await retention(endpoints, clock)).lines() == [
        "What is kept has not been listed yet: the sweep does so once a day."
    ]
    await night.make_days("plate_read", [3])
    await night.owner("insert into job (id, kind, agency_id, payload, run_at, attempts, progress, done_at) values"
                      " (gen_random_uuid(), 'retention.oldest', %(agency)s, '{\"plate_read\": \"2026-11-01\"}', %(at)s, 0, 1, %(at)s)"
                      " returning id", agency=night.agency, at=night.clock.now())  # fmt: skip
    found = sure(await retention(endpoints, clock))
    assert found.lines()[1:] == ["  plate_read: since 2026-11-01, kept 30 days"]
    assert found.as_json()["oldest"] == [
        {"what": "plate_read", "day": "2026-11-01", "keep_for_days": 30, "keep_for_minutes": None}
    ]
    brief = Retention(oldest=[Oldest("plate_read", date(2026, 11, 1), timedelta(minutes=3))]).as_json()[
        "oldest"
    ]
    assert brief == [
        {"what": "plate_read", "day": "2026-11-01", "keep_for_days": None, "keep_for_minutes": 3}
    ]


async def test_a_dead_sweep_and_a_step_that_fails_are_said_once_and_in_their_own_words(
    night: Night, endpoints: Endpoints
) -> None:
    clock = SystemClock()
    await night.sweep.round(night.agency)
    await night.owner("update job set run_at = now() where kind = 'retention.round' returning id")
    await night.owner("update job set run_at = now() where kind = 'retention.oldest' returning id")
    assert sure(await retention(endpoints, clock)).findings == []
    await night.owner(
        "update job set run_at = now() - interval '2 hours' where kind = 'retention.round' returning id"
    )
    await night.owner(
        "insert into job (id, kind, agency_id, payload, run_at, attempts, progress, error, unique_key) values"
        " (gen_random_uuid(), 'retention.alarm', %(agency)s, '{\"what\": \"rows of alert\"}', now(), 9, 0, 'no room', 'a')"
        " returning id",
        agency=night.agency,
    )
    sweep, failing = sure(await retention(endpoints, clock)).findings
    assert sweep.what.startswith("The sweep has ended no round since")
    assert sweep.so_what.startswith("Nothing is forgotten on time")
    assert failing.what.startswith("Forgetting fails: rows of alert: no room (since ")
    assert failing.so_what.endswith("It is tried again each minute.")
    assert (await look(night.database, now=clock.now())).jobs_stuck == ()


async def test_a_timer_that_nobody_does_is_late(night: Night) -> None:
    now = SystemClock().now()
    assert (await look(night.database, now=now)).jobs_late == (0, None)
    (row,) = await night.owner(
        "insert into job (id, kind, agency_id, payload, run_at, attempts, progress) values"
        " (gen_random_uuid(), 'hold.warn', %(agency)s, '{}', %(now)s - interval '11 minutes', 0, 0) returning run_at",
        agency=night.agency,
        now=now,
    )
    assert (await look(night.database, now=now)).jobs_late == (1, row["run_at"])
