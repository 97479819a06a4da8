"""A camera under TLS proves who it is before it hears a word: by an authority, or by the certificate that was entered for it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.cameras.certificates import made
from tests.cameras.watch import Seen, watching
from watchfloor.cameras.model import of_status
from watchfloor.cameras.rtsp.replay import NotReplayed, Span, replay
from watchfloor.cameras.rtsp.session import Place
from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.transport import Transport
from watchfloor.kit.clock import SystemClock
from watchfloor.recordings.model import at
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.digest import Credentials
from watchfloor_sim.rtsp import RtspCamera

STREET = "street-bicycle-272p-h264.mp4"
WORD = "certificate-S3cret"


async def refused(seen: Seen, device: RtspCamera) -> str:
    """What is said of a camera that is not opened; it heard nothing."""
    await seen.until(lambda: seen.was(CameraStatus.CERTIFICATE_REFUSED))
    assert device.requests == [] and not seen.runs
    said = next(one for one in seen.said if one.status is CameraStatus.CERTIFICATE_REFUSED)
    assert of_status(said.status, said.reason, at(said.since_us)).word == "certificate not trusted"
    return said.reason


async def test_pictures_come_from_a_camera_that_proves_who_it_is_and_not_a_word_goes_to_another(
    clips: Path, tmp_path: Path
) -> None:
    own, other = made("camera-17"), made("camera-17")
    options = CameraOptions(credentials=Credentials("watch", WORD), transports=("udp", "tcp"))
    async with await RtspCamera.start(clips / STREET, options=options, tls=own.shown(tmp_path)) as device:
        device.slow_down(0.2)
        url = device.url_with_credentials
        assert url.startswith("rtsps://watch:")
        async with watching(url) as seen:
            said = await refused(seen, device)
            assert said == (
                "The camera’s certificate is not trusted (it is signed by itself), so it is not opened. If the camera itself shows"
                f" this SHA-256 fingerprint, enter it as its certificate: {own.fingerprint}"
            )
        async with watching(url, certificate=other.fingerprint) as seen:
            said = await refused(seen, device)
            assert own.fingerprint in said and "another certificate than the one that was entered" in said
        async with watching(url, certificate=own.fingerprint, transport=Transport.AUTO) as seen:
            await seen.until(lambda: seen.count >= 30)
        assert device.refused_logins == 0 and not device.visits[0].beside and WORD not in repr(seen.said)
        # What it kept is asked for no otherwise.
        place = Place(device.url, "127.0.0.1", device.port, True, None, certificate=other.fingerprint)
        with pytest.raises(NotReplayed, match="another certificate"):
            await asyncio.to_thread(list, replay(place, Span(0, 1_000_000), SystemClock()))


async def test_an_authority_vouches_for_the_name_in_the_address_and_for_no_other(
    clips: Path, tmp_path: Path
) -> None:
    city = made("City Cameras", authority=True)
    for name, why in (
        ("127.0.0.1", None),
        ("10.0.0.7", "it is made out to another name than the address has"),
    ):
        leaf = made(name, city)
        async with await RtspCamera.start(clips / STREET, tls=leaf.shown(tmp_path)) as device:
            if why is None:
                async with watching(device.url) as seen:
                    assert "its authority is not known here" in await refused(seen, device)
            async with watching(device.url, certificate=city.pem) as seen:
                if why is None:
                    await seen.until(lambda: bool(seen.runs))
                else:
                    assert why in await refused(seen, device)


async def test_a_camera_that_speaks_no_tls_is_said_to() -> None:
    async def answers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"RTSP/1.0 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answers, "127.0.0.1", 0)
    async with server, watching(f"rtsps://127.0.0.1:{server.sockets[0].getsockname()[1]}/live") as seen:
        await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
        assert seen.said[-1].reason == (
            "The camera does not answer in TLS, 1.2 or newer; perhaps its address begins with rtsp://."
        )
