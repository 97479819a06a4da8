"""A device is asked what it kept (Profile G); wherever it says that is, nobody is led elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cameras.onvif.device import LOGIN, REACH, a_device
from watchfloor.cameras.onvif.kept import KeptThere, Lens, kept_there
from watchfloor.cameras.onvif.model import Limits, Reach, device_address
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid
from watchfloor_sim.kept import Kept
from watchfloor_sim.onvif.device import Device, Recording, Stream
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


async def asked(
    device: Device, lens: Lens = Lens("main"), seconds: tuple[float, float] | None = None
) -> KeptThere:
    """What it says, of its recording or of so many seconds after noon."""
    between = None if seconds is None else (after(seconds[0]), after(seconds[1]))
    async with DeviceServer.running(device) as server:
        return await kept_there(PATIENT, device_address(server.url), LOGIN, SystemClock(), lens, between)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def told(there: KeptThere) -> list[tuple[float, float]]:
    """The stretches it says that it has, in seconds after noon by its own clock, seven hours ahead."""
    assert there.stretches is not None
    begin = NOON + timedelta(hours=7)
    return [((a - begin).total_seconds(), (b - begin).total_seconds()) for a, b in there.stretches]


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


@pytest.fixture(scope="module")
def torn(kept: Kept) -> Kept:
    """The same without its fourth to sixth second."""
    made = Kept(token="lens-1 & more")
    made.pictures.extend(kept.pictures)
    made.forget(NOON.timestamp() + 3, NOON.timestamp() + 6)
    return made


async def test_a_device_says_which_of_a_time_it_has_and_what_it_lacks(torn: Kept) -> None:
    device = a_device(recordings=[Recording(torn, "rtsp://127.0.0.1:8554/replay")])
    (first, last) = told(await asked(device, seconds=(-30, 60)))
    assert [*first, *last] == pytest.approx([0, 3, 6, 10], abs=2.1)
    # Within what it has, and beside it.
    assert len(told(await asked(device, seconds=(7, 9)))) == 1
    assert told(await asked(device, seconds=(1000, 2000))) == []


async def test_one_that_tells_no_events_says_from_when_to_when_it_has_footage(torn: Kept) -> None:
    for fault in (Fault.NO_HISTORY, Fault.LONG_HISTORY):
        device = a_device(recordings=[Recording(torn, "rtsp://127.0.0.1:8554/replay")], faults={fault})
        there = await asked(device, seconds=(-30, 60))
        assert there.bounds_only and len(told(there)) == 1, fault
    empty = await asked(a_device(recordings=[Recording(Kept(), "rtsp://127.0.0.1:8554/r")]), seconds=(0, 9))
    assert empty.stretches is None


async def test_of_a_recorder_it_is_the_recording_of_the_lens_whose_stream_is_at_that_path(kept: Kept) -> None:
    streams = [
        Stream(f"p{n}", f"Channel {n}", 1280, 720, f"rtsp://127.0.0.1:8554/ch/{n}", source=f"lens-{n}")
        for n in range(1, 5)
    ]
    recordings = [
        Recording(Kept(token=f"r{n}"), f"rtsp://127.0.0.1:8554/replay/{n}", source=f"lens-{n}")
        for n in range(1, 5)
    ]
    device = a_device(streams=streams, recordings=recordings)
    assert (await asked(device, Lens(path="/ch/3"))).url == "rtsp://127.0.0.1:8554/replay/3"
    with pytest.raises(Invalid) as refused:
        await asked(device, Lens(path="/ch/9"))
    assert refused.value.reason == "which"
