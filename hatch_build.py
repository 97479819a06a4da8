"""Puts a finished console into the wheel, so that whoever installs watchfloor needs no node.

It must not run for an editable install: there `make setup` builds the console into the source tree.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleHook(BuildHookInterface[Any]):
    """Builds the console when there is no built one, and adds it to the wheel: git ignores it, so hatch would not."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        console = self._console(root)
        if console is not None:
            build_data["force_include"][str(console)] = "watchfloor/web/console"

    def _console(self, root: Path) -> Path | None:
        sys.path.insert(0, str(root))
        from tools.console_build import BUILT, build

        if (root / BUILT / "index.html").exists():
            return root / BUILT
        if os.environ.get("WATCHFLOOR_BUILD_WITHOUT_CONSOLE") == "1":
            self.app.display_warning("building a wheel without a console, as asked")
            return None
        return build(root)
