"""What every test may use: where the real material lies. Anything of one slice belongs to that slice's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["tests.fixtures.engines", "tests.fixtures.center"]

_MATERIAL = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def material() -> Path:
    """The folder of real clips, pulses, pictures and streets beside the project; without it the test is skipped."""
    if not _MATERIAL.is_dir():
        pytest.skip(f"the real material is not beside this clone ({_MATERIAL})")
    return _MATERIAL


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`soak` tests run only when they are asked for by name."""
    if "soak" in config.getoption("-m", default=""):
        return
    for item in [i for i in items if i.get_closest_marker("soak")]:
        items.remove(item)
        config.hook.pytest_deselected(items=[item])
