"""nats-server as a child of ours: JetStream that syncs before it acknowledges, on loopback; MQTT for sensors, where a city says.

It knows users and ports; streams and subjects belong to `storage/nats.py`. Who is no process of ours is let in by whom the doorkeeper
lets in (`storage/doorkeeper.py`), by nobody else.
"""

from __future__ import annotations

import asyncio
import json
import os
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
from watchfloor.engines.tls import TlsFiles
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Unavailable
from watchfloor.storage.doorkeeper import ACCOUNT, SIGN_INS
from watchfloor.storage.nkeys import Issuer
from watchfloor.storage.streams import SENSORS_MB

USER: Final = "watchfloor"
WATCHER: Final = "watcher"
DOORKEEPER: Final = "doorkeeper"
ISSUER: Final = "issuer"
HOST: Final = "127.0.0.1"
_POLL_S: Final = 0.05
_CERTIFICATE: Final = "mqtt.pem"
_KEY: Final = "mqtt.key"
# MQTT keeps sessions and retained messages in JetStream, beside what devices send and our streams.
_MQTT_STORE_MB: Final = SENSORS_MB + 64


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
        mqtt_host: str = HOST,
        tls: TlsFiles | None = None,
        run_as: RunAs | None = None,
    ) -> None:
        """`store_mb` is what the streams of the center may take on disk; `tls` is what sensors are shown, None for plain MQTT."""
        self.layout = layout
        self.port = port
        self.mqtt_port = mqtt_port
        self.mqtt_host = mqtt_host
        self._tls = tls
        self._binary = binary
        self._clock = clock
        self._store_mb = store_mb
        self._run_as = run_as
        self.child: Child | None = None
        self._secrets: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"nats://{HOST}:{self.port}"

    @property
    def mqtt(self) -> str:
        host = f"[{self.mqtt_host}]" if ":" in self.mqtt_host else self.mqtt_host
        return f"{'mqtts' if self._tls else 'mqtt'}://{host}:{self.mqtt_port}"

    @property
    def _config(self) -> Path:
        return self.layout.nats / "nats-server.conf"

    def password(self) -> str:
        """The password that processes of the center sign in with."""
        return self._secret(USER)

    def _secret(self, name: str) -> str:
        """Read once: whether it answers is asked each second, and the disk may not."""
        if name not in self._secrets:
            self._secrets[name] = secret(secret_of(self.layout, name))
        return self._secrets[name]

    def prepare(self) -> bool:
        """Write the configuration; whether it is another than it was."""
        uid, gid = (self._run_as.uid, self._run_as.gid) if self._run_as else (os.geteuid(), os.getegid())
        own(self.layout.nats, PRIVATE, uid=uid, gid=gid)
        wanted = {
            "users.conf": user_conf(USER, self.password()),
            "system.conf": user_conf(WATCHER, self._secret(WATCHER)),
            "door.conf": user_conf(DOORKEEPER, self._secret(DOORKEEPER), _ANSWERS),
            self._config.name: self._text(),
        }
        if self._tls is not None:
            # Copies: it may run as another user, who reads nothing of ours.
            wanted[_CERTIFICATE], wanted[_KEY] = (
                self._tls.certificate.read_text(),
                self._tls.key.read_text(),
            )
        return self._put(wanted)

    def renew(self) -> bool:
        """Show sensors the certificate that its file holds now; whether it is another. Those who are in come anew. Raises OSError."""
        if self._tls is None:
            return False
        changed = self._put(
            {_CERTIFICATE: self._tls.certificate.read_text(), _KEY: self._tls.key.read_text()}
        )
        if changed and self.child is not None:
            self.child.send(signal.SIGHUP)
        return changed

    def _put(self, wanted: Mapping[str, str]) -> bool:
        """Write these files of the server's where they are others than they were; whether any was."""
        uid, gid = (self._run_as.uid, self._run_as.gid) if self._run_as else (os.geteuid(), os.getegid())
        changed = False
        for name, text in wanted.items():
            path = self.layout.nats / name
            if path.exists() and path.read_text() == text:
                continue
            changed = True
            write_private(path, text)
            os.chown(path, uid, gid)
        return changed

    def _text(self) -> str:
        store = json.dumps(str(self.layout.nats / "store"))
        return (
            "# Written by `watchfloor up` at each start; changes here are lost.\n"
            "server_name: watchfloor\n"
            f"listen: {HOST}:{self.port}\n"
            "system_account: SYSTEM\n"
            "accounts: {\n"
            "  SYSTEM: { include system.conf }\n"
            f"  {ACCOUNT}: {{ jetstream: enabled, include users.conf }}\n"
            "  # What sensors give as passwords comes here, where no other process hears it.\n"
            "  DOOR: { include door.conf }\n"
            "}\n"
            "authorization: {\n"
            "  timeout: 5\n"
            "  auth_callout: {\n"
            f"    issuer: {Issuer.of(self._secret(ISSUER)).name}\n"
            "    account: DOOR\n"
            f"    auth_users: [ {USER}, {WATCHER}, {DOORKEEPER} ]\n"
            "  }\n"
            "}\n"
            "jetstream: {\n"
            f"  store_dir: {store}\n"
            "  # An acknowledgement means: on disk.\n"
            "  sync_interval: always\n"
            "  max_memory_store: 64MB\n"
            f"  max_file_store: {self._store_mb + _MQTT_STORE_MB}MB\n"
            "}\n"
            f"mqtt: {{ listen: {json.dumps(self.mqtt.partition('//')[2])}, ack_wait: 30s, max_ack_pending: 1000,"
            f" reject_qos2_publish: true, authorization: {{ timeout: 6 }}{self._tls_text()} }}\n"
            "logtime_utc: true\n"
        )

    def _tls_text(self) -> str:
        if self._tls is None:
            return ""
        certificate, key = (json.dumps(str(self.layout.nats / name)) for name in (_CERTIFICATE, _KEY))
        return f", tls: {{ cert_file: {certificate}, key_file: {key}, timeout: 5 }}"

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
        connection = await _entered(self.url, WATCHER, self._secret(WATCHER))
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
        async with asyncio.timeout(2.5):
            return await connecting
    except (OSError, TimeoutError, nats.errors.Error):
        return None


def secret_of(layout: Layout, name: str) -> Path:
    """The file of the password of one of our own users of the bus, or of what tokens are signed with."""
    return layout.keys / f"nats.{name}"


def user_conf(name: str, password: str, rights: str = "") -> str:
    """One user of ours, who comes by NATS's own protocol and not where sensors do."""
    return (
        f"users: [ {{ user: {name}, password: {json.dumps(password)}, allowed_connection_types: [STANDARD]"
        f"{rights} }} ]\n"
    )


_ANSWERS: Final = (
    f', permissions: {{ subscribe: {{ allow: ["{SIGN_INS}", "{SIGN_INS} answers"] }},'
    ' publish: { deny: [">"] }, allow_responses: { max: 1, expires: "10s" } }'
)
