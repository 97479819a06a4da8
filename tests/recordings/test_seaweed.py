"""Footage in SeaweedFS: moved in, found, played by ranges of it, forgotten; and what is said when it is away or does not know us."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fixtures.seaweed import Weed
from tests.recordings.footage import Desk, street
from tests.recordings.read import shown_at
from watchfloor.kit.errors import NotFound, Unavailable
from watchfloor.recordings.model import object_path
from watchfloor.recordings.play import Player
from watchfloor.storage.objects import Objects


async def test_footage_is_kept_found_played_and_forgotten_in_seaweedfs(
    weed: Weed, tmp_path: Path, clips: Path
) -> None:
    objects, desk = Objects(weed.settings(), Path()), Desk(tmp_path)
    desk.record(street(clips))
    keys = [object_path(segment.id, segment.label) for _, segment in desk.done]
    sizes = [path.stat().st_size for path, _ in desk.done]
    for (path, _), key in zip(desk.done, keys, strict=True):
        await objects.take_in(key, path)
        assert not path.exists()
    stored = [one async for one in objects.listed("footage")]
    assert sorted((one.key, one.size) for one in stored) == sorted(zip(keys, sizes, strict=True))
    oldest = await objects.oldest("footage")
    assert oldest is not None and oldest.key in keys

    player = Player(objects, desk.keystore, desk.spool)
    kept = player.together([], [segment for _, segment in desk.done], 0, 2**62)
    first = desk.done[0][1]
    stretch = await player.stretch(kept, first.began_us, first.began_us + 2_000_000)
    assert len(shown_at(b"".join([part async for part in stretch.parts]))) >= 20

    large, content = tmp_path / "large", os.urandom(21_000_000)  # more than goes in one request
    large.write_bytes(content)
    await objects.take_in("footage/large", large)
    assert await objects.get_range("footage/large", 20_999_990, 50) == content[-10:]
    with pytest.raises(Unavailable):
        await Objects(weed.settings(secret="another"), Path()).get(keys[0])
    for key in keys:
        assert await objects.delete(key) and not await objects.has(key)
    assert [one.key async for one in objects.listed("footage")] == ["footage/large"]
    with pytest.raises(NotFound):
        await objects.get(keys[0])
    weed.stop()
    with pytest.raises(Unavailable):
        await objects.get("footage/large")
