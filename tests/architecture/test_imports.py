"""The import contracts hold, and each of them breaks on a small tree that breaks it."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

_SLICES = (
    "kit",
    "storage",
    "engines",
    "governance",
    "ledger",
    "identity",
    "cameras",
    "plates",
    "incidents",
    "web",
    "wiring",
)


def _lint(tree: Path, config: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [program, "--no-logo", "--no-cache", "--config", config],
        cwd=tree,
        env=dict(os.environ, PYTHONPATH=str(tree)),  # noqa: TID251  # the linter finds packages by the path alone
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    """A tree of empty packages with the names the contracts speak of."""
    for package in (
        "watchfloor",
        *(f"watchfloor/{s}" for s in _SLICES),
        "watchfloor_sensor",
        "watchfloor_sim",
    ):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    for module in ("governance/audit", "governance/door", "plates/search", "wiring/ledger", "app"):
        (tmp_path / f"watchfloor/{module}.py").touch()
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    return tmp_path


def test_the_contracts_hold_here() -> None:
    done = _lint(ROOT / "src", ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_process_that_answers_nobody_over_http_does_not_load_what_does() -> None:
    """After a fall a whole center waits for its processes: the framework alone takes a third of their start."""
    load = "from watchfloor.wiring import ledger, record, sense, sweep; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", load], capture_output=True, text=True, check=True)
    assert not {"fastapi", "starlette", "pydantic"} & set(done.stdout.split())


def test_the_small_tree_is_content_by_itself(small_tree: Path) -> None:
    (small_tree / "watchfloor/wiring/ledger.py").write_text(
        "from watchfloor.ledger import sequence\nfrom watchfloor import web\n"
    )
    (small_tree / "watchfloor/ledger/sequence.py").write_text("from watchfloor.governance import audit\n")
    (small_tree / "watchfloor/storage/tx.py").write_text("import psycopg\n")
    done = _lint(small_tree, small_tree / "pyproject.toml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("watchfloor/plates/store.py", "from watchfloor.incidents import review"),
        ("watchfloor/kit/late.py", "def f():\n    import watchfloor.storage"),
        ("watchfloor/plates/reader.py", "import watchfloor.cameras"),
        ("watchfloor/identity/seal.py", "import watchfloor.ledger"),
        ("watchfloor/ledger/sequence.py", "import watchfloor.governance.door"),
        ("watchfloor/plates/match.py", "import psycopg"),
        ("watchfloor/plates/match.py", "from psycopg.rows import dict_row"),
        ("watchfloor_sim/camera.py", "from watchfloor.kit import clock"),
        ("watchfloor_sensor/line.py", "from watchfloor.kit import clock"),
        ("watchfloor_sensor/pull.py", "import pydantic"),
        ("watchfloor/plates/store.py", "import watchfloor.app"),
        ("watchfloor/shared/__init__.py", ""),
    ],
)
def test_a_forbidden_import_breaks_a_contract(small_tree: Path, module: str, text: str) -> None:
    for name in ("incidents/review", "ledger/sequence"):
        (small_tree / f"watchfloor/{name}.py").touch()
    (small_tree / module).parent.mkdir(exist_ok=True)
    (small_tree / module).write_text(text + "\n")
    done = _lint(small_tree, small_tree / "pyproject.toml")
    assert done.returncode != 0, done.stdout


def test_the_banned_calls_are_banned() -> None:
    banned = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"][
        "flake8-tidy-imports"
    ]["banned-api"]
    sample = "\n".join(f"import {name.rsplit('.', 1)[0].split('.')[0]}\n{name}" for name in banned)
    ruff = Path(sys.executable).parent / "ruff"
    options = (
        "--no-cache",
        "--select=TID251",
        "--output-format=concise",
        "--stdin-filename=src/watchfloor/plates/x.py",
    )
    done = subprocess.run(
        [ruff, "check", *options, "-"], cwd=ROOT, input=sample, capture_output=True, text=True, check=False
    )
    missed = [name for name in banned if f"`{name}`" not in done.stdout]
    assert missed == []
