"""Shots are fired: microphones locate them, a person reviews what was told, and a unit goes to search the place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from watchfloor_sim.acoustic_array import Place
from watchfloor_sim.people import Answered, Form, Person
from watchfloor_sim.stories.stage import Stage, queue

# Corners of streets amid the microphones, in metres from Mill St at 5th.
_PLACES: Final[tuple[Place, ...]] = ((-160.0, 90.0), (130.0, -170.0), (-60.0, -210.0), (210.0, 140.0))
_ROUNDS: Final = 4
_EVERY_S: Final = 0.45
# It is revised while it is read: so often it is read again before it is left to somebody else.
_TRIES: Final = 6


async def gunshot(stage: Stage) -> None:
    """Rounds are fired, and located. Where nothing is left to guests the analyst confirms it, and the officer's unit searches there."""
    ears = stage.ears
    await ears.stand()
    analyst = stage.person("analyst")
    async with queue(analyst) as alerts:
        fired_at = ears.fires(stage.chance.choice(_PLACES), _ROUNDS, _EVERY_S)
        await ears.until_heard(_ROUNDS * _EVERY_S)
        alert = await alerts.next(kind="impulse")
        after_s = round((_now() - fired_at).total_seconds())
        stage.told("heard", {"title": alert["title"], "where": alert["place"]["text"], "after_s": after_s})
        taken_by = await alerts.until_taken(alert["id"], stage.leave_s) if stage.leave_s else None
    if taken_by is not None:
        stage.told("left", {"what": "the alert of the shots", "who": taken_by})
        return
    incident = await _confirm(analyst, alert["id"])
    stage.told("sound_confirmed", {"incident": incident["number"], "title": alert["title"]})
    await _search(stage, analyst, str(incident["id"]), fired_at)


async def _confirm(analyst: Person, alert: str) -> Form:
    """Confirm it as it was told in the version that was read; one that was revised meanwhile is read again."""
    for _ in range(_TRIES):
        review = await analyst.post(f"/alerts/{alert}/review")
        version = f'"{review["alert"]["version"]}"'
        try:
            done = await analyst.post(
                f"/alerts/{alert}/confirm-sound", {"grounds": "pattern"}, **{"If-Match": version}
            )
        except Answered as error:
            if "stale" not in str(error):
                raise
        else:
            return dict(done["incident"])
    raise Answered("it was revised again and again")


async def _search(stage: Stage, analyst: Person, incident: str, fired_at: datetime) -> None:
    """The officer's unit goes, if it can be sent; what it finds is the outcome."""
    proposed = (await analyst.get(f"/incidents/{incident}/proposals"))["items"]
    unit = next((one["unit"] for one in proposed if one["unit"]["id"] == stage.night.unit), None)
    if unit is None:
        await _outcome(stage, analyst, incident)
        return
    officer = stage.person("officer")
    body = {"unit": stage.night.unit, "warning": None, "message": "Search the ellipse for casings."}
    sent = await analyst.post(f"/incidents/{incident}/assignments", body)
    after_s = round((_now() - fired_at).total_seconds())
    stage.told("sound_sent", {"unit": unit["call_sign"], "after_s": after_s})
    for step, said in (("accept", {"warning_heard": False}), ("en-route", {}), ("on-scene", {})):
        await officer.post(f"/assignments/{sent['id']}/{step}", said)
    await _outcome(stage, officer, incident)
    await officer.post(f"/assignments/{sent['id']}/clear")


async def _outcome(stage: Stage, who: Person, incident: str) -> None:
    note = {"results": ["nothing_found"], "note": "Casings were sought within the ellipse."}
    outcome = await who.post(f"/incidents/{incident}/outcome", note)
    stage.told("outcome", {"outcome": outcome["id"], "results": outcome["results"]})


def _now() -> datetime:
    return datetime.now(UTC)
