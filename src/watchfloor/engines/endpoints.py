"""`endpoints.json`: where this center's parts listen, for its own processes and for a person who wonders.

It holds no secret: passwords are named by role and read from `keys/`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from psycopg.conninfo import make_conninfo

from watchfloor.engines.keys import given, secret
from watchfloor.engines.layout import Layout, write_private
from watchfloor.kit.errors import Unavailable


@dataclass(frozen=True, slots=True)
class NatsAddress:
    """Where the bus listens and how a process of ours signs in there."""

    url: str
    user: str = field(repr=False)
    password: str = field(repr=False)
    mqtt: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What `endpoints.json` says.

    `http` is the address people open; `listen` the `host:port` that `serve` binds. `postgres` is a connection string
    without user and password; `nats` and `mqtt` are URLs. `certificate` and `key` are the listener's PEM files, None
    for plain HTTP. `pids` are those of `up` and of what it started.
    """

    data: Path
    http: str
    listen: str
    postgres: str
    nats: str
    mqtt: str | None
    runtime: Path
    certificate: str | None = None
    key: str | None = None
    pids: dict[str, int] = field(default_factory=dict)

    @property
    def layout(self) -> Layout:
        return Layout.of(self.data)

    def dsn(self, role: str) -> str:
        """The connection string of a database role, password included: never to be logged."""
        return dsn_of(self.postgres, role, password_file(self.layout, role))

    def bus(self, credentials_file: str = "") -> NatsAddress:
        """Where the bus is and how to sign in; `credentials_file` is the setting's, for a server that is not ours."""
        if credentials_file:
            user, password = Path(credentials_file).read_text().split()[:2]
        else:
            user, password = "watchfloor", secret(self.layout.keys / "nats.watchfloor")
        return NatsAddress(self.nats, user, password, self.mqtt)

    def write(self) -> None:
        """Replace the file in one step."""
        parts = asdict(self) | {"data": str(self.data), "runtime": str(self.runtime)}
        write_private(self.layout.endpoints, json.dumps(parts, indent=1) + "\n")

    @classmethod
    def read(cls, data: Path) -> Endpoints:
        """The endpoints of a data directory. Raises Unavailable when nothing was started there yet, or it is not ours to read."""
        path = Layout.of(data).endpoints
        try:
            parts = json.loads(path.read_text())
            parts["data"], parts["runtime"] = Path(parts["data"]), Path(parts["runtime"])
            return cls(**parts)
        except FileNotFoundError as error:
            raise Unavailable(
                f"Nothing runs on {data}: {path} is not there.",
                next_step=f"Start it: watchfloor up --data {data}",
            ) from error
        except OSError as error:
            raise Unavailable(
                f"{path} cannot be read: {error.strerror}.",
                next_step="Name the data directory of a center, as the user that `watchfloor up` runs as.",
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise Unavailable(
                f"{path} cannot be understood: {error}.", next_step="Start `watchfloor up` again."
            ) from error


def password_file(layout: Layout, role: str) -> Path:
    """The 0600 file that holds a database role's password."""
    return layout.keys / f"postgres.{role}"


def dsn_of(place: str, role: str, password: Path) -> str:
    """`place` (a connection string) as one role, with the password of a file."""
    secret_line = given(str(password), setting=f"password of {role}")
    return make_conninfo(place, user=role, password=secret_line)
