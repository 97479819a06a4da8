"""A recorder is asked by ONVIF which cameras it has; by Media2 where it has that, which alone tells of H.265."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cameras.onvif.device import LOGIN, REACH, a_device
from watchfloor.cameras.address import Networks, parse
from watchfloor.cameras.onvif.channels import Channel, Channels, channels
from watchfloor.cameras.onvif.kept import Lens, kept_there
from watchfloor.cameras.onvif.model import Limits, Profile, Reach, device_address
from watchfloor.cameras.onvif.probe import probe
from watchfloor.cameras.sites.model import Paths, is_channel
from watchfloor.cameras.sites.told import numbered, placed
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid
from watchfloor_sim.kept import Kept
from watchfloor_sim.onvif.device import Device, Recording, Stream
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer

CLOCK = SystemClock()
# Hundreds of answers take longer than one.
PATIENT = Reach(Networks.of("127.0.0.1/32"), limits=Limits(10.0, 60.0, 256 * 1024))


def a_recorder(lenses: int = 3, **changes: Any) -> Device:
    """A recorder of so many cameras, each with a main and a smaller stream."""
    streams = [
        Stream(
            f"{name}{n}", name, width, height, f"rtsp://127.0.0.1:8554/unicast/c{n}/{name}",
            encoding=codec, source=f"VideoSource_{n}",
        )
        for n in range(1, lenses + 1)
        for name, width, height, codec in (("sub", 640, 360, "H264"), ("main", 2560, 1440, "H265"))
    ]  # fmt: skip
    return a_device(
        **{"streams": streams, "turns": False, "presets": {}, "media_two": True, "clock_off": timedelta()}
        | changes
    )


async def asked(device: Device, reach: Reach = REACH) -> Channels:
    async with DeviceServer.running(device) as server:
        return await channels(reach, device_address(server.url), LOGIN, CLOCK)


async def test_a_recorder_tells_of_each_camera_its_largest_stream_and_a_smaller() -> None:
    found = await asked(a_recorder())
    assert [one.source for one in found.cameras] == ["VideoSource_1", "VideoSource_2", "VideoSource_3"]
    assert (found.cameras[1].main.codec, found.cameras[1].main.width) == ("H265", 2560)
    assert found.cameras[1].main.url == "rtsp://127.0.0.1:8554/unicast/c2/main"
    assert (
        found.cameras[1].sub is not None
        and found.cameras[1].sub.url == "rtsp://127.0.0.1:8554/unicast/c2/sub"
    )
    assert found.remarks == ()


async def test_what_has_no_profiles_in_media2_is_asked_by_media1() -> None:
    for device in (a_recorder(faults={Fault.NO_PROFILES_TWO}), a_recorder(media_two=False)):
        found = await asked(device)
        assert [one.main.codec for one in found.cameras] == ["H264"] * 3, "of its H.265 Media1 tells nothing"
        assert all(one.sub is None for one in found.cameras)


async def test_a_camera_of_h265_alone_is_told_of_by_media2() -> None:
    streams = [Stream("p", "Main stream", 3840, 2160, "rtsp://127.0.0.1:8554/p", encoding="H265")]
    more = {"audio": True, "analytics": ["tt:CellMotionEngine"], "streams": streams}
    device = a_device(media_two=True, **more)
    async with DeviceServer.running(device) as server:
        facts = await probe(REACH, device_address(server.url), LOGIN, CLOCK)
        assert facts.main is not None and (facts.main.codec, facts.main.width) == ("H265", 3840)
        assert facts.main.url == "rtsp://127.0.0.1:8554/p"
        assert facts.turns and [preset.name for preset in facts.presets] == ["Door", "Gate"]
        assert facts.capabilities == ("audio", "CellMotionEngine") and device.refused == 0
        device.media_two = False
        with pytest.raises(Invalid, match="names no stream that we can read"):
            await probe(REACH, device_address(server.url), LOGIN, CLOCK)


async def test_what_a_recorder_keeps_of_a_camera_is_found_by_either_service() -> None:
    device = a_recorder(2)
    for number, of in enumerate(("VideoSource_1", "VideoSource_2"), 1):
        kept = Kept(token=f"R{number}")
        device.recordings.append(Recording(kept, f"rtsp://127.0.0.1:8554/replay/{number}", of))
    async with DeviceServer.running(device) as server:
        at = device_address(server.url)
        for lens in (Lens(path="/unicast/c2/main"), Lens(profile="sub2"), Lens(source="VideoSource_2")):
            there = await kept_there(REACH, at, LOGIN, CLOCK, lens)
            assert there.url == "rtsp://127.0.0.1:8554/replay/2"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"streams": []}, "no_profile"),
        ({"faults": {Fault.GARBAGE}}, "not_onvif"),
        ({"faults": {Fault.HALF}}, "not_onvif"),
        ({"faults": {Fault.LYING}}, "no_profile"),
        ({"faults": {Fault.BOMB}}, "not_onvif"),
        ({"faults": {Fault.HUGE}}, "too_large"),
        ({"faults": {Fault.SLOW}}, "too_slow"),
        ({"faults": {Fault.REDIRECT}, "elsewhere": "127.0.0.9:9"}, "redirect"),
    ],
)
async def test_a_recorder_that_answers_badly_is_refused_with_its_reason(
    changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await asked(a_recorder(**changes))
    assert refused.value.reason == reason


async def test_a_recorder_sends_us_to_no_other_host() -> None:
    found = await asked(a_recorder(1, faults={Fault.FOREIGN_STREAM}, elsewhere="127.0.0.9:9"))
    assert found.cameras[0].main.url == "rtsp://127.0.0.1:9/inside"
    assert found.remarks == ("It names a stream at another host; it is opened at the device itself.",)


async def test_of_a_recorder_of_hundreds_as_many_are_read_as_a_site_takes_at_once() -> None:
    streams = [
        Stream(f"p{n}", "Main", 1280, 720, f"rtsp://127.0.0.1:8554/{n}", source=f"VS{n}") for n in range(300)
    ]
    found = await asked(a_recorder(streams=streams), PATIENT)
    assert len(found.cameras) == 256 and found.cameras[255].source == "VS255"
    assert found.remarks == ("It has 300 cameras; the first 256 of them were read.",)


def a_channel(source: str, url: str, sub: str | None = None) -> Channel:
    smaller = None if sub is None else Profile("s", "s", 640, 360, "H264", sub)
    return Channel(source, Profile("m", "m", 1920, 1080, "H264", url), smaller)


def test_a_recorder_that_shows_its_cameras_at_several_ports_keeps_the_port_of_each() -> None:
    found = [
        a_channel("gate", "rtsp://10.0.4.20:8554/a?x={channel}", "rtsp://10.0.4.20:8554/b"),
        a_channel("yard", "rtsp://10.0.4.20:8554/c", "rtsp://10.0.4.20/d"),
        a_channel("hall", "rtsp://10.0.4.20:9999/e", "rtsp://10.0.4.20:9999/f"),
        a_channel("cellar", "rtsps://10.0.4.20:8554/g"),
    ]
    address, told, remarks = placed(found, None, {})
    assert address == "rtsp://10.0.4.20:8554" and len(remarks) == 1
    assert [(one.channel, one.paths) for one in told] == [
        ("gate", Paths("/a?x={channel}", "/b")),
        ("yard", Paths("/c", None)),
        ("hall", Paths("/e", "/f", "rtsp://10.0.4.20:9999")),
    ]
    with pytest.raises(Invalid, match="not at the site's address") as refused:
        placed(found, parse("rtsp://10.0.4.20")[0], {})
    assert refused.value.next_step == "Enter rtsp://10.0.4.20:8554, or leave the address empty."


CASES = [
    (["VideoSource_1", "VideoSource_16"], {}, ["1", "16"]),
    (["000", "001"], {}, ["000", "001"]),
    (["gate", "yard 2"], {}, ["gate", "1"]),
    (["{a}", "1"], {}, ["2", "1"]),
    (["a 1", "b 1"], {}, ["1", "2"]),
    (["VideoSource_1", "VideoSource_2"], {"VideoSource_2": "gate"}, ["1", "gate"]),
    (["VideoSource_1", "VideoSource_2"], {"VideoSource_2": "1", "gone": "2"}, ["3", "1"]),
]


@pytest.mark.parametrize(("sources", "known", "wanted"), CASES)
def test_a_channel_is_called_as_the_recorder_counts_and_keeps_its_word(
    sources: list[str], known: dict[str, str], wanted: list[str]
) -> None:
    assert list(numbered(sources, known).values()) == wanted


@given(
    st.lists(st.text("ab 1{", min_size=1, max_size=4), min_size=1, max_size=12, unique=True),
    st.dictionaries(st.text("ab 1{", min_size=1, max_size=4), st.sampled_from("1234"), max_size=3),
)
def test_no_two_cameras_of_a_recorder_have_one_channel(sources: list[str], known: dict[str, str]) -> None:
    apart = {channel: source for source, channel in known.items()}
    known = {source: channel for channel, source in apart.items()}
    found = numbered(sources, known)
    assert set(found) == set(sources) and len(set(found.values())) == len(sources)
    assert all(is_channel(one) for one in found.values())
    assert all(found[source] == known[source] for source in sources if source in known)
    # Read anew, each keeps its word.
    assert numbered(sources[::-1], found) == found
