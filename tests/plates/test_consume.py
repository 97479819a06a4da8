"""From the device's POST to reads, hits and the log: nothing that was acknowledged is lost, nothing is kept twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from tests.fixtures.engines import Dsns
from tests.plates.conftest import Device, Town, another_door, drained, held
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.ids import decode
from watchfloor.plates import consume
from watchfloor.plates.model import Hit
from watchfloor.storage.tx import Tx


def seen(number: int, town: Town, **more: Any) -> dict[str, Any]:
    """One of many reads: `T` and four digits, which no list has unless a test says so."""
    return {"id": f"r{number}", "plate": f"T{number:04d}", "state": "MO", "at": town.ago(seconds=1)} | more


@pytest.mark.usefixtures("unpartitioned")
async def test_a_wanted_car_passes_a_reader_and_is_a_hit_that_says_why(town: Town) -> None:
    await town.a_list("ABC123")
    reader = await town.reader()
    async with town.matching():
        read = {
            "id": "1",
            "plate": "abc 123",
            "state": "us-mo",
            "at": town.ago(seconds=2),
            "confidence": 0.97,
        }
        answer = await reader.sends(read)
        assert answer.status_code == 202
        assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": [], "notes": []}
        await town.stored(1)
        await drained(town)
    assert [type(hit.answer).__name__ for hit in town.hits] == ["Match"]
    assert town.hits[0].answer.reason == "plate and state agree"
    assert town.hits[0].reader.place == "N Broadway at Mill St"
    (row,) = await town.rows("select * from plate_hit")
    assert (row["plate"], row["wanted_plate"], row["answer"], row["strict"]) == (
        "ABC123",
        "ABC123",
        "match",
        True,
    )
    assert (row["wanted_reason"], row["wanted_purpose"]) == ("stolen", "stolen_vehicle")
    (entry,) = await town.rows("select * from audit_entry where reason = 'plates.hit'")
    assert entry["about_id"] == row["id"]
    assert b"ABC123" not in entry["leaf"]
    (kept,) = await town.rows("select * from plate_read")
    assert (kept["confidence"], kept["rule"]) == (pytest.approx(0.97), row["rule"])


async def test_a_car_that_passes_in_the_moment_after_it_is_listed_is_a_hit(town: Town) -> None:
    """However long the matcher takes to load a change: until then it asks the database about every plate."""
    reader = await town.reader()
    wanted = await town.a_list("ABC123")
    async with town.matching():
        for number in range(8):
            # Those before stay listed: what was taken off by the time it is matched alarms nobody.
            await town.filled(wanted, *(f"Q{n:04d}" for n in range(number + 1)))
            doubted = seen(
                10 + number, town, plate=f"X{number:04d}", alternatives=[{"plate": f"Q{number:04d}"}]
            )
            await reader.sends(seen(number, town, plate=f"Q{number:04d}"), doubted)
        await town.stored(16)
        await drained(town)
    assert [hit.answer.read.source_key for hit in town.hits] == [f"id:r{number}" for number in range(8)]
    steps = await town.rows(
        "select source_key from plate_hit where kind = 'substitution' order by source_key"
    )
    assert [row["source_key"] for row in steps] == [f"id:r{10 + number}" for number in range(8)]


async def test_alike_characters_an_unread_state_and_another_state_answer_as_the_trade_expects(
    town: Town,
) -> None:
    await town.a_list("ABC0123")
    reader = await town.reader()
    async with town.matching():
        await reader.sends(
            seen(1, town, plate="ABCO123"),
            seen(2, town, plate="ABC0123", state=None),
            seen(3, town, plate="ABC0123", state="IL"),
            seen(4, town, plate="ABC0124"),
            seen(5, town, plate="ABC0124", characters=[{"confidence": 0.99}] * 6 + [{"confidence": 0.6}]),
            seen(6, town, plate="ABC012", alternatives=[{"plate": "ABC0123"}]),
        )
        await town.stored(6)
        await drained(town)
    rows = await town.rows(
        "select source_key, kind, grade, answer, reason from plate_hit order by source_key"
    )
    assert [(r["source_key"], r["kind"], r["grade"], r["answer"], r["reason"]) for r in rows] == [
        ("id:r1", "confusable", "alarm", "match", "plate and state agree, when O and 0 count as one"),
        ("id:r2", "exact", "possible", "candidate", "the state is unread"),
        ("id:r5", "substitution", "possible", "candidate", "the state agrees, one character that the reader doubted is another"),
        ("id:r6", "missing", "possible", "candidate", "the state agrees, one character is missing beside one that the reader doubted"),
    ]  # fmt: skip
    assert [hit.answer.read.source_key for hit in town.hits] == ["id:r1"], (
        "the rest is listed and alarms nobody"
    )


async def test_a_misread_that_looks_like_a_wanted_plate_is_listed_and_alarms_nobody(town: Town) -> None:
    """The reader took a plate for the wanted one, in plate and state; it says itself that it hardly saw it."""
    await town.a_list("ABC123")
    reader = await town.reader()
    async with town.matching():
        await reader.sends(
            seen(1, town, plate="ABC123", confidence=0.2), seen(2, town, plate="ABC123", confidence=0.98)
        )
        await town.stored(2)
        await drained(town)
    doubtful, clear = await town.rows("select * from plate_hit order by source_key")
    assert (doubtful["answer"], doubtful["grade"], clear["grade"]) == ("match", "possible", "alarm")
    assert doubtful["probability"] < 0.5
    assert clear["probability"] > 0.9
    assert doubtful["odds"]["pooled"] is True
    assert doubtful["odds"]["misread"] > doubtful["odds"]["wrong_state"]
    assert [hit.answer.read.source_key for hit in town.hits] == ["id:r2"]
    (hit,) = town.hits
    assert hit.record is not None and hit.record.of == 0


async def test_an_entry_that_has_expired_never_answers_even_while_the_matcher_remembers_it(
    town: Town,
) -> None:
    await town.a_list("ABC123")
    reader = await town.reader()
    async with town.matching():
        await reader.sends(seen(1, town, plate="ABC123"))
        await town.stored(1)
        await town.rows(
            "update hot_list_entry set entered_at = entered_at - interval '9 days', expires_at = now() returning 1"
        )
        await reader.sends(seen(2, town, plate="ABC123"))
        await town.stored(2)
        await drained(town)
    assert [hit.answer.read.source_key for hit in town.hits] == ["id:r1"]


async def test_a_read_sent_again_and_again_is_kept_once_and_alerts_once(town: Town) -> None:
    await town.a_list("ABC123")
    reader = await town.reader()
    read = seen(1, town, plate="ABC123")
    async with town.matching():
        first = await reader.sends(read)
        again = await reader.sends(read)
        assert (first.json()["accepted"], first.json()["duplicates"]) == (1, 0)
        assert (again.json()["accepted"], again.json()["duplicates"]) == (0, 1)
        # In another company, so the buffer cannot know it; the database does.
        mixed = await reader.sends(read, seen(2, town), read)
        assert (mixed.json()["accepted"], mixed.json()["duplicates"]) == (2, 1)
        await town.stored(2)
        await drained(town)
    assert sorted(await town.plates()) == ["ABC123", "T0002"]
    assert len(town.hits) == 1
    (state,) = await town.rows("select reads, duplicates from reader_state")
    assert (state["reads"], state["duplicates"]) == (2, 1)


async def test_a_read_whose_time_is_not_believed_is_still_kept_once(town: Town) -> None:
    await town.a_list("ABC123")
    reader = await town.reader()
    wrong = rfc3339(town.now() + timedelta(days=3))
    async with town.matching():
        for number in range(3):
            await reader.sends(seen(1, town, plate="ABC123", at=wrong), seen(10 + number, town))
            await reader.sends({"id": "no-clock", "plate": "NOTIME"}, seen(20 + number, town))
        await town.stored(8)
        await drained(town)
    rows = await town.rows(
        "select plate, clock_suspect, at = received_at as ours, device_at from plate_read where plate !~ '^T'"
    )
    assert sorted((r["plate"], r["clock_suspect"], r["ours"]) for r in rows) == [
        ("ABC123", True, True),
        ("NOTIME", False, True),
    ]
    assert len(town.hits) == 1
    technician = await town.web.person("technician")
    shown = (await technician.get("/api/v1/readers")).json()["items"][0]
    assert shown["clock_off_ms"] is not None


async def killed_after(town: Town, dsns: Dsns, step: str) -> None:
    """Run a matcher of its own and let it die at `step`."""

    class Killed(BaseException):
        """What a process that is killed never gets to handle."""

    async def die(tx: Tx, hits: Sequence[Hit], /) -> None:
        raise Killed

    async def die_after_commit(tx: Tx, hits: Sequence[Hit], /) -> None:
        async def now() -> None:
            raise Killed

        tx.after_commit(now)

    async with another_door(town, dsns) as door:
        on_hits = die if step == "before the commit" else die_after_commit
        with pytest.raises(BaseExceptionGroup) as caught:
            await consume.run(town.consume_parts(door=door, on_hits=on_hits), asyncio.Event())
        assert caught.group_contains(Killed)


@pytest.mark.parametrize(("step", "kept_by_then"), [("before the commit", 0), ("after the commit", 2)])
async def test_a_matcher_killed_between_two_steps_loses_and_doubles_nothing(
    town: Town, dsns: Dsns, step: str, kept_by_then: int
) -> None:
    await town.a_list("ABC123")
    reader = await town.reader()
    await reader.sends(seen(1, town, plate="ABC123"), seen(2, town))
    await killed_after(town, dsns, step)
    assert len(await town.plates()) == kept_by_then
    assert await held(town) == 1, "what was not acknowledged stays in the buffer"
    await nak_now(town)
    async with town.matching():
        await town.stored(2)
        await drained(town)
    assert sorted(await town.plates()) == ["ABC123", "T0002"]
    (hits,) = await town.rows("select count(*) as n from plate_hit")
    assert hits["n"] == 1


async def nak_now(town: Town) -> None:
    """The dead matcher's messages come again after its 30 s; a test asks for them at once by making the consumer anew."""
    await town.bus._client.jetstream().delete_consumer("INTAKE", consume.CONSUMER)


