"""Backup and restore of a real center: what comes back, what must not, and backups that are refused."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.engines.center import Center, a_center, until
from tests.fixtures.engines import run
from watchfloor.app import own_up
from watchfloor.engines.backup import backup
from watchfloor.engines.binaries import postgres_binaries
from watchfloor.engines.endpoints import dsn_of
from watchfloor.engines.layout import Layout
from watchfloor.engines.postgres import Postgres
from watchfloor.engines.restore import restore
from watchfloor.engines.spawn import engine_user
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Conflict, Invalid
from watchfloor.settings import PostgresSettings, load

CLOCK = SystemClock()
FOOTAGE_KEY = b"the key of a day of footage"
ROW = "insert into agency values ('019aab00-0000-7000-8000-000000000001', 'Metropolitan', 'America/Chicago', '2026-11-22Z')"


@dataclass
class Said:
    """What a person at the terminal was told."""

    lines: list[str] = field(default_factory=list)

    def __call__(self, event: str, sentence: str, /, **facts: str | int | float | None) -> None:
        self.lines.append(f"{event}: {sentence}")


@pytest.fixture(scope="module")
def center() -> Iterator[Center]:
    """A center that runs, with an agency, a tile of the log, a setting and the key of a day of footage."""
    with a_center() as running:
        (running.data / "ledger" / "tile").mkdir(parents=True)
        (running.data / "ledger" / "tile" / "x001").write_bytes(b"hashes")
        for name in ("basemaps/a/ab/abcd", "streets/a/cd/cdef", "footage/a/ef/ef01"):
            (running.data / "objects" / name).parent.mkdir(parents=True)
            (running.data / "objects" / name).write_bytes(name.encode())
        (running.data / "keystore").mkdir(mode=0o700)
        (running.data / "keystore" / "20261122").write_bytes(FOOTAGE_KEY)
        (running.data / "config.toml").write_text("[record]\nsegment_s = 45\n")
        running.data.chmod(0o711)
        running.start("serve")
        run(until(lambda: bool(running.heard("up")) or running.ended, "up", 90))
        with psycopg.connect(running.endpoints.dsn("wf_owner")) as connection:
            connection.execute(ROW)
        yield running


@pytest.fixture(scope="module")
def made(center: Center) -> tuple[Path, Path]:
    """Its backup: state and keys."""
    state, keys = center.data.parent / "state", center.data.parent / "keys"
    run(backup(load(center.data), state, keys_to=keys, clock=CLOCK, say=Said()))
    return state, keys


async def test_a_restored_center_starts_with_the_state_and_the_keys_it_had(
    center: Center, made: tuple[Path, Path]
) -> None:
    with a_center() as again:
        said = Said()
        await restore(again.data, *made, clock=CLOCK, say=said, own_up=own_up, by="the night shift")
        await again.up("serve")
        for role in ("wf_app", "wf_ledger", "wf_sweep"):
            with psycopg.connect(again.endpoints.dsn(role)) as connection:
                assert connection.execute("select name from agency").fetchall() == [("Metropolitan",)]
        with (
            psycopg.connect(again.endpoints.dsn("wf_app")) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("update audit_entry set leaf = ''")
        with psycopg.connect(again.endpoints.dsn("wf_owner")) as connection:
            forced = "select count(*) from pg_class where relforcerowsecurity"
            assert connection.execute(forced).fetchone() == (_forced(center),)
        assert (again.data / "ledger" / "tile" / "x001").read_bytes() == b"hashes"
        assert (again.data / "objects/basemaps/a/ab/abcd").read_bytes() == b"basemaps/a/ab/abcd"
        assert (again.data / "objects/streets/a/cd/cdef").read_bytes() == b"streets/a/cd/cdef"
        assert not (again.data / "objects/footage/a").exists()
        assert load(again.data).record.segment_s == 45
        for role in ("wf_app", "wf_super"):
            name = f"postgres.{role}"
            assert (again.data / "keys" / name).read_text() == (center.data / "keys" / name).read_text()
        with psycopg.connect(again.endpoints.dsn("wf_owner")) as connection:
            told = connection.execute("select reason from audit_entry where kind = 'restore'").fetchall()
        assert told == [("log.restored",)]
    assert any("revoked after the backup" in line for line in said.lines)


def _forced(center: Center) -> int:
    with psycopg.connect(center.endpoints.dsn("wf_owner")) as connection:
        row = connection.execute("select count(*) from pg_class where relforcerowsecurity").fetchone()
    assert row is not None and row[0] > 10
    return int(row[0])


def test_no_day_key_of_footage_is_in_a_backup_and_no_secret_is_in_the_state(
    center: Center, made: tuple[Path, Path]
) -> None:
    state, keys = made
    files = [p for folder in made for p in folder.rglob("*") if p.is_file()]
    assert not [p for p in files if FOOTAGE_KEY in p.read_bytes()]
    secrets = [p.read_bytes().strip() for p in (center.data / "keys").iterdir() if p.is_file()]
    assert len(secrets) > 4
    kept = [p.read_bytes() for p in state.rglob("*") if p.is_file()]
    assert not [1 for secret in secrets for content in kept if secret in content]
    assert not (keys / "first-link").exists()
    assert {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}
    assert stat.S_IMODE(state.stat().st_mode) == stat.S_IMODE(keys.stat().st_mode) == 0o700


async def test_a_backup_that_was_changed_or_cut_off_is_refused_and_leaves_nothing(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    state, keys = made

    async def refused(folder: Path, match: str) -> None:
        with pytest.raises(Invalid, match=match):
            await restore(tmp_path / "new", folder, keys, clock=CLOCK, say=Said(), own_up=own_up, by="x")
        assert not (tmp_path / "new").exists()

    changes: tuple[tuple[str, Callable[[Path], object], str], ...] = (
        (
            "flipped",
            lambda p: (p / "database.dump").write_bytes(b"other"),
            "^The backup .*flipped was changed after it was made: database.dump",
        ),
        ("added", lambda p: (p / "ledger" / "tile" / "x002").write_bytes(b"forged"), "x002"),
        ("cut", lambda p: (p / "manifest.json").unlink(), "cut is no whole backup: it has no manifest.json"),
        ("lacking", lambda p: (p / "ledger" / "tile" / "x001").unlink(), "x001"),
        ("garbled", lambda p: (p / "manifest.json").write_text("{"), "cannot be read"),
    )
    for name, change, match in changes:
        shutil.copytree(state, tmp_path / name)
        change(tmp_path / name)
        await refused(tmp_path / name, match)


async def test_keys_of_nothing_are_refused(made: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    with pytest.raises(Invalid, match="keys of a center"):
        await restore(
            tmp_path / "new", made[0], tmp_path / "keys", clock=CLOCK, say=Said(), own_up=own_up, by="x"
        )


async def test_nothing_is_overwritten_by_a_backup_or_a_restore(
    center: Center, made: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(Conflict, match="not empty"):
        await backup(load(center.data), tmp_path / "full", keys_to=None, clock=CLOCK, say=Said())
    with pytest.raises(Conflict, match="not empty"):
        await restore(center.data, *made, clock=CLOCK, say=Said(), own_up=own_up, by="x")
    for state, keys in (
        (center.data / "backup", None),
        (tmp_path / "both", tmp_path / "both"),
        (tmp_path / "both", tmp_path / "both" / "keys"),
        (tmp_path / "state", center.data),
    ):
        with pytest.raises(Invalid, match="in one another"):
            await backup(load(center.data), state, keys_to=keys, clock=CLOCK, say=Said())


async def test_a_backup_without_keys_says_that_it_cannot_be_restored_alone(
    center: Center, tmp_path: Path
) -> None:
    said = Said()
    await backup(
        load(center.data),
        tmp_path / "state",
        keys_to=None,
        clock=CLOCK,
        say=said,
    )
    assert any(line.startswith("no_keys") for line in said.lines)


def test_a_backup_is_restored_into_somebody_elses_server_and_not_over_a_center(
    made: tuple[Path, Path], server: Postgres, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text((server.layout.keys / "postgres.wf_super").read_text())
    environment = {
        "PATH": "/usr/bin:/bin",
        "WATCHFLOOR_POSTGRES__PROVIDER": "dsn",
        "WATCHFLOOR_POSTGRES__DSN": make_conninfo(server.place, user="wf_super", dbname="elsewhere"),
        "WATCHFLOOR_POSTGRES__PASSWORD_FILE": str(password),
    }

    def restored(data: Path) -> subprocess.CompletedProcess[str]:
        command: list[str | Path] = [sys.executable, "-m", "watchfloor", "restore", "--data", data]
        command += ["--from", made[0], "--keys-from", made[1]]
        return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)

    first = restored(tmp_path / "first")
    assert first.returncode == 0, first.stderr
    assert not (tmp_path / "first" / "pg").exists()
    app = dsn_of(
        make_conninfo(server.place, dbname="elsewhere"), "wf_app", tmp_path / "first/keys/postgres.wf_app"
    )
    with psycopg.connect(app) as connection:
        assert connection.execute("select name from agency").fetchall() == [("Metropolitan",)]
    second = restored(tmp_path / "second")
    assert second.returncode == 1
    assert "holds a center already" in second.stderr
    assert not (tmp_path / "second").exists()
    with psycopg.connect(app) as connection:
        assert connection.execute("select count(*) from agency").fetchone() == (1,)


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A PostgreSQL on which there never was a center."""
    folder = Path(tempfile.mkdtemp(prefix="wfs-"))
    folder.chmod(0o711)
    layout, run_as, settings = Layout.of(folder / "data"), engine_user(), PostgresSettings()
    layout.prepare()
    made = Postgres(
        layout, postgres_binaries(settings, run_as), settings, CLOCK, run_as=run_as, disposable=True
    )
    made.prepare()
    made.start()
    run(made.ready())
    yield made
    run(made.stop())
    shutil.rmtree(folder)
