"""Streets that are drawn once for all tests of the simulators."""

from __future__ import annotations

import pytest

from watchfloor_sim.samples import Clip
from watchfloor_sim.scene import scene_clip


@pytest.fixture(scope="session")
def street() -> Clip:
    """Five seconds at 15 frames a second, a keyframe every second."""
    return scene_clip()


@pytest.fixture(scope="session")
def small_street() -> Clip:
    return scene_clip(size=(320, 192), plate="QZ1")
