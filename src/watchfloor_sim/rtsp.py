"""RTSP 1.0 camera servers, plain or under TLS: `RtspCamera` is one camera, `RtspServer` many, each with a path.

Over what a camera does not send is refused with 461. It must not know what is shown: a `Camera` does, and a `Source` paces it.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import replace
from pathlib import Path

from watchfloor_sim.camera import SOUND_CHANNEL, Camera, CameraOptions
from watchfloor_sim.datagrams import Datagrams
from watchfloor_sim.digest import Answer, Credentials
from watchfloor_sim.rtsp_messages import MOST_HEAD_BYTES, Garbage, Request, read_request, reply
from watchfloor_sim.samples import Feed, load_clip
from watchfloor_sim.sdp import AUDIO_CONTROL, VIDEO_CONTROL, describe
from watchfloor_sim.source import Source
from watchfloor_sim.visits import Visit

METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN"
SESSION_TIMEOUT_S = 60
_PORTS = re.compile(r"client_port=(\d{1,5})-(\d{1,5})")
_CHANNELS = re.compile(r"interleaved=(\d{1,3})-(\d{1,3})")


class RtspServer:
    """Listens on one port of the loopback and answers for its cameras."""

    def __init__(self, host: str) -> None:
        self.cameras: dict[str, Camera] = {}
        self.garbage_received = 0
        self._host = host
        self._port = 0
        self._tls: ssl.SSLContext | None = None
        self._listener: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._sources: list[Source] = []

    @classmethod
    async def start(
        cls, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> RtspServer:
        server = cls(host)
        server._port, server._tls = port, tls
        await server.open_port()
        return server

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"{'rtsp' if self._tls is None else 'rtsps'}://{self._host}:{self._port}"

    def add_camera(self, path: str, source: Source, options: CameraOptions | None = None) -> Camera:
        """A camera at `path` ("/cam01"). Cameras that share a source cost no more than their clients."""
        camera = Camera(self.url, path, source, options or CameraOptions())
        self.adopt(camera)
        return camera

    def adopt(self, camera: Camera) -> None:
        """Answer for a camera that is made already."""
        self.cameras[camera.path] = camera
        if camera.source not in self._sources:
            self._sources.append(camera.source)

    def camera_at(self, path: str) -> Camera | None:
        """The camera that a request is about; SETUP names a track below it."""
        for control in (VIDEO_CONTROL, AUDIO_CONTROL):
            path = path.removesuffix(f"/{control}")
        return self.cameras.get(path.partition("?")[0])

    async def open_port(self) -> None:
        if self._listener is None:
            self._listener = await asyncio.start_server(
                self._serve, self._host, self._port, limit=MOST_HEAD_BYTES, backlog=512, ssl=self._tls
            )
            self._port = self._listener.sockets[0].getsockname()[1]

    async def close_port(self) -> None:
        """Fault: refuse new connections. Those that are open stay."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def stop(self) -> None:
        await self.close_port()
        for source in self._sources:
            await source.stop()
        for connection in list(self._connections):
            connection.abort()
        for camera in self.cameras.values():
            camera.resume()  # a frozen one keeps its connections waiting
        await asyncio.gather(*(connection.task for connection in self._connections), return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self, reader, writer)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)


