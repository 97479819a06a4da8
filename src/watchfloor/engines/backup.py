"""`watchfloor backup`: the state in one place, the keys in another, while the center runs.

The state is the database, the log's files, the maps and config.toml. Never copied are the day keys of footage and footage itself:
a day that was destroyed must stay unreadable, whatever is restored. A backup is a copy of data too: one that is older
than the shortest retention holds what should be forgotten, and is to be deleted.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from watchfloor.engines.binaries import postgres_binaries
from watchfloor.engines.bootstrap import database_of
from watchfloor.engines.endpoints import Endpoints, dsn_of, password_file
from watchfloor.engines.keys import given
from watchfloor.engines.layout import PRIVATE, Layout, own, write_private
from watchfloor.engines.postgres import SUPERUSER
from watchfloor.engines.supervise import Say
from watchfloor.engines.up import FIRST_LINK
from watchfloor.kit.clock import Clock, rfc3339
from watchfloor.kit.errors import Conflict, Invalid, Unavailable
from watchfloor.settings import PostgresSettings, Settings
from watchfloor.storage.classes import FILES, DataClass

DUMP: Final = "database.dump"
MANIFEST: Final = "manifest.json"
LEDGER: Final = "ledger"
CHECKPOINT: Final = "checkpoint"
CONFIG: Final = "config.toml"
# Files of the object store that name nobody and that the rows of a restored database need.
MAPS: Final = tuple(
    name for name, kept in FILES.items() if kept.data_class is DataClass.PLACE and name.startswith("objects/")
)
_FORM: Final = 1


async def backup(settings: Settings, to: Path, *, keys_to: Path | None, clock: Clock, say: Say) -> None:
    """Write the state to `to` and, when it is given, the keys to `keys_to`; both new or empty, neither in the other.

    Raises Conflict when a target is not empty, Invalid when targets and data lie in one another, Unavailable when the
    database does not answer. A backup that was cut off has no manifest, and `restore` refuses it.
    """
    layout = Layout.of(settings.data)
    endpoints = Endpoints.read(settings.data)
    state = _target(to, apart_from=[layout.data, *([keys_to] if keys_to else [])])
    keys = _target(keys_to, apart_from=[layout.data, to]) if keys_to is not None else None
    began = clock.now()
    superuser = superuser_dsn(settings.postgres, endpoints.postgres, layout)
    # The files first: the database is ahead of the log's files at most, which is how a crash leaves them too.
    await asyncio.to_thread(_ledger, layout.ledger, state / LEDGER)
    if layout.config.exists():
        write_private(state / CONFIG, layout.config.read_bytes())
    # Twice: a map that is replaced meanwhile is the one or the other in the dump.
    await asyncio.to_thread(_maps, layout, state)
    say("dumping", "copying the database")
    await asyncio.to_thread(_dump, settings.postgres, superuser, state / DUMP)
    await asyncio.to_thread(_maps, layout, state)
    manifest = {
        "form": _FORM,
        "began_at": rfc3339(began),
        "done_at": rfc3339(clock.now()),
        "revision": await _revision(superuser),
        "files": digests(state),
    }
    write_private(state / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    say("state", f"the state of {rfc3339(began)} is in {state}", to=str(state))
    if keys is None:
        say("no_keys", "the keys were not copied; without them this backup cannot be restored (--keys-to)")
        return
    await asyncio.to_thread(_keys, layout.keys, keys)
    say("keys", f"the keys are in {keys}: keep them where the state is not", to=str(keys))


def superuser_dsn(settings: PostgresSettings, place: str, layout: Layout) -> str:
    """The connection string of the superuser for this center's database."""
    if settings.provider != "dsn":
        return dsn_of(place, SUPERUSER, password_file(layout, SUPERUSER))
    database_of(settings.dsn)
    if not settings.password_file:
        return settings.dsn
    return make_conninfo(
        settings.dsn, password=given(settings.password_file, setting="postgres.password_file")
    )