async def test_what_readers_send_while_the_database_is_away_waits_and_is_kept_when_it_is_back(
    town: Town, dsns: Dsns
) -> None:
    await town.a_list("ABC123")
    reader = await town.reader()
    away, tries = asyncio.Event(), 0
    away.set()

    async def gone(tx: Tx, hits: Sequence[Hit], /) -> None:
        nonlocal tries
        if away.is_set():
            tries += 1
            raise Unavailable("The database does not answer at present.")

    await reader.sends(seen(1, town, plate="ABC123"))
    async with another_door(town, dsns) as door, town.matching(door=door, on_hits=gone):
        # Each try is a rolled-back transaction, and none of them blames the message.
        async def tried() -> bool:
            return tries >= 4

        await town.until(tried)
        assert await town.plates() == []
        assert await held(town) == 1
        away.clear()
        await town.stored(1)
        await drained(town)
    assert (await town.rows("select count(*) as n from quarantine"))[0]["n"] == 0


async def test_an_entry_of_another_agency_answers_to_nobody_here(town: Town) -> None:
    shown_as = await town.a_list("ABC123")
    list_id = decode("hl", shown_as)
    (other,) = await town.rows(
        "insert into agency (id, name, time_zone, created_at) values (gen_random_uuid(), 'Elsewhere', 'UTC', now()) returning id"
    )
    # The same list and entry, but Elsewhere's: written by the owner of the database, whom row security does not bind.
    await town.rows(
        "with theirs as (insert into hot_list select gen_random_uuid(), %s, name, source, purpose, default_days, most_days,"
        " edition, changed_at, created_at, created_by, version from hot_list where id = %s returning id)"
        " update hot_list_entry set agency_id = %s, hot_list_id = (select id from theirs) returning 1",
        other["id"],
        list_id,
        other["id"],
    )
    reader = await town.reader()
    async with town.matching():
        await reader.sends(seen(1, town, plate="ABC123"))
        await town.stored(1)
        await drained(town)
    assert town.hits == []
    analyst = await town.web.person("analyst")
    assert (await analyst.get(f"/api/v1/hot-lists/{shown_as}/entries")).json()["items"] == []


