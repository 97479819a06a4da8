"""A process of a center, as small as one can be: says it is ready, ends when asked. `stubborn` does not end."""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from watchfloor.kit.ids import uuid7

_WHEN = datetime(2026, 11, 30, tzinfo=UTC)


def load_ahead() -> None:
    """What the fork server has of it: what it drew by chance before it forked would be the same in each process."""
    random.random()  # noqa: TID251  # what one draws from without thinking is looked at
    uuid7(_WHEN)


def main() -> None:
    name, _, data = sys.argv[1:4]
    if name == "broken":
        sys.exit("this program always fails")
    ended = signal.SIG_IGN if name == "stubborn" else signal.default_int_handler
    signal.signal(signal.SIGTERM, ended)
    endpoints = json.loads((Path(data) / "endpoints.json").read_text())
    (Path(endpoints["runtime"]) / f"{name}.ready").touch()
    thoughtless = random.random()  # noqa: TID251  # as above
    drawn = {"random": thoughtless, "secret": secrets.token_hex(8), "id": str(uuid7(_WHEN))}
    seen = {"argv": sys.argv[1:], "umask": os.umask(0o077), "cwd": str(Path.cwd()), "drawn": drawn}
    sys.stderr.write(f"{name} works\n{json.dumps(seen)}\n")
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        sys.stderr.write(f"{name} finished what it held\n")


if __name__ == "__main__":
    main()
