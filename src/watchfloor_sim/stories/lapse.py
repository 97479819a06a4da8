"""An authorisation expires while somebody looks: the trailer's camera is let go, and the viewer is told why.

The trailer is a technology of its own, allowed for a minute or two in its yard and not at all otherwise.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from watchfloor_sim import story
from watchfloor_sim.city.cameras import CAMERAS, TRAILER
from watchfloor_sim.people import Answered
from watchfloor_sim.stories.stage import Stage

CAMERA: Final = next(site for site in CAMERAS if site.technology == TRAILER)
_LET_GO_WITHIN_S: Final = 90.0
_NEAR: Final = 0.004
"""Degrees around the trailer in which it may stand."""


async def expired_authorisation(stage: Stage) -> None:
    """Two persons allow it for a short while; a viewer watches until it is over."""
    device, ends_in = stage.devices.cameras[CAMERA.key], timedelta(seconds=stage.lasts_s)
    until = datetime.now(UTC) + ends_in
    lat, lon = CAMERA.lat, CAMERA.lon
    area = [(lat + a * _NEAR, lon + b * _NEAR) for a, b in ((-1, -1), (-1, 1), (1, 1), (1, -1))]
    await story.authorise(
        stage.night, TRAILER, "Trailer 2 at the depot", stage.told, expires_in=ends_in, area=area
    )
    try:
        async with asyncio.timeout(stage.lasts_s + _LET_GO_WITHIN_S):
            end = await _watch(stage, until=until)
            stage.told("told_why", {"camera": CAMERA.name, "why": end["detail"]})
            await device.until(lambda: not device.clients, timeout_s=None)
    except TimeoutError as error:
        raise Answered("the trailer's camera was not let go in time") from error
    stage.told("let_go", {"camera": CAMERA.name, "how": device.departures[-1].how})


async def _watch(stage: Stage, *, until: datetime) -> dict[str, Any]:
    """Look at the trailer's camera from when it comes alive until the center ends it; what the viewer is told then."""
    while True:
        async with stage.person("analyst").socket(f"/live/{stage.cameras[CAMERA.key]}") as connection:
            await connection.send(json.dumps({"purpose": "patrol_monitoring", "case": None}))
            seen = 0
            while isinstance(message := await connection.recv(), bytes) and message[0] != 5:
                seen += message[0] == 2
                if message[0] == 2 and seen == 1:
                    stage.told("watched", {"camera": CAMERA.name, "until": f"{until:%H:%M:%S} UTC"})
        if not isinstance(message, bytes):
            raise Answered(f"the live socket said {message!r}")
        end: dict[str, Any] = json.loads(message[18:])
        if seen or datetime.now(UTC) > until:
            return end
        # The recorder has not opened it yet.
        await asyncio.sleep(0.5)
