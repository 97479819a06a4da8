"""The simulators as programs of their own, over the same wires as everybody else."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import av
import httpx
import pytest

from tests.sim.receiver import receive
from watchfloor.cameras.address import Networks
from watchfloor.cameras.onvif.discover import discover
from watchfloor.cameras.onvif.model import Reach, device_address
from watchfloor.cameras.onvif.probe import probe
from watchfloor.kit.clock import SystemClock
from watchfloor_sim.rtsp import RtspServer
from watchfloor_sim.samples import Clip
from watchfloor_sim.source import Source
from watchfloor_sim.status import StatusPort


async def _program(*words: str) -> tuple[Process, dict[str, object]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "watchfloor_sim", *words, stdout=PIPE
    )
    return process, await _line(process)


async def _line(process: Process) -> dict[str, object]:
    if process.stdout is None:
        raise RuntimeError("the program's output is not ours")
    said: dict[str, object] = json.loads(await process.stdout.readline())
    return said


async def test_the_camera_program_says_where_it_is_and_at_the_end_what_it_sent(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("quiet night\n")
    words = ("--count", "2", "--limit-frames", "40", "--no-realtime", "--exit-when-over")
    secret = ("--username", "viewer", "--password-file", str(tmp_path / "password"))
    process, ready = await _program("camera", *words, *secret)
    urls = [str(url).replace("//", "//viewer:quiet%20night@", 1) for url in _list(ready["urls"])]
    got = [await asyncio.to_thread(receive, url) for url in urls]
    assert [len(one.video) for one in got] == [40, 40]
    ended = await _line(process)
    assert (ended["ended"], ended["frames_sent"]) == (True, 80)
    assert await process.wait() == 0


async def test_the_device_program_says_where_it_is_and_answers_a_probe() -> None:
    process, ready = await _program("device", "--analytic", "tt:CellMotionEngine", "--no-turns")
    facts = await probe(
        Reach(Networks.of("127.0.0.1/32")), device_address(str(ready["device"])), None, SystemClock()
    )
    assert [(one.token, one.width) for one in facts.profiles] == [("main", 1920), ("sub", 640)]
    assert facts.analytics == ("CellMotionEngine",) and not facts.turns
    found = await discover(
        Networks.of("127.0.0.1/32"),
        ["127.0.0.1"],
        SystemClock(),
        port=int(str(ready["discovery"])),
        listen_s=0.2,
    )
    assert [str(one.address) for one in found.found] == [ready["device"]]
    process.send_signal(signal.SIGTERM)
    assert (await _line(process))["ended"] is True
    assert await process.wait() == 0


async def test_the_camera_program_ends_cleanly_when_it_is_told_to() -> None:
    process, ready = await _program("camera", "--clock")
    got = await asyncio.to_thread(
        receive, str(_list(ready["urls"])[0]), enough=lambda got: len(got.video) >= 5
    )
    assert len(got.video) == 5
    process.send_signal(signal.SIGTERM)
    assert (await _line(process))["ended"] is True
    assert await process.wait() == 0


async def test_the_status_tells_the_counts_and_switches_faults(street: Clip) -> None:
    server = await RtspServer.start()
    camera = server.add_camera("/cam01", Source(street))
    status = StatusPort(server)
    address = await status.open()
    async with httpx.AsyncClient(base_url=address.removesuffix("/status")) as http:
        listening = asyncio.create_task(asyncio.to_thread(receive, camera.url))
        await camera.until(lambda: camera.frames_sent >= 5)
        said = (await http.get("/status")).json()
        assert (said["playing"], said["cameras"][0]["visits"][0]["first_frame"]) == (1, 0)
        assert (await http.post("/cameras/cam01/unavailable")).json()["playing"] == 1
        with pytest.raises(av.HTTPServerError):
            await asyncio.to_thread(receive, camera.url)
        assert (await http.post("/cameras/cam01/nonsense")).status_code == 400
        assert (await http.post("/cameras/cam02/hang")).status_code == 404
        ended = (await http.post("/end")).json()
        got = await listening
        assert len(got.video) == ended["frames_sent"] == camera.frames_sent
        assert [gone["how"] for gone in ended["cameras"][0]["departures"]] == ["ended"]
    status.close()
    await server.stop()


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
