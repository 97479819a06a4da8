"""What is sent is kept once, whatever happens meanwhile, or goes with its request; and nothing that went has a receipt."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from tests.evidence.conftest import VIDEO, Case
from watchfloor.evidence import answer, asked_store, unfinished
from watchfloor.evidence.answer import Answering
from watchfloor.evidence.asked import PART
from watchfloor.identity.model import hash_of
from watchfloor.kit.errors import Conflict
from watchfloor.kit.sure import sure
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Objects

WAITING: Final = "select count(*) as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


async def test_what_came_whole_and_could_not_be_kept_is_kept_when_it_can_be(asked: Case) -> None:
    link, whole, blocked = await asked.link(), VIDEO[: 2 * PART], asked.data / "objects" / "exports"
    digest = hashlib.sha256(whole).hexdigest()
    for name, goes_on in (("a.mp4", "begins"), ("b.mp4", "sends")):
        begun = (await asked.begins(link, name, len(whole))).json()
        blocked.write_text("no folder")
        assert (await asked.part(link, begun["id"], 0, whole)).status_code >= 500
        blocked.unlink()
        if goes_on == "begins":
            again = await asked.begins(link, name, len(whole))
        else:
            again = await asked.part(link, begun["id"], len(whole), b"")
        assert (again.status_code, again.json()["sha256"]) == (200, digest), again.text
        assert again.json()["id"] == begun["id"]
        blocked.rename(asked.data / "moved-away")
        (asked.data / "moved-away").rename(asked.data / name)
    await a_page_that_asks_again_has_what_the_first_kept(asked, link)


async def a_page_that_asks_again_has_what_the_first_kept(asked: Case, link: dict[str, str]) -> None:
    """Keeping gigabytes outlasts a proxy: the page asks again meanwhile, and afterwards, for the file that it sent."""
    whole, blocked = VIDEO[: 2 * PART], asked.data / "objects" / "exports"
    begun = (await asked.begins(link, "c.mp4", len(whole))).json()
    blocked.write_text("no folder")
    assert (await asked.part(link, begun["id"], 0, whole)).status_code >= 500
    blocked.unlink()
    again = await asyncio.gather(
        *(asked.begins(link, "c.mp4", len(whole), before=begun["id"]) for _ in range(3))
    )
    again.append(await asked.begins(link, "c.mp4", len(whole), before=begun["id"]))
    digest = hashlib.sha256(whole).hexdigest()
    assert {(one.status_code, one.json()["id"], one.json()["sha256"]) for one in again} == {
        (200, begun["id"], digest)
    }
    # Another file of that name and size, from another folder, is another file.
    other = (await asked.begins(link, "c.mp4", len(whole))).json()
    assert other["id"] != begun["id"] and other["sha256"] is None
    wrong = await asked.begins(link, "c.mp4", len(whole), before=7)
    assert (wrong.status_code, wrong.json()["reason"]) == (422, "file")
    (request,) = await asked.listed()
    assert len(request["files"]) == 4


async def test_what_went_with_its_request_while_it_was_being_kept_has_no_receipt(asked: Case) -> None:
    link, parts = await asked.link(), asked.asking
    by = Answering(asked.web.parts.agency, link["Wf-Link"])

    async def meanwhile() -> None:
        """Whoever sends it says no, in a transaction that the keeping waits for."""

        async def says_no() -> None:
            async with answer._door(parts, by) as tx:
                found = sure(await asked_store.by_link(tx, hash_of(by.token)))
                taken.set()
                while not sure(await tx.fetch_one(WAITING))["n"]:
                    await asked.clock.sleep(0.01)
                await asked_store.declined(tx, found.id)
                await unfinished.drop(tx, parts.parts, parts.keys, found.id)

        taken = asyncio.Event()
        no.append(asyncio.create_task(says_no()))
        await taken.wait()

    no = list[asyncio.Task[None]]()
    slow = Slow(ObjectSettings(min_free_mb=10), asked.data / "objects", meanwhile)
    file = await answer.begin(parts, by, "door.mp4", 2 * PART)
    with pytest.raises(Conflict) as refused:
        await answer.take(replace(parts, objects=slow), by, file.id, 0, VIDEO[: 2 * PART])
    await no[0]
    assert refused.value.reason == "offset"
    (request,) = await asked.listed()
    assert (request["state"], request["files"]) == ("declined", [])
    auditor = await asked.web.person("auditor")
    entries = (await auditor.get("/api/v1/audit/entries", params={"kind": "effect"})).json()["items"]
    told = {one["reason"] for one in entries}
    assert "evidence.asked" in told and "evidence.received" not in told


class Slow(Objects):
    """An object store: something happens between taking a file in and its row."""

    def __init__(
        self, settings: ObjectSettings, directory: Path, meanwhile: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(settings, directory)
        self._meanwhile = meanwhile

    async def take_in(self, key: str, path: Path) -> None:
        await super().take_in(key, path)
        await self._meanwhile()


def test_a_part_that_goes_while_the_sweep_looks_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "gone.part").symlink_to(tmp_path / "nothing")
    old = tmp_path / "old.part"
    old.write_bytes(b"half")
    unfinished._clear(tmp_path, old.stat().st_mtime + 14 * 86_400)
    assert old.exists()
    unfinished._clear(tmp_path, old.stat().st_mtime + 16 * 86_400)
    assert not old.exists()
