"""A reader takes one plate for another: the picture shows it, and whoever types what stands there finds it out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from watchfloor_sim import plates, story
from watchfloor_sim.city.cameras import READERS
from watchfloor_sim.people import Answered, Person
from watchfloor_sim.plates import STATE, is_invented, random_plate
from watchfloor_sim.stories.stage import Stage, queue

_READER: Final = READERS[2]
_WANTED_FOR: Final = timedelta(minutes=30)
_VEHICLE: Final = "grey van"


async def misread(stage: Stage) -> None:
    """Somebody's car is taken for a wanted one; the reviewer sees that it is not, and says so."""
    wanted, shown = _pair(stage)
    await story.enter(
        stage.night,
        wanted,
        vehicle=_VEHICLE,
        number=None,
        place=_READER.place,
        at=(_READER.lat, _READER.lon),
        text="Caller says her grey van was taken from the yard.",
        until=datetime.now(UTC) + _WANTED_FOR,
    )
    analyst = stage.person("analyst")
    async with queue(analyst) as alerts:
        picture = stage.devices.picture(shown, STATE)
        await stage.readers[_READER.key].sees(wanted, STATE, picture=picture, confidence=0.71)
        alert = await alerts.next()
        stage.told("misread", {"where": _READER.name, "alert": alert["id"]})
        taken_by = await alerts.until_taken(alert["id"], stage.leave_s) if stage.leave_s else None
    if taken_by is not None:
        stage.told("left", {"what": "the alert", "who": taken_by})
        return
    await _find_out(stage, analyst, alert["id"], shown)


def _pair(stage: Stage) -> tuple[str, str]:
    """A wanted plate, and one that a reader may take for it."""
    while True:
        shown = random_plate(stage.chance)
        wanted = plates.misread(shown, stage.chance)
        if wanted != shown and is_invented(wanted):
            return wanted, shown


async def _find_out(stage: Stage, analyst: Person, alert: str, shown: str) -> None:
    """Review it blind: what is typed from the picture is not what the reader reported."""
    await analyst.post(f"/alerts/{alert}/acknowledge")
    await analyst.post(f"/alerts/{alert}/review")
    typed = {"plate": shown, "state": STATE, "vehicle": "white sedan"}
    review: dict[str, Any] = await analyst.post(f"/alerts/{alert}/typed", typed)
    if review["agreement"] != "mismatch":
        raise Answered(f"another plate was typed, and the review says {review['agreement']}")
    differs = next(one["sentence"] for one in review["differences"] if one["field"] == "plate")
    note = {"reason": "misread", "note": "The picture shows another plate."}
    dismissed = await analyst.post(f"/alerts/{alert}/dismiss", note)
    stage.told("found_out", {"state": dismissed["state"], "differs": differs})
