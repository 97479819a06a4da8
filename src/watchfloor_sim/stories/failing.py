"""A camera fails and comes back: it breaks off, answers nobody for a while, and is opened again by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, Final

from watchfloor_sim.people import Answered
from watchfloor_sim.stories.stage import Stage

CAMERA: Final = "tower-park"
_NOTICED_WITHIN_S: Final = 90.0


async def camera_failing(stage: Stage) -> None:
    """The center says within seconds that it has no picture and why, and that it has one again."""
    device = stage.devices.cameras[CAMERA]
    async with aclosing(stage.person("technician").watch("cameras")) as items:
        now = await _until(items, stage.cameras[CAMERA], lambda word: word == "live")
        stage.told("camera_well", {"camera": now["name"], "says": now["state"]["word"]})
        device.unavailable = True
        device.die()
        try:
            now = await _until(items, stage.cameras[CAMERA], lambda word: word != "live")
            stage.told(
                "camera_fails",
                {"camera": now["name"], "says": now["state"]["word"], "why": now["state"]["reason"]},
            )
            await asyncio.sleep(stage.lasts_s)
        finally:
            device.unavailable = False
        now = await _until(items, stage.cameras[CAMERA], lambda word: word == "live")
        stage.told("camera_back", {"camera": now["name"], "says": now["state"]["word"]})


async def _until(items: Any, camera: str, enough: Callable[[str], bool]) -> dict[str, Any]:
    """The camera, as soon as the center says that word of it. Raises Answered when it does not in time."""
    said = "nothing"
    try:
        async with asyncio.timeout(_NOTICED_WITHIN_S):
            async for item in items:
                if item["id"] == camera:
                    said = item["state"]["word"]
                    if enough(said):
                        return dict(item)
    except TimeoutError:
        pass
    raise Answered(f"the center says of the camera: {said}")
