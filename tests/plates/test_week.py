"""A recorded week goes through the real ingest, each token as one invented plate, at many times its speed."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from tests.plates.conftest import Town, drained
from watchfloor_sim.plates import is_invented
from watchfloor_sim.reader import PlateReader
from watchfloor_sim.week import NotTheWeek, Row, load, replay

HEAD = "dt,list,address,device,plate_token,lon,lat\n"


def written(folder: Path, *lines: str) -> Path:
    path = folder / "week.csv.gz"
    path.write_bytes(gzip.compress((HEAD + "\n".join(lines) + "\n").encode()))
    return path


def slice_of(folder: Path, reads: int) -> Path:
    return written(
        folder,
        *(f"10/07/2021 - 16:{n // 60:02}:{n % 60:02},Plain car,Somewhere,CAR{n % 3},token{n % 40},-90.2,38.64" for n in range(reads)),
    )  # fmt: skip


def test_a_token_is_one_invented_plate_and_no_two_share_one(tmp_path: Path) -> None:
    rows = load(slice_of(tmp_path, 120))
    assert len({row.plate for row in rows}) == 40
    assert all(is_invented(row.plate) for row in rows)
    assert rows[0].at.isoformat() == "2021-10-07T23:00:00+00:00"
    assert load(slice_of(tmp_path, 120), limit=5) == rows[:5]
    assert load(written(tmp_path, "10/07/2021 - 16:00:00,x,y,CAR,token,NA,NA")) == [], "a car without a place"


@pytest.mark.parametrize(
    "line", ["yesterday,x,y,CAR,token,-90.2,38.6", "10/07/2021 - 16:00:00,x,y,CAR,token,east,38.6", "a"]
)
def test_what_is_no_record_is_refused_in_words(tmp_path: Path, line: str) -> None:
    with pytest.raises(NotTheWeek, match="is no record of reads"):
        load(written(tmp_path, line))


async def test_a_slice_of_a_week_goes_through_the_ingest_at_many_times_its_speed(
    town: Town, tmp_path: Path
) -> None:
    rows = load(slice_of(tmp_path, 300))
    readers = {}
    for device in ("CAR0", "CAR1", "CAR2"):
        made = await town.reader(device, mobile=True)
        readers[device] = PlateReader(str(made.client.base_url), made.token, made.client)
    with pytest.raises(ValueError, match="1 to 1,000"):
        await replay(rows, readers, speed=2000)
    async with town.matching():
        done = await replay(rows, readers, speed=1000)
        await town.stored(300)
        await drained(town)
    assert (done.reads, done.acknowledged, done.plates, done.devices) == (300, 300, 40, 3)
    kept = await town.rows(
        "select count(*) as n, count(distinct plate) as plates, min(lat) as lat from plate_read"
    )
    assert (kept[0]["n"], kept[0]["plates"], kept[0]["lat"]) == (300, 40, 38.64)


def test_the_real_week_is_read_whole(material: Path) -> None:
    path = material / "geo" / "seattle_spd_alpr_reads_2021_one_week.csv.gz"
    if not path.exists():
        pytest.skip(f"the recorded week is not at {path}")
    rows: list[Row] = load(path)
    assert len(rows) > 60_000
    assert rows[-1].at - rows[0].at < timedelta(days=8)
    assert len({row.plate for row in rows}) < 100_000
