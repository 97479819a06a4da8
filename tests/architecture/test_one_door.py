"""The door is the only way to a transaction: who makes one, who has a connection and where SQL stands are exact lists."""

from __future__ import annotations

import ast

from tests.architecture import rules
from tests.architecture.tree import Source, sources
from watchfloor.governance.needs import Logged, Need
from watchfloor.governance.words import Role

# A transaction is made by the door. These make one without it, each for the reason given; the list only shrinks.
_MAKES_TX = {
    "governance/door.py": "the door",
    "governance/restored.py": "the log's first entry after a restore, as the owner, before any process runs",
    "identity/first.py": "the first agency and its one-time link, as the owner, before any process runs",
    "bench/_history.py": "searches invented reads in a database of its own, without what a decision costs",
}
_OPENS = {
    "governance/door.py": "the door",
    "governance/outage.py": "brings what was decided in an outage into the log, in the door's own transaction, handed in",
    "storage/database.py": "the pool: its own role and clock",
    "storage/session.py": "the ledger's connection, of a role that sees the log alone",
    "ledger/sequence.py": "the ledger's, which has no door",
    "engines/look.py": "counts for `watchfloor check`; reads only",
    "app.py": "the first start, a restore and an invitation from the terminal, as the owner",
    "bench/_history.py": "puts invented reads into a database of its own, and searches it",
    "bench/alerts.py": "counts afterwards what is in the database, independently of the program",
    "bench/intake.py": "counts afterwards what is in the database, independently of the program",
    "bench/outage.py": "counts afterwards what is in the database, independently of the program",
    "bench/seeing.py": "puts ten thousand invented cameras into a center of its own",
}
_HOLDS_DRIVER = {
    "storage/database.py": "the pool",
    "storage/tx.py": "what the stores call",
    "storage/packed.py": "how arrays are handed to it",
    "storage/session.py": "what the ledger calls",
    "storage/plainly.py": "which of its errors says what",
    "storage/owner.py": "the owner's transaction",
    "storage/migrate.py": "migrations, as the owner",
    "storage/migrations/env.py": "migrations, as the owner",
    "storage/newest.py": "which migration is the newest, before any process runs",
    "storage/partitions.py": "the catalogue of partitions",
    "engines/postgres.py": "whether the server answers",
    "engines/bootstrap.py": "makes the roles, before there is an agency",
    "engines/endpoints.py": "puts a DSN together",
    "engines/backup.py": "the revision that a backup is of",
    "engines/restore.py": "looks that the database is empty",
    "engines/up.py": "puts a DSN together",
}
# Where SQL stands besides `store.py` and `*_store.py` of the slices.
_STATEMENTS_TOO = {
    "storage/jobs.py": "the one queue, that every slice uses",
    "storage/workers.py": "leases of workers",
    "governance/erase.py": "the one statement that changes a payload, beside what it means",
}
# Statements on a connection that no door opened: there is nothing to declare, and each has its reason above.
_WITHOUT_TOUCHES = {
    "storage/database.py", "storage/tx.py", "storage/session.py", "storage/migrate.py", "storage/newest.py",
    "storage/partitions.py", "engines/postgres.py", "engines/bootstrap.py", "engines/backup.py", "engines/restore.py",
    "engines/look.py", "ledger/store.py", "bench/alerts.py", "bench/intake.py", "bench/outage.py", "bench/seeing.py",
    "bench/_history.py",
    "bench/_duck.py",  # another engine's, in the bench's own process
    "storage/nats.py",  # the same word of another engine: it fetches messages
}  # fmt: skip
# Needs that the log does not keep, because nobody is known yet or nothing of anybody is touched.
_BOOTSTRAP = {
    Need.SIGN_IN: "nobody is known yet; who signed in, or failed to, is an effect of its own",
    Need.SESSION_LOOK_UP: "who asks must be found before an ask can be judged",
    Need.MACHINERY_RUN: "workers, jobs and idempotency keys: no data of anybody",
    Need.POLICY_LOOK_UP: "what is authorised is public, and is needed to judge an ask",
    Need.CAMERA_STATE: "up, down and why of a camera, each second: no picture",
    Need.READER_STATE: "the same of a reader: no read",
    Need.MICROPHONE_STATE: "the same of a microphone: no pulse",
    Need.OWNERS_LOOK_UP: "anybody may try any link, and the log is not theirs to fill; using one up is kept",
    Need.PLACES_LOAD: "streets are public",
}

_TOP = "src/watchfloor/"


def _ours() -> list[tuple[str, Source]]:
    return [(source.path.removeprefix(_TOP), source) for source in sources("src/watchfloor")]


def _who(way: str) -> set[str]:
    return {path for path, source in _ours() if way in rules.ways_in(source)}


def _is_store(path: str) -> bool:
    named = path.endswith(("/store.py", "_store.py")) or path in _STATEMENTS_TOO
    return named and path not in _WITHOUT_TOUCHES


def test_only_the_door_makes_a_transaction_but_for_the_listed() -> None:
    assert _who("Tx") == set(_MAKES_TX)
    assert _who("transaction") | _who("statement") | _who("as_owner") == set(_OPENS)


def test_only_the_listed_hold_a_database_driver() -> None:
    assert _who("driver") == set(_HOLDS_DRIVER)


def test_statements_stand_in_stores_and_nowhere_else() -> None:
    found = {path for path, source in _ours() if rules.statements(source)}
    assert {path for path in found if not _is_store(path)} == _WITHOUT_TOUCHES
    assert set(_STATEMENTS_TOO) <= found


def test_what_is_taken_from_a_queue_is_looked_for_once() -> None:
    """A subquery with a limit that locks is asked again for each row by some plans, and then takes more each time; a CTE is asked once."""
    found = [
        (path, node.value.strip()[:60])
        for path, source in _ours()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "skip locked" in node.value
    ]
    assert len(found) > 5
    assert [one for one in found if not one[1].startswith(("with ", "select "))] == []


def test_every_function_with_a_statement_says_what_it_touches() -> None:
    stores = [source for path, source in _ours() if _is_store(path)]
    assert [name for s in stores for name, says in rules.statements(s).items() if not says] == []


def test_every_public_store_function_says_what_it_touches() -> None:
    stores = [source for path, source in _ours() if path.endswith(("/store.py", "_store.py"))]
    assert [found for store in stores for found in rules.stores_without_touches(store)] == []


def test_the_needs_that_the_log_does_not_keep_are_exactly_those_listed() -> None:
    assert {need for need in Need if need.logged is Logged.NEVER} == set(_BOOTSTRAP)


def test_no_person_has_a_need_that_the_log_does_not_keep() -> None:
    assert {need.word: need.roles for need in _BOOTSTRAP if need.roles != {Role.MACHINE}} == {}
