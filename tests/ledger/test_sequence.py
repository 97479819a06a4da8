"""Every entry gets one place, whatever dies in between; nothing is signed that contradicts what was signed before."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from tests.fixtures.counts import Counted
from tests.ledger.center import check_whole, leaves, published
from tests.ledger.conftest import NAME, Log, entry, settle
from watchfloor.governance import store as governance_store
from watchfloor.governance.checkpoint import Checkpoint
from watchfloor.kit.errors import Invalid
from watchfloor.ledger import store
from watchfloor.ledger.errors import AnotherLedger, LogDamaged, RolledBack
from watchfloor.ledger.key import signer_of
from watchfloor.ledger.sequence import MOST
from watchfloor.storage.session import Session


async def test_entries_are_given_places_in_the_order_of_their_ids_and_signed(log: Log) -> None:
    made = await log.write(3)
    assert await log.sequence() == 3
    await check_whole(log, 3)
    assert [json.loads(leaf)["id"] for leaf in leaves(log, 3)] == [str(one.id) for one in made]


async def test_a_log_without_entries_is_signed_as_empty(log: Log) -> None:
    assert await log.sequence() == 0
    assert published(log).size == 0


async def test_a_log_grows_over_many_rounds_and_full_tiles_replace_partial_ones(log: Log) -> None:
    size = 0
    for count in (1, 254, 1, 1, 300, 700):
        size += count
        assert await log.grow(count) == size
        await check_whole(log, size)
    folders = [p.relative_to(log.root).as_posix() for p in log.root.rglob("*.p")]
    assert sorted(folders) == ["tile/0/004.p", "tile/1/000.p", "tile/entries/004.p"]


async def test_more_than_a_round_takes_is_sequenced_in_several(log: Log) -> None:
    await log.write(MOST + 5)
    async with log.sequencer() as sequencer:
        async for _ in sequencer.round():
            pass
        assert (sequencer.size, sequencer.behind) == (MOST, True)
        assert published(log).size == MOST
        assert await settle(sequencer) == MOST + 5
    await check_whole(log, MOST + 5)


async def test_an_entry_committed_late_with_an_early_id_is_not_lost(log: Log) -> None:
    async with log.tx() as slow:
        early = entry()
        await governance_store.append_entry(slow, early)
        await log.grow(5)  # written and signed while the early one is still open
    assert await log.sequence() == 6
    await check_whole(log, 6)
    assert json.loads(leaves(log, 6)[5])["id"] == str(early.id)


async def test_the_same_entries_always_give_the_same_checkpoint(log: Log) -> None:
    await log.grow(10)
    first = (log.root / "checkpoint").read_bytes()
    assert await log.sequence() == 10
    assert (log.root / "checkpoint").read_bytes() == first


async def _die_after(log: Log, steps: int) -> str | None:
    """One round that dies after so many steps; which one it was, or None when the round was over before."""
    async with log.sequencer() as sequencer:
        round_ = sequencer.round()
        try:
            done = 0
            async for step in round_:
                done += 1
                if done == steps:
                    return step
        finally:
            await round_.aclose()
    return None


@pytest.mark.parametrize("begun", [0, 3, 250, 256])
async def test_a_ledger_killed_between_any_two_steps_goes_on_without_loss_or_double(
    log: Log, begun: int, counted: Counted
) -> None:
    size = begun
    await log.grow(begun)
    deaths: list[str] = []
    for steps in range(1, 100):
        await log.write(8)
        size += 8
        died = await _die_after(log, steps)
        if died is None:
            break
        deaths.append(died)
        # Entries go on arriving while it is down; some with ids before those it had just given places to.
        await log.write(2)
        size += 2
        assert await log.sequence() == size
    await check_whole(log, size)
    names = {step.split(" ", 1)[-1] if step.startswith("tile/") else step for step in deaths}
    assert names == {
        "indices given",
        "indices committed",
        "entries read",
        "written",
        "files settled",
        "checkpoint signed",
        "checkpoint kept",
        "checkpoint published",
        "files tidied",
    }
    counted(
        f"ledger killed after each of {len(deaths)} steps from {begun} entries: 0 of {size} lost or doubled"
    )


async def test_a_ledger_killed_many_times_in_a_row_goes_on(log: Log) -> None:
    size = 0
    for steps in (2, 5, 3, 7, 4, 6, 1, 8, 9):
        await log.write(40)
        size += 40
        await _die_after(log, steps)
    assert await log.sequence() == size
    await check_whole(log, size)


async def test_a_file_half_written_at_the_crash_is_forgotten(log: Log) -> None:
    await log.grow(3)
    (log.root / ".new" / "000").write_bytes(b"half")
    assert await log.grow(1) == 4
    assert list((log.root / ".new").iterdir()) == []
    await check_whole(log, 4)


async def test_two_ledgers_cannot_sequence_one_database(log: Log, tmp_path: Path) -> None:
    await log.write(5)
    async with log.sequencer():
        with pytest.raises(AnotherLedger):
            await Log(log.database, log.dsns, tmp_path / "elsewhere", log.keys).sequence()
    assert await log.sequence() == 5


async def test_files_that_were_lost_are_written_again_and_match_what_was_signed(
    log: Log, tmp_path: Path
) -> None:
    await log.grow(700)
    before = (log.root / "checkpoint").read_bytes()
    log.root.rename(tmp_path / "lost")
    assert await log.sequence() == 700
    await check_whole(log, 700)
    assert (log.root / "checkpoint").read_bytes() == before


async def test_lost_files_are_not_written_again_from_a_database_that_was_changed(
    log: Log, tmp_path: Path
) -> None:
    await log.grow(300)
    log.root.rename(tmp_path / "lost")
    await _rewrite_in_database(log, 17)
    with pytest.raises(LogDamaged, match="not those that were signed"):
        await log.sequence()
    assert not (log.root / "checkpoint").exists()


async def _rewrite_in_database(log: Log, index: int) -> None:
    await log.as_owner("alter table audit_entry disable trigger leaf_index_once")
    await log.as_owner(
        "update audit_entry set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'allowed', 'refused'), 'UTF8')"
        " where leaf_index = %s",
        index,
    )
    await log.as_owner("alter table audit_entry enable trigger leaf_index_once")


async def test_a_database_put_back_to_an_older_state_stops_the_ledger(log: Log) -> None:
    await log.grow(20)
    await log.as_owner("delete from audit_entry where leaf_index >= 15")
    await log.as_owner("delete from audit_checkpoint")
    with pytest.raises(RolledBack, match=r"signed with 20 entries .*; the database holds 15"):
        await log.sequence()
    assert published(log).size == 20


async def test_files_put_back_to_an_older_state_are_brought_up_to_what_was_signed(log: Log) -> None:
    await log.grow(5)
    old = {p: p.read_bytes() for p in log.root.rglob("*") if p.is_file()}
    await log.grow(5)
    for path in [p for p in log.root.rglob("*") if p.is_file() and p not in old]:
        path.unlink()
    (log.root / "checkpoint").write_bytes(old[log.root / "checkpoint"])
    assert await log.sequence() == 10
    await check_whole(log, 10)


async def test_files_copied_while_the_log_grew_are_taken_up(log: Log) -> None:
    """The copy's checkpoint is older than its tiles, and its partial tiles have become full meanwhile."""
    await log.grow(300)
    note = (log.root / "checkpoint").read_bytes()
    await log.grow(300)
    (log.root / "checkpoint").write_bytes(note)
    assert not (log.root / "tile/0/001.p").exists()
    await log.write(5)
    assert await log.sequence() == 605
    await check_whole(log, 605)