async def test_two_matchers_share_the_work_and_keep_everything_once(town: Town, dsns: Dsns) -> None:
    await town.a_list(*(f"T{n:04d}" for n in range(0, 300, 3)))
    readers: list[Device] = [await town.reader(f"Reader {n}") for n in range(3)]
    async with another_door(town, dsns) as door, town.matching(), town.matching(door=door):
        sending = [
            reader.sends(*(seen(n, town) for n in range(first, first + 20)), seen(0, town, at=None))
            for first in range(0, 300, 20)
            for reader in readers
        ]
        answers = await asyncio.gather(*sending)
        assert {a.status_code for a in answers} == {202}
        await town.stored(903)
        await drained(town)
    (counted,) = await town.rows(
        "select count(*) as reads, count(distinct (device_id, source_key)) as different from plate_read where source_key <> 'id:r0'"
    )
    assert (counted["reads"], counted["different"]) == (897, 897)
    undated = await town.rows(
        "select device_id from plate_read where source_key = 'id:r0' and device_at is null"
    )
    assert len(undated) == len({row["device_id"] for row in undated})
    (hits,) = await town.rows(
        "select count(*) as n, count(distinct (device_id, source_key, entry_id)) as d from plate_hit where source_key <> 'id:r0'"
    )
    assert hits["n"] == hits["d"] == 297


