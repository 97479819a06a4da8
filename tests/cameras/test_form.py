"""A whole city's cameras in the form that people see, while others are being served."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time, thread_time
from uuid import UUID

from watchfloor.cameras.api import in_form
from watchfloor.cameras.model import Camera, CameraId
from watchfloor.governance.model import Authorisation, AuthorisationId
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.extent import Cut
from watchfloor.kit.geo import Point

NOW = datetime(2026, 11, 28, 22, tzinfo=UTC)
KIND = TechnologyKind.FIXED_CAMERA
DOWNTOWN = ((38.0, -91.0), (38.0, -90.0), (39.0, -90.0), (39.0, -91.0))


def camera(number: int) -> Camera:
    """A camera that nobody has recorded yet: every second one downtown."""
    place = Point(38.5, -90.5 if number % 2 else -92.5)
    return Camera(
        CameraId(UUID(int=number)), UUID(int=1), f"Camera {number}", KIND, "rtsp://c/", "A corner", place, None, True,
        False, 1, NOW, None,
    )  # fmt: skip


async def test_a_citys_cameras_are_put_in_form_beside_the_loop_that_serves() -> None:
    approval = Authorisation(
        AuthorisationId(UUID(int=2)), KIND, "Cameras downtown", NOW - timedelta(days=1), NOW + timedelta(days=1), frozenset(),
        frozenset(), DOWNTOWN, 1, timedelta(days=30), False,
    )  # fmt: skip
    city = Cut([camera(number) for number in range(2300)])
    on_the_loop_s, in_all_s = thread_time(), process_time()
    shown = (await in_form(city, [approval], NOW)).items
    on_the_loop_s, in_all_s = thread_time() - on_the_loop_s, process_time() - in_all_s
    assert on_the_loop_s < in_all_s / 2
    assert [one["name"] for one in shown[:2]] == ["Camera 0", "Camera 1"]
    assert [one["authorised_until"] for one in shown] == [None, approval.expires_at] * 1150