async def test_an_entry_taken_out_of_the_database_stops_the_ledger_before_it_signs(log: Log) -> None:
    await log.grow(10)
    await log.write(5)
    assert await _die_after(log, 2) == "indices committed"
    await log.as_owner("delete from audit_entry where leaf_index = 12")
    with pytest.raises(LogDamaged, match="Entry 12 of the log is missing"):
        await log.sequence()
    assert published(log).size == 10


async def test_a_checkpoint_that_somebody_else_signed_stops_the_ledger(log: Log) -> None:
    await log.grow(3)
    other = signer_of(log.keys / "other.key", NAME, may_make=True)
    (log.root / "checkpoint").write_bytes(other.sign(Checkpoint(NAME, 3, bytes(32))))
    with pytest.raises(LogDamaged, match="not what this log signed"):
        await log.sequence()


async def test_a_tile_changed_at_the_edge_stops_the_ledger(log: Log) -> None:
    await log.grow(3)
    path = log.root / "tile/0/000.p/3"
    path.chmod(0o644)
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    with pytest.raises(LogDamaged):
        await log.sequence()


async def test_another_key_or_name_does_not_go_on_with_the_log(log: Log) -> None:
    await log.grow(3)
    (log.keys / "ledger.key").unlink()
    with pytest.raises(Invalid, match="begun as"):
        await log.sequence()


def test_a_lost_key_is_not_made_anew_for_a_log_that_was_signed(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"its key .* is gone"):
        signer_of(tmp_path / "ledger.key", NAME, may_make=False)
    assert not (tmp_path / "ledger.key").exists()


def test_the_key_is_for_its_owner_alone_even_when_copied_back_carelessly(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    first = signer_of(path, NAME, may_make=True)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    assert signer_of(path, NAME, may_make=False).key == first.key
    assert path.stat().st_mode & 0o777 == 0o600
    assert "private" not in repr(first).replace("watchfloor", "")


async def test_the_ledgers_role_can_change_nothing_but_give_an_index_once(log: Log) -> None:
    await log.grow(2)
    await log.write(1)
    async with await psycopg.AsyncConnection.connect(log.dsns.ledger, autocommit=True) as connection:
        for forbidden in (
            "update audit_entry set leaf = ''",
            "update audit_entry set leaf_index = 9 where leaf_index = 0",
            "update audit_entry set leaf_index = null",
            "update audit_entry set result = 'allowed'",
            "delete from audit_entry",
            "truncate audit_entry",
            "select * from audit_payload",
            "update audit_checkpoint set size = 9",
            "delete from audit_checkpoint",
        ):
            with pytest.raises(psycopg.Error):
                await connection.execute(forbidden)
    assert await log.sequence() == 3


async def test_an_entry_too_long_for_a_tile_is_left_out_and_does_not_stop_the_others(log: Log) -> None:
    made = await log.write(3)
    await log.as_owner("alter table audit_entry disable trigger leaf_index_once")
    await log.as_owner("alter table audit_entry drop constraint audit_entry_leaf_check")
    lengthen = "update audit_entry set leaf = convert_to(repeat('x', 65536), 'UTF8') where id = %s"
    await log.as_owner(lengthen, made[1].id)
    await log.as_owner("alter table audit_entry enable trigger leaf_index_once")
    assert await log.sequence() == 2
    session = await Session.open(log.dsns.ledger, name="test")
    assert (await store.waiting(session))[0::2] == (1, 1)
    await session.close()
