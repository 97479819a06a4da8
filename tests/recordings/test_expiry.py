"""An authorisation ends by itself: the camera is told goodbye, nobody sees it, and not a byte more is written."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from websockets.exceptions import ConnectionClosed

from tests.recordings.center import Block
from tests.recordings.read import LONGEST_GOP, written_while
from tests.recordings.test_live import received, watching
from watchfloor.cameras import wire
from watchfloor.cameras.tap import Tap
from watchfloor.cameras.wire import Kind
from watchfloor.governance.forms import inside
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.envelope import key_from_file
from watchfloor_sim.rtsp import RtspCamera

HOLDS_FOR = timedelta(seconds=8)


async def test_expiry_ends_the_view_the_tap_the_stream_and_the_file(city: Block, clips: Path) -> None:
    clock = city.web.parts.clock
    await city.web.person("analyst")
    async with await RtspCamera.start(clips / "street-bicycle-272p-h264.mp4") as device:
        camera = await city.camera(device.url)
        await city.record()
        await city.until(camera["id"], lambda seen: seen["state"]["word"] == "not authorised")
        await city.web.authorise("fixed_camera", expires_at=rfc3339(clock.now() + HOLDS_FOR))
        await city.until(camera["id"], lambda seen: seen["recording"])
        async with watching(city, camera["id"]) as socket:
            head, payload = await received(socket)
            assert head.kind is not Kind.END
            try:
                while True:
                    head, payload = await received(socket)
            except ConnectionClosed as closed:
                assert closed.rcvd is not None and closed.rcvd.code == 4000
            assert head.kind is Kind.END
            assert "expired" in json.loads(payload)["detail"]
        await device.until(lambda: bool(device.teardowns))
        seen = await city.until(camera["id"], lambda seen: seen["state"]["word"] == "not authorised")
        assert not seen["recording"] and "expired" in seen["state"]["reason"]
        visits = len(device.visits)
        assert await tapped(city, inside("camera", camera["id"])) == (
            Kind.END,
            "This camera may not be seen at present.",
        )
        assert await written_while(city, device, 2 * LONGEST_GOP) == {}
        assert len(device.visits) == visits


async def tapped(city: Block, camera: UUID) -> tuple[Kind, str]:
    """What the recorder's tap says first to a server whose token still holds."""
    key = key_from_file(city.data / "keys" / "tap.key")
    token = wire.make_token(key, camera, UUID(int=1), city.web.parts.clock.now())
    (place,) = city.sockets.glob("*.tap")
    tap = await Tap.open(f"unix:{place}", camera, token)
    try:
        frame = await tap.next()
    finally:
        tap.close()
    return wire.head(frame).kind, json.loads(frame[wire.HEAD_SIZE :])["detail"]
