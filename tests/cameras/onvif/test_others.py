"""Others' ONVIF, since our simulator and our driver may misread the standard alike.

A client of another author asks our simulator, and our driver is answered with what a camera of another make once
answered. Both come with the `onvif` package of npm.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from lxml import etree

from tests.cameras.onvif.device import LOGIN, NAME, REACH, WORD, a_device
from watchfloor.cameras.onvif.model import device_address
from watchfloor.cameras.onvif.probe import probe
from watchfloor.kit.clock import SystemClock
from watchfloor_sim.onvif.server import DeviceServer

HERE = Path(__file__).parent
PACKAGE = HERE.parents[2] / "console/node_modules/onvif"
ANSWERS = PACKAGE / "test/serverMockup"
RECORDED_AT = b"192.168.68.111"

pytestmark = pytest.mark.skipif(not ANSWERS.is_dir(), reason="the `onvif` package of npm is not set up")


async def test_a_client_of_another_author_understands_our_simulator() -> None:
    node = shutil.which("node")
    assert node is not None
    async with DeviceServer.running(a_device()) as server:
        place = {"hostname": server.host, "port": server.port, "username": NAME, "password": WORD}
        client = await asyncio.create_subprocess_exec(
            node,
            HERE / "another_client.mjs",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(client.communicate(json.dumps(place).encode()), 60)
    assert client.returncode == 0, err.decode()
    said = json.loads(out)
    assert (said["manufacturer"], said["model"]) == ("River Optics", "RO-20 dome")
    assert said["uri"] == "rtsp://127.0.0.1:8554/main"
    assert said["presets"] == {"Door": "1", "Gate": "2"}
    assert said["profiles"] == ["Main stream", "Sub stream", "Still pictures"]
    # It stands where the gate is, and a little to the left of it: it was stopped again.
    assert -1 <= said["position"]["x"] <= -0.5 and said["position"]["zoom"] == pytest.approx(0.6)


class Replies(BaseHTTPRequestHandler):
    """Answers each operation with what was recorded for it, and at the address that it is asked at."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        operation = etree.QName(etree.fromstring(asked).find("{*}Body")[0])
        service = operation.namespace.split("/")[-2]
        files = [
            ANSWERS / f"{service}.{operation.localname}.xml",
            ANSWERS / f"{operation.localname}.xml",
            ANSWERS / "Error.xml",
        ]
        file = next(one for one in files if one.exists())
        host = self.headers["Host"].encode()
        body = file.read_bytes().replace(b"http://" + RECORDED_AT, b"http://" + host)
        self.send_response(400 if file.name == "Error.xml" else 200)
        self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def recorded() -> Iterator[str]:
    """Where the recorded answers are given."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Replies) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/onvif/services"
        server.shutdown()
        thread.join()


async def test_what_a_camera_of_another_make_once_answered_is_understood(recorded: str) -> None:
    facts = await probe(REACH, device_address(recorded), LOGIN, SystemClock())
    assert (facts.manufacturer, facts.model) == ("Mockup Manufacturer", "Mockup Model")
    assert [(one.name, one.width, one.height, one.codec) for one in facts.profiles] == [
        ("main", 1920, 1080, "H264")
    ]
    assert facts.turns and facts.events
    assert [preset.name for preset in facts.presets][:2] == ["P001", "P002"]
    # Its stream was at its maker's network, which is opened nowhere but at the device itself.
    assert facts.main is not None and facts.main.url == "rtsp://127.0.0.1/h264main"
    assert facts.remarks == ("It names a stream at another host; it is opened at the device itself.",)
