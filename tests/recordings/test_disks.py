"""A disk of several that goes away: what an analyst is told, what the log says, what is forgotten meanwhile, and that it comes back."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.fixtures.center import CenterMaker
from tests.fixtures.disks import Mounted
from tests.recordings.center import Block, block
from tests.recordings.footage import street
from tests.recordings.stored import Shelf
from tests.recordings.test_check_recordings import checked, played, rows, the_rule
from watchfloor.engines.check import of_disks
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import rfc3339
from watchfloor.recordings.model import at, object_path
from watchfloor.settings import ObjectSettings, Settings
from watchfloor.storage.disks import states_of
from watchfloor.sweep.disks import DiskWatch
from watchfloor.wiring.check_recordings import WRONG


async def test_footage_on_a_disk_that_is_away_is_said_to_be_so_and_plays_when_it_is_back(
    center: CenterMaker,
    tmp_path: Path,
    sockets: Path,
    two_disks: tuple[Mounted, Mounted],
    clips: Path,
    owner_dsn: str,
) -> None:
    small, large = two_disks
    kept = ObjectSettings(min_free_mb=10, directories=f"{small.folder},{large.folder}")
    async with block(center, tmp_path, sockets, kept=kept) as city:
        shelf = await Shelf.make(city, owner_dsn, await the_rule(city, owner_dsn))
        watch = DiskWatch(city.web.parts.door, [city.web.parts.agency], city.objects)
        assert {disk.trouble for disk in await watch.look()} == {""}
        (first, *others) = await shelf.record(street(clips))
        assert (large.folder / object_path(first.id, first.label)).exists()
        whole = await played(city, shelf)

        large.gone()
        await watch.look()
        answer = await asked(city, shelf)
        assert (answer.status_code, answer.json()["reason"]) == (503, "disk_away")
        assert answer.json()["detail"] == "This footage is on a disk that is away."
        gone, room = of_disks(Settings(data=city.data, objects=kept), await states_of(city.objects))
        assert gone.what.startswith(f"The disk {large.folder} is away: it is not mounted")
        assert room.what.startswith("The disks for footage have ")
        status, said, _ = await checked(city)
        assert status == WRONG and [one["what"] for one in said] == ["away"] * (1 + len(others))

        # Recording goes on with the other, and plays from there.
        after = await shelf.record(street(clips))
        assert all((small.folder / object_path(one.id, one.label)).exists() for one in after)
        large.back()
        await watch.look()
        assert await played(city, shelf) == whole
        assert await in_the_log(owner_dsn) == [
            ("disk.taken_out", str(large.folder)),
            ("disk.back", str(large.folder)),
        ]


async def asked(city: Block, shelf: Shelf) -> httpx.Response:
    """What an analyst is answered who plays the first ten seconds."""
    begin, end = at(shelf.segments[0].began_us), at(shelf.segments[0].ended_us)
    return await (await city.web.person("analyst")).get(
        f"/api/v1/cameras/{outside('camera', shelf.camera)}/video",
        params={"from": rfc3339(begin), "to": rfc3339(end)},
        headers=await city.why(),
    )


async def in_the_log(owner_dsn: str) -> list[tuple[str, str]]:
    """What the log says of disks."""
    told = await rows(
        owner_dsn,
        "select reason, convert_from(leaf, 'utf8')::jsonb ->> 'disk' as disk from audit_entry"
        " where reason like 'disk.%' order by id",
    )
    return [(one["reason"], one["disk"]) for one in told]
