"""That a process goes on: it says so each second, into a pipe that whoever started it reads. A disk that hangs holds none of it up."""

from __future__ import annotations

import contextlib
import os
from typing import Final

from watchfloor.kit.clock import Clock

EVERY_S: Final = 1.0
_GAVE_UP: Final = 70


def end_at_once() -> None:
    """End this process, whatever its threads do: one of them hangs, and cannot be ended. Whoever started it starts it again."""
    os._exit(_GAVE_UP)


class Beats:
    """What a process that we start says of itself; of each start its own. Give `theirs`, a file, to it, and then say `begun`."""

    def __init__(self) -> None:
        self._ours, self.theirs = os.pipe()
        os.set_blocking(self._ours, False)

    def begun(self) -> None:
        """It was started, or could not be: its end of the pipe is its own now."""
        os.close(self.theirs)

    def heard(self) -> bool:
        """Whether it said that it goes on since this was asked last."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self._ours, 4096) != b""
        return False

    def close(self) -> None:
        """Nobody listens any more."""
        os.close(self._ours)


async def beat(file: int, clock: Clock, *, every_s: float = EVERY_S) -> None:
    """Say that this process goes on, until nobody listens."""
    os.set_blocking(file, False)
    while True:
        try:
            os.write(file, b".")
        except BlockingIOError:
            pass  # said often enough, and not heard yet
        except OSError:
            return  # who listened is gone
        await clock.sleep(every_s)