def run_client(settings: PostgresSettings, program: str, arguments: Sequence[str], dsn: str) -> None:
    """Run a client program of PostgreSQL's; the password goes by a 0600 file, never by an argument.

    Raises Unavailable with what it said when it fails.
    """
    provider = settings if settings.provider != "dsn" else PostgresSettings()
    binaries = postgres_binaries(provider)
    parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items() if value is not None}
    password = parts.pop("password", "")
    with tempfile.TemporaryDirectory(prefix="wf-") as folder:
        file = Path(folder) / "pass"
        escaped = password.replace("\\", "\\\\").replace(":", "\\:")
        write_private(file, f"*:*:*:*:{escaped}\n")
        done = subprocess.run(
            [binaries / program, *arguments, f"--dbname={make_conninfo('', **parts)}"],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={"PATH": "/usr/bin:/bin", "PGPASSFILE": str(file), "LC_ALL": "C"},
        )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).split("\n")[-3:]
        raise Unavailable(f"{program} failed: {' | '.join(last)}")


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file below `folder`, by its path from there; the manifest itself is not among them."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST:
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def read_manifest(state: Path) -> Mapping[str, object]:
    """The manifest of a whole backup whose files are as they were written.

    Raises Invalid when it is missing, of another form, or a file differs, lacks or was added.
    """
    try:
        manifest: Mapping[str, object] = json.loads((state / MANIFEST).read_text())
    except FileNotFoundError as error:
        raise Invalid(f"{state} is no whole backup: it has no {MANIFEST}.") from error
    except (ValueError, OSError) as error:
        raise Invalid(f"{state / MANIFEST} cannot be read: {error}.") from error
    if manifest.get("form") != _FORM:
        raise Invalid(f"{state} is a backup of another form ({manifest.get('form')!r}).")
    written, found = manifest.get("files"), digests(state)
    if not isinstance(written, dict) or written != found:
        differ = sorted(
            k
            for k in {**(written if isinstance(written, dict) else {}), **found}
            if _differs(k, written, found)
        )
        raise Invalid(f"The backup {state} was changed after it was made: {', '.join(differ[:3])}.")
    return manifest


def _differs(name: str, written: object, found: Mapping[str, str]) -> bool:
    return not isinstance(written, dict) or written.get(name) != found.get(name)


def _target(path: Path, *, apart_from: Sequence[Path]) -> Path:
    target = Path(os.path.abspath(path))
    for other in map(Path, map(os.path.abspath, apart_from)):
        if target == other or target.is_relative_to(other) or other.is_relative_to(target):
            raise Invalid(f"{target} and {other} must not lie in one another.")
    if target.exists() and any(target.iterdir()):
        raise Conflict(f"{target} is not empty; a backup goes into a directory of its own.")
    own(target, PRIVATE)
    return target


def _ledger(source: Path, target: Path) -> None:
    # Tiles are written whole, under their names, and never change; what is half written lies in a hidden folder. The
    # checkpoint goes first, so that the tiles copied after it hold all it signs. A partial tile that becomes full while
    # we copy is gone; the second pass finds the full one.
    target.mkdir(mode=PRIVATE, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        shutil.copy2(source / CHECKPOINT, target / CHECKPOINT)
    for _ in range(2):
        for folder, inner, names in os.walk(source):
            inner[:] = [name for name in inner if not name.startswith(".")]
            there = target / Path(folder).relative_to(source)
            there.mkdir(exist_ok=True)
            for name in names:
                if name != CHECKPOINT and not (there / name).exists():
                    with contextlib.suppress(FileNotFoundError):
                        shutil.copy2(Path(folder, name), there / name)
    close(target)


def _maps(layout: Layout, state: Path) -> None:
    # Each is put whole, under its hash, and never changes; in a bucket they stay where they are.
    for path in (path for name in MAPS for path in (layout.data / name).rglob("*") if path.is_file()):
        copy = state / path.relative_to(layout.data)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                shutil.copy2(path, copy)
    if (state / "objects").is_dir():
        close(state / "objects")


def _keys(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(FIRST_LINK, ".*"))
    close(target)


def close(folder: Path) -> None:
    """Let nobody else read a folder and all below it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(PRIVATE if path.is_dir() else 0o600)


def _dump(settings: PostgresSettings, superuser: str, target: Path) -> None:
    with target.open("xb"):
        target.chmod(0o600)
    # What is kept for minutes is in unlogged tables: no copy of it may outlive it.
    form = ["--format=custom", "--compress=6", "--no-unlogged-table-data"]
    run_client(settings, "pg_dump", [*form, f"--file={target}"], superuser)


async def _revision(superuser: str) -> str | None:
    async with await psycopg.AsyncConnection.connect(superuser) as connection:
        row = await (await connection.execute("select version_num from alembic_version")).fetchone()
    return None if row is None else str(row[0])
