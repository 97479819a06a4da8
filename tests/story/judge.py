"""What was acknowledged against what is kept: by SQL past every process, and by what the API and the player show.

Each function answers with what is wrong, in a sentence and of which kind; nothing is well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Final

from tests.engines.center import CLOCK
from tests.story.footage import FPS, ROUND, NotPlayed, Played, first_break, joined, play, sent_number
from tests.story.insist import insist
from tests.story.kill import Healed
from tests.story.shift import Shift
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor_sim.people import Answered

SETTLE_S: Final = 30.0
EARLY: Final = timedelta(seconds=1)
"""A picture that the camera sent late is dated by when it was due: a stretch from the moment it was sent begins after it."""
LATE: Final = timedelta(seconds=3)
"""By how much a picture that was sent may be dated later, while the machine does other things besides."""
VENDOR: Final = "id:"
"""What stands before a key that the device gave."""
MOST_UNSEALED: Final = FPS + FPS // 2
"""Pictures that go with a recorder: the group it had not written, and what the connection held."""


class Kind(StrEnum):
    """How something is wrong."""

    LOST = "lost"
    DOUBLED = "doubled"
    STRANGE = "strange"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong."""

    kind: Kind
    sentence: str


def _counted(what: str, count: int) -> list[Wrong]:
    """What is to be kept once, and is kept so often."""
    if count == 1:
        return []
    if count == 0:
        return [Wrong(Kind.LOST, f"{what} was acknowledged and is lost")]
    return [Wrong(Kind.DOUBLED, f"{what} is kept {count} times")]


async def kept(shift: Shift) -> list[Wrong]:
    """All that was acknowledged, by whatever client, is kept once."""
    return [*await reads(shift), *await positions(shift), *await alerts(shift), *surprises(shift)]


async def settled(shift: Shift, owed: frozenset[str]) -> None:
    """Wait until the reads `owed` are stored: the buffer is behind, never short."""
    end = CLOCK.monotonic() + SETTLE_S
    while owed - (await _reads(shift)).keys():
        if CLOCK.monotonic() > end:
            return
        await CLOCK.sleep(0.2)


async def reads(shift: Shift) -> list[Wrong]:
    """Every read that was acknowledged by now is kept once, and none that nobody sent.

    What is acknowledged while this waits is for the next judgement: it may still be on its way from the buffer.
    """
    owed = frozenset(shift.reader.acknowledged | shift.probe.acknowledged)
    await settled(shift, owed)
    kept = await _reads(shift)
    sent = shift.reader.history.keys() | shift.probe.history.keys()
    wrong = [one for key in owed | kept.keys() for one in _counted(f"the read {key}", kept.get(key, 0))]
    return wrong + [Wrong(Kind.STRANGE, f"the read {key} was never sent") for key in kept.keys() - sent]


async def _reads(shift: Shift) -> Mapping[str, int]:
    rows = await shift.center.rows("select source_key, count(*) as n from plate_read group by source_key")
    return {row["source_key"].removeprefix(VENDOR): row["n"] for row in rows}


async def positions(shift: Shift) -> list[Wrong]:
    """Every acknowledged position is kept once."""
    reported = tuple(shift.officer.reported)
    rows = await shift.center.rows("select source_key, count(*) as n from unit_position group by source_key")
    kept = {row["source_key"]: row["n"] for row in rows}
    return [one for key in reported for one in _counted(f"the position {key}", kept.get(key, 0))]


async def alerts(shift: Shift) -> list[Wrong]:
    """Every wanted car that was acknowledged raised one alert; what was claimed and confirmed is there, once."""
    rows = await shift.center.rows("select at, count(*) as n from alert group by at")
    raised = {row["at"]: row["n"] for row in rows}
    wrong = [
        one for seen in shift.kept.seen for one in _counted(f"the alert of {seen.at}", raised.get(seen.at, 0))
    ]
    shown = Counter(await _shown_alerts(shift))
    wrong += [one for key in shift.kept.claimed for one in _counted(f"the claimed alert {key}", shown[key])]
    return wrong + await _incidents(shift)


