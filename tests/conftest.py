"""What every test may use: where the real material lies. Anything of one slice belongs to that slice's tests."""

from __future__ import annotations

import gc
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.fixtures.engines",
    "tests.fixtures.center",
    "tests.fixtures.counts",
    "tests.fixtures.s3",
    "tests.fixtures.seaweed",
    "tests.fixtures.disks",
    "tests.fixtures.wheel",
]

# A busy machine is no fault of the code: properties are judged by what they find, never by how long it took.
settings.register_profile("watchfloor", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("watchfloor")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which PostgreSQL the tests of one database run on (those of whole centers choose for themselves), and what is kept of them."""
    parser.addoption(
        "--postgres", choices=("wheel", "system"), default="wheel", help="whose PostgreSQL the tests run on"
    )
    parser.addoption(
        "--apart", action="append", default=[], help="leave out what needs a database in this folder"
    )
    parser.addoption(
        "--retake-snapshots", action="store_true", help="keep how the console looks now as right"
    )
    parser.addoption(
        "--every-look", action="store_true", help="go each role's errand in each of the six looks"
    )


@pytest.fixture(scope="session")
def retake(request: pytest.FixtureRequest) -> bool:
    """Whether snapshots are taken anew instead of compared."""
    return bool(request.config.getoption("--retake-snapshots"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On the machine's own server only those tests run that have to do with one; all the others are run once."""
    asks = [item for item in items if "postgres" in getattr(item, "fixturenames", ())]
    out = set(items).difference(asks) if config.getoption("--postgres") == "system" else set()
    for folder in config.getoption("--apart"):
        out |= {item for item in asks if item.path.is_relative_to(config.rootpath / folder)}
    if out:
        config.hook.pytest_deselected(items=list(out))
        items[:] = [item for item in items if item not in out]
    if hasattr(config, "workerinput"):
        items[:] = _spread(items)


def pytest_collection_finish() -> None:
    """All tests and what they import stay to the end: set aside, so that no collection looks at them again and again."""
    gc.collect()
    gc.freeze()


def _spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """The files that may take long evenly among the others, the longest first, for several processes that take file by file.

    Several of their whole centers at once would be too much for a small machine, and one of them at the end would be waited for. The
    others come in no order that means anything, so that what waits (for cameras, for a lease to run out) is beside what works.
    """
    files: dict[Path, list[pytest.Item]] = {}
    may_take: dict[Path, float] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
        if marker := item.get_closest_marker("timeout"):
            may_take[item.path] = max(may_take.get(item.path, 0.0), marker.args[0])
    long = sorted(may_take, key=lambda path: -may_take[path])
    others = [path for path in files if path not in may_take]
    others.sort(key=lambda path: crc32(str(path.relative_to(_TESTS)).encode()))
    apart = len(others) // max(len(long), 1) + 1
    order = others if not long else []
    for number, path in enumerate(long):
        order += [path, *others[number * apart : (number + 1) * apart]]
    return [item for path in order for item in files[path]]


_TESTS = Path(__file__).resolve().parent
_MATERIAL = _TESTS.parents[1] / "shared"


@pytest.fixture(scope="session")
def material() -> Path:
    """The folder of real clips, pulses, pictures and streets beside the project; without it the test is skipped."""
    if not _MATERIAL.is_dir():
        pytest.skip(f"the real material is not beside this clone ({_MATERIAL})")
    return _MATERIAL
