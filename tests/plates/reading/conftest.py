"""The real networks, opened once for all tests of reading."""

from __future__ import annotations

import pytest

from watchfloor.plates.reading.eyes import opened
from watchfloor.plates.reading.look import Eyes


@pytest.fixture(scope="session")
def eyes() -> Eyes:
    """All that looking needs, as a process opens it."""
    return opened("us")