async def _shown_alerts(shift: Shift) -> list[str]:
    found: list[str] = []
    for state in ("open", "closed"):
        query: dict[str, str] | None = {"state": state, "limit": "500"}
        while query is not None:
            page = await insist(partial(shift.ask, "analyst", "GET", "/alerts", query=query))
            found += [a["id"] for a in page["items"]]
            query = None if page["next"] is None else query | {"after": page["next"]}
    return found


async def _incidents(shift: Shift) -> list[Wrong]:
    rows = await shift.center.rows(
        "select alert_id, count(*) as n from incident group by alert_id having count(*) > 1"
    )
    wrong = [one for row in rows for one in _counted(f"the incident of alert {row['alert_id']}", row["n"])]
    for incident in shift.kept.incidents.values():
        try:
            found = await insist(partial(shift.ask, "analyst", "GET", f"/incidents/{incident}"))
        except Answered:
            wrong += _counted(f"the incident {incident}", 0)
        else:
            assert found["id"] == incident
    return wrong


def surprises(shift: Shift) -> list[Wrong]:
    """No client was answered that the server is broken, and no process met what it did not expect."""
    found = list(shift.surprises)
    for log in sorted((shift.center.data / "logs").glob("*.log")):
        text = log.read_text(errors="replace")
        if "Traceback" in text:
            found.append(f"{log.name}: {text[text.index('Traceback') :][:6000]}")
    found += [
        f"the index could not take {row.name}: {row.read_text(errors='replace')[:1000]}"
        for row in sorted((shift.center.data / "spool" / "footage").glob("*/rows/*.bad"))
    ]
    return [Wrong(Kind.STRANGE, sentence) for sentence in found]


async def footage(shift: Shift, healed: Healed) -> list[Wrong]:
    """Not one picture is missing; where the recorder itself died, the gap says so and ends."""
    found = explained_gap if healed.part in ("record", "up") else whole_footage
    return [Wrong(Kind.GAP, f"{healed.part} died: {sentence}") for sentence in await found(shift, healed)]


async def whole_footage(shift: Shift, healed: Healed) -> list[str]:
    """The camera's connection went on, and every picture it sent meanwhile plays; no gap is written or shown."""
    before, after = healed.before, healed.after
    if before.visit != after.visit:
        return [f"the camera was opened again when {healed.part} died"]
    wrong = [f"a gap is written: {row}" for row in await _gaps(shift, healed)]
    wrong += [f"a gap is shown: {gap}" for gap in await _gaps_shown(shift, healed)]
    played = await _played_up_to(shift, healed)
    if isinstance(played, str):
        return [*wrong, f"the footage does not reach picture {after.sent}: {played}"]
    if (broken := first_break(played)) is not None:
        wrong.append(f"footage over the death of {healed.part}: {broken}")
    return wrong


async def _played_up_to(shift: Shift, healed: Healed) -> tuple[int, ...] | str:
    """The pictures from the kill until the last that was sent when all was well, once they are written; else why not."""
    before, after = healed.before, healed.after
    end, why = CLOCK.monotonic() + SETTLE_S, ""
    until = after.at + LATE
    while CLOCK.monotonic() < end:
        try:
            played = await _played_over(shift, before.at - EARLY, until)
            first = sent_number(played[0], before.sent)
            if first <= before.sent and first + len(played) > after.sent:
                return played
            why = f"{len(played)} pictures from {first} on play, of those from {before.sent} on; {first_break(played)}"
        except NotPlayed as error:
            why = str(error)
        await CLOCK.sleep(0.3)
    return f"{why}; the timeline has {(await _timeline(shift, before.at, until))['ranges']}"


async def _played_over(shift: Shift, begin: datetime, until: datetime) -> tuple[int, ...]:
    """All pictures of a stretch as somebody sees them who plays on: each request from where the last ended, over every run.

    Raises NotPlayed.
    """
    shown: tuple[int, ...] = ()
    at = begin
    while True:
        ranges = (await _timeline(shift, begin, until))["ranges"]
        here = next((one for one in ranges if parse_rfc3339(one["to"]) > at), None)
        if here is None or at >= until:
            if not shown:
                raise NotPlayed(404, "the timeline shows nothing there")
            return shown
        at = max(at, parse_rfc3339(here["from"]))
        played = await play(shift.person("analyst"), shift.night.camera, at, until, case=shift.case)
        shown = joined(shown, played.numbers, overlaps=played.begin < at)
        at = max(played.end, at + timedelta(milliseconds=1))


