"""A saved picture is the one that was shown, with what it is of beneath it and in its comment, and an entry in the log."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection

from tests.recordings.center import PATROL, Block
from tests.recordings.test_live import received, watching
from watchfloor.cameras.wire import Kind
from watchfloor.kit.clock import parse_rfc3339
from watchfloor.kit.errors import Unavailable
from watchfloor.recordings import lettering
from watchfloor.recordings.still import beside, jpeg, still
from watchfloor_sim.burnt_clock import read_clock
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.scene import ClockSource, render_clip


def decoded(file: bytes) -> NDArray[np.uint8]:
    with av.open(io.BytesIO(file), "r", format="mjpeg") as container:
        return next(container.decode(video=0)).to_ndarray(format="gray").astype(np.uint8)


def comment_of(file: bytes) -> dict[str, str]:
    assert file[:4] == b"\xff\xd8\xff\xfe"
    size = int.from_bytes(file[4:6], "big")
    said: dict[str, str] = json.loads(file[6 : 4 + size])
    return said


def test_the_picture_of_a_moment_is_the_last_that_was_captured_by_then(tmp_path: Path) -> None:
    video = render_clip(tmp_path / "clock.mp4", 2.0, 10, clock=lambda number: number * 100).read_bytes()
    began = 1_000_000
    for after_ms in (0, 95, 100, 1_250, 9_000):
        found = still(video, began, began + after_ms * 1000)
        shown = min(after_ms // 100 * 100, 1900)
        assert found.at_us == began + shown * 1000
        assert read_clock(decoded(jpeg(found.picture, {}))) == shown
    with pytest.raises(Unavailable):
        still(b"no video", began, began)


def test_words_stand_beneath_the_picture_and_not_over_it() -> None:
    picture = np.full((90, 161, 3), 200, np.uint8)
    made = beside(picture, ["Quay at 4th", "a name so long that it is broken: " + "x" * 60])
    assert (made[:90, :161] == 200).all() and made.shape[0] > 100 and made.shape[1] % 2 == 0
    assert (made[92:, :161] > 200).any()
    assert lettering.plain("Straße é – ·") == "Stra?e e ? -"
    file = jpeg(made, {"camera": "Straße"})
    assert comment_of(file) == {"camera": "Straße"} and decoded(file).shape == made.shape[:2]


class Live:
    """What a live socket showed since the last that a slow machine left out."""

    def __init__(self) -> None:
        self._init, self._shown = b"", dict[int, bytes]()

    async def follows(self, socket: ClientConnection, enough: Callable[[list[int]], bool]) -> None:
        """Read on until there is enough, by when the pictures were taken, in microseconds."""
        while not enough(list(self._shown)):
            head, payload = await received(socket)
            match head.kind:
                case Kind.INIT:
                    self._init, self._shown = payload[1 + payload[0] :], {}
                case Kind.FRAGMENT:
                    self._shown[head.captured_us] = payload
                case Kind.DROP:
                    self._shown = {}

    async def clock_at(self, socket: ClientConnection, taken_ms: float) -> int | None:
        """The clock in the live picture that was taken then; None where that was left out."""
        await self.follows(socket, lambda taken: bool(taken) and taken[-1] > 1000 * taken_ms)
        with av.open(io.BytesIO(self._init + b"".join(self._shown.values())), "r") as container:
            clocks = [
                read_clock(frame.to_ndarray(format="gray").astype(np.uint8))
                for frame in container.decode(video=0)
            ]
        near = [c for us, c in zip(self._shown, clocks, strict=True) if abs(us - 1000 * taken_ms) < 1000]
        return near[0] if near else None


async def test_a_snapshot_is_served_under_a_case_and_kept_in_the_log(city: Block) -> None:
    await city.web.authorise("fixed_camera")
    async with await RtspCamera.start(ClockSource(10)) as device:
        camera = await city.camera(device.url)
        await city.record()
        await city.until(camera["id"], lambda seen: seen["recording"])
        path, analyst = f"/api/v1/cameras/{camera['id']}/snapshot", await city.web.person("analyst")
        async with watching(city, camera["id"]) as socket:
            live = Live()
            await live.follows(socket, lambda taken: len(taken) >= 5)
            while True:  # what a slow machine left out live is saved again
                # Of this moment nothing is written yet: it is what the server shows live.
                now = {"at": city.web.parts.clock.now().isoformat()}
                saved = await analyst.get(path, params=now, headers=await city.why())
                assert saved.status_code == 200, saved.text
                taken = parse_rfc3339(saved.headers["Wf-At"]).timestamp() * 1000
                if (shown := await live.clock_at(socket, taken)) is not None:
                    break
            assert read_clock(decoded(saved.content)) == shown
            refused = await analyst.get(path, params=now, headers={"Wf-Purpose": PATROL["purpose"] or ""})
            assert (await city.web.kept_refusal(refused))["reason"] == "patrol_only_live"
    assert unquote(saved.headers["Content-Disposition"]).partition("''")[2].startswith("Mill St at 4th 20")
    facts = comment_of(saved.content)
    assert (facts["camera"], facts["saved_by"]) == ("Mill St at 4th", "Analyst")
    auditor = await city.web.person("auditor")
    entries = (await auditor.get("/api/v1/audit/entries", params={"limit": 20})).json()["items"]
    kept = next(one for one in entries if one["reason"] == "camera.snapshot_saved")
    whole = (await auditor.get(f"/api/v1/audit/entries/{kept['id']}")).text
    assert hashlib.sha256(saved.content).hexdigest() == saved.headers["Wf-Sha256"]
    assert saved.headers["Wf-Sha256"] in whole and facts["log_entry"] in whole
    end = next(one for one in entries if one["kind"] == "grant_end" and one["need"] == "camera.snapshot")
    told = json.loads((await auditor.get(f"/api/v1/audit/entries/{end['id']}")).json()["leaf"])
    assert abs(told["counts"]["from_ms"] - taken) < 2 and told["counts"]["to_ms"] == told["counts"]["from_ms"]
    gone = await analyst.get(path, params={"at": "2020-01-01T00:00:00Z"}, headers=await city.why())
    assert (gone.status_code, gone.json()["reason"]) == (404, "gap")
