"""Some incidents preserve at once what the cameras that could see them recorded: nobody has to think of it in time.

What an incident is, or what came of it, decides, by the settings. The work is planned in the transaction that opens or closes
the incident and done by the sweep, so that nothing in the room waits for it and no crash loses it. Each hold is as any other: it
lasts 72 hours, a person makes it last, and it is warned of before it ends.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from watchfloor.cameras.details import FootageKept
from watchfloor.cameras.model import CameraId
from watchfloor.cameras.then import cameras_then
from watchfloor.cameras.views import NEAR_M, Views
from watchfloor.governance import case_store, holds
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose
from watchfloor.incidents import incident_store
from watchfloor.incidents.model import Incident
from watchfloor.incidents.raise_alerts import INCIDENT_CHANGED, News
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.kit.said import moment
from watchfloor.kit.sure import sure
from watchfloor.places.skyline import Skyline
from watchfloor.storage import jobs
from watchfloor.storage.classes import DataClass
from watchfloor.storage.jobs import Job
from watchfloor.storage.tx import Tx

KIND: Final = "incident.preserve"
# What may come of an incident that has its footage kept: complaints and trials ask for it.
CAME_OF: Final = {"arrest": "an arrest", "force_used": "the use of force"}


@dataclass(frozen=True, slots=True)
class Rule:
    """Which incidents preserve at once, and from how long before them to how long after."""

    purposes: frozenset[Purpose]
    before: timedelta
    after: timedelta

    @classmethod
    def of(cls, purposes: str, before_min: int, after_min: int) -> Rule:
        """The rule of the settings. Raises Invalid for what is no purpose, or times that cannot be."""
        words = [word for word in (part.strip() for part in purposes.split(",")) if word]
        try:
            named = frozenset(Purpose.of(word) for word in words)
        except KeyError as error:
            said = f"evidence.preserve_for names {error.args[0]!r}, which is no purpose."
            raise Invalid(said, reason="preserve_for") from error
        if not (0 <= before_min <= 24 * 60 and 1 <= after_min <= 24 * 60):
            said = "evidence.preserve_before_min is 0 to 1440, evidence.preserve_after_min 1 to 1440."
            raise Invalid(said, reason="preserve_before_min")
        return cls(named, timedelta(minutes=before_min), timedelta(minutes=after_min))

    def because(self, incident: Incident, came_of: Sequence[str]) -> str | None:
        """Why this incident preserves, in words; None: it does not."""
        if said := [CAME_OF[word] for word in came_of if word in CAME_OF]:
            return " and ".join(said)
        return incident.purpose.title.lower() if incident.purpose in self.purposes else None

    def span(self, incident: Incident, now: datetime) -> tuple[datetime, datetime]:
        """From when to when: an incident that lasted is kept from its beginning to its end, as long as one hold may be."""
        begin = min(incident.at, incident.opened_at) - self.before
        end = max(incident.opened_at, incident.closed_at or incident.opened_at) + self.after
        return begin, min(end, begin + holds.LONGEST_STRETCH)


async def plan(tx: Tx, incident: UUID, came_of: Sequence[str] = ()) -> None:
    """Have the sweep look at this incident: within the transaction that opens it, or says what came of it."""
    payload = {"incident": str(incident), "came_of": list(came_of)}
    await jobs.add(
        tx, KIND, payload, run_at=tx.now, key=f"{KIND} {incident} {'closed' if came_of else 'opened'}"
    )


def works(
    door: Door, skyline: Skyline, rule: Rule, news: News
) -> dict[str, Callable[[Job], Awaitable[None]]]:
    """The work of such a job."""

    async def preserve(job: Job) -> None:
        agency = sure(job.agency, "an incident's agency")
        async with door.open(Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
            incident = await incident_store.incident_of(tx, UUID(job.payload["incident"]))
            why = rule.because(incident, job.payload["came_of"]) if incident else None
            if incident is not None and why is not None:
                await _preserve(tx, skyline, rule, incident, why)
                tx.after_commit(partial(news, INCIDENT_CHANGED, agency, incident.id))

    return {KIND: preserve}


async def _preserve(tx: Tx, skyline: Skyline, rule: Rule, incident: Incident, why: str) -> None:
    place = incident.spot.point
    if place is None:
        said = f"Nothing was preserved at once because of {why}: the incident has no place on the map. Preserve by a canvass."
        await incident_store.note(tx, incident.id, "preserved", said, by_actor=False)
        return
    begin, end = rule.span(incident, tx.now)
    case, new = await _case(tx, incident), 0
    seen, away = await _seen_then(tx, skyline, place, begin, end)
    for camera in seen:
        wish = holds.Wish(
            DataClass.FOOTAGE,
            camera,
            begin,
            end,
            f"Incident {incident.number}: {why}. Preserved by rule.",
        )
        new += await holds.keep(tx, case, wish) is not None
    if seen:
        until = f"from {moment(begin, tx.zone)} to {moment(end, tx.zone)}"
        more = "" if new == len(seen) else f", {len(seen) - new} of them were before"
        said = (
            f"Preserved at once because of {why}: {_count(len(seen))} that could see it{more}, {until}. "
            "A hold ends after 72 hours unless a person makes it last."
        )
    else:
        said = f"Nothing was preserved at once because of {why}: no camera sees the place."
    if away:
        whose = (
            "One of them keeps its footage at its"
            if away == 1
            else f"{away} of them keep their footage at their"
        )
        said += (
            f" {whose} site: what the site gives is fetched, and the camera’s page says how much came;"
            " of another center’s camera nothing is."
        )
    await incident_store.note(tx, incident.id, "preserved", said, by_actor=False)


async def _seen_then(
    tx: Tx, skyline: Skyline, place: Point, begin: datetime, end: datetime
) -> tuple[list[CameraId], int]:
    """The cameras that could see the place then, and how many of them keep their footage at their site."""
    then = await cameras_then(tx, place, NEAR_M, begin, end)
    found = Views(then, await skyline.buildings(tx)).seeing(place)
    # One that stood at two places of there is among them twice.
    cameras = {one.camera.id: one.camera for one in found}
    away = sum(one.details.footage_kept is FootageKept.AT_SITE for one in cameras.values())
    return list(cameras), away


async def _case(tx: Tx, incident: Incident) -> UUID:
    """The open case of the incident's own number; it is opened where there is none."""
    known = await case_store.case_numbered(tx, incident.number)
    if known is not None:
        return known.id
    case = uuid7(tx.now)
    await case_store.insert_case(tx, case, incident.number, incident.title, incident.purpose.word, None)
    detail = {"number": incident.number, "title": incident.title}
    await effect(tx, "case.opened", About("case", case), more={"provisional_until": None}, detail=detail)
    return case


def _count(cameras: int) -> str:
    return "the camera" if cameras == 1 else f"the {cameras} cameras"
