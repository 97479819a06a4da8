"""What is kept since when, as those who answer for it see it, and as a collector does."""

from __future__ import annotations

from datetime import timedelta

import psycopg

from tests.fixtures.center import CenterMaker
from watchfloor.governance.actors import process_actor
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.sweep import api
from watchfloor.wiring.figures import of_retention


async def test_what_is_kept_is_seen_by_those_who_answer_for_it_and_by_nobody_else(
    center: CenterMaker, owner_dsn: str
) -> None:
    async with center(routers=lambda parts: [api.routes(parts.door)]) as web:
        auditor, analyst = await web.person("auditor"), await web.person("analyst")
        assert (await auditor.get("/api/v1/retention")).json() == {
            "listed_at": None,
            "oldest": [],
            "alarms": [],
            "short_proven_at": None,
            "short_minutes": 3,
            "canaries": [],
        }
        await web.authorise("fixed_camera")
        now = web.parts.clock.now()
        day = (now - timedelta(days=3)).date().isoformat()
        async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
            await owner.execute(
                "insert into job (id, kind, agency_id, payload, run_at, attempts, progress, done_at) select gen_random_uuid(),"
                " 'retention.oldest', %s, jsonb_build_object('files of footage under rule ' || rule, %s::text), %s, 0, 1, %s"
                " from retention_rule",
                (web.parts.agency, day, now, now),
            )
        seen = (await auditor.get("/api/v1/retention")).json()
        (oldest,) = seen["oldest"]
        assert (oldest["day"], seen["alarms"]) == (day, []) and oldest["kept_days"] >= 1
        assert (await analyst.get("/api/v1/retention")).status_code == 403
        async with web.parts.door.open(
            Ask(process_actor(web.parts.agency, "serve"), Need.RETENTION_LOOK)
        ) as tx:
            figures = {figure.name: figure.values for figure in await of_retention(tx)}
    assert figures["retention_alarms"] == {"": 0}
    (age,) = figures["oldest_age_seconds"].values()
    assert 2 * 86_400 <= age <= 3 * 86_400
    assert figures["oldest_most_age_seconds"] == {oldest["what"]: oldest["kept_days"] * 86_400.0}
