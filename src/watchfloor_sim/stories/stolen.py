"""A stolen car passes the first reader. What then is done about it is a guest's to do, or the simulated people's."""

from __future__ import annotations

from watchfloor_sim import block as devices
from watchfloor_sim import story
from watchfloor_sim.city.cameras import READERS
from watchfloor_sim.stories.stage import Stage


async def stolen_car(stage: Stage) -> None:
    """It passes. Where nothing is left to guests it is reviewed, a unit goes, and the recording of that minute is played."""
    block, reader = stage.block, stage.readers[READERS[0].key]
    picture = stage.devices.picture(block.plate, block.state)

    async def passes() -> object:
        return await reader.sees(block.plate, state=block.state, picture=picture)

    if stage.leave_s:
        await passes()
        stage.told("passed", {"what": "the stolen car", "where": READERS[0].name})
        return
    await story.confirm(stage.night, block, picture, passes, stage.told)
    await story.send_help(stage.night, stage.told)
    await story.play_minute(stage.night, stage.told, devices.frames_of, fps=stage.devices.fps)
