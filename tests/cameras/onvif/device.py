"""A simulated device for tests: over real HTTP, with a login that only it knows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from watchfloor.cameras.address import Login, Networks
from watchfloor.cameras.onvif.model import Limits, Reach
from watchfloor_sim.digest import Credentials
from watchfloor_sim.onvif.device import Device, Look, Stream

# What is entered of a camera, but for its address.
MILL_ST = {"name": "Mill St", "technology": "fixed_camera", "place": "Mill St", "lat": 38.6, "lon": -90.2}
NAME, WORD = "viewer", "s3cret & <more>"
LOGIN = Login(NAME, WORD)
# So that a fault costs a test half a second.
REACH = Reach(Networks.of("127.0.0.1/32"), limits=Limits(3.0, 20.0, 256 * 1024))


def a_device(**changes: Any) -> Device:
    """A dome with two streams, a door and a gate, and a clock seven hours ahead."""
    given: dict[str, Any] = {
        "streams": [
            Stream("main", "Main stream", 1920, 1080, "rtsp://127.0.0.1:8554/main"),
            Stream("sub", "Sub stream", 640, 360, "rtsp://127.0.0.1:8554/sub"),
            Stream("tiny", "Still pictures", 320, 180, "rtsp://127.0.0.1:8554/tiny", encoding="JPEG"),
        ],
        "credentials": Credentials(NAME, WORD),
        "turns": True,
        "presets": {"1": ("Door", Look(0.5, -0.2, 0.1)), "2": ("Gate", Look(-0.5, 0.1, 0.6))},
        "clock_off": timedelta(hours=7),
    }
    return Device(**given | changes)
