"""What others cost is measured of the programs themselves; who is not installed is said to be missing, not to cost nothing."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from watchfloor.bench._peers import PEERS, Peer, measured, ratios
from watchfloor.kit.errors import Unavailable
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.rtsp import RtspServer
from watchfloor_sim.samples import Feed
from watchfloor_sim.scene import scene_clip
from watchfloor_sim.source import Source

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("peer", PEERS, ids=[peer.name for peer in PEERS])
async def test_a_peer_that_is_installed_records_the_same_cameras_and_is_measured(
    peer: Peer, tmp_path: Path
) -> None:
    if shutil.which(peer.program) is None:
        pytest.skip(f"{peer.program} is not installed here")
    clip: Feed = await asyncio.to_thread(scene_clip, 4.0)
    server = await RtspServer.start()
    source = Source(clip)
    devices = [server.add_camera(f"/cam{n}", source, CameraOptions()) for n in range(6)]
    # The system counts CPU time in hundredths of a second, and a copy takes three or four thousandths for each.
    cost = await measured(peer, [device.url for device in devices], tmp_path, 6.0, 0.0)
    await server.stop()
    assert cost is not None and 0 < cost["cpu_ms_per_camera_s"] < 500 and cost["pss_mb_per_camera"] > 1


async def test_a_peer_that_is_not_there_has_no_figures(tmp_path: Path) -> None:
    absent = replace(PEERS[0], program="a-recorder-that-nobody-has")
    assert await measured(absent, ["rtsp://127.0.0.1:1/cam"], tmp_path, 1.0, 0.0) is None


async def test_a_peer_that_writes_nothing_is_not_measured(tmp_path: Path) -> None:
    def idle(_urls: Sequence[str], _folder: Path) -> list[list[str]]:
        return [[sys.executable, "-c", "import time; time.sleep(60)"]]

    peer = Peer("idle", sys.executable, idle)
    with pytest.raises(Unavailable, match="writes 0 of 1 files"):
        await measured(peer, ["rtsp://127.0.0.1:1/cam"], tmp_path, 1.0, 0.0, opened_within_s=0.3)


def test_ratios_are_of_one_camera_of_ours_to_one_of_theirs() -> None:
    ours = {"cpu_ms_per_camera_s": 3.05, "rss_mb_per_camera": 1.12}
    theirs = {"cpu_ms_per_camera_s": 4.8, "pss_mb_per_camera": 4.58}
    assert ratios(ours, theirs) == {"cpu": 0.64, "memory": 0.24}
    assert ratios(ours, None) is None, "who is not there has none"
