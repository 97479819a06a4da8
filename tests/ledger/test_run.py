"""The ledger at work as a process: woken by entries, back after PostgreSQL, killed at any moment, firm on roll-back."""

from __future__ import annotations

import asyncio
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.fixtures.counts import Counted
from tests.fixtures.engines import Dsns
from tests.ledger.center import Center, check_whole, until
from tests.ledger.conftest import NAME, Log
from watchfloor.governance.checkpoint import VerifierKey
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid
from watchfloor.ledger.consistency import check_local
from watchfloor.ledger.errors import AnotherLedger
from watchfloor.ledger.report import NO_ROLLBACK_PROOF, Outside, Verdict
from watchfloor.ledger.source import Folder
from watchfloor.ledger.verify import verify
from watchfloor.settings import Settings

PROCESS = Path(__file__).parent / "process.py"


@pytest.fixture
def center(tmp_path: Path, dsns: Dsns, log: Log) -> Center:
    return Center(tmp_path / "data", dsns, log)


async def test_entries_are_signed_as_they_come_and_the_rest_when_it_is_told_to_stop(center: Center) -> None:
    async with center.running():
        await until(lambda: center.size() == 0)
        await until(center.layout.ready("ledger").exists)
        await center.log.write(3)
        await until(lambda: center.size() == 3)
        await center.log.write(1500)
        await until(lambda: center.size() == 1503)
        await center.log.write(2)
    assert center.size() == 1505
    assert not center.layout.ready("ledger").exists()
    await check_whole(center.log, 1505)


async def test_a_second_ledger_on_the_same_directory_is_refused(center: Center) -> None:
    async with center.running():
        await until(lambda: center.size() == 0)
        with pytest.raises(AnotherLedger):
            async with center.running():
                await asyncio.Event().wait()


async def test_it_waits_for_a_database_that_went_away_says_so_and_goes_on(center: Center, dsns: Dsns) -> None:
    name = str(conninfo_to_dict(dsns.ledger)["dbname"])
    away = f'alter database "{name}" allow_connections false'
    back = f'alter database "{name}" allow_connections true'
    elsewhere = Log(
        center.log.database,
        Dsns(**{**dsns.__dict__, "superuser": _postgres(dsns)}),
        center.log.root,
        center.log.keys,
    )
    async with center.running():
        await until(lambda: center.size() == 0)
        await center.log.write(3)
        await elsewhere.as_owner(away)
        await elsewhere.as_owner(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and application_name = 'ledger'",
            name,
        )
        await until(lambda: center.trouble() is not None)
        assert "PostgreSQL does not answer" in (center.trouble() or "")
        await elsewhere.as_owner(back)
        await center.log.write(4)
        await until(lambda: center.size() == 7)
        await until(lambda: center.trouble() is None)
    await check_whole(center.log, 7)


def _postgres(dsns: Dsns) -> str:
    return make_conninfo(dsns.superuser, dbname="postgres")


def _start(center: Center) -> subprocess.Popen[bytes]:
    config = center.layout.config
    config.write_text(f'[ledger]\nlog_name = "{NAME}"\n')
    return subprocess.Popen(
        [sys.executable, PROCESS, center.layout.data],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=PROCESS.parents[2],
    )


async def test_a_disk_that_takes_no_more_is_said_and_nothing_is_lost_when_it_does_again(
    center: Center,
) -> None:
    process = _start(center)
    try:
        await until(lambda: center.size() == 0)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        await center.log.write(100)
        await until(lambda: "disk does not take it" in (center.trouble() or ""))
        said = [
            wrong.what for wrong in check_local(center.layout.data, settings=Settings(center.layout.data))
        ]
        assert any(
            what.startswith("The log is not being signed since ") and "The disk does not take it: " in what
            for what in said
        ), said
        assert verify(Folder(center.layout.ledger)).verdict is Verdict.VERIFIED
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await until(lambda: center.size() == 100)
        await until(lambda: center.trouble() is None)
    finally:
        process.kill()
        process.wait()
    await check_whole(center.log, 100)


@pytest.mark.slow
@pytest.mark.parametrize("kills", [4])
async def test_killed_again_and_again_while_entries_arrive_nothing_is_lost_or_doubled(
    center: Center, kills: int, counted: Counted
) -> None:
    written = 0
    more = True

    async def keep_writing() -> None:
        nonlocal written
        while more:
            await center.log.write(7)
            written += 7
            await SystemClock().sleep(0.02)

    writing = asyncio.gather(*(keep_writing() for _ in range(3)))
    for number in range(kills):
        seen = center.size()
        process = _start(center)
        # Each time after another number of rounds, so that it dies in another place.
        await until(lambda: center.size() > seen + 10 * number)  # noqa: B023  # awaited within the round
        process.kill()
        process.wait()
        assert verify(Folder(center.layout.ledger)).verdict is Verdict.VERIFIED
    more = False
    await writing
    async with center.running():
        await until(lambda: center.size() == written)
    await check_whole(center.log, written)
    counted(f"ledger killed (SIGKILL) {kills} times while entries arrived: 0 of {written} lost or doubled")


async def test_checkpoints_reach_a_folder_outside_at_start_and_stop_and_are_never_written_over(
    center: Center, tmp_path: Path
) -> None:
    outside = tmp_path / "stick"
    outside.mkdir()
    async with center.running(dirs=str(outside)):
        await until(lambda: any(outside.iterdir()))
        await center.log.write(5)
        await until(lambda: center.size() == 5)
    sizes = sorted(int(path.name.split("-")[0]) for path in outside.iterdir())
    assert sizes[-1] == 5
    assert all(path.stat().st_mode & 0o222 == 0 for path in outside.iterdir())
    earlier = [Outside(path.name, path.read_bytes()) for path in outside.iterdir()]
    report = verify(Folder(center.layout.ledger), checkpoints=earlier)
    assert (report.verdict, report.rollback) == (Verdict.VERIFIED, "excluded for the first 5 entries")


