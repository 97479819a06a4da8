"""What a camera kept of a gap is fetched and stored with its true times; nothing is fetched that was not to be recorded, or made up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from tests.cameras.kept import Card, a_card
from tests.recordings.at_sites import as_its_site_says
from tests.recordings.center import Block, RecorderProcess, until
from tests.recordings.read import shown_at
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.ids import uuid7
from watchfloor.recordings import store
from watchfloor.recordings.model import Gap, GapReason, us
from watchfloor.recordings.refill import (
    NOT_STORED,
    SUSPENDED,
    TOO_OLD,
)
from watchfloor_sim.kept import ReplayFault

STREET = "street-bicycle-272p-h264.mp4"
S = 1_000_000
TEMPLATE = "?clock={begin}-{end}"


@dataclass
class Lost:
    """A camera that is recorded and kept, by itself, ten seconds of two minutes ago; a recorder that is asked to fill by hand."""

    city: Block
    card: Card
    camera: UUID
    owner_dsn: str
    recorder: RecorderProcess
    began: datetime

    async def gap(self, reason: GapReason, begin_s: float, end_s: float) -> UUID:
        """A gap of so many seconds after `began`."""
        begin, end = (us(self.began) + int(s * S) for s in (begin_s, end_s))
        post = self.recorder.posts[self.camera]
        assert post.recorder.terms is not None
        made = Gap(
            uuid7(self.city.web.parts.clock.now()), self.camera, post.recorder.terms, begin, end, reason
        )
        ask = Ask(process_actor(self.city.web.parts.agency, "record"), Need.FOOTAGE_INDEX)
        async with self.city.web.parts.door.open(ask) as tx:
            await store.ensure_day(tx, made.terms.rule, self.began.date())
        async with self.city.web.parts.door.open(ask) as tx:
            await store.insert_gaps(tx, [made])
        return made.id

    async def turn(self) -> None:
        """One turn, all that waits due at once; what it brought is in the index then."""
        await self.execute("update footage_gap set fill_at = null")
        await self.recorder.refill.turn()
        ends = self.city.web.parts.clock.monotonic() + 20
        # Until its row is written a segment is a part; the camera's own recorder has one too.
        while list(self.city.spool.glob("*/rows/*.row")) or len(list(self.city.spool.rglob("*.part"))) > 1:
            await self.recorder.index.bring()
            assert self.city.web.parts.clock.monotonic() < ends
            await self.city.web.parts.clock.sleep(0.02)

    async def settles(self, gap: UUID) -> bool:
        """Whether one of the next turns finds it filled: on a busy machine not always the first."""
        for _ in range(10):
            await self.turn()
            if (await self.kept(gap))["filled_at"] is not None:
                return True
        return False

    async def execute(self, sql: str, *values: object) -> None:
        async with await psycopg.AsyncConnection.connect(self.owner_dsn, autocommit=True) as owner:
            await owner.execute(sql, values)

    async def lose(self, begin_s: float, end_s: float) -> int:
        """Take out of the index what it has of so many seconds after `began`: how many segments."""
        async with await psycopg.AsyncConnection.connect(self.owner_dsn, autocommit=True) as owner:
            span = (self.began + timedelta(seconds=begin_s), self.began + timedelta(seconds=end_s))
            return (await owner.execute("delete from segment where at between %s and %s", span)).rowcount

    async def kept(self, gap: UUID) -> dict[str, Any]:
        async with await psycopg.AsyncConnection.connect(
            self.owner_dsn, row_factory=psycopg.rows.dict_row
        ) as owner:
            row = await (await owner.execute("select * from footage_gap where id = %s", (gap,))).fetchone()
        assert row is not None
        return row

    async def timeline(self) -> dict[str, Any]:
        """As an analyst sees it, of the minute around."""
        analyst = await self.city.web.person("analyst")
        answer = await analyst.get(
            f"/api/v1/cameras/{self.public}/timeline",
            params={
                "from": rfc3339(self.began - timedelta(seconds=20)),
                "to": rfc3339(self.began + timedelta(seconds=40)),
            },
            headers=await self.city.why(),
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def played(self, begin_s: float, end_s: float) -> int:
        """How many pictures an analyst gets of so many seconds after `began`."""
        analyst = await self.city.web.person("analyst")
        begin, end = (rfc3339(self.began + timedelta(seconds=s)) for s in (begin_s, end_s))
        answer = await analyst.get(
            f"/api/v1/cameras/{self.public}/video",
            params={"from": begin, "to": end},
            headers=await self.city.why(),
        )
        assert answer.status_code == 200, answer.text
        return len(shown_at(answer.content))

    @property
    def public(self) -> str:
        return outside("camera", self.camera)


@asynccontextmanager
async def lost(city: Block, clips: Path, owner_dsn: str) -> AsyncIterator[Lost]:
    """Its line was down two minutes ago, for as long as a test says."""
    await city.web.authorise("fixed_camera")
    began = city.web.parts.clock.now() - timedelta(minutes=2)
    async with a_card(clips / STREET, began.timestamp(), onvif=False) as card:
        camera = await city.camera(card.camera.url, replay_url=card.replay.url + TEMPLATE)
        recorder = city.process()
        await recorder.begin()
        stop = asyncio.Event()
        working = asyncio.create_task(recorder.work(stop))
        try:
            await city.until(
                camera["id"], lambda seen: seen["recording"] and seen["clock_off_ms"] is not None
            )
            made = Lost(city, card, inside("camera", camera["id"]), owner_dsn, recorder, began)
            # It was allowed all the time.
            await made.execute(
                "update machine_lease set since = %s where need = 'camera.record'", began - timedelta(hours=1)
            )
            yield made
        finally:
            stop.set()
            await working
            await recorder.end()
            recorder.spool.close()


async def test_a_gap_of_the_line_is_filled_with_what_the_camera_kept_and_says_so(
    city: Block, clips: Path, owner_dsn: str
) -> None:
    async with lost(city, clips, owner_dsn) as made:
        gap = await made.gap(GapReason.CAMERA_UNREACHABLE, 1.0, 8.0)
        seen = await made.timeline()
        assert [one["reason"] for one in seen["gaps"]] == ["The camera did not answer."] and seen[
            "filled"
        ] == []
        asked_at = city.web.parts.clock.now()
        await made.turn()
        seen = await made.timeline()
        assert seen["gaps"] == []
        (filled,) = seen["filled"]
        begin, end = (datetime.fromisoformat(filled[which]) for which in ("from", "to"))
        assert begin <= made.began + timedelta(seconds=1) and end >= made.began + timedelta(seconds=7.8)
        # As its segment's id says, to the millisecond. Ids never go back, so what is given for them is looked at too.
        assert datetime.fromisoformat(filled["filled_at"]) >= asked_at - timedelta(milliseconds=1)
        beside = made.recorder.refill._recorder(made.recorder.posts[made.camera])
        assert (beside._fetched_us or 0) >= us(asked_at)
        assert await made.played(3, 5) >= 50
        # A next look finds nothing missing and settles it, with an entry in the log; it is never asked for again.
        assert await made.settles(gap)
        asked = len(made.card.replay.asked)
        await made.turn()
        assert len(made.card.replay.asked) == asked == 1
        log = await (await city.web.person("auditor")).get("/api/v1/audit/entries", params={"kind": "effect"})
        assert "fetched from a camera what it had kept of a gap" in log.text
        technician = await city.web.person("technician")
        query = {"from": rfc3339(begin), "to": rfc3339(begin + timedelta(hours=1)), "camera": made.public}
        (told,) = (await technician.get("/api/v1/recordings/coverage", params=query)).json()["items"]
        assert [one["filled_at"] for one in told["filled"]] == [filled["filled_at"]]
        await as_its_site_says(made)


async def test_what_the_camera_does_not_give_stays_a_gap_with_its_cause_and_is_asked_for_a_few_times(
    city: Block, clips: Path, owner_dsn: str
) -> None:
    async with lost(city, clips, owner_dsn) as made:
        gap = await made.gap(GapReason.CAMERA_SILENT, 0.0, 20.0)
        await made.turn()
        (rest,) = (await made.timeline())["gaps"]
        # It kept ten seconds of twenty.
        assert datetime.fromisoformat(rest["from"]) >= made.began + timedelta(seconds=9.8)
        assert (
            rest["reason"]
            == "The camera was connected and sent no pictures. The camera gave less than was asked for."
        )
        for fault, says in {
            ReplayFault.NOTHING: "The device has nothing of that time.",
            ReplayFault.ANOTHER_TIME: "The device gave pictures of another time than was asked for.",
            ReplayFault.REFUSES: "The device has no footage of that time.",
        }.items():
            made.card.kept.faults = {fault}
            await made.turn()
            kept = await made.kept(gap)
            assert kept["fill_said"] == says and kept["fill_at"] > city.web.parts.clock.now()
            assert (await made.timeline())["gaps"] == [
                rest | {"reason": f"The camera was connected and sent no pictures. {says}"}
            ]
        for _ in range(3):
            await made.turn()
        assert (await made.kept(gap))["filled_at"] is not None
        asked = len(made.card.replay.asked)
        await made.turn()
        assert len(made.card.replay.asked) == asked
        assert len((await made.timeline())["gaps"]) == 1
        await _those_that_come_follow_each_other(made)
        await _its_younger_part_is_asked_for(city, made)


async def _those_that_come_follow_each_other(made: Lost) -> None:
    """Two in one turn; where the first brings nothing the second waits for the next."""
    made.card.kept.faults = set()
    await made.execute("delete from segment where at < %s", made.began + timedelta(seconds=20))

    async def looked_at(*began_s: float) -> int:
        gaps = [await made.gap(GapReason.CAMERA_UNREACHABLE, begin, begin + 0.6) for begin in began_s]
        asked = len(made.card.replay.asked)
        await made.turn()
        kept = [await made.kept(gap) for gap in gaps]
        assert len(made.card.replay.asked) - asked <= len(gaps)
        return sum(one["filled_at"] is not None or one["fill_at"] is not None for one in kept)

    assert await looked_at(1.0, 8.0) == 2
    assert await looked_at(11.0, 13.0) == 1  # it kept ten seconds
    await made.execute("delete from footage_gap")


async def _its_younger_part_is_asked_for(city: Block, made: Lost) -> None:
    """A gap that began before what may still be kept: of that part nothing is asked, of the rest all."""
    made.card.kept.faults = set()
    await made.execute("delete from segment where at < %s", made.began + timedelta(seconds=20))
    gap = await made.gap(GapReason.CAMERA_UNREACHABLE, 1.0, 9.5)
    # Mid-second: an address names whole seconds, by the camera's clock, which is a little off.
    oldest = (made.began + timedelta(seconds=5)).replace(microsecond=500_000)
    kept_for = city.web.parts.clock.now() - oldest
    await made.execute("update retention_rule set keep_for = %s", kept_for)
    asked = len(made.card.replay.asked)
    await made.turn()
    (begin, _) = made.card.replay.asked[-1]
    assert len(made.card.replay.asked) == asked + 1
    assert begin >= oldest.replace(microsecond=0).timestamp()
    assert (await made.kept(gap))["fill_said"] is None


async def test_what_was_not_to_be_recorded_is_not_fetched_afterwards(
    city: Block, clips: Path, owner_dsn: str
) -> None:
    async with lost(city, clips, owner_dsn) as made:
        for number, reason in enumerate(
            (GapReason.BY_AGREEMENT, GapReason.NO_AUTHORISATION, GapReason.SWITCHED_OFF, GapReason.GAVE_WAY)
        ):
            await made.gap(reason, number, number + 1)
        await made.turn()
        # The line was down, and recording was not allowed for some of that time.
        gap = await made.gap(GapReason.CAMERA_UNREACHABLE, 5.0, 9.0)
        await made.execute("update machine_lease set since = %s", made.began + timedelta(seconds=6))
        await made.turn()
        # While no recorder ran, the authorisation was suspended.
        await made.execute("update machine_lease set since = %s", made.began - timedelta(hours=1))
        await made.execute("update footage_gap set reason = 'recorder_down' where id = %s", gap)
        await made.execute(
            "insert into audit_entry (id, agency_id, at, kind, actor_id, result, reason, about_kind, about_id, leaf)"
            " select %s, agency_id, %s, 'effect', agency_id, 'done', 'authorisation.suspended', 'authorisation', authorisation_id, ''"
            " from machine_lease where need = 'camera.record'",
            uuid7(made.began), made.began + timedelta(seconds=7),
        )  # fmt: skip
        await made.turn()
        assert made.card.replay.asked == []
        assert (await made.kept(gap))["fill_said"] == SUSPENDED
        gap = await made.gap(GapReason.CAMERA_UNREACHABLE, 8.0, 9.0)  # from after that
        await made.turn()
        assert len(made.card.replay.asked) == 1
        await _is_not_asked_for_without_end(city, made, gap)


async def _is_not_asked_for_without_end(city: Block, made: Lost, gap: UUID) -> None:
    """What was fetched of a gap and is not there."""
    # It came, and is in no index: that is a try in vain, and not asked for again at once.
    await until(partial(made.lose, 5, 20), bool)
    await made.turn()
    kept = await made.kept(gap)
    assert (len(made.card.replay.asked), kept["fill_said"], kept["fill_tries"]) == (1, NOT_STORED, 1)
    # What would be kept under a key that is destroyed is never asked for.
    terms = made.recorder.posts[made.camera].recorder.terms
    assert terms is not None
    forgotten = (made.began + timedelta(seconds=8)).date()
    city.keystore.destroy(terms.rule, forgotten, city.web.parts.clock.now())
    await made.turn()
    kept = await made.kept(gap)
    assert (len(made.card.replay.asked), kept["fill_said"]) == (1, TOO_OLD) and kept["filled_at"]
