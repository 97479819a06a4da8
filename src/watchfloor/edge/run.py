"""`watchfloor edge run`: the box at work until it is told to end."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from watchfloor.edge.box import Box
from watchfloor.edge.config import CONFIG, load
from watchfloor.edge.state import State
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Conflict
from watchfloor.kit.logs import configure
from watchfloor.kit.running import until_told


async def run(*, config: Path = CONFIG) -> int:
    """Dial the center and give it what it may have of this box's cameras, until Ctrl-C.

    Example: watchfloor edge run --config /etc/watchfloor/edge.toml
    """
    configure("edge")
    said = load(config)
    state = State.of(said.state)
    lock = os.open(state.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise Conflict(f"An edge box runs in {state.folder} already.") from error
    try:
        box = Box(said, state, SystemClock())
        await until_told(box.run)
    finally:
        os.close(lock)
    return 0
