"""The object store in an S3 bucket, asked over HTTP: what is kept, what is said when it is away, and by whom we are known."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fixtures.s3 import Bucket, answering_ranges
from watchfloor.engines.check import of_objects
from watchfloor.engines.layout import Layout
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid, NotFound, Unavailable
from watchfloor.settings import ObjectSettings, Settings
from watchfloor.storage.objects import Objects, content_key

NOW = SystemClock().now()


@pytest.fixture
def objects(bucket: Bucket) -> Objects:
    return Objects(bucket.settings(), Path())


async def test_a_picture_is_kept_once_under_its_hash(objects: Objects, bucket: Bucket) -> None:
    first = await objects.put_content("plate-pictures", b"a picture")
    bucket.date(content_key("plate-pictures", first), 1_000_000_000)
    assert await objects.put_content("plate-pictures", b"a picture") == first
    stored = [s async for s in objects.listed("plate-pictures")]
    assert [(s.key, s.size) for s in stored] == [(content_key("plate-pictures", first), 9)]
    assert stored[0].stored_at.timestamp() == 1_000_000_000  # the second was not put again
    assert await objects.get(stored[0].key) == b"a picture"
    assert objects.room() is None


async def test_a_seek_carries_only_its_range(objects: Objects, bucket: Bucket) -> None:
    await objects.put("footage/c1/s1", bytes(range(200)))
    async with answering_ranges(bucket) as (settings, carried):
        through = Objects(settings, Path())
        assert await through.get_range("footage/c1/s1", 10, 5) == bytes(range(10, 15))
        assert await through.get_range("footage/c1/s1", 195, 50) == bytes(range(195, 200))
        assert carried == [5, 5]
        with pytest.raises(Unavailable):
            await through.get_range("footage/c1/s1", 500, 5)


async def test_a_server_that_cannot_read_ranges_still_gives_the_right_bytes(objects: Objects) -> None:
    await objects.put("footage/c1/s1", bytes(range(200)))
    assert await objects.get_range("footage/c1/s1", 10, 5) == bytes(range(10, 15))
    assert await objects.get_range("footage/c1/s1", 195, 50) == bytes(range(195, 200))
    with pytest.raises(Unavailable):
        await objects.get_range("footage/c1/s1", 500, 5)
    with pytest.raises(NotFound):
        await objects.get_range("footage/c1/none", 0, 5)


async def test_a_large_segment_moves_in_and_its_spool_file_is_gone(objects: Objects, tmp_path: Path) -> None:
    spool, content = tmp_path / "segment", os.urandom(21_000_000)  # more than goes in one request
    spool.write_bytes(content)
    await objects.take_in("footage/c1/20261122/s1", spool)
    assert not spool.exists()
    assert await objects.get("footage/c1/20261122/s1") == content


async def test_the_oldest_is_found_by_listing_and_what_is_deleted_is_gone(
    objects: Objects, bucket: Bucket
) -> None:
    for name, age_s in (("r3/a", 10), ("r3/b", 90_000), ("r31/c", 900_000)):
        await objects.put(f"footage/{name}", b"x")
        bucket.date(f"footage/{name}", NOW.timestamp() - age_s)
    oldest = await objects.oldest("footage/r3")
    assert oldest is not None and oldest.key == "footage/r3/b"
    assert abs(NOW - oldest.stored_at - timedelta(seconds=90_000)) < timedelta(seconds=5)
    assert await objects.delete("footage/r3/b") and not await objects.delete("footage/r3/b")
    assert [s.key async for s in objects.listed("footage/r3")] == ["footage/r3/a"]
    with pytest.raises(NotFound):
        await objects.get("footage/r3/b")


async def test_a_server_that_is_away_costs_nothing_but_time(
    objects: Objects, bucket: Bucket, tmp_path: Path
) -> None:
    await objects.put("footage/kept", b"kept")
    spool = tmp_path / "segment"
    spool.write_bytes(b"sealed")
    bucket.stop()
    for ask in (objects.take_in("footage/s1", spool), objects.has("footage/kept"), objects.look()):
        with pytest.raises(Unavailable) as away:
            await ask
        assert away.value.reason == "objects_away"
    assert spool.read_bytes() == b"sealed"
    bucket.start()
    await objects.take_in("footage/s1", spool)
    assert await objects.get("footage/s1") == b"sealed" and await objects.get("footage/kept") == b"kept"


@pytest.mark.parametrize("wrong", [{"secret": "not-this-one"}, {"key_id": "nobody"}])
async def test_a_key_that_does_not_open_is_named_whatever_was_asked(
    bucket: Bucket, wrong: dict[str, str]
) -> None:
    objects = Objects(bucket.settings(**wrong), Path())
    for ask in (objects.put("footage/x", b"x"), objects.get("footage/x"), objects.look()):
        with pytest.raises(Unavailable) as refused:
            await ask
        assert refused.value.reason == "objects_refused"
        assert "objects.credentials_file" in (refused.value.next_step or "")


async def test_a_bucket_that_is_not_there_is_no_missing_object(bucket: Bucket) -> None:
    objects = Objects(bucket.settings(url="s3://nowhere/city"), Path())
    for ask in (objects.put("footage/x", b"x"), objects.look()):
        with pytest.raises(Unavailable) as refused:
            await ask
        assert refused.value.reason == "objects_no_bucket"


_PUT = """
import asyncio, json, sys
from pathlib import Path
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Objects
asyncio.run(Objects(ObjectSettings(**json.loads(sys.argv[1])), Path()).put("footage/x", b"x"))
"""


async def test_the_environment_neither_signs_for_us_nor_sends_us_elsewhere(bucket: Bucket) -> None:
    """Secrets are in files alone: what another program left in AWS_ variables is not ours."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        elsewhere = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        others = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "REGION", "DEFAULT_REGION")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _PUT,
            json.dumps(asdict(bucket.settings())),
            env={f"AWS_{name}": "another" for name in others}
            | {"AWS_SKIP_SIGNATURE": "true", "AWS_ENDPOINT": elsewhere, "AWS_ENDPOINT_URL": elsewhere},
        )
        assert await process.wait() == 0
    assert (bucket.folder / "footage" / "x").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"url": "https://bucket"}, "s3://bucket/prefix"),
        ({"credentials_file": ""}, "credentials_file is empty"),
        ({"credentials_file": "/nowhere/at/all"}, "cannot be read"),
        ({"credentials_file": "ONE"}, "key id and secret"),
    ],
)
async def test_settings_that_do_not_fit_are_said_before_anything_is_asked(
    bucket: Bucket, tmp_path: Path, change: dict[str, str], said: str
) -> None:
    (tmp_path / "one").write_text("only-a-key-id\n")
    settings = bucket.settings()
    file = change.get("credentials_file", settings.credentials_file).replace("ONE", str(tmp_path / "one"))
    with pytest.raises(Invalid, match=said):
        Objects(replace(settings, url=change.get("url", settings.url), credentials_file=file), Path())


async def test_check_says_what_is_wrong_with_a_bucket_and_what_to_do(bucket: Bucket, tmp_path: Path) -> None:
    async def findings(objects: ObjectSettings) -> str:
        found = await of_objects(Settings(data=tmp_path, objects=objects), Layout.of(tmp_path))
        return "\n".join(f"{one.what} {one.do}" for one in found)

    assert await findings(bucket.settings()) == ""
    assert "does not let us in" in await findings(bucket.settings(secret="not-this-one"))
    assert "credentials_file" in await findings(bucket.settings(secret="not-this-one"))
    assert "bucket of objects.url does not exist" in await findings(bucket.settings(url="s3://nowhere"))
    assert "credentials_file is empty" in await findings(replace(bucket.settings(), credentials_file=""))
    settings = bucket.settings()
    bucket.stop()
    assert "does not answer" in await findings(settings)
