"""Everything that judges the code without running the center. Runs every judge, then says which were not content."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tools.parts import Part, run

_BIN: Final = Path(sys.executable).parent
_NPM: Final = (sys.executable, "tools/console_build.py", "run")


def _ours(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(_BIN / name), *arguments)


_QUICK: Final = (
    Part("format", _ours("ruff", "format", "--check", "--quiet")),
    Part("lint", _ours("ruff", "check", "--quiet")),
    Part("imports", _ours("lint-imports", "--no-logo")),
    Part("architecture", _ours("python", "-m", "pytest", "-q", "tests/architecture")),
)
_TYPES: Final = (Part("types", _ours("mypy", "--no-error-summary")),)
_CONSOLE: Final = (Part("console", (*_NPM, "check")),)

if __name__ == "__main__":
    sys.exit(run("check", _QUICK, _TYPES, _CONSOLE))
