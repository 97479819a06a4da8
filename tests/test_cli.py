"""The command line as one types it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from tests.fixtures.command_line import commands, fault, typed
from watchfloor import cli
from watchfloor.commands import BENCHES
from watchfloor.kit.errors import Invalid

_EXAMPLE = re.compile(r"^Example: (watchfloor\b.*)$", re.MULTILINE)
_PROGRAM = Path(sys.executable).parent / "watchfloor"


def test_every_bench_is_listed_and_can_be_run() -> None:
    modules = (module.name for module in iter_modules(import_module("watchfloor.bench").__path__))
    # What benches share is theirs alone, and named so.
    assert sorted(name for name in modules if not name.startswith("_")) == list(BENCHES)
    for name in BENCHES:
        assert callable(import_module(f"watchfloor.bench.{name}").run), name


def test_every_command_says_what_it_is_for_and_an_example_of_it_that_can_be_typed() -> None:
    found = dict(commands())
    assert {"watchfloor up", "watchfloor demo", "watchfloor bench record"} <= set(found)
    wrong: dict[str, str | None] = {}
    for path, command in found.items():
        examples = _EXAMPLE.findall(command.help or "")
        ours = [line for line in examples if line.startswith(path)]
        if path == "watchfloor":  # It says where examples are.
            continue
        if not ours:
            wrong[path] = "no example"
        wrong |= {line: fault(typed(line) or []) for line in ours}
    assert {line: why for line, why in wrong.items() if why is not None} == {}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("watchfloor backup --to x", "Missing option"),
        ("watchfloor bakcup", "No such command"),
        ("watchfloor bench record --camera 8", "No such option"),
        ("watchfloor demo --loudly", "No such option"),
        ("watchfloor bench audit --requests many", "valid integer"),
        ("watchfloor record --data x --number 0", "greater than or equal to 1"),
    ],
)
def test_a_line_that_the_program_would_not_take_is_told_from_one_it_would(line: str, why: str) -> None:
    assert why in (fault(typed(line) or []) or "")


@pytest.mark.parametrize(("roles", "said"), [("match,locate", "locate"), (" , ", "nothing")])
def test_a_role_that_the_senses_do_not_have_is_refused_before_anything_runs(roles: str, said: str) -> None:
    with pytest.raises(
        Invalid, match=f"--roles: {said} is no role of it; there are match, correlate, hear and read"
    ):
        cli.sense(Path("nowhere"), roles)


def _offers(*words: str) -> set[str]:
    asked = {
        "_WATCHFLOOR_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("watchfloor", *words)),
        "COMP_CWORD": str(len(words)),
    }
    return set(_asked(asked).split())


def _asked(more: dict[str, str]) -> str:
    ours = os.environ  # noqa: TID251  # how the shell asks, not how the program is set
    return subprocess.run([_PROGRAM], env={**ours, **more}, check=True, capture_output=True, text=True).stdout


def test_a_shell_is_offered_commands_and_their_options_those_of_the_demo_and_the_benches_too() -> None:
    assert _offers("ba") == {"backup"}
    assert {"alerts", "record"} <= _offers("bench", "")
    assert _offers("bench", "record", "--cam") == {"--cameras"}
    assert _offers("demo", "--s") == {"--story"}


def test_bash_completes_a_line_with_the_script_that_the_program_prints() -> None:
    script = _asked({"_WATCHFLOOR_COMPLETE": "source_bash"})
    line = (
        "COMP_WORDS=(watchfloor node); COMP_CWORD=1; _watchfloor_completion watchfloor; echo ${COMPREPLY[*]}"
    )
    ours = os.environ  # noqa: TID251  # how the shell finds the program
    path = f"{_PROGRAM.parent}{os.pathsep}{ours['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", f"{script}\n{line}"],
        env={**ours, "PATH": path},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "node-certificate"


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script_that_they_can_read(shell: str, tmp_path: Path) -> None:
    script = tmp_path / f"completion.{shell}"
    script.write_text(_asked({"_WATCHFLOOR_COMPLETE": f"source_{shell}"}))
    assert "_WATCHFLOOR_COMPLETE" in script.read_text()
    if shutil.which(shell):
        subprocess.run([shell, "--no-exec" if shell == "fish" else "-n", script], check=True)
