"""A log that was restored says so itself: what is lost is told apart from what was tampered with, and never passed over."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from io import StringIO
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.engines.center import Center, a_center
from tests.engines.test_backup import ROW, Said
from tests.ledger.conftest import settle
from watchfloor.app import own_up
from watchfloor.engines.backup import backup
from watchfloor.engines.layout import Layout
from watchfloor.engines.restore import OwnUp, RestoreTold, restore
from watchfloor.governance import store
from watchfloor.governance.audit import make_entry
from watchfloor.governance.checkpoint import Checkpoint, sign
from watchfloor.governance.model import About
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid
from watchfloor.ledger import store as ledger_store
from watchfloor.ledger.errors import RolledBack
from watchfloor.ledger.files import LogFiles
from watchfloor.ledger.hold_outside import FolderHolder
from watchfloor.ledger.key import signer_of
from watchfloor.ledger.restored import Restore, explained
from watchfloor.ledger.sequence import Sequencer
from watchfloor.ledger.verify import run as verify
from watchfloor.settings import load
from watchfloor.storage.classes import DataClass, Mode
from watchfloor.storage.owner import as_owner
from watchfloor.storage.session import Session
from watchfloor.storage.tx import Tx

CLOCK = SystemClock()
NAME = "watchfloor.local/log"
AGENCY = UUID("019aab00-0000-7000-8000-000000000001")
TOUCHES = frozenset((data_class, mode) for data_class in DataClass for mode in Mode)


async def grow(center: Center, count: int, outside: Path | None = None) -> bytes:
    """So many entries more, sequenced and signed by a real ledger that knows what `outside` holds; its new checkpoint."""
    layout, now = Layout.of(center.data), CLOCK.now()
    async with as_owner(center.endpoints.dsn("wf_owner")) as connection:
        tx = Tx(connection, AGENCY, now, None, AGENCY, TOUCHES, "test")
        for _ in range(count):
            made = make_entry(
                "decision", agency=AGENCY, actor=AGENCY, now=now, result="allowed", reason="role",
                about=About("camera", AGENCY),
            )  # fmt: skip
            await store.append_entry(tx, made)
    session = await Session.open(center.endpoints.dsn("wf_ledger"), name="test ledger")
    try:
        signer = signer_of(layout.keys / "ledger.key", NAME, may_make=True)
        newest = (
            FolderHolder(outside).newest(signer.key, await ledger_store.restores(session))
            if outside
            else None
        )
        held = [("outside", newest)] if newest else []
        ledger = await Sequencer.take_up(session, LogFiles(layout.ledger), signer, CLOCK, held=held)
        await settle(ledger)
    finally:
        await session.close()
    return (layout.ledger / "checkpoint").read_bytes()


def said(center: Center, *checkpoints: Path) -> tuple[int, dict[str, object], str]:
    """What an outsider is told: exit status, the report for programs, the report for people."""
    ledger = str(Layout.of(center.data).ledger)
    out, words = StringIO(), StringIO()
    status = verify(ledger, checkpoints=checkpoints, as_json=True, out=out)
    assert verify(ledger, checkpoints=checkpoints, out=words) == status
    return status, json.loads(out.getvalue()), words.getvalue()


class Past:
    """A backup of a log of 30 entries that grew to 50; checkpoints over 40 and 50 are outside."""

    def __init__(self, folder: Path) -> None:
        self.state, self.keys, self.outside = folder / "state", folder / "keys", folder / "outside"
        self.outside.mkdir()
        self.at_40, self.at_50 = (self.outside / f"{n:012d}-x.checkpoint" for n in (40, 50))

    async def restored(self, center: Center, own: OwnUp = own_up, checkpoint: Path | None = None) -> None:
        await restore(
            center.data, self.state, self.keys, clock=CLOCK, say=Said(), own_up=own, by="B. Okoye", checkpoint=checkpoint
        )  # fmt: skip
        await center.up("serve")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def past() -> AsyncIterator[Past]:
    with a_center() as center, tempfile.TemporaryDirectory(dir="/tmp") as folder:
        made = Past(Path(folder))
        await center.up("serve")
        with psycopg.connect(center.endpoints.dsn("wf_owner")) as connection:
            connection.execute(ROW)
        await grow(center, 30)
        await backup(load(center.data), made.state, keys_to=made.keys, clock=CLOCK, say=Said())
        made.at_40.write_bytes(await grow(center, 10))
        made.at_50.write_bytes(await grow(center, 10))
        yield made


@pytest.mark.asyncio(loop_scope="module")
async def test_a_restore_that_owned_up_is_a_verdict_of_its_own_until_a_later_checkpoint_is_held(
    past: Past, tmp_path: Path
) -> None:
    with a_center() as again:
        await past.restored(again, checkpoint=past.at_50)
        later = tmp_path / "later.checkpoint"
        later.write_bytes(await grow(again, 5, past.outside))  # 36 entries: fewer than the lost ones
        for given in ((), (past.at_40,), (past.at_50,), (past.at_40, past.at_50, later)):
            status, report, words = said(again, *given)
            assert (status, report["verdict"]) == (3, "restored from a backup"), words
            assert "restored from a backup at size 30" in words
            assert "the entries 30 to 49 are lost" in words
        status, report, words = said(again, later)
        assert (status, report["verdict"]) == (0, "verified")
        assert "the entries 30 to 49 are lost" in words  # never passed over
        await grow(again, 40, past.outside)  # and when it has outgrown what was lost
        assert said(again, past.at_50)[0] == 3
        assert said(again, later)[0] == 0
        (entry,) = _entries(again)
        assert (entry["kind"], entry["reason"], entry["size"], entry["lost_to"]) == (
            "restore",
            "log.restored",
            30,
            50,
        )
        assert "Okoye" not in json.dumps(entry)  # a name is beside the leaf, where it can be erased
        with psycopg.connect(again.endpoints.dsn("wf_owner")) as connection:
            told = connection.execute("select payload ->> 'by' from audit_payload").fetchall()
        assert told == [("B. Okoye",)]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_roll_back_without_an_entry_of_it_stays_an_alarm(past: Past) -> None:
    def silent(told: RestoreTold) -> Callable[[str], Awaitable[str]]:
        async def tell(owner: str) -> str:
            return "nothing is said"

        return tell

    with a_center() as again:
        await past.restored(again, silent)
        with pytest.raises(RolledBack, match="signed with 50 entries"):
            await grow(again, 5, past.outside)
        await grow(again, 1)
        status, report, _ = said(again, past.at_50)
        assert (status, report["verdict"]) == (1, "tampered")
        await grow(again, 40)
        assert said(again, past.at_50)[0] == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_a_restore_that_was_told_an_older_checkpoint_explains_no_later_one(past: Past) -> None:
    with a_center() as again:
        await past.restored(again, checkpoint=past.at_40)
        await grow(again, 5)
        assert said(again, past.at_40)[0] == 3
        assert said(again, past.at_50)[0] == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_a_restore_that_was_told_nothing_explains_nothing_and_says_so(
    past: Past, tmp_path: Path
) -> None:
    with a_center() as again:
        await past.restored(again)
        await grow(again, 5)
        status, _, words = said(again)
        assert status == 3 and "nobody can say which entries are lost" in words
        assert said(again, past.at_50)[0] == 1


def _bad_checkpoint(past: Past, what: str, folder: Path) -> Path:
    path, good = folder / "newest.checkpoint", past.at_50.read_bytes()
    match what:
        case "missing":
            return path
        case "a folder":
            path.mkdir()
        case "no note":
            path.write_text("the log had 50 entries\n")
        case "changed":
            path.write_bytes(good.replace(b"\n50\n", b"\n31\n"))
        case "of another key":
            path.write_bytes(sign(Checkpoint(NAME, 50, ROOT).text, NAME, Ed25519PrivateKey.generate()))
    return path


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("what", "said_of_it"),
    [
        ("missing", "cannot be read: No such file"),
        ("a folder", "cannot be read: Is a directory"),
        ("no note", "not a checkpoint of this center's log: the note has no signatures"),
        ("changed", "does not fit the text"),
        ("of another key", "not signed by the key"),
    ],
)
async def test_a_bad_checkpoint_is_refused_before_anything_is_made(
    past: Past, tmp_path: Path, what: str, said_of_it: str
) -> None:
    checkpoint, data, said_so_far = _bad_checkpoint(past, what, tmp_path), tmp_path / "new", Said()
    with pytest.raises(Invalid, match=said_of_it) as refused:
        await restore(
            data, past.state, past.keys, clock=CLOCK, say=said_so_far, own_up=own_up, by="x", checkpoint=checkpoint
        )  # fmt: skip
    assert "Nothing was restored." in refused.value.detail
    assert refused.value.next_step and "--checkpoint" in refused.value.next_step
    assert not data.exists() and not said_so_far.lines


@pytest.mark.asyncio(loop_scope="module")
async def test_a_backup_whose_log_names_another_key_than_its_keys_hold_cannot_vouch_for_a_checkpoint(
    past: Past, tmp_path: Path
) -> None:
    keys, data = tmp_path / "keys", tmp_path / "new"
    shutil.copytree(past.keys, keys)
    (keys / "ledger.key").unlink()
    signer_of(keys / "ledger.key", NAME, may_make=True)
    with pytest.raises(Invalid, match="is not the public half of"):
        await restore(
            data, past.state, keys, clock=CLOCK, say=Said(), own_up=own_up, by="x", checkpoint=past.at_50
        )
    assert not data.exists()


def _entries(center: Center) -> list[dict[str, object]]:
    with psycopg.connect(center.endpoints.dsn("wf_owner")) as connection:
        rows = connection.execute("select leaf from audit_entry where kind = 'restore'").fetchall()
    return [json.loads(bytes(row[0])) for row in rows]


ROOT, OTHER = bytes(32), bytes([1]) * 32
ONCE = Restore(30, 50, ROOT)


@pytest.mark.parametrize(
    ("earlier", "lost"),
    [
        (Checkpoint(NAME, 30, OTHER), False),  # what the backup held must still be there
        (Checkpoint(NAME, 31, OTHER), True),
        (Checkpoint(NAME, 50, ROOT), True),
        (Checkpoint(NAME, 50, OTHER), False),  # not the one that was told: two logs of one size
        (Checkpoint(NAME, 51, OTHER), False),
        (Checkpoint(NAME, 40, OTHER, (ONCE.line,)), False),  # signed since: it must fit
        (Checkpoint(NAME, 40, OTHER, (Restore(20, 50, ROOT).line,)), False),  # of another history
    ],
)
def test_a_restore_explains_only_what_was_signed_before_it_and_beyond_the_backup(
    earlier: Checkpoint, lost: bool
) -> None:
    assert (explained([ONCE], earlier) is ONCE) == lost


def test_a_second_restore_explains_what_was_signed_between_the_two() -> None:
    twice = [ONCE, Restore(35, 60, OTHER)]
    assert explained(twice, Checkpoint(NAME, 60, OTHER, (ONCE.line,))) is twice[1]
    assert explained(twice, Checkpoint(NAME, 45, OTHER)) is ONCE
    assert explained(twice, Checkpoint(NAME, 60, OTHER, tuple(r.line for r in twice))) is None
