"""What the database says when it cannot, in words for people: away, full, out of memory, too slow, or not for us. It knows no table."""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg import errors

from watchfloor.kit.errors import Crossed, Full, Unavailable, WatchfloorError

DISK_FULL: Final = "The database's disk is full; nothing was kept."
# A connection that is refused has no code, only PostgreSQL's own words; which say what to do.
_AT_THE_DOOR: Final = (
    (("too many clients", "remaining connection slots", "too many connections"), "database_connections"),
    (("authentication failed", "no pg_hba.conf entry", "is not permitted to log in"), "database_login"),
    (("no space left on device",), "database_disk"),
    (("out of memory",), "database_memory"),
)
_SAID: Final[dict[str, tuple[str, str, int]]] = {
    "database_memory": (
        "The database has no memory left for this.",
        "Look what else takes memory on its machine, or give it more; what is running goes on.",
        5,
    ),
    "database_connections": (
        "The database lets no more connections in.",
        "End what else is connected to it, or raise its max_connections.",
        5,
    ),
    "database_login": (
        "The database does not let this process in.",
        "Its roles and passwords are in keys/ of the data directory; see `watchfloor check`.",
        10,
    ),
    "database_disk": (
        "The database cannot read or write its disk.",
        "See its log and the disk's; what is on a failing disk must be copied away.",
        10,
    ),
    "database_slow": (
        "The database took too long over this and was stopped.",
        "It is tried again; if this lasts, see what else the database is doing.",
        5,
    ),
    "database_away": (
        "The database does not answer at present.",
        "It is started again by itself; if this lasts, run `watchfloor check`.",
        2,
    ),
}
CANNOT: Final = frozenset(_SAID)
"""The reasons for which nothing can be asked of the database at present, though nobody is at fault."""


def said_plainly(error: psycopg.OperationalError | psycopg.InterfaceError) -> WatchfloorError:
    """The failure as people are told of it, and as callers tell them apart: by its class, then by its reason."""
    match error:
        case errors.SerializationFailure() | errors.DeadlockDetected():
            return Crossed("Somebody changed the same thing at the same moment.", next_step="Try again.")
        case errors.DiskFull():
            return Full(DISK_FULL, next_step="Make room; see `watchfloor check`.", retry_after_s=5)
        case errors.OutOfMemory():
            return unavailable("database_memory")
        case errors.TooManyConnections() | errors.ConfigurationLimitExceeded():
            return unavailable("database_connections")
        case errors.InvalidPassword() | errors.InvalidAuthorizationSpecification():
            return unavailable("database_login")
        case errors.IoError():
            return unavailable("database_disk")
        case errors.QueryCanceled() | errors.LockNotAvailable():
            return unavailable("database_slow")
        case _:
            return unavailable(_at_the_door(error) if error.sqlstate is None else "database_away")


def unavailable(reason: str) -> Unavailable:
    """What people are told of one of `CANNOT`; of another reason, that the database is away."""
    reason = reason if reason in CANNOT else "database_away"
    sentence, next_step, retry_after_s = _SAID[reason]
    return Unavailable(sentence, reason=reason, next_step=next_step, retry_after_s=retry_after_s)


def _at_the_door(error: psycopg.Error) -> str:
    words = str(error).lower()
    return next(
        (reason for said, reason in _AT_THE_DOOR if any(one in words for one in said)), "database_away"
    )
