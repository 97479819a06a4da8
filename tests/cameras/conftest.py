"""Fixtures of cameras: the real clips."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def clips(material: Path) -> Path:
    """The folder of real clips."""
    return material / "media"
