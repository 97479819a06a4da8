"""kill -9 of a part of a working center, and how long its clients waited for the first thing that needs that part."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tests.engines.center import CLOCK, runs, until
from tests.story.center import PARTS
from tests.story.insist import AGAIN_S, insist
from tests.story.shift import Shift
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor_sim.plates import STATE, invented_plate
from watchfloor_sim.reader import Sighting

EVERY_PART: Final = (*PARTS, "up")
Probe = Callable[[Shift, datetime], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment, and the camera's own number of the picture it had sent last, in which visit."""

    at: datetime
    visit: int
    sent: int


@dataclass(frozen=True, slots=True)
class Healed:
    """A kill and what came of it: seconds from the kill to the first success of each thing that needs the part, and to
    the end of the review that it fell into."""

    part: str
    before: Mark
    after: Mark
    seconds: Mapping[str, float]
    stopped: bool = False
    """It was stopped first: what came until it was killed nobody has read."""

    @property
    def healed_s(self) -> float:
        return max(self.seconds.values())

    def __str__(self) -> str:
        each = ", ".join(f"{what} {s:.1f} s" for what, s in self.seconds.items())
        return f"{self.part} killed: {each}"


def mark(shift: Shift) -> Mark:
    """This moment."""
    visit = shift.camera.visits[-1]
    return Mark(CLOCK.now(), visit.number, -1 if visit.last_frame is None else visit.last_frame)


async def kill(
    shift: Shift, part: str, *, within_s: float, into_s: float = 0.0, by: signal.Signals = signal.SIGKILL
) -> Healed:
    """Kill a part so many seconds into a review, counted from the claim, and wait until its clients are served again. One that is
    only stopped is killed by whoever looks after it."""
    due = await _about_to_go_up(shift) if part == "sweep" else None
    seen = await shift.sees_wanted()
    alert = await shift.alert_of(seen)
    reviewing = asyncio.create_task(shift.review(alert, seen.plate))
    await shift.until(lambda: alert in shift.kept.claimed, "the claim of the alert", 30)
    await CLOCK.sleep(into_s)
    before = mark(shift)
    began = CLOCK.monotonic()
    pid = shift.center.kill(part, by)
    await until(lambda: not runs(pid), f"the end of {part}", 5 if by is signal.SIGKILL else within_s)
    if part == "up":
        shift.center.start()
    seconds = await _heal(shift, part, before.at, began, within_s)
    after = mark(shift)
    await reviewing
    if due is not None:  # until then nobody waits for the sweep
        seconds = {
            what: s - max((due - before.at) / timedelta(seconds=1), 0.0) for what, s in seconds.items()
        }
    seconds |= {"the review": shift.kept.reviewed_at - began}
    return Healed(part, before, after, seconds, stopped=by is not signal.SIGKILL)


async def _heal(
    shift: Shift, part: str, killed_at: datetime, began: float, within_s: float
) -> dict[str, float]:
    async def timed(what: str, probe: Probe) -> float:
        try:
            async with asyncio.timeout(within_s):
                await probe(shift, killed_at)
        except TimeoutError:
            raise AssertionError(
                f"{part} was killed; after {within_s:.0f} s {what} does not work; {dict(shift.met)}"
            ) from None
        return CLOCK.monotonic() - began

    probes = NEEDS[part]
    return dict(zip(probes, await asyncio.gather(*(timed(*item) for item in probes.items())), strict=True))


# -- what needs a part, as a client tries it


async def _a_read_is_taken(shift: Shift, _: datetime) -> None:
    await shift.probe.report([Sighting(invented_plate(0), STATE, at=CLOCK.now())])


async def _the_queue_answers(shift: Shift, _: datetime) -> None:
    await insist(lambda: shift.ask("analyst", "GET", "/alerts"))


async def _somebody_is_known(shift: Shift, _: datetime) -> None:
    await insist(lambda: shift.ask("analyst", "GET", "/session"))


async def _the_queue_comes_again(shift: Shift, _: datetime) -> None:
    had = shift.queue_snapshots
    await shift.until(lambda: shift.queue_snapshots > had, "the queue on a new connection", 90)


async def _a_picture_comes(shift: Shift, killed_at: datetime) -> None:
    await shift.until(lambda: shift.live_since(killed_at), "a live picture", 90)


async def _a_new_recorder_shows_a_picture(shift: Shift, killed_at: datetime) -> None:
    """One that is told to end goes on for a moment: only what another connection to the camera brings counts."""
    present = shift.camera.visits[-1].number
    await shift.camera.until(lambda: shift.camera.visits[-1].number > present, timeout_s=90)
    await _a_picture_comes(shift, max(killed_at, CLOCK.now()))


async def _the_log_grows(shift: Shift, killed_at: datetime) -> None:
    """Something was done after the kill, sequenced and signed; nobody else may do anything for a while."""
    had = await insist(shift.signed)
    path = f"/cameras/{shift.night.camera}/timeline"
    span = {"from": rfc3339(killed_at - timedelta(seconds=1)), "to": rfc3339(killed_at)}
    await insist(lambda: shift.ask("analyst", "GET", path, looks=True, query=span))
    while await insist(shift.signed) <= had:
        await CLOCK.sleep(AGAIN_S)


async def _a_wanted_car_is_noticed(shift: Shift, _: datetime) -> None:
    await shift.alert_of(await shift.sees_wanted(), 90)


async def _an_alert_goes_up(shift: Shift, killed_at: datetime) -> None:
    soon = killed_at + timedelta(seconds=3)
    await shift.until(lambda: not _waiting(shift, soon), "the alert at the supervisor's", 90)


async def _about_to_go_up(shift: Shift) -> datetime:
    """Wait until an alert that nobody claims has two seconds left; when it goes up."""
    alert = await shift.alert_of(await shift.sees_wanted())
    deadline = parse_rfc3339(shift.alerts[alert]["deadline_at"])
    await CLOCK.sleep(max((deadline - CLOCK.now()) / timedelta(seconds=1) - 2.0, 0.0))
    return deadline


def _waiting(shift: Shift, until: datetime) -> list[str]:
    """Alerts that nobody claimed and whose time is over by then."""
    return [
        key
        for key, alert in shift.alerts.items()
        if alert["state"] == "waiting" and parse_rfc3339(alert["deadline_at"]) <= until
    ]


NEEDS: Final[Mapping[str, Mapping[str, Probe]]] = {
    "nats": {"a read": _a_read_is_taken},
    "postgres": {"the queue": _the_queue_answers},
    "ledger": {"the log": _the_log_grows},
    "serve": {"asking": _somebody_is_known, "the queue": _the_queue_comes_again, "live": _a_picture_comes},
    "record": {"live": _a_new_recorder_shows_a_picture},
    "sense": {"an alert": _a_wanted_car_is_noticed},
    "sweep": {"going up": _an_alert_goes_up},
    "up": {
        "asking": _somebody_is_known,
        "a read": _a_read_is_taken,
        "live": _a_new_recorder_shows_a_picture,
        "an alert": _a_wanted_car_is_noticed,
        "the log": _the_log_grows,
    },
}