async def explained_gap(shift: Shift, healed: Healed) -> list[str]:
    """Recording stopped with the recorder and is taken up again; the gap says why; all before and after it plays."""
    old, new = shift.camera.visits[healed.before.visit], shift.camera.visits[healed.after.visit]
    if old is new or old.last_frame is None or new.first_frame is None:
        return ["the camera was not opened again"]
    rows = await _gaps_by_and_by(shift, healed)
    if [row["reason"] for row in rows] != ["recorder_down"]:
        return [f"the gap is written as {rows}"]
    began, ended = rows[0]["at"], rows[0]["ended_at"]
    wrong = []
    wrong += await _shown_as(shift, healed, "No recorder was running.")
    analyst, camera = shift.person("analyst"), shift.night.camera
    earlier = await play(analyst, camera, began - timedelta(seconds=1), began, case=shift.case)
    last = healed.before.sent if healed.stopped else old.last_frame
    lost = last - sent_number(earlier.numbers[-1], last)
    if first_break(earlier.numbers) or lost > MOST_UNSEALED:
        wrong.append(f"before the gap {lost} pictures were lost; {first_break(earlier.numbers)}")
    later = await _played_at_last(shift, ended)
    if first_break(later.numbers) or later.numbers[0] != new.first_frame % ROUND:
        wrong.append(f"after the gap, which ends with picture {new.first_frame}: {later.numbers}")
    return wrong


async def _shown_as(shift: Shift, healed: Healed, reason: str) -> list[str]:
    """Once the camera is known to be back, the timeline shows the one gap and why."""
    end = CLOCK.monotonic() + SETTLE_S
    while True:
        shown = [gap["reason"] for gap in await _gaps_shown(shift, healed)]
        if shown == [reason]:
            return []
        if CLOCK.monotonic() > end:
            return [f"the gap is shown as {shown}"]
        await CLOCK.sleep(0.3)


async def _played_at_last(shift: Shift, begin: datetime) -> Played:
    """Footage from a moment on, as soon as it is written."""
    end = CLOCK.monotonic() + SETTLE_S
    span = (begin, begin + timedelta(seconds=3))
    while True:
        try:
            return await play(shift.person("analyst"), shift.night.camera, *span, case=shift.case)
        except NotPlayed as error:
            assert error.status in (404, 503) and CLOCK.monotonic() < end, error
        await CLOCK.sleep(0.3)


async def _gaps_by_and_by(shift: Shift, healed: Healed) -> list[dict[str, Any]]:
    end = CLOCK.monotonic() + SETTLE_S
    while not (rows := await _gaps(shift, healed)) and CLOCK.monotonic() < end:
        await CLOCK.sleep(0.2)
    return rows


async def _gaps(shift: Shift, healed: Healed) -> list[dict[str, Any]]:
    return await shift.center.rows(
        "select at, ended_at, reason from footage_gap where at <= %s and ended_at >= %s order by at",
        healed.after.at,
        healed.before.at,
    )


async def _gaps_shown(shift: Shift, healed: Healed) -> list[dict[str, Any]]:
    """Those of the timeline that this kill may have made; one that was over before is an earlier kill's."""
    shown = await _timeline(shift, healed.before.at - timedelta(seconds=2), healed.after.at)
    return [gap for gap in shown["gaps"] if parse_rfc3339(gap["to"]) > healed.before.at]


async def _timeline(shift: Shift, begin: datetime, end: datetime) -> dict[str, Any]:
    path = f"/cameras/{shift.night.camera}/timeline"
    span = {"from": rfc3339(begin), "to": rfc3339(end)}
    found: dict[str, Any] = await insist(lambda: shift.ask("analyst", "GET", path, looks=True, query=span))
    return found
