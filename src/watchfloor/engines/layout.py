"""Where everything lies in a data directory, and the short runtime directory beside it.

It makes directories with their modes and names paths; it reads no setting and starts nothing.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from watchfloor.kit.errors import Invalid

# A Unix socket's path holds 107 bytes; the longest name below the runtime directory takes 32 of them.
_LONGEST_RUNTIME: Final = 75
PRIVATE: Final = 0o700
TRAVERSABLE: Final = 0o711


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one data directory."""

    data: Path

    @classmethod
    def of(cls, data: Path) -> Layout:
        """The layout of `data`, whatever the working directory becomes later."""
        return cls(Path(os.path.abspath(data)))

    @property
    def config(self) -> Path:
        return self.data / "config.toml"

    @property
    def lock(self) -> Path:
        return self.data / "lock"

    @property
    def keys(self) -> Path:
        """Secrets, 0700: the only folder of a data directory that is never in a backup of the state."""
        return self.data / "keys"

    @property
    def pg(self) -> Path:
        return self.data / "pg"

    @property
    def nats(self) -> Path:
        return self.data / "nats"

    @property
    def objects(self) -> Path:
        return self.data / "objects"

    @property
    def spool(self) -> Path:
        return self.data / "spool"

    @property
    def ledger(self) -> Path:
        return self.data / "ledger"

    @property
    def keystore(self) -> Path:
        """The day keys of footage: outside database and backups, for destroying one is the deletion."""
        return self.data / "keystore"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def endpoints(self) -> Path:
        return self.data / "endpoints.json"

    @property
    def runtime(self) -> Path:
        """Sockets, pid and readiness files: `run` in the data directory, or a short directory if that is too long."""
        near = self.data / "run"
        if len(os.fsencode(near)) <= _LONGEST_RUNTIME:
            return near
        name = f"watchfloor-{os.geteuid()}-{hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]}"
        of_user = Path(f"/run/user/{os.geteuid()}")
        return (of_user if of_user.is_dir() else Path("/tmp")) / name  # noqa: S108  # owner and mode are checked by prepare

    @property
    def postgres_socket(self) -> Path:
        """The folder of PostgreSQL's socket, owned by the user it runs as."""
        return self.runtime / "pg"

    def ready(self, process: str) -> Path:
        """The file a process touches once it does its work."""
        return self.runtime / f"{process}.ready"

    def pid(self, process: str) -> Path:
        return self.runtime / f"{process}.pid"

    def log(self, process: str) -> Path:
        return self.logs / f"{process}.log"

    def prepare(self) -> None:
        """Make the directories that are ours alone. Raises Invalid when a path is a link, a file or somebody else's."""
        open_mode = TRAVERSABLE if os.geteuid() == 0 else PRIVATE
        own(self.data, open_mode)
        for path in (self.keys, self.objects, self.spool, self.ledger, self.keystore):
            own(path, PRIVATE)
        own(self.logs, PRIVATE)
        own(self.runtime, open_mode)


def own(path: Path, mode: int, *, uid: int | None = None, gid: int | None = None) -> None:
    """Make `path` a directory of that mode, owned by `uid` (ours when None); parents are made with the usual mode.

    Raises Invalid when it is there and is a link, not a directory, or belongs to somebody else.
    """
    owner = os.geteuid() if uid is None else uid
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise Invalid(f"{path} should be a directory and is something else.")
        if found.st_uid not in (owner, os.geteuid()):
            raise Invalid(f"{path} belongs to user {found.st_uid}, not to the one who starts watchfloor.")
        if found.st_uid != owner:
            os.chown(path, owner, -1 if gid is None else gid)
        if stat.S_IMODE(found.st_mode) != mode:
            path.chmod(mode)
    except OSError as error:
        raise Invalid(f"{path} cannot be prepared: {error.strerror}.") from error


def untraversable(path: Path, uid: int, gid: int) -> Path | None:
    """The first parent of `path` that the user may not pass through, or None."""
    for parent in reversed([path, *path.parents]):
        try:
            found = parent.stat()
        except FileNotFoundError:
            return None
        if not stat.S_ISDIR(found.st_mode):
            return None
        needed = (
            stat.S_IXUSR if found.st_uid == uid else stat.S_IXGRP if found.st_gid == gid else stat.S_IXOTH
        )
        if not found.st_mode & needed:
            return parent
    return None


def write_private(path: Path, content: bytes | str, *, mode: int = 0o600) -> None:
    """Write a file whole or not at all, 0600 from its first moment, on disk when this returns."""
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