class RtspCamera(Camera):
    """One camera with a server of its own."""

    server: RtspServer

    @classmethod
    async def start(
        cls,
        clip: Path | Feed,
        *,
        username: str | None = None,
        password: str | None = None,
        loop: bool = True,
        port: int = 0,
        realtime: bool = True,
        audio: bool = True,
        options: CameraOptions | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> RtspCamera:
        """Show a file or a feed. Without `realtime` it sends as fast as the slowest client reads."""
        feed = await asyncio.to_thread(load_clip, clip, audio=audio) if isinstance(clip, Path) else clip
        options = options or CameraOptions()
        if username is not None and password is not None:
            options = replace(options, credentials=Credentials(username, password))
        server = await RtspServer.start(port=port, tls=tls)
        source = Source(feed, loop=loop, realtime=realtime)
        camera = cls(server.url, "/stream", source, options)
        camera.server = server
        server.adopt(camera)
        return camera

    @property
    def port(self) -> int:
        return self.server.port

    async def refuse_connections(self) -> None:
        await self.server.close_port()

    async def accept_connections(self) -> None:
        await self.server.open_port()

    async def stop(self) -> None:
        await self.server.stop()

    async def __aenter__(self) -> RtspCamera:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


class _Connection:
    """One TCP connection: its requests in order, and the visit it makes."""

    def __init__(
        self, server: RtspServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a connection is served by a task")
        self.task = task
        self._server = server
        self._reader = reader
        self._writer = writer
        self._camera: Camera | None = None
        self._visit: Visit | None = None
        self._query = ""

    def abort(self) -> None:
        if self._camera is not None and self._visit is not None:
            self._camera.leave(self._visit, "stopped")
        self._writer.transport.abort()

    async def run(self) -> None:
        try:
            while (request := await read_request(self._reader)) is not None:
                self._writer.write(await self._answer(request))
                await self._writer.drain()
                if request.method == "TEARDOWN":
                    break
        except Garbage:
            self._server.garbage_received += 1
            self._writer.write(reply(400))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client broke off: its departure says so
        finally:
            self._close()

    def _close(self) -> None:
        if self._camera is not None and self._visit is not None:
            self._camera.leave(self._visit, "closed")
        self._writer.close()

    async def _answer(self, request: Request) -> bytes:
        camera = self._server.camera_at(request.path)
        if request.method == "OPTIONS":
            return reply(200, request, {"Public": METHODS})
        if camera is None:
            return reply(404, request)
        camera.requests.append(request.method)
        camera.changed()
        await camera.awake()
        refusal = self._refusal(camera, request)
        answer = refusal if refusal is not None else self._obey(camera, request)
        camera.changed()
        return answer

    def _refusal(self, camera: Camera, request: Request) -> bytes | None:
        if camera.unavailable:
            return reply(503, request)
        if camera.over and request.method == "DESCRIBE":
            return reply(404, request)
        if camera.credentials is None:
            return None
        said = request.headers.get("authorization")
        verdict = camera.guard.judge(said, request.method, request.uri, camera.credentials)
        if verdict is Answer.RIGHT:
            return None
        camera.refused_logins += said is not None and verdict is Answer.WRONG
        challenge = camera.guard.challenge(stale=verdict is Answer.STALE)
        return reply(401, request, {"WWW-Authenticate": challenge})

    def _obey(self, camera: Camera, request: Request) -> bytes:
        match request.method:
            case "DESCRIBE":
                self._query = request.path.partition("?")[2]
                base = {"Content-Base": f"{camera.url}/", "Content-Type": "application/sdp"}
                return reply(
                    200, request, base, describe(camera.source.tracks, camera.url, sprop=camera.sprop)
                )
            case "SETUP":
                return self._set_up(camera, request)
            case "PLAY" | "GET_PARAMETER" | "SET_PARAMETER" | "TEARDOWN":
                return self._in_session(camera, request)
            case _:
                return reply(405, request, {"Allow": METHODS})

    def _set_up(self, camera: Camera, request: Request) -> bytes:
        transport = request.headers.get("transport", "")
        audio = request.path.endswith(AUDIO_CONTROL)
        inside, ports = "RTP/AVP/TCP" in transport, _PORTS.search(transport)
        if ("tcp" if inside else "udp") not in camera.options.transports or not (inside or ports):
            return reply(461, request)
        if audio and camera.source.tracks.audio is None:
            return reply(404, request)
        channels = _CHANNELS.search(transport)
        channel = int(channels[1]) if channels else SOUND_CHANNEL * audio
        if channel > 254:
            return reply(400, request)
        if self._visit is None:
            self._camera, self._visit = camera, camera.arrive(self._writer)
            self._visit.query = self._query
        self._visit.channels[audio] = channel
        agreed = f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}"
        if not inside and ports is not None:
            agreed = self._beside(camera, self._visit, (int(ports[1]), int(ports[2])), audio=audio)
        return reply(200, request, {"Transport": agreed} | self._session(timeout=True))

    def _beside(self, camera: Camera, visit: Visit, ports: tuple[int, int], *, audio: bool) -> str:
        """Ports of ours for that track, and what was agreed upon."""
        ours, theirs = (self._writer.get_extra_info(which)[0] for which in ("sockname", "peername"))
        made = visit.beside[audio] = Datagrams(camera.line, ours, theirs, ports)
        agreed = (
            f"RTP/AVP;unicast;client_port={ports[0]}-{ports[1]};server_port={made.ports[0]}-{made.ports[1]}"
        )
        if audio or not camera.options.names_source:
            return agreed
        return f"{agreed};ssrc={camera.source.video_ssrc:08X}"

    def _in_session(self, camera: Camera, request: Request) -> bytes:
        """What needs a session; a GET_PARAMETER without one is a client that asks whether we live."""
        visit = self._visit
        if visit is None and request.method in ("GET_PARAMETER", "SET_PARAMETER"):
            return reply(200, request)
        if visit is None or request.headers.get("session", "").partition(";")[0] != visit.session:
            return reply(454, request)
        if request.method == "PLAY":
            code, said = camera.obey(visit, request.headers)
            return reply(code, request, said | self._session())
        if request.method == "TEARDOWN":
            camera.leave(visit, "teardown")
        return reply(200, request, self._session())

    def _session(self, *, timeout: bool = False) -> dict[str, str]:
        if self._visit is None:
            return {}
        return {"Session": self._visit.session + (f";timeout={SESSION_TIMEOUT_S}" if timeout else "")}
