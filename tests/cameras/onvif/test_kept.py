"""A device is asked what it kept (Profile G); wherever it says that is, nobody is led elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cameras.onvif.device import LOGIN, REACH, a_device
from watchfloor.cameras.onvif.kept import KeptThere, kept_there
from watchfloor.cameras.onvif.model import Limits, Reach, device_address
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid
from watchfloor_sim.kept import Kept
from watchfloor_sim.onvif.device import Device, Recording
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer
from watchfloor_sim.samples import load_clip

# The first who asks any device in a process waits for half a second of CPU.
PATIENT = Reach(REACH.networks, limits=Limits())
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def kept(material: Path) -> Kept:
    """Ten seconds of a street from noon on."""
    made = Kept(token="lens-1 & more")
    for sample in load_clip(material / "media" / "street-bicycle-272p-h264.mp4", audio=False).content:
        made.keep(sample, NOON.timestamp() + sample.pts / 90_000)
    return made


async def asked(device: Device) -> KeptThere:
    async with DeviceServer.running(device) as server:
        return await kept_there(PATIENT, device_address(server.url), LOGIN, SystemClock(), "main")


async def test_what_a_device_kept_is_found_with_where_it_is_replayed(kept: Kept) -> None:
    there = await asked(a_device(recordings=[Recording(kept, "rtsp://127.0.0.1:8554/replay")]))
    assert there.url == "rtsp://127.0.0.1:8554/replay"
    # By the device's own clock, seven hours ahead.
    assert there.ahead is not None and abs(there.ahead - timedelta(hours=7)) < timedelta(seconds=2)
    assert there.earliest is not None and there.latest is not None
    assert abs(there.earliest - NOON - timedelta(hours=7)) < timedelta(seconds=2)
    assert abs(there.latest - there.earliest - timedelta(seconds=10)) < timedelta(seconds=2)


async def test_of_a_recorder_of_several_cameras_it_is_the_recording_of_the_profiles_lens(kept: Kept) -> None:
    other = Recording(Kept(token="another"), "rtsp://127.0.0.1:8554/another", source="back door")
    device = a_device(recordings=[other, Recording(kept, "rtsp://127.0.0.1:8554/replay")])
    assert (await asked(device)).url == "rtsp://127.0.0.1:8554/replay"
    with pytest.raises(Invalid) as refused:
        await asked(a_device(recordings=[other, other]))
    assert refused.value.detail == (
        "The device keeps recordings of several cameras and does not say which is of this one."
    )


async def test_a_replay_that_is_said_to_be_elsewhere_is_asked_for_at_the_device(kept: Kept) -> None:
    recordings = [Recording(kept, "rtsp://127.0.0.1:8554/replay")]
    device = a_device(recordings=recordings, elsewhere="169.254.169.254:80", faults={Fault.FOREIGN_STREAM})
    assert (await asked(device)).url == "rtsp://127.0.0.1:80/inside"


async def test_a_device_that_keeps_nothing_says_so(kept: Kept) -> None:
    with pytest.raises(Invalid) as refused:
        await asked(a_device())
    assert (refused.value.reason, refused.value.detail) == (
        "not_offered",
        "The camera keeps nothing that could be fetched.",
    )
    empty = await asked(a_device(recordings=[Recording(Kept(), "rtsp://127.0.0.1:8554/replay")]))
    assert empty.earliest is None


@pytest.mark.parametrize("fault", [Fault.GARBAGE, Fault.HALF, Fault.BOMB])
async def test_a_device_that_answers_oddly_is_said_to(kept: Kept, fault: Fault) -> None:
    device = a_device(recordings=[Recording(kept, "rtsp://127.0.0.1:8554/replay")], faults={fault})
    with pytest.raises(Invalid) as refused:
        await asked(device)
    assert refused.value.detail == "What the device answers is no ONVIF."
