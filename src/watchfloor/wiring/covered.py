"""How much of today each camera recorded, for a collector: a part of the city with each asking, so that none waits for all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.details import FootageKept
from watchfloor.cameras.model import Camera, shown
from watchfloor.governance.forms import outside
from watchfloor.recordings import store
from watchfloor.recordings.coverage import coverage
from watchfloor.recordings.model import us
from watchfloor.recordings.play import MARGIN
from watchfloor.storage.tx import Tx

# A camera's day is a thousand rows: of so many cameras they are added up in a few tenths of a second.
AT_ONCE: Final = 200
_KNOWN_FOR: Final = timedelta(minutes=5)


@dataclass(slots=True)
class CoveredToday:
    """The share of the UTC day so far that each camera recorded, as it was last added up."""

    _of: dict[UUID, dict[UUID, tuple[datetime, float]]] = field(default_factory=dict)

    async def look(self, tx: Tx, agency: UUID) -> dict[str, float]:
        """Add up those known longest ago of an agency, and give all that is known, by the camera's id outside."""
        cameras = {camera.id: camera for camera in (await camera_store.cameras(tx)).items if camera.enabled}
        known = {one: said for one, said in self._of.get(agency, {}).items() if one in cameras}
        due = [one for one in cameras if one not in known or tx.now - known[one][0] > _KNOWN_FOR]
        due.sort(key=lambda one: known[one][0] if one in known else datetime.min.replace(tzinfo=UTC))
        known |= await _add_up(tx, [cameras[one] for one in due[:AT_ONCE]])
        self._of[agency] = known
        return {outside("camera", camera): share for camera, (_, share) in known.items()}


async def _add_up(tx: Tx, cameras: list[Camera]) -> dict[UUID, tuple[datetime, float]]:
    found: dict[UUID, tuple[datetime, float]] = {}
    begin = tx.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    recorded = await store.stretches_of(tx, [one.id for one in cameras], begin, tx.now, margin=begin - MARGIN)
    for one in cameras:
        day = coverage(
            recorded[one.id], (), shown(one, now=tx.now), begin_us=us(max(begin, one.created_at)), until_us=us(tx.now),
            elsewhere=one.details.footage_kept is FootageKept.AT_SITE,
        )  # fmt: skip
        if day.expected_us:
            found[one.id] = (tx.now, day.recorded_us / day.expected_us)
    return found
