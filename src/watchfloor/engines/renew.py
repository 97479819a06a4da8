"""Certificates that are replaced meanwhile: sensors are shown the new one. For that the bus puts all out, and they come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from watchfloor.engines.disk import Disk
from watchfloor.engines.supervise import Say
from watchfloor.engines.tls import TlsFiles
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid

_EVERY_S: Final = 60.0


class Shows(Protocol):
    """Who shows a certificate."""

    def renew(self) -> bool:
        """Show what its file holds now; whether that is another. Raises OSError."""


async def keep_renewed(
    server: Shows,
    files: Callable[[datetime], TlsFiles | None],
    answered: Path,
    disk: Disk,
    clock: Clock,
    say: Say,
) -> None:
    """Look each minute, for ever. `files` looks whether they fit, and renews what is ours; what does not fit is said once.
    `answered` is there while somebody answers the server who may be in.
    """
    said = ""
    while True:
        await clock.sleep(_EVERY_S)
        trouble = ""
        try:
            await disk.does(partial(files, clock.now()))
            # While nobody answers who may be in, nobody would come back.
            if await disk.does(answered.exists) and await disk.does(server.renew):
                say("renewed", "sensors are shown another certificate from now on")
        except (Invalid, OSError, ValueError) as error:  # a damaged file too
            trouble = error.detail if isinstance(error, Invalid) else str(error)
        if trouble and trouble != said:
            say("not renewed", f"sensors are shown the certificate of before: {trouble}")
        said = trouble
