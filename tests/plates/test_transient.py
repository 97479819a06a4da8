"""Where reads are never stored, a canary proves it: nothing of a read that nobody wants is on a disk, before it is matched or after,
and nobody finds it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from tests.plates.conftest import Town, drained
from tests.plates.make import jpeg
from tests.plates.test_keeping import sees
from tests.plates.test_search import looked
from watchfloor.engines.layout import Layout
from watchfloor.governance.door import Door
from watchfloor.governance.model import Ask
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.ids import decode
from watchfloor.plates import consume, wire
from watchfloor.plates.picture import Shelf, folder_of
from watchfloor.storage.nats import Delivery
from watchfloor.storage.streams import INTAKE, TRANSIENT

# No state issues one of ten characters.
CANARY, WANTED = "ZZCANARY00", "ZZWANTED00"
OF_CANARY, OF_WANTED = b"the picture of the canary", b"the picture of the wanted car"
TOLD_CANARY, TOLD_WANTED, CONTROL = (
    b"told of the canary",
    b"told of the wanted car",
    b"what may wait on a disk",
)


def holding(folder: Path, *texts: bytes) -> dict[bytes, set[str]]:
    """The files below a folder that hold each of these texts, whatever they are. Those that go meanwhile hold nothing."""
    found: dict[bytes, set[str]] = {text: set() for text in texts}
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            content = path.read_bytes() if path.is_file() else b""
            for text in texts:
                if text in content:
                    found[text].add(str(path))
    return found


async def written(town: Town) -> None:
    """Have the database write its log down: the tests' server puts that off for a moment, and what is not in a file yet is
    found in none.
    """
    await town.rows(
        "select set_config('synchronous_commit', 'on', true), pg_logical_emit_message(true, 'test', '')"
    )


async def test_a_canary_is_on_no_disk_and_nobody_finds_it(
    blind: Town, engine_layout: Layout, tmp_path: Path
) -> None:
    agency, objects = blind.web.parts.agency, tmp_path / "objects"
    await blind.a_list(WANTED)
    reader = await blind.reader()
    await sees(blind, reader, CANARY, jpeg(tail=OF_CANARY), id=TOLD_CANARY.decode())
    await sees(blind, reader, WANTED, jpeg(tail=OF_WANTED), id=TOLD_WANTED.decode())
    await blind.bus.put("intake.elsewhere", CONTROL, message_id="control")

    # Nobody matches yet: both wait in memory, their pictures where they are short-lived.
    waits = [(await blind.bus.waiting(stream)).messages for stream in (TRANSIENT, INTAKE)]
    assert waits == [2, 1]
    await written(blind)
    engines = holding(engine_layout.data, CANARY.encode(), TOLD_CANARY, TOLD_WANTED, OF_CANARY, CONTROL)
    assert engines.pop(CONTROL), "the looking itself finds nothing"
    assert set().union(*engines.values()) == set()
    found = holding(tmp_path, CANARY.encode(), TOLD_CANARY, OF_CANARY)
    (waiting,) = found.pop(OF_CANARY)
    assert waiting.startswith(str(objects / folder_of(agency, Shelf.TRANSIENT)))
    assert set().union(*found.values()) == set()
    await blind.bus._client.jetstream().purge_stream(INTAKE)

    async with blind.matching():
        await drained(blind)
    await written(blind)
    engines = holding(engine_layout.data, CANARY.encode(), TOLD_CANARY, OF_CANARY, TOLD_WANTED)
    assert engines.pop(TOLD_WANTED), "the looking itself finds nothing"
    assert set().union(*engines.values()) == set()
    found = holding(tmp_path, CANARY.encode(), TOLD_CANARY, OF_CANARY, OF_WANTED)
    (kept,) = found.pop(OF_WANTED)
    assert kept.startswith(str(objects / folder_of(agency)))
    assert set().union(*found.values()) == set()
    await nobody_finds_it(blind)


async def nobody_finds_it(blind: Town) -> None:
    """Not by searching, and not on any page that can be asked for."""
    case = await blind.web.case()
    for more in ({"plate": CANARY}, {"plate": "ZZCA*", "match": "exact"}, {"plate": WANTED}):
        answer = (await looked(blind, case, **more)).json()
        assert (answer["items"], answer["tally"]["reads"]) == ([], 0), more
    people = [await blind.web.person(who) for who in ("analyst", "supervisor", "technician", "auditor")]
    for person in (*people, await blind.web.administrator()):
        for path in await open_paths(blind):
            said = (await person.get(path)).text
            assert TOLD_CANARY.decode() not in said, path
            assert CANARY not in said or path == "/api/v1/audit/entries", (
                path
            )  # what was sought, not what was read


async def open_paths(town: Town) -> list[str]:
    """Everything that can be asked for without naming a thing."""
    paths = (await town.web.client().get("/api/v1/openapi.json")).json()["paths"]
    return [path for path, ways in paths.items() if "get" in ways and "{" not in path]


class Away(Door):
    """A door whose database is away."""

    def __init__(self) -> None:
        pass

    def open(self, ask: Ask) -> NoReturn:
        """Nothing opens."""
        raise Unavailable("The database is away.")


async def test_with_the_database_away_reads_wait_their_minutes_and_then_go_unmatched_and_untold(
    blind: Town,
) -> None:
    device = decode("rdr", (await blind.reader()).id)
    subject = wire.subject_of(device, transient=True)

    def waited(seconds: int) -> list[Delivery]:
        came = blind.now() - timedelta(seconds=seconds)
        read = wire.ReadForm(key="id:1", plate=CANARY, device_at=came)
        batch = wire.BatchForm(agency=blind.web.parts.agency, device=device, received_at=came, reads=(read,))
        return [Delivery(subject, wire._ENCODER.encode(batch), 1, 1)]

    matcher = consume.Matcher(blind.consume_parts(door=Away()))
    with pytest.raises(Unavailable):
        await matcher.handle_transient(waited(140))
    await matcher.handle_transient(waited(151))
    with pytest.raises(Unavailable):
        await matcher.handle(waited(151))

    # Of what can never be handled only that there was something is set aside.
    told = Delivery(subject, f"rubbish {CANARY}".encode(), 1, 5)
    await consume.Matcher(blind.consume_parts()).quarantine(told, "ValueError")
    (row,) = await blind.rows("select q::text as said, message, error from quarantine q")
    assert (bytes(row["message"]), row["error"], CANARY in row["said"]) == (b"", "ValueError", False)