async def test_everything_put_back_to_a_backup_is_noticed_at_the_start_and_nothing_is_signed(
    center: Center, tmp_path: Path, dsns: Dsns
) -> None:
    """Database, files and key are all restored from last week: only the checkpoint kept outside still knows."""
    outside, backup = tmp_path / "stick", tmp_path / "backup"
    outside.mkdir()
    async with center.running():
        await center.log.write(10)
        await until(lambda: center.size() == 10)
    shutil.copytree(center.layout.ledger, backup)
    async with center.running(dirs=str(outside)):
        await center.log.write(5)
        await until(lambda: center.size() == 15)
    shutil.rmtree(center.layout.ledger)
    shutil.copytree(backup, center.layout.ledger)
    await center.log.as_owner("delete from audit_entry where leaf_index >= 10")
    await center.log.as_owner("delete from audit_checkpoint where size > 10")
    await center.log.write(2)
    async with center.running(dirs=str(outside)):
        await until(lambda: center.trouble() is not None)
        assert "signed with 15 entries" in (center.trouble() or "")
        assert "the database holds 10" in (center.trouble() or "")
    assert center.size() == 10
    alone = verify(Folder(center.layout.ledger))
    assert (alone.verdict, alone.rollback) == (Verdict.VERIFIED, NO_ROLLBACK_PROOF)
    earlier = [Outside(path.name, path.read_bytes()) for path in outside.iterdir()]
    assert verify(Folder(center.layout.ledger), checkpoints=earlier).verdict is Verdict.TAMPERED


async def test_a_log_rewritten_with_database_and_key_is_not_signed_on_when_a_folder_outside_knows_better(
    center: Center, tmp_path: Path
) -> None:
    outside = tmp_path / "stick"
    outside.mkdir()
    await center.log.write(10)
    async with center.running(dirs=str(outside)):
        await until(lambda: center.size() == 10)
    # The attacker owns database and key: he changes an entry, forgets the checkpoints, has all files made anew.
    await center.log.as_owner("alter table audit_entry disable trigger leaf_index_once")
    await center.log.as_owner(
        "update audit_entry set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'allowed', 'refused'), 'UTF8')"
        " where leaf_index = 4"
    )
    await center.log.as_owner("delete from audit_checkpoint")
    shutil.rmtree(center.layout.ledger / "tile")
    (center.layout.ledger / "checkpoint").unlink()
    await center.log.write(3)
    async with center.running(dirs=str(outside)):
        await until(lambda: center.trouble() is not None)
        assert "not those that were signed" in (center.trouble() or "")
    assert center.size() == -1


async def test_a_folder_inside_the_data_directory_is_not_outside(center: Center) -> None:
    with pytest.raises(Invalid, match="inside the data directory"):
        async with center.running(dirs=str(center.layout.data / "copies")):
            pass


async def test_a_log_does_not_change_its_name(center: Center) -> None:
    async with center.running():
        await until(lambda: center.size() == 0)
    async with center.running(name="another.example/log"):
        await until(lambda: center.trouble() is not None)
        assert f"begun as {NAME}" in (center.trouble() or "")
    assert VerifierKey.parse((center.layout.ledger / "key.pub").read_text()).name == NAME


async def test_after_a_restore_that_lost_entries_a_log_of_another_name_is_begun(
    center: Center, tmp_path: Path
) -> None:
    """The way back that the documents describe: the old log is kept apart, a new one takes the entries that are left."""
    outside = tmp_path / "stick"
    outside.mkdir()
    await center.log.write(12)
    async with center.running(dirs=str(outside)):
        await until(lambda: center.size() == 12)
    await center.log.as_owner("delete from audit_entry where leaf_index >= 9")
    await center.log.as_owner("delete from audit_checkpoint where size > 9")
    async with center.running(dirs=str(outside)):
        await until(lambda: center.trouble() is not None)
    center.layout.ledger.rename(tmp_path / "log-that-ended")
    await center.log.write(4)
    async with center.running(name="test.watchfloor.example/log-2", dirs=str(outside)):
        await until(lambda: center.size() == 13)
    assert verify(Folder(center.layout.ledger)).verdict is Verdict.VERIFIED
    assert center.trouble() is None
    earlier = [Outside(path.name, path.read_bytes()) for path in outside.iterdir()]
    report = verify(Folder(center.layout.ledger), checkpoints=earlier)
    assert report.rollback == "excluded for the first 13 entries"
    assert any(
        f"of the log '{NAME}'" in held.sentence or "not signed by the key" in held.sentence
        for held in report.held
    )


async def test_a_lost_key_is_said_and_not_made_anew(center: Center) -> None:
    async with center.running():
        await until(lambda: center.size() == 0)
    (center.layout.keys / "ledger.key").unlink()
    with pytest.raises(
        Invalid, match=r"^The log has been signed before, but its key .*ledger\.key is gone\.$"
    ):
        async with center.running():
            pass
    assert not (center.layout.keys / "ledger.key").exists()


async def test_what_it_keeps_about_itself_holds_no_secret_of_a_webhook(
    center: Center,
) -> None:
    async with center.running(webhooks="http://127.0.0.1:1/hook/s3cret?token=t0ken"):
        await until(lambda: "does not take" in center.state())
    assert "http://127.0.0.1" in center.state()
    assert "s3cret" not in center.state()
    assert "t0ken" not in center.state()
