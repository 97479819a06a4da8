"""nats-server as a child of ours: JetStream that syncs before it acknowledges, MQTT for sensors, on loopback.

It knows users and ports; streams and subjects belong to `storage/nats.py`.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import nats
import nats.errors
from nats.aio.client import Client

from watchfloor.engines.keys import secret
from watchfloor.engines.layout import PRIVATE, Layout, own, write_private
from watchfloor.engines.spawn import Child, RunAs, find, spawn, tail
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid, Unavailable

USER: Final = "watchfloor"
WATCHER: Final = "watcher"
HOST: Final = "127.0.0.1"
_POLL_S: Final = 0.05
_DEVICE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
# MQTT keeps sessions, retained messages and its own message store in JetStream, beside our streams.
_MQTT_STORE_MB: Final = 256


class NatsServer:
    """A nats-server of ours in `layout.nats`."""

    def __init__(
        self,
        layout: Layout,
        binary: Path,
        clock: Clock,
        *,
        port: int,
        mqtt_port: int,
        store_mb: int,
        run_as: RunAs | None = None,
    ) -> None:
        """`store_mb` is what the streams of the center may take on disk."""
        self.layout = layout
        self.port = port
        self.mqtt_port = mqtt_port
        self._binary = binary
        self._clock = clock
        self._store_mb = store_mb
        self._run_as = run_as
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"nats://{HOST}:{self.port}"

    @property
    def mqtt(self) -> str:
        return f"mqtt://{HOST}:{self.mqtt_port}"

    @property
    def _config(self) -> Path:
        return self.layout.nats / "nats-server.conf"

    def password(self) -> str:
        """The password that processes of the center sign in with."""
        return secret(self.layout.keys / f"nats.{USER}")

    def prepare(self, devices: Mapping[str, str] | None = None) -> None:
        """Write the configuration. `devices` are MQTT users: device id to password."""
        uid, gid = (self._run_as.uid, self._run_as.gid) if self._run_as else (os.geteuid(), os.getegid())
        own(self.layout.nats, PRIVATE, uid=uid, gid=gid)
        for path, text in (
            (self.layout.nats / "users.conf", users_conf(self.password(), devices or {})),
            (self.layout.nats / "system.conf", system_conf(secret(self.layout.keys / f"nats.{WATCHER}"))),
            (self._config, self._text()),
        ):
            write_private(path, text)
            os.chown(path, uid, gid)

    def reload(self, devices: Mapping[str, str]) -> None:
        """Give the MQTT users anew; connections of a user who is gone are closed by the server."""
        self.prepare(devices)
        if self.child is not None:
            self.child.send(signal.SIGHUP)

    def _text(self) -> str:
        store = json.dumps(str(self.layout.nats / "store"))
        return (
            "# Written by `watchfloor up` at each start; changes here are lost.\n"
            "server_name: watchfloor\n"
            f"listen: {HOST}:{self.port}\n"
            "system_account: SYSTEM\n"
            "accounts: {\n"
            "  SYSTEM: { include system.conf }\n"
            "  CENTER: { jetstream: enabled, include users.conf }\n"
            "}\n"
            "jetstream: {\n"
            f"  store_dir: {store}\n"
            "  # An acknowledgement means: on disk.\n"
            "  sync_interval: always\n"
            "  max_memory_store: 64MB\n"
            f"  max_file_store: {self._store_mb + _MQTT_STORE_MB}MB\n"
            "}\n"
            f"mqtt: {{ listen: {HOST}:{self.mqtt_port}, ack_wait: 30s, max_ack_pending: 1000 }}\n"
            "logtime_utc: true\n"
        )

    def start(self) -> Child:
        """Start the server, or adopt the one that already runs on this configuration. It may not answer yet."""
        if (running := self.running()) is not None:
            self.child = running
            return running
        self.child = spawn(
            "nats",
            [self._binary, "-c", self._config],
            log=self.layout.log("nats"),
            run_as=self._run_as,
            environment={"PATH": "/usr/bin:/bin"},
            cwd=Path("/"),
        )
        write_private(self.layout.pid("nats"), f"{self.child.pid}\n")
        return self.child

    def running(self) -> Child | None:
        """The nats-server of this very configuration, when it runs."""
        try:
            pid = int(self.layout.pid("nats").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return find("nats", pid, marks=lambda p: str(self._config) in p.cmdline())

    async def ready(self, *, within_s: float = 30.0) -> None:
        """Wait until JetStream answers. Raises Unavailable, with the end of its log, when it ends or stays silent."""
        until = self._clock.monotonic() + within_s
        while not await self.answers():
            if self.child is None or not self.child.alive():
                raise Unavailable(
                    f"nats-server ended while starting. Its log ends: {tail(self.layout.log('nats'))}"
                )
            if self._clock.monotonic() >= until:
                raise Unavailable(
                    f"nats-server did not answer within {within_s:.0f} s. Its log: {self.layout.log('nats')}"
                )
            await self._clock.sleep(_POLL_S)

    async def answers(self) -> bool:
        """Whether it does its work: it says itself that JetStream and every stream are well.

        After a full disk a stream takes nothing more until the server is started again; only this tells.
        """
        connection = await _entered(self.url, WATCHER, secret(self.layout.keys / f"nats.{WATCHER}"))
        if connection is None:
            return False
        try:
            answer = await connection.request("$SYS.REQ.SERVER.PING.HEALTHZ", b"{}", timeout=1.0)
            return bool(json.loads(answer.data).get("data", {}).get("status") == "ok")
        except (OSError, TimeoutError, ValueError, nats.errors.Error):
            return False
        finally:
            await connection.close()

    async def stop(self, *, within_s: float = 10.0) -> None:
        """Ask it to end; what it acknowledged is on disk already."""
        if self.child is not None:
            await self.child.end(self._clock, within_s=within_s)
        self.layout.pid("nats").unlink(missing_ok=True)


async def nats_answers(url: str, user: str, password: str) -> bool:
    """Whether the JetStream at `url` lets us in and answers now."""
    connection = await _entered(url, user, password)
    if connection is None:
        return False
    try:
        await connection.jetstream(timeout=1.0).account_info()
    except (OSError, TimeoutError, nats.errors.Error):
        return False
    finally:
        await connection.close()
    return True


async def _entered(url: str, user: str, password: str) -> Client | None:
    """A connection, or None soon: the client itself would go on trying for seconds."""

    async def quiet(_: Exception) -> None:
        return None

    try:
        place = urlsplit(url)
        _, writer = await asyncio.open_connection(place.hostname, place.port or 4222)
        writer.close()
        connecting = nats.connect(
            url, user=user, password=password, allow_reconnect=False, connect_timeout=2, error_cb=quiet
        )
        return await asyncio.wait_for(connecting, 2.5)
    except (OSError, TimeoutError, nats.errors.Error):
        return None


def system_conf(password: str) -> str:
    """The user that may ask the server how it is, and sees no message of the center."""
    return f"users: [ {{ user: {WATCHER}, password: {json.dumps(password)} }} ]\n"


def users_conf(password: str, devices: Mapping[str, str]) -> str:
    """The users: the center itself, and devices that may publish their own pulses and do nothing else.

    Raises Invalid for a device id that could name another subject.
    """
    lines = [f"  {{ user: {USER}, password: {json.dumps(password)} }}"]
    for device, its_password in sorted(devices.items()):
        if not _DEVICE.fullmatch(device):
            raise Invalid(f"{device[:40]!r} cannot be a device's name on the bus.")
        allowed = json.dumps([f"pulses.{device}"])
        # An MQTT client needs to subscribe to nothing; the server's own MQTT subjects are opened by the server.
        lines.append(
            f"  {{ user: {device}, password: {json.dumps(its_password)}, allowed_connection_types: [MQTT],"
            f' permissions: {{ publish: {{ allow: {allowed} }}, subscribe: {{ deny: [">"] }} }} }}'
        )
    return "users: [\n" + "\n".join(lines) + "\n]\n"
