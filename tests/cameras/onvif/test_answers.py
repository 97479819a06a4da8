"""A device is asked what it is; whatever it says, nobody is led elsewhere and nothing grows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.cameras.onvif.device import LOGIN, NAME, REACH, WORD, a_device
from watchfloor.cameras.address import Login, Networks
from watchfloor.cameras.onvif.covering import source_of
from watchfloor.cameras.onvif.media import Told
from watchfloor.cameras.onvif.model import MEDIA, Facts, device_address, technology_of
from watchfloor.cameras.onvif.probe import probe
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid
from watchfloor_sim.onvif.device import Stream
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer

CLOCK = SystemClock()


async def asked(server: DeviceServer, login: Login | None = LOGIN) -> Facts:
    return await probe(REACH, device_address(server.url), login, CLOCK)


async def test_a_device_says_what_it_is_and_which_streams_it_has(caplog: pytest.LogCaptureFixture) -> None:
    device = a_device(audio=True, analytics=["tt:CellMotionEngine", "acme:LicensePlate"])
    caplog.set_level("DEBUG")
    async with DeviceServer.running(device) as server:
        facts = await asked(server)
    assert (facts.manufacturer, facts.model) == ("River Optics", "RO-20 dome")
    assert (facts.firmware, facts.serial) == ("4.1.0", "RO20-000117")
    assert [profile.token for profile in facts.profiles] == ["main", "sub", "tiny"]
    assert facts.main is not None and facts.main.url == "rtsp://127.0.0.1:8554/main"
    assert facts.sub is not None and facts.sub.url == "rtsp://127.0.0.1:8554/sub"
    assert facts.turns and [preset.name for preset in facts.presets] == ["Door", "Gate"]
    assert facts.events and facts.remarks == ()
    assert facts.capabilities == ("audio", "CellMotionEngine", "LicensePlate")
    # Its clock is seven hours ahead; it took our signature because it was dated by that clock.
    assert facts.clock_off_ms is not None and abs(facts.clock_off_ms - 7 * 3_600_000) < 2_000
    assert device.refused == 0
    assert WORD not in caplog.text


async def test_a_wrong_password_is_refused_by_the_device_and_said_so() -> None:
    device = a_device()
    async with DeviceServer.running(device) as server:
        for login in (Login("viewer", "wrong"), Login("nobody", WORD), None):
            with pytest.raises(Invalid) as refused:
                await asked(server, login)
            assert refused.value.reason == "login_refused"
            assert WORD not in str(refused.value) and "wrong" not in str(refused.value)
    assert device.refused == 3


async def test_what_is_optional_may_be_missing() -> None:
    device = a_device(
        turns=False, clock_off=timedelta(), presets={}, faults={Fault.NO_OPTIONS, Fault.NO_SERVICES}
    )
    async with DeviceServer.running(device) as server:
        facts = await asked(server)
    assert not facts.turns and facts.presets == () and not facts.audio and facts.analytics == ()
    assert "GetCapabilities" in device.asked, "an old device has no GetServices"


async def test_of_a_device_of_several_lenses_no_other_is_turned_for_the_one_to_record() -> None:
    device = a_device(turning=frozenset({"dome"}))
    device.streams.append(Stream("dome", "Dome", 1280, 720, "rtsp://127.0.0.1:8554/dome", source="dome"))
    async with DeviceServer.running(device) as server:
        fixed = await asked(server)
        device.turning = frozenset({"lens"})
        turns = await asked(server)
    assert (fixed.turns, fixed.presets, fixed.kept) == (False, (), "main")
    assert (turns.turns, turns.kept) == (True, "main")
    told = [lens("a", "one", 640), lens("a", "two", 1920), lens("b", "three", 320)]
    for profile, source, by in (
        ("three", None, "of b"),
        ("gone", None, None),
        ("three", "a", "of a"),
        ("gone", "b", "of b"),
        ("one", "c", None),
    ):
        assert source_of(told, profile, source) == by, "a recorder may call another by the name of before"


def lens(source: str, token: str, width: int) -> Told:
    return Told(MEDIA, token, token, source, f"of {source}", width, 360, "H264", False, False, None, ())


HOSTILE = [
    (Fault.GARBAGE, "not_onvif", "What the device answers is no ONVIF."),
    (Fault.HALF, "not_onvif", "What the device answers is no ONVIF."),
    (Fault.OTHER, "not_offered", "The device does not offer that."),
    (Fault.LYING, "no_profile", "The device names no stream that we can read."),
    (Fault.BOMB, "not_onvif", "What the device answers is no ONVIF."),
    (Fault.HUGE, "too_large", "The device answers more than a device has to say."),
    (Fault.SLOW, "too_slow", "The device takes too long to answer."),
    (Fault.REDIRECT, "redirect", "The device sends us to another address, which we do not follow."),
]


async def test_each_fault_has_its_sentence() -> None:
    device = a_device(clock_off=timedelta(), elsewhere="127.0.0.9:9")
    async with DeviceServer.running(device) as server:
        for fault, reason, sentence in HOSTILE:
            device.faults = {fault}
            with pytest.raises(Invalid) as refused:
                await asked(server)
            assert (refused.value.reason, refused.value.detail) == (reason, sentence), fault
        device.faults = set()
        with pytest.raises(Invalid, match=r"The device refuses the name and password\."):
            await asked(server, Login("viewer", "wrong"))


async def test_a_device_that_wants_http_digest_gets_it() -> None:
    device = a_device(http_digest=True)
    async with DeviceServer.running(device) as server:
        assert (await asked(server)).model == "RO-20 dome"
        assert device.refused == 0
        with pytest.raises(Invalid, match=r"The device refuses the name and password\."):
            await asked(server, Login(NAME, "wrong"))


async def test_a_device_that_signs_in_oddly_ends_nothing() -> None:
    device = a_device()
    async with DeviceServer.running(device) as server:
        for fault, sentence in (
            (Fault.ODD_SIGN_IN, "The device refuses the name and password."),
            (Fault.FULL_REFUSAL, "The device answers more than a device has to say."),
        ):
            device.faults = {fault}
            with pytest.raises(Invalid) as refused:
                await asked(server)
            assert refused.value.detail == sentence
        device.faults = set()
        assert (await asked(server)).model == "RO-20 dome"


async def test_a_device_cannot_send_us_to_another_address() -> None:
    """Whatever address it names, services and streams are asked for at its own host, and nobody else hears from us."""
    async with _Canary.running() as canary:
        device = a_device(elsewhere=canary.at)
        async with DeviceServer.running(device) as server:
            device.faults = {Fault.FOREIGN_SERVICES, Fault.FOREIGN_STREAM}
            facts = await asked(server)
            assert facts.main is not None and facts.main.url is not None
            assert facts.main.url.startswith("rtsp://127.0.0.1:")
            assert facts.remarks == (
                "It names a service at another host; it is asked for at the device itself.",
                "It names a stream at another host; it is opened at the device itself.",
            )
            device.faults = {Fault.REDIRECT}
            with pytest.raises(Invalid, match="another address"):
                await asked(server)
        assert canary.calls == 0


class _Canary:
    """Listens where nobody may come, and counts who does."""

    def __init__(self) -> None:
        self.calls = 0
        self.at = ""

    @classmethod
    def running(cls) -> _Canary:
        return cls()

    async def __aenter__(self) -> _Canary:
        def came(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.calls += 1
            writer.close()

        self._server = await asyncio.start_server(came, "127.0.0.9", 0)
        self.at = f"127.0.0.9:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()


async def test_a_device_is_spoken_to_only_where_cameras_may_be() -> None:
    device = a_device()
    async with DeviceServer.running(device) as server:
        for networks in ("10.0.0.0/8", ""):
            with pytest.raises(Invalid) as refused:
                await probe(
                    replace(REACH, networks=Networks.of(networks)), device_address(server.url), LOGIN, CLOCK
                )
            assert refused.value.reason == "address_refused"
        closed = device_address(f"http://127.0.0.1:{server.port}/")
    assert device.asked == []
    with pytest.raises(Invalid) as gone:
        await probe(REACH, closed, LOGIN, CLOCK)
    assert gone.value.reason == "no_answer" and gone.value.next_step


ADDRESSES = [
    ("10.0.0.5", "http://10.0.0.5/onvif/device_service"),
    ("10.0.0.5:8080", "http://10.0.0.5:8080/onvif/device_service"),
    ("HTTPS://cam.city.example/onvif/x", "https://cam.city.example/onvif/x"),
    ("http://10.0.0.5/admin/reset", None),
    ("http://10.0.0.5/onvif/x?do=this", None),
    ("http://[fd00::5]:81", "http://[fd00::5]:81/onvif/device_service"),
    ("ftp://10.0.0.5", None),
    ("http://u:p@10.0.0.5", None),
    ("http://10.0.0.5:99999", None),
    ("http://", None),
    ("10.0.0.5 /x", None),
    ("", None),
]


@pytest.mark.parametrize(("typed", "meant"), ADDRESSES)
def test_a_devices_address_is_understood_or_refused(typed: str, meant: str | None) -> None:
    if meant is not None:
        assert str(device_address(typed)) == meant
        return
    with pytest.raises(Invalid):
        device_address(typed)


def test_an_analytic_belongs_to_a_technology() -> None:
    assert technology_of("audio") is TechnologyKind.AUDIO
    assert technology_of("LicensePlate") is TechnologyKind.PLATE_READING_ON_VIDEO
    assert technology_of("CellMotionEngine") is TechnologyKind.OBJECT_SEARCH
