"""Stories of River City: whole courses of events, played over the public API and the devices' protocols alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from watchfloor_sim.stories.failing import camera_failing
from watchfloor_sim.stories.gunshot import gunshot
from watchfloor_sim.stories.lapse import expired_authorisation
from watchfloor_sim.stories.misread import misread
from watchfloor_sim.stories.revoking import owner_revoking
from watchfloor_sim.stories.stage import Stage
from watchfloor_sim.stories.stolen import stolen_car

# By name, in the order of the menu: what the menu says of each, and how it is played.
STORIES: Final[dict[str, tuple[str, Callable[[Stage], Awaitable[None]]]]] = {
    "stolen-car": ("a stolen car passes a reader", stolen_car),
    "misread": ("a reader takes one plate for another", misread),
    "expired-authorisation": ("an authorisation expires while somebody looks", expired_authorisation),
    "camera-failing": ("a camera fails and comes back", camera_failing),
    "gunshot": ("shots are fired, located and answered", gunshot),
    "owner-revoking": ("an owner revokes while somebody looks", owner_revoking),
}

__all__ = ["STORIES", "Stage"]
