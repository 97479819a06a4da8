"""A hot list for a bench, brought through the API as a supervisor brings it. It measures nothing itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from watchfloor.kit.errors import Unavailable
from watchfloor_sim.people import API, Person

_IMPORT_S: Final = 1800.0


async def new_list(supervisor: Person) -> str:
    """An empty list of stolen vehicles that files replace; its id."""
    made = await supervisor.post(
        "/hot-lists", {"name": "Stolen vehicles", "source": "imported", "purpose": "stolen_vehicle"}
    )
    return str(made["id"])


async def import_whole(supervisor: Person, list_id: str, wanted: Sequence[tuple[str, str]]) -> None:
    """The whole list through the API, as a supervisor brings it: looked at, then put in force."""
    file = await asyncio.to_thread(_file, wanted)
    answer = await supervisor.http.post(f"{API}/hot-lists/{list_id}/imports", content=file, timeout=_IMPORT_S)
    if answer.status_code != 201:
        raise Unavailable(f"The list was not taken: {answer.text[:400]}")
    preview = answer.json()
    if preview["good"] != len(wanted):
        raise Unavailable(f"Of {len(wanted)} entries {preview['good']} were taken: {preview['bad_rows'][:3]}")
    applied = await supervisor.http.post(
        f"{API}/hot-list-imports/{preview['id']}/apply", json={}, timeout=_IMPORT_S
    )
    applied.raise_for_status()


def _file(wanted: Sequence[tuple[str, str]]) -> bytes:
    rows = "".join(f"{plate},{state},stolen vehicle\n" for plate, state in wanted)
    return f"plate,state,reason\n{rows}".encode()
