"""What the store of footage does to who watches: it is full, it hangs, it has lost a file. They read why, and nobody else waits."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.fixtures.center import CenterMaker
from tests.recordings.center import Block, block
from tests.recordings.footage import street
from tests.recordings.read import shown_at
from tests.recordings.stored import Shelf
from tests.recordings.test_check_recordings import played, the_rule
from tests.recordings.test_playback import page
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import rfc3339
from watchfloor.recordings.model import Segment, at
from watchfloor.recordings.patience import Patience
from watchfloor.recordings.play import Kept, Player, Stretch
from watchfloor.recordings.thumbnails import FOLDER
from watchfloor.settings import ObjectSettings

MANY = 24


class Watching(Player):
    """Sees, whenever it is asked for video, whether a transaction that looked for it is still open."""

    dsn = ""
    still_open: list[int]

    async def stretch(
        self, kept: Sequence[Kept], from_us: int, to_us: int, *, keys_only: bool = False
    ) -> Stretch:
        async with await psycopg.AsyncConnection.connect(self.dsn) as connection:
            found = await connection.execute(
                "select count(*) from pg_locks where relation = 'segment'::regclass and pid <> pg_backend_pid()"
            )
            self.still_open += [count async for (count,) in found]
        return await super().stretch(kept, from_us, to_us, keys_only=keys_only)


SLOW = "The store of footage takes too long to answer."


async def test_what_who_watches_is_told_of_a_store_that_is_full_hangs_or_has_lost_a_file(
    center: CenterMaker, tmp_path: Path, sockets: Path, clips: Path, owner_dsn: str
) -> None:
    patience, Watching.dsn, Watching.still_open = Patience(waits_s=30), owner_dsn, []
    full = ObjectSettings(min_free_mb=2**40)
    async with block(
        center, tmp_path, sockets, kept=full, player=lambda o, k, s: Watching(o, k, s, patience)
    ) as city:
        shelf = await Shelf.make(city, owner_dsn, await the_rule(city, owner_dsn))
        first, second, *_ = await shelf.record(street(clips))
        why = await city.why()
        await _a_full_store_shows_all_it_has(city, shelf, why)
        whole = await played(city, shelf)
        with hanging(shelf.file(first)):
            await _nobody_else_waits(city, shelf, first, second, why)
        assert await played(city, shelf) == whole
        patience.waits_s = 0.2
        with hanging(shelf.file(first)):
            await _who_waits_is_told(city, shelf, first, why)
        assert await played(city, shelf) == whole
        shelf.file(first).unlink()
        gone = await asks(city, shelf, "video", first, why)
        assert (gone.status_code, gone.json()["reason"]) == (404, "footage_gone")
        assert (
            gone.json()["detail"] == "The index lists footage of this time, and the store does not have it."
        )
        rest = await asks(city, shelf, "video", second, why)
        assert rest.status_code == 200 and len(shown_at(rest.content)) == second.frames


async def _a_full_store_shows_all_it_has(city: Block, shelf: Shelf, why: dict[str, str]) -> None:
    segment = shelf.segments[0]
    for what in ("video", "timeline", "thumbnail", "snapshot"):
        answer = await asks(city, shelf, what, segment, why)
        assert answer.status_code == 200, f"{what}: {answer.text[:300]}"
    assert [stored async for stored in city.objects.listed(FOLDER)] == []
    assert len(Watching.still_open) >= 3 and not any(
        Watching.still_open
    )  # nobody's transaction waits for the store


async def _nobody_else_waits(
    city: Block, shelf: Shelf, first: Segment, second: Segment, why: dict[str, str]
) -> None:
    """More people wait for the store than the process has threads or connections; all else is answered meanwhile."""
    waiting = [asyncio.ensure_future(asks(city, shelf, "video", first, why)) for _ in range(MANY)]
    waiting += [asyncio.ensure_future(asks(city, shelf, "thumbnail", first, why)) for _ in range(4)]
    person = await city.web.person("supervisor")
    for path in ("/cameras", "/session", "/cases", f"/cameras/{outside('camera', shelf.camera)}"):
        assert (await person.get(f"/api/v1{path}")).status_code == 200
    timeline = await asks(city, shelf, "timeline", second, why)
    assert timeline.status_code == 200 and timeline.json()["ranges"]
    assert not await city.objects.has("pictures/of-a-reader")
    assert not [one for one in waiting if one.done() and one.result().status_code == 200]
    shelf.file(first).rename(held := shelf.file(first).with_suffix(".held"))
    (shelf.file(first).parent / "whole").rename(shelf.file(first))
    _let_go(held)
    answers = await asyncio.gather(*waiting)
    # Those whose reading was under way read that the store does not answer; the others, who waited for a place, see it.
    assert {one.status_code for one in answers} <= {200, 503}
    assert {one.json()["reason"] for one in answers if one.status_code == 503} <= {
        "objects_away",
        "objects_slow",
    }
    assert sum(one.status_code == 200 for one in answers) >= MANY - 8


async def _who_waits_is_told(city: Block, shelf: Shelf, first: Segment, why: dict[str, str]) -> None:
    slow = await asks(city, shelf, "video", first, why)
    said = slow.json()
    assert (slow.status_code, said["reason"], said["detail"]) == (503, "objects_slow", SLOW)
    assert "nothing is lost" in said["next_step"] and slow.headers["Retry-After"] == "5"
    async with page(city) as mine:
        begin, end = rfc3339(at(first.began_us)), rfc3339(at(first.ended_us))
        camera = outside("camera", shelf.camera)
        look: dict[str, Any] = {"camera": camera, "at": begin}
        await mine.say("look", 1, **look, purpose=why["Wf-Purpose"], case=why["Wf-Case"])
        await mine.say("read", 1, read=1, **{"from": begin, "to": end})
        await mine.until(pieces=1)
        assert (mine.pieces[0][2]["detail"], mine.pieces[0][2]["retry_after_s"], mine.ends) == (SLOW, 5, [])


async def asks(city: Block, shelf: Shelf, what: str, of: Segment, why: dict[str, str]) -> httpx.Response:
    """What an analyst is answered who wants that of one segment's time."""
    begin, end = rfc3339(at(of.began_us)), rfc3339(at(of.ended_us))
    params = {"at": begin} if what in ("thumbnail", "snapshot") else {"from": begin, "to": end}
    path = f"/api/v1/cameras/{outside('camera', shelf.camera)}/{what}"
    return await (await city.web.person("analyst")).get(path, params=params, headers=why, timeout=60)


@contextmanager
def hanging(file: Path) -> Iterator[None]:
    """Whoever opens the file waits for a disk that does not answer: a pipe that nobody writes to lies in its place."""
    whole = file.parent / "whole"
    file.rename(whole)
    os.mkfifo(file)
    try:
        yield
    finally:
        if whole.exists():
            file.rename(held := file.with_suffix(".held"))
            whole.rename(file)
            _let_go(held)


def _let_go(pipe: Path) -> None:
    """Those who wait to open it do no longer."""
    os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK))
    pipe.unlink()
