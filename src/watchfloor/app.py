"""What a center is told once, as its owner: its first administrator, that it was restored, who is invited from the terminal.

What runs in each process is wired in `wiring/` and started by `process.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from watchfloor.engines.endpoints import Endpoints
from watchfloor.governance.checkpoint import (
    LARGEST_NOTE,
    BadNote,
    Checkpoint,
    VerifierKey,
    open_checkpoint,
    verifier_of,
)
from watchfloor.governance.restored import keep_restored
from watchfloor.identity.first import FirstLink, first_start, invite_from_terminal
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid
from watchfloor.settings import Settings
from watchfloor.storage.owner import as_owner

if TYPE_CHECKING:
    from watchfloor.engines.restore import RestoreTold  # half a second of every start


async def begin(settings: Settings, *, agency: str, time_zone: str, now: datetime) -> FirstLink | None:
    """The first start, as the owner: one agency and one administrator where there is none. `up` calls it after migrating."""
    async with as_owner(Endpoints.read(settings.data).dsn("wf_owner")) as connection:
        return await first_start(connection, agency=agency, time_zone=time_zone, now=now)


def own_up(told: RestoreTold) -> Callable[[str], Awaitable[str]]:
    """What makes the log's first entry after a restore, given the owner's DSN; it returns what the terminal is told.

    Raises Invalid at once for a checkpoint that cannot be read or is not of the log that is restored.
    """
    newest = _opened(told.checkpoint, told) if told.checkpoint is not None else None

    async def tell(owner_dsn: str) -> str:
        now = SystemClock().now()
        async with as_owner(owner_dsn) as connection:
            size = await keep_restored(
                connection, newest=newest, backup_of=told.backup_of, by=told.by, now=now
            )
        begin = f"the log says that it was restored at size {size}"
        if newest is None:
            return f"{begin}; no checkpoint was told, so later ones stay an alarm"
        return f"{begin}; the newest checkpoint told is over {newest.size} entries"

    return tell


def _opened(checkpoint: Path, told: RestoreTold) -> Checkpoint:
    key = _log_key(told)
    try:
        with checkpoint.open("rb") as file:
            return open_checkpoint(file.read(LARGEST_NOTE + 1), key)
    except OSError as error:
        raise Invalid(
            f"The checkpoint {checkpoint} cannot be read: {error.strerror}. Nothing was restored.",
            next_step="Give --checkpoint a file that this user may read.",
        ) from error
    except BadNote as error:
        raise Invalid(
            f"{checkpoint} is not a checkpoint of this center's log: {error.detail}. Nothing was restored.",
            next_step="Give --checkpoint the newest one that somebody outside holds, as it was handed to them.",
        ) from error


def _log_key(told: RestoreTold) -> VerifierKey:
    """The key that the backup of the log names, if it is the one among the backup's keys: a backup cannot vouch for itself."""
    public, signing = told.log / "key.pub", told.keys / "ledger.key"
    try:
        key = VerifierKey.parse(public.read_text())
        private = load_pem_private_key(signing.read_bytes(), password=None)
    except OSError as error:
        raise Invalid(
            f"No checkpoint can be judged: {error.filename} cannot be read: {error.strerror}. Nothing was restored.",
            next_step="Put back what is missing in the backup; if its log was never signed, leave --checkpoint out.",
        ) from error
    except (ValueError, TypeError, UnsupportedAlgorithm, Invalid) as error:
        raise Invalid(
            f"No checkpoint can be judged: {public} or {signing} does not hold a log's key. "
            "Nothing was restored.",
            next_step="Take both from an undamaged backup of this center.",
        ) from error
    if not isinstance(private, Ed25519PrivateKey) or verifier_of(key.name, private) != key:
        raise Invalid(
            f"{public} is not the public half of {signing}. Nothing was restored.",
            next_step="Restore the state and the keys from backups of the same center.",
        )
    return key


async def invite(settings: Settings, name: str) -> str:
    """A one-time link for a registered person, from this machine's terminal. Raises NotFound."""
    endpoints, clock = Endpoints.read(settings.data), SystemClock()
    async with as_owner(endpoints.dsn("wf_owner")) as connection:
        return f"{endpoints.http}/invitation#{await invite_from_terminal(connection, name, now=clock.now())}"
