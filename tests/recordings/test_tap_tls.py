"""A tap for servers on other machines: only who shows a certificate of the center's authority gets a picture, or an answer."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.fixtures.center import CenterMaker
from tests.recordings.center import block
from tests.recordings.footage import CAMERA, run_of, street
from tests.recordings.test_live import received, watching
from watchfloor.cameras import wire
from watchfloor.cameras.tap import Tap
from watchfloor.cameras.wire import Kind
from watchfloor.engines.layout import Layout
from watchfloor.engines.node_tls import NodeTls, make_node_files, node_tls
from watchfloor.engines.tls import node_files, tls_of
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.recordings.tap import TapPlace, TapServer, TapSink
from watchfloor.settings import HttpSettings, RecordSettings
from watchfloor_sim.rtsp import RtspCamera

KEY = b"k" * 32
NETWORK = RecordSettings(tap_host="127.0.0.1")
_clock = SystemClock()


def laid_out(folder: Path) -> Layout:
    layout = Layout.of(folder)
    layout.prepare()
    return layout


def made(layout: Layout) -> NodeTls:
    make_node_files(NETWORK, layout, _clock.now())
    tls = node_tls(NETWORK, layout)
    assert tls is not None
    return tls


@pytest.fixture
def here(tmp_path: Path) -> Layout:
    """The machine of the center, with its authority."""
    return laid_out(tmp_path / "here")


@asynccontextmanager
async def tapped(here: Layout, sockets: Path, sink: TapSink) -> AsyncIterator[str]:
    """A tap of one camera, on the network; its address."""
    place = TapPlace(sockets / "t.tap", "127.0.0.1", 0, "127.0.0.1", made(here).server)
    server = TapServer(place, KEY, _clock, lambda ask: {CAMERA: sink}.get(ask.camera))
    await server.start()
    try:
        yield server.url
    finally:
        await server.stop()


def token(until_s: float = 60.0) -> str:
    return wire.make_token(KEY, CAMERA, UUID(int=1), _clock.now() + timedelta(seconds=until_s - 60))


async def first(url: str, tls: ssl.SSLContext | None, shown: str) -> int:
    """The kind of the first frame that comes."""
    tap = await Tap.open(url, CAMERA, shown, tls)
    try:
        return (await tap.next())[0]
    finally:
        tap.close()


async def test_a_server_of_this_center_gets_the_picture(here: Layout, sockets: Path, clips: Path) -> None:
    sink = TapSink(CAMERA, asyncio.get_running_loop())
    sink.begin(run_of(street(clips)))
    async with tapped(here, sockets, sink) as url:
        assert url.startswith("tls://127.0.0.1:")
        assert await first(url, made(here).client, token()) == Kind.INIT
        assert await first(f"unix:{sockets / 't.tap'}", None, token()) == Kind.INIT
        # A certificate opens the door, not the camera: that takes a leave that holds.
        assert await first(url, made(here).client, "nothing.signed") == Kind.END


async def test_a_machine_elsewhere_is_known_by_the_certificate_it_was_made(
    here: Layout, sockets: Path, clips: Path, tmp_path: Path
) -> None:
    sink = TapSink(CAMERA, asyncio.get_running_loop())
    sink.begin(run_of(street(clips)))
    carried = node_files(here, ["server-2.example.gov"], _clock.now(), into=tmp_path / "carried")
    assert carried.authority is not None
    settings = RecordSettings(
        tap_cert_file=str(carried.certificate),
        tap_key_file=str(carried.key),
        tap_authority_file=str(carried.authority),
    )
    there = node_tls(settings, laid_out(tmp_path / "there"))
    assert there is not None
    async with tapped(here, sockets, sink) as url:
        assert await first(url, there.client, token()) == Kind.INIT


async def test_who_shows_no_certificate_or_anothers_gets_nothing(
    here: Layout, sockets: Path, clips: Path, tmp_path: Path
) -> None:
    sink = TapSink(CAMERA, asyncio.get_running_loop())
    sink.begin(run_of(street(clips)))
    made(here)
    trusting = ssl.create_default_context(cafile=here.keys / "tls" / "authority.pem")
    foreign = made(laid_out(tmp_path / "elsewhere")).client
    foreign.load_verify_locations(here.keys / "tls" / "authority.pem")  # it trusts us; we do not know it
    listener = ssl.create_default_context(cafile=here.keys / "tls" / "authority.pem")
    files = tls_of(HttpSettings(tls="local"), here, _clock.now())
    assert files is not None
    listener.load_cert_chain(
        files.certificate, files.key
    )  # the listener's certificate is for answering alone
    async with tapped(here, sockets, sink) as url:
        for stranger in (trusting, foreign, listener):
            with pytest.raises(Unavailable):
                await first(url, stranger, token())
        with pytest.raises(Unavailable, match="no certificate"):
            await Tap.open(url, CAMERA, token(), None)
        assert await first(url, made(here).client, token()) == Kind.INIT


async def test_a_server_talks_to_no_recorder_that_is_not_of_its_center(
    here: Layout, sockets: Path, tmp_path: Path
) -> None:
    sink = TapSink(CAMERA, asyncio.get_running_loop())
    async with tapped(here, sockets, sink) as url:
        with pytest.raises(Unavailable):
            await Tap.open(url, CAMERA, token(), made(laid_out(tmp_path / "elsewhere")).client)
        with pytest.raises(Unavailable):  # the certificate is another machine's
            await Tap.open(url.replace("127.0.0.1", "localhost"), CAMERA, token(), made(here).client)


async def test_files_that_do_not_fit_are_said_with_what_makes_them(here: Layout, tmp_path: Path) -> None:
    made(here)
    wrong = replace(NETWORK, tap_cert_file=str(here.keys / "tls" / "node.pem"), tap_key_file="/nowhere")
    with pytest.raises(Invalid, match="tap_key_file") as said:
        node_tls(wrong, here)
    assert "node-certificate" in (said.value.next_step or "")
    assert node_tls(RecordSettings(), laid_out(tmp_path / "fresh")) is None


async def test_a_viewer_sees_a_camera_whose_recorder_is_on_the_network(
    center: CenterMaker, tmp_path: Path, sockets: Path, clips: Path, here: Layout
) -> None:
    tls = made(here)
    async with block(center, tmp_path, sockets, tls=tls.client) as city:
        await city.web.authorise("fixed_camera")
        async with await RtspCamera.start(clips / "street-bicycle-272p-h264.mp4") as device:
            camera = await city.camera(device.url)
            await city.record(tap=TapPlace(sockets / "r.tap", "127.0.0.1", 0, "127.0.0.1", tls.server))
            (sockets / "r.tap").unlink()  # there is no other way to it
            await city.until(camera["id"], lambda seen: seen["state"]["word"] == "live")
            async with watching(city, camera["id"]) as socket:
                kinds = set[Kind]()
                while not {Kind.INIT, Kind.FRAGMENT} <= kinds:
                    head, _ = await received(socket)
                    kinds.add(head.kind)
