"""What a running camera server tells and takes over HTTP on the loopback: its counts, and the faults to switch on.

    GET  /status                        every camera, every visit, every departure
    POST /cameras/cam01/hang            also: resume, die, garbage, unavailable, available
    POST /cameras/cam01/slow?factor=2   frames further apart
    POST /cameras/cam01/clock?skew_s=3600&drift_ppm=50
    POST /end                           every camera says goodbye: what was sent until now is all there is

Only for the machine it runs on: it asks nobody who he is.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from watchfloor_sim.camera import Camera
from watchfloor_sim.rtsp import RtspServer

_PLAIN: dict[str, Callable[[Camera], None]] = {
    "hang": Camera.hang,
    "resume": Camera.resume,
    "die": Camera.die,
    "garbage": Camera.send_garbage,
    "end": Camera.end,
}


class StatusPort:
    """A small HTTP server beside the cameras."""

    def __init__(self, server: RtspServer) -> None:
        self._server = server
        self._listener: asyncio.Server | None = None

    async def open(self, port: int = 0) -> str:
        """Listen; returns the address of the status."""
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return f"http://127.0.0.1:{self._listener.sockets[0].getsockname()[1]}/status"

    def close(self) -> None:
        if self._listener is not None:
            self._listener.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _ = head.split("\r\n")[0].split(" ", 2)
            code, body = self._answer(method, target)
        except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            code, body = "400 Bad Request", {"error": str(error)}
        content = json.dumps(body).encode()
        start = f"HTTP/1.1 {code}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}"
        try:
            writer.write(start.encode() + b"\r\nConnection: close\r\n\r\n" + content)
            await writer.drain()
        except ConnectionError:
            pass  # whoever asked did not wait
        finally:
            writer.close()

    def _answer(self, method: str, target: str) -> tuple[str, dict[str, object]]:
        parts = urlsplit(target)
        match [method, *parts.path.strip("/").split("/")]:
            case ["GET", "status"]:
                return "200 OK", status_of(self._server)
            case ["POST", "end"]:
                for camera in self._server.cameras.values():
                    camera.end()
                return "200 OK", status_of(self._server)
            case ["POST", "cameras", name, fault] if camera_or_none := self._server.cameras.get(f"/{name}"):
                switch(camera_or_none, fault, dict(parse_qsl(parts.query)))
                return "200 OK", camera_or_none.status()
            case _:
                return "404 Not Found", {"error": f"no {method} {parts.path} here"}


def switch(camera: Camera, fault: str, said: dict[str, str]) -> None:
    """Switch one fault on or off; a ValueError says what is wrong with the order."""
    match fault:
        case "unavailable" | "available":
            camera.unavailable = fault == "unavailable"
        case "slow":
            camera.slow_down(float(said.get("factor", "2")))
        case "clock":
            camera.set_clock(
                skew_s=float(said.get("skew_s", "0")), drift_ppm=float(said.get("drift_ppm", "0"))
            )
        case _ if fault in _PLAIN:
            _PLAIN[fault](camera)
        case _:
            raise ValueError(f"no fault is called {fault}")


def status_of(server: RtspServer) -> dict[str, object]:
    """The counts of all cameras, and their sum."""
    cameras = list(server.cameras.values())
    return {
        "frames_sent": sum(camera.frames_sent for camera in cameras),
        "playing": sum(len(camera.clients) for camera in cameras),
        "garbage_received": server.garbage_received,
        "cameras": [camera.status() for camera in cameras],
    }