async def test_five_percent_misread_plates_are_kept_as_read_and_only_alike_ones_answer(town: Town) -> None:
    await town.a_list("KBS1Z0")
    reader = await town.reader()
    misread = {
        "KBS1Z0": True,
        "K8S1Z0": True,
        "KBSIZO": True,
        "K851Q2": False,
        "KBS1ZD": False,
        "XBS1Z0": False,
        "KBS1Z": False,
    }
    async with town.matching():
        await reader.sends(*(seen(n, town, plate=plate) for n, plate in enumerate(misread)))
        await town.stored(len(misread))
        await drained(town)
    hits = await town.rows("select plate, grade from plate_hit")
    assert {row["plate"] for row in hits} == {plate for plate, hit in misread.items() if hit}
    # No format has KBSIZO, and the list has KBS1Z0: what looks alike is likely it.
    assert {row["grade"] for row in hits} == {"alarm"}
    assert set(await town.plates()) == set(misread)


async def test_a_matcher_told_to_stop_ends_and_what_it_had_in_hand_is_matched_by_the_next(town: Town) -> None:
    reader = await town.reader()
    async with town.matching() as stop:
        await reader.sends(*(seen(n, town) for n in range(50)))
        stop.set()
    with suppress(Exception):
        await nak_now(town)
    async with town.matching():
        await town.stored(50)
        await drained(town)
    assert len(await town.plates()) == 50


async def test_the_log_says_how_many_reads_came_without_an_entry_for_each(town: Town) -> None:
    reader = await town.reader()
    async with town.matching():
        for n in range(5):
            await reader.sends(seen(n, town))
            await town.stored(n + 1)
    entries = await town.rows("select leaf from audit_entry where reason = 'plates.read'")
    assert len(entries) == 1
    assert json.loads(entries[0]["leaf"])["so_far"] == {"reads": 1, "duplicates": 0}
