"""What no module may be, whatever it does."""

from __future__ import annotations

import subprocess

from tests.architecture import rules
from tests.architecture.tree import PYTHON_FOLDERS, ROOT, files, relative, sources


def test_no_module_has_a_name_without_an_edge() -> None:
    paths = [
        relative(p) for p in files("src", "tests", "tools", "console/src", suffixes=(".py", ".ts", ".svelte"))
    ]
    assert [found for path in paths for found in rules.names_without_an_edge(path)] == []


def test_importing_a_module_does_nothing() -> None:
    # `python -m` runs the first three, Alembic the last: running is what they are for, and nothing imports them.
    allowed = (
        "src/watchfloor/__main__.py",
        "src/watchfloor_sensor/__main__.py",
        "src/watchfloor_sim/__main__.py",
        "src/watchfloor/storage/migrations/env.py",
    )
    modules = [s for s in sources("src") if s.path not in allowed]
    assert [found for source in modules for found in rules.imports_with_effect(source)] == []


def test_tests_pass_another_part_in_and_never_patch_a_name() -> None:
    assert [found for source in sources("tests", "scenarios") for found in rules.patched_names(source)] == []


def test_nothing_is_put_off_and_no_test_is_expected_to_fail() -> None:
    texts = files(
        *PYTHON_FOLDERS,
        "console/src",
        "docs",
        suffixes=(".py", ".ts", ".svelte", ".md", ".sql", ".sh", ".css"),
    )
    assert [found for path in texts for found in rules.unfinished(relative(path), path.read_text())] == []


def test_the_console_names_its_colours_in_one_file() -> None:
    styled = [p for p in files("console/src", suffixes=(".svelte", ".css")) if p.name != "tokens.css"]
    assert [found for path in styled for found in rules.colours(relative(path), path.read_text())] == []


def test_the_console_writes_in_the_sizes_of_one_scale() -> None:
    styled = [p for p in files("console/src", suffixes=(".svelte", ".css")) if p.name != "tokens.css"]
    assert [found for path in styled for found in rules.type_sizes(relative(path), path.read_text())] == []


def test_a_form_sends_the_version_that_it_was_opened_with() -> None:
    paths = files("console/src", suffixes=(".svelte",))
    assert [
        found for path in paths for found in rules.versions_at_saving(relative(path), path.read_text())
    ] == []


def test_locks_name_no_host_and_files_no_machine() -> None:
    """A lock that names a host ties everybody to that host; a path of one machine means nothing on another."""
    tracked = _tracked()
    assert [
        p
        for p in tracked
        if p.endswith(("requirements.lock", "package-lock.json", ".npmrc")) and _names_host(p)
    ] == []
    homes = tuple(f"/{top}/" for top in ("root", "home", "Users"))
    texts = [
        p
        for p in tracked
        if p.endswith((".py", ".md", ".toml", ".sh", ".ts", ".svelte", ".json", "Makefile"))
    ]
    assert [p for p in texts if any(home in _text(p) for home in homes) and p != relative_here()] == []


def _tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    return [p for p in done.stdout.split("\n") if p and (ROOT / p).is_file()]


def _names_host(path: str) -> bool:
    if path.endswith("package-lock.json"):
        # npm copies the authors' funding pages into the lock; an address to fetch from stands under "resolved".
        return '"resolved": "http' in _text(path)
    return any(mark in _text(path) for mark in ("://", "--index-url", "--extra-index-url", "--find-links"))


def _text(path: str) -> str:
    return (ROOT / path).read_text(errors="replace")


def relative_here() -> str:
    return "tests/architecture/test_structure.py"
