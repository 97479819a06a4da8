"""Footage kept in an S3 bucket: recorded into it, played from it, kept beside it while it is away, forgotten in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.fixtures.center import CenterMaker
from tests.fixtures.s3 import Bucket
from tests.recordings.center import Block, block, until
from tests.recordings.read import decoded_frames, shown_at
from watchfloor.engines.check import of_spool
from watchfloor.engines.layout import Layout
from watchfloor.kit.clock import rfc3339
from watchfloor.recordings.spool import ROW
from watchfloor.sweep.files import FootageFiles
from watchfloor.sweep.store import Day
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.rtsp import RtspCamera

STREET = "street-bicycle-272p-h264.mp4"


def in_bucket(bucket: Bucket) -> list[Path]:
    return sorted((bucket.folder / "footage").rglob("*.seg"), key=lambda path: path.name)


def waiting(city: Block) -> list[Path]:
    """Segments that are finished and not yet in the bucket."""
    rows = {row.stem for row in city.spool.glob(f"*/rows/*{ROW}")}
    return [part for part in city.spool.glob("*/*/*.part") if part.stem in rows]


async def played(city: Block, camera: str, begin: datetime) -> int:
    """How many pictures come of two seconds from then on."""
    answer = await (await city.web.person("analyst")).get(
        f"/api/v1/cameras/{camera}/video",
        params={"from": rfc3339(begin), "to": rfc3339(begin + timedelta(seconds=2))},
        headers=await city.why(),
    )
    assert answer.status_code == 200, answer.text
    return len(shown_at(answer.content))


async def test_a_bucket_that_goes_away_costs_no_frame_and_no_recorder_its_start(
    center: CenterMaker, tmp_path: Path, sockets: Path, bucket: Bucket, clips: Path
) -> None:
    async with block(center, tmp_path, sockets, kept=bucket.settings()) as city:
        await city.web.authorise("fixed_camera")
        clock = city.web.parts.clock

        async def here() -> list[Path]:
            return in_bucket(bucket)

        async def spooled() -> list[Path]:
            return waiting(city)

        options = CameraOptions(limit_frames=700)
        async with await RtspCamera.start(clips / STREET, options=options) as device:
            camera = (await city.camera(device.url))["id"]
            await city.record()
            first = clock.now()
            await until(here, lambda seen: len(seen) >= 1)
            bucket.stop()
            await until(spooled, lambda seen: len(seen) >= 2)
            assert (await city.seen(camera))["recording"]
            await city.stop()
            sent = device.frames_sent
        await city.record()  # the bucket is still away: it starts all the same
        assert len(waiting(city)) >= 2
        late = clock.now() + timedelta(hours=1)
        (finding,) = of_spool(Layout.of(city.data), late)
        assert "segments of footage have waited" in finding.what
        bucket.start()
        await until(spooled, lambda seen: seen == [])
        await city.stop()
        assert list(of_spool(Layout.of(city.data), late)) == []
        assert sum(decoded_frames(city, path) for path in in_bucket(bucket)) == sent
        assert not (city.data / "objects" / "footage").exists()
        assert await played(city, camera, first + timedelta(seconds=3)) >= 40
        await _forgotten(city, bucket)


async def _forgotten(city: Block, bucket: Bucket) -> None:
    """The day goes: its keys and all that the bucket lists of it."""
    files = FootageFiles(city.objects, city.keystore, city.spool)
    agency, now = city.web.parts.agency, city.web.parts.clock.now()
    listed = [stored.key.split("/") async for stored in city.objects.listed("footage")]
    days = sorted({(int(rule[1:]), date.fromisoformat(day)) for _, rule, day, *_ in listed})
    assert await files.oldest(agency, [days[0][0]]) == {days[0][0]: days[0][1]}

    async def names() -> AsyncIterator[str]:
        return
        yield ""

    for rule, day in days:
        await files.forget(agency, Day("segment", rule, day), frozenset(), names, now)
    assert in_bucket(bucket) == []
    assert [stored async for stored in city.objects.listed("footage")] == []
