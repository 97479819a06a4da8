"""The listener of `serve`: uvicorn, told when to end by us."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import uvicorn
from fastapi import FastAPI

from watchfloor.web.sockets import Sockets


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificate chain and key, PEM files."""

    cert: Path
    key: Path


class Server(uvicorn.Server):
    """uvicorn without its own signal handling: the process has one. `open` is set once the port is."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.open = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.open.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def listen(
    app: FastAPI, host: str, port: int, tls: Tls | None, stop: asyncio.Event, ready: Callable[[], None]
) -> None:
    """Serve until `stop`; `ready` is called once the port is open. Raises OSError when the port is taken."""
    server = Server(_config(app, host, port, tls))
    serving = asyncio.create_task(server.serve())
    told = asyncio.create_task(stop.wait())
    await asyncio.wait(
        {serving, asyncio.create_task(server.open.wait())}, return_when=asyncio.FIRST_COMPLETED
    )
    if server.started:
        ready()
    await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    told.cancel()
    try:
        await serving
    except SystemExit as error:
        raise OSError(f"{host}:{port} cannot be listened on") from error


def _config(app: FastAPI, host: str, port: int, tls: Tls | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        http="httptools",
        ws=Sockets,
        ws_max_size=64 * 1024,
        timeout_graceful_shutdown=3,
        # Longer than clients keep a connection they do not use: none is closed under a request that is on its way.
        timeout_keep_alive=75,
        server_header=False,
        # Whoever connects is who asks: a header that claims another address would lock out somebody else.
        proxy_headers=False,
        ssl_certfile=str(tls.cert) if tls else None,
        ssl_keyfile=str(tls.key) if tls else None,
    )
