"""A thumbnail is a keyframe of footage, small: made once, sealed as its footage is, seen as a look, and gone with it."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import av
import pytest

from tests.recordings.center import Block, until
from tests.recordings.footage import TERMS, Desk, street
from tests.recordings.stored import Shelf
from tests.recordings.test_check_recordings import the_rule
from tests.web.matrix.things import MASK
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, AgencyId, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import SystemClock, parse_rfc3339, rfc3339
from watchfloor.kit.errors import Expired, NotFound
from watchfloor.kit.geo import Point
from watchfloor.recordings.looks import Looks
from watchfloor.recordings.model import Segment, at, object_path, us
from watchfloor.recordings.play import Kept, Player, Stretch
from watchfloor.recordings.seal import Altered, open_whole, seal_whole
from watchfloor.recordings.thumbnails import FOLDER, WIDTH, Thumbnails, keyframe_before, name_of
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Objects
from watchfloor.sweep.files import FootageFiles, ThumbnailFiles
from watchfloor.sweep.store import Day


class Counting(Player):
    """Counts how often something is opened to be decoded."""

    opened = 0

    async def stretch(
        self, kept: Sequence[Kept], from_us: int, to_us: int, *, keys_only: bool = False
    ) -> Stretch:
        self.opened += 1
        return await super().stretch(kept, from_us, to_us, keys_only=keys_only)


class Shop:
    """Footage in a directory, and the thumbnails of it."""

    def __init__(self, tmp_path: Path, clips: Path, *, most_bytes: int = 2**20) -> None:
        self.desk = Desk(tmp_path)
        self.desk.record(street(clips))
        self.objects = Objects(ObjectSettings(min_free_mb=10), tmp_path / "objects")
        self.player = Counting(self.objects, self.desk.keystore, self.desk.spool)
        self.most_bytes = most_bytes
        self.thumbnails = self.anew()

    def anew(self) -> Thumbnails:
        """As another server has them."""
        return Thumbnails(self.player, self.objects, self.desk.keystore, self.most_bytes)

    async def kept(self) -> list[Kept]:
        for path, segment in self.desk.done:
            if path.exists():
                await self.objects.put(object_path(segment.id, segment.label), path.read_bytes())
        return self.player.together([], [segment for _, segment in self.desk.done], 0, 2**62)

    @property
    def first(self) -> Segment:
        return self.desk.done[0][1]

    async def lying(self) -> list[str]:
        return sorted([stored.key async for stored in self.objects.listed(FOLDER)])


@pytest.fixture
def shop(tmp_path: Path, clips: Path) -> Shop:
    return Shop(tmp_path, clips)


def size_of(jpeg: bytes) -> tuple[int, int]:
    with av.open(io.BytesIO(jpeg), "r", format="mjpeg") as container:
        frame = next(container.decode(video=0))
        return frame.width, frame.height


async def test_a_keyframe_is_decoded_once_however_many_ask_and_kept_sealed(shop: Shop) -> None:
    kept, began = await shop.kept(), shop.first.began_us
    many = await asyncio.gather(*(shop.thumbnails.at(kept, began + n * 1000) for n in range(30)))
    assert shop.player.opened == 1 and len({one.jpeg for one in many}) == 1
    (width, height) = size_of(many[0].jpeg)
    assert width == WIDTH and height % 2 == 0 and began <= many[0].at_us <= began + 200_000
    (name,) = await shop.lying()
    assert name == name_of(shop.first, 0) and many[0].jpeg not in await shop.objects.get(name)
    # A server that starts anew takes what lies there; what was altered is made anew.
    assert (await shop.anew().at(kept, began)).jpeg == many[0].jpeg and shop.player.opened == 1
    await shop.objects.put(name, (await shop.objects.get(name))[:-1] + b"x")
    assert (await shop.anew().at(kept, began)).jpeg == many[0].jpeg and shop.player.opened == 2
    with pytest.raises(NotFound, match="Nothing was recorded"):
        await shop.thumbnails.at(kept, began - 1)
    later = keyframe_before(shop.first, shop.first.ended_us - 1)
    assert keyframe_before(shop.first, began) == 0 <= later


async def test_where_there_is_no_room_it_is_shown_and_not_kept_and_the_oldest_go_first(
    tmp_path: Path, clips: Path
) -> None:
    shop = Shop(tmp_path, clips, most_bytes=0)
    kept = await shop.kept()
    assert (await shop.thumbnails.at(kept, shop.first.began_us)).jpeg and await shop.lying() == []
    shop.most_bytes = 2**20
    made = shop.anew()
    for one in kept:
        await made.at(kept, one.segment.began_us)
    lying = await shop.lying()
    assert len(lying) == len(kept) >= 2
    room = sum([stored.size async for stored in shop.objects.listed(FOLDER)]) - 1
    files = ThumbnailFiles(shop.objects, shop.desk.keystore, room)

    async def unreferenced(names: object) -> list[str]:
        return []

    label = shop.first.label
    assert await files.oldest(TERMS.agency, [label.rule]) == {label.rule: label.day}
    assert await files.strays(TERMS.agency, shop.desk.clock.now(), unreferenced) == 1
    assert len(await shop.lying()) == len(lying) - 1


async def test_footage_that_is_forgotten_has_no_thumbnail_left_and_a_kept_copy_opens_no_more(
    shop: Shop,
) -> None:
    kept = await shop.kept()
    await shop.thumbnails.at(kept, shop.first.began_us)
    (name,) = await shop.lying()
    copy = await shop.objects.get(name)
    label, now = shop.first.label, shop.desk.clock.now()
    day = Day("segment", label.rule, label.day)
    files = FootageFiles(shop.objects, shop.desk.keystore, shop.desk.spool)

    async def names() -> AsyncIterator[str]:
        raise AssertionError("footage has no pictures of its own")
        yield

    # What is held stays, thumbnails too.
    held = frozenset({label.camera})
    await files.forget(TERMS.agency, day, held, names, now)
    assert await shop.lying() == [name]
    found = await files.found(TERMS.agency, day, frozenset(), names)
    assert found.objects >= len(kept) + 1
    await files.forget(TERMS.agency, day, frozenset(), names, now)
    assert await shop.lying() == []
    # A copy that is put back, from a backup say, is of no use and goes with the next proof.
    await shop.objects.put(name, copy)
    with pytest.raises(Expired, match="forgotten"):
        await shop.anew().at(kept, shop.first.began_us)

    async def unreferenced(of: object) -> list[str]:
        return []

    thumbnails = ThumbnailFiles(shop.objects, shop.desk.keystore, 2**20)
    assert await thumbnails.strays(label.camera, now, unreferenced) == 1 and await shop.lying() == []


def test_what_is_sealed_opens_under_its_own_name_and_day_alone(shop: Shop) -> None:
    label, key = shop.first.label, shop.desk.key
    sealed = seal_whole(key, label, b"a", b"picture")
    assert open_whole(key, label, b"a", sealed) == b"picture"
    for wrong in ((key, label, b"b", sealed), (bytes(32), label, b"a", sealed), (key, label, b"a", b"short")):
        with pytest.raises(Altered):
            open_whole(*wrong)


async def test_thumbnails_that_are_asked_for_one_after_another_are_one_look_in_the_log(
    city: Block, owner_dsn: str, clips: Path
) -> None:
    shelf = await Shelf.make(city, owner_dsn, await the_rule(city, owner_dsn))
    segments = await shelf.record(street(clips))
    camera, why = outside("camera", shelf.camera), await city.why()
    analyst = await city.web.person("analyst")
    path = f"/api/v1/cameras/{camera}/thumbnail"
    pictures = []
    for one in (*segments, *segments):
        shown = await analyst.get(path, params={"at": rfc3339(at(one.began_us))}, headers=why)
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg"), shown.text
        taken = parse_rfc3339(shown.headers["Wf-At"])
        assert timedelta(0) <= taken - at(one.began_us) < timedelta(milliseconds=200)
        assert shown.headers["Cache-Control"] == "no-store"
        pictures.append(shown.content)
    await _is_masked(city, camera, path, pictures[-1], {"at": rfc3339(at(segments[-1].began_us))}, why)
    gone = await analyst.get(path, params={"at": "2020-01-01T00:00:00Z"}, headers=why)
    assert (gone.status_code, gone.json()["reason"]) == (404, "gap")
    patrol = await analyst.get(
        path, params={"at": rfc3339(at(us(shelf.began)))}, headers={"Wf-Purpose": "patrol_monitoring"}
    )
    assert (await city.web.kept_refusal(patrol))["reason"] == "patrol_only_live"
    await _one_look_that_ends_with_its_leave(city, path, {"at": rfc3339(at(segments[0].began_us))}, why)


async def _one_look_that_ends_with_its_leave(
    city: Block, path: str, when: dict[str, str], why: dict[str, str]
) -> None:
    auditor, analyst = await city.web.person("auditor"), await city.web.person("analyst")
    asked = {"kind": "decision", "need": "camera.playback", "result": "allowed"}
    log = (await auditor.get("/api/v1/audit/entries", params=asked)).json()["items"]
    assert len(log) == 1
    # Leave that ends ends them at once.
    supervisor = await city.web.person("supervisor")
    (approved,) = (await supervisor.get("/api/v1/authorisations")).json()["items"]
    await supervisor.post(f"/api/v1/authorisations/{approved['id']}/suspend", json={"reason": "a test of it"})

    async def look() -> int:
        return (await analyst.get(path, params=when, headers=why)).status_code

    await until(look, lambda status: status == 403, 10)
    ends = (await auditor.get("/api/v1/audit/entries", params={"kind": "grant_end"})).json()["items"]
    (end,) = ends
    whole = (await auditor.get(f"/api/v1/audit/entries/{end['id']}")).json()
    assert "thumbnails" in str(whole) and "from_ms" in str(whole)


async def _is_masked(
    city: Block, camera: str, path: str, before: bytes, when: dict[str, str], why: dict[str, str]
) -> None:
    """A mask that is made later is over the kept thumbnail too, and what lies there stays as it was recorded."""
    supervisor, analyst = await city.web.person("supervisor"), await city.web.person("analyst")
    body = MASK | {"name": "a window"}
    made = await supervisor.post(f"/api/v1/cameras/{camera}/masks", json=body)
    assert made.status_code == 201, made.text

    async def look() -> bytes:
        return (await analyst.get(path, params=when, headers=why)).content

    masked = await until(look, lambda seen: seen != before, 10)
    assert size_of(masked) == size_of(before)
    removed = await supervisor.delete(f"/api/v1/cameras/{camera}/masks/{made.json()['id']}")
    assert removed.status_code < 300, removed.text


class _Granting:
    """A door that says yes, and remembers to what."""

    def __init__(self) -> None:
        self.asked: list[Ask] = []
        self.closed: list[dict[str, int]] = []

    async def grant(self, ask: Ask) -> Any:
        self.asked.append(ask)
        return SimpleNamespace(ended=asyncio.Event(), ask=ask, close=self._close)

    async def _close(self, counts: Counter[str]) -> None:
        self.closed.append(dict(counts))


async def test_what_was_recorded_where_a_camera_stood_before_is_another_look() -> None:
    door, about = _Granting(), About("camera", UUID(int=9))
    looks = Looks(door, SystemClock(), "thumbnails")  # type: ignore[arg-type]  # it grants, and no more is asked
    actor = process_actor(AgencyId(UUID(int=1)), "serve")
    here = Ask(actor, Need.CAMERA_PLAYBACK, None, about, None, Point(38.6, -90.2))
    there = replace(here, place=Point(38.7, -90.2))
    grants = [await looks.grant(one) for one in (here, here, there, here)]
    assert door.asked == [here, there] and grants[0] is grants[1] is grants[3]
    assert grants[2].ask == there
    # Of which moment each picture was is kept, and no time that was played: there was none.
    for at_us in (5_000_000, 2_000_000, 9_000_000):
        looks.shown(grants[0], at_us)
    await looks.close()
    assert door.closed == [{"thumbnails": 3, "from_ms": 2_000, "to_ms": 9_000}, {"thumbnails": 1}]
