"""An export of footage that is kept at a site: fetched from there, whole and proved as any other, and honest about the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import psycopg

from tests.cameras.kept import Card, a_card
from tests.evidence.conftest import Room, manifest
from tests.evidence.test_masked_export import has_a_mask
from tests.recordings.at_sites import a_site
from tests.recordings.footage import CAMERA
from tests.recordings.test_repaint import is_masked, lumas
from watchfloor.cameras.address import Networks, resolve
from watchfloor.cameras.vault import Vault
from watchfloor.evidence.model import MASKED
from watchfloor.evidence.verify import verify
from watchfloor.kit.clock import parse_rfc3339
from watchfloor.recordings.archives import Archives
from watchfloor.recordings.by_rtsp import Reached
from watchfloor_sim.kept import ReplayFault
from watchfloor_sim.samples import VIDEO_RATE

STREET = "street-bicycle-272p-h264.mp4"
NOT_KEPT = "Not kept at the site: Depot has nothing of this time, and answers for it."


@asynccontextmanager
async def depot(room: Room, media: Path) -> AsyncIterator[Card]:
    """The camera is at a site as well, whose recorder has forty seconds from when the center's footage begins."""
    async with a_card(media / STREET, room.begun.timestamp(), onvif=False) as card:
        for turn in range(1, 4):
            for sample in card.clip.content:
                moved = replace(
                    sample, dts=sample.dts + turn * 10 * VIDEO_RATE, pts=sample.pts + turn * 10 * VIDEO_RATE
                )
                card.kept.keep(moved, room.begun.timestamp() + moved.pts / VIDEO_RATE)
        site = await a_site(lambda sql, *values: execute(room, sql, *values), room.web.parts.agency, card)
        await execute(
            room,
            "update camera set footage_kept = 'both', site_id = %s, channel = 'stream' where id = %s",
            site,
            CAMERA,
        )
        reached = Reached(Networks.of("127.0.0.0/8"), resolve, room.web.parts.clock)
        room.changes["archives"] = Archives(Vault(b"v" * 32), reached)
        yield card


async def execute(room: Room, sql: str, *values: object) -> None:
    async with await psycopg.AsyncConnection.connect(room.dsns.owner, autocommit=True) as owner:
        await owner.execute(sql.encode(), values)


async def test_what_is_not_recorded_here_comes_from_the_site_and_the_manifest_says_so(
    room: Room, tmp_path: Path, material: Path
) -> None:
    async with depot(room, material / "media") as card:
        asked = await room.asked((3, 38))
        (span,) = asked["spans"]
        # What is not here is no gap: its site is asked for it.
        assert span["gaps"] == [] and 19 <= span["at_site_s"] <= 21 and 14 <= span["recorded_s"] <= 16
        made = await room.made((3, 38))
        assert (made["state"], made["clips"], made["missing"]) == ("ready", 3, []), made
        folder = await room.unpacked(made["id"], tmp_path)
        said = manifest(folder)
        assert said["complete"] and [clip["kept"] for clip in said["clips"]] == [
            "here",
            "at its site",
            "here",
        ]
        _is_of_the_site(folder, said["clips"][1], room)
        assert verify(folder, key=None, extract=None).verdict != "damaged"
        begin, end = card.replay.asked[0]
        assert abs(begin - room.begun.timestamp() - 10) <= 1.1 and end > begin + 19
        await _masked_as_any(room, tmp_path)
        await _what_the_site_lacks_is_told(room, card, tmp_path)
        await _what_it_does_not_give_is_tried_again_then_told(room, card, tmp_path)


def _is_of_the_site(folder: Path, clip: dict[str, Any], room: Room) -> None:
    (source,) = clip["sources"]
    assert (source["site"], source["channel"], len(source["sha256_received"])) == ("Depot", "stream", 64)
    begins = parse_rfc3339(clip["delivered"]["from"]) - room.begun
    ends = parse_rfc3339(clip["delivered"]["to"]) - room.begun
    assert timedelta(seconds=7) < begins <= timedelta(seconds=10.1) and ends >= timedelta(seconds=29.8)
    assert (source["from"], source["to"]) == (clip["delivered"]["from"], clip["delivered"]["to"])
    with av.open(str(folder / clip["file"])) as opened:
        times = [frame.time or 0.0 for frame in opened.decode(video=0)]
    assert len(times) == clip["frames"] and abs(times[-1] - (ends - begins).total_seconds()) < 0.2
    assert max(b - a for a, b in pairwise(times)) < 0.2


async def _masked_as_any(room: Room, tmp_path: Path) -> None:
    await has_a_mask(room)
    made = await room.made((14, 16))
    folder = await room.unpacked(made["id"], tmp_path)
    (clip,) = manifest(folder)["clips"]
    assert (clip["kept"], clip["mask_text"]) == ("at its site", MASKED)
    assert all(map(is_masked, lumas((folder / clip["file"]).read_bytes())))
    await room.owner("delete from camera_mask")


async def _what_the_site_lacks_is_told(room: Room, card: Card, tmp_path: Path) -> None:
    card.kept.faults = {ReplayFault.NOTHING}
    made = await room.made((5, 20))
    assert (made["state"], made["clips"]) == ("ready", 1)
    assert [one["reason"] for one in made["missing"]] == [NOT_KEPT]
    # Half of it and the line breaks: asked for again where it broke, and what does not come is told with its times.
    card.kept.faults = {ReplayFault.BREAKS}
    made = await room.made((12, 28))
    said = manifest(await room.unpacked(made["id"], tmp_path))
    (missing,) = said["missing"]
    assert missing["reason"] == "The site Depot did not give it: The site gave less than was asked for."
    last = max(clip["delivered"]["to"] for clip in said["clips"])
    assert parse_rfc3339(missing["from"]) == parse_rfc3339(last) and not said["complete"]


async def _what_it_does_not_give_is_tried_again_then_told(room: Room, card: Card, tmp_path: Path) -> None:
    card.kept.faults = {ReplayFault.GARBAGE}
    waits = await room.made((12, 20))
    assert waits["state"] == "waiting"
    assert "The site Depot did not give what it keeps: " in waits["state_text"]
    assert "tried again" in waits["state_text"]
    await room.owner(
        "update job set attempts = 7, run_at = now() - interval '1 second', lease_until = null where done_at is null"
    )
    await room.work()
    failed = await room.seen(waits["id"])
    assert failed["state"] == "failed" and "The site Depot did not give it: " in failed["state_text"], failed
    # With something else in it the package is made, and says what is missing.
    partly = await room.approved((5, 20))
    await room.owner("update job set attempts = 7 where done_at is null")
    await room.work()
    made = await room.seen(partly["id"])
    assert (made["state"], made["clips"]) == ("ready", 1), made
    assert made["missing"][0]["reason"].startswith("The site Depot did not give it: ")
