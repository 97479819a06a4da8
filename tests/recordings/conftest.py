"""Fixtures of recordings: a center with cameras, and its short folder for sockets."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fixtures.center import CenterMaker
from tests.recordings.center import Block, block


@pytest.fixture
def clips(material: Path) -> Path:
    """The folder of real clips."""
    return material / "media"


@pytest.fixture
def sockets(short_directory: Path) -> Path:
    """A folder of one's own whose sockets' paths are short."""
    return Path(tempfile.mkdtemp(dir=short_directory))


@pytest.fixture
async def city(center: CenterMaker, tmp_path: Path, sockets: Path) -> AsyncIterator[Block]:
    """A center with cameras authorised, no recorder yet."""
    async with block(center, tmp_path, sockets) as made:
        yield made
