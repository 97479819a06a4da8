"""What the bus keeps for a while: the intake buffer, on disk, and one in memory for what nothing may keep.

It says what they are; who puts and who takes is `nats.py`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import nats.js.errors
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.client import JetStreamContext

INTAKE: Final = "INTAKE"
TRANSIENT: Final = "TRANSIENT"
TRANSIENT_SUBJECTS: Final = "transient"
# The shortest time that a law names (New Hampshire, RSA 261:75-b), and what of it may pass waiting: the rest is for deleting.
TRANSIENT_FOR: Final = timedelta(minutes=3)
TRANSIENT_WAITS: Final = timedelta(seconds=150)
TRANSIENT_MB: Final = 32
_MB: Final = 1024 * 1024
SENT_AGAIN_S: Final = 120


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of the intake buffer: not yet acknowledged. `tries` counts deliveries, this one included."""

    subject: str
    payload: bytes = field(repr=False)
    sequence: int
    tries: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in the intake buffer, and when the first of it came."""

    messages: int = 0
    bytes: int = 0
    oldest_at: datetime | None = None


def intake(max_mb: int, replicas: int) -> StreamConfig:
    """A work queue on disk that refuses when it is full."""
    return StreamConfig(
        name=INTAKE,
        subjects=["intake.>"],
        retention=RetentionPolicy.WORK_QUEUE,
        discard=DiscardPolicy.NEW,
        storage=StorageType.FILE,
        max_bytes=max_mb * _MB,
        num_replicas=replicas,
        duplicate_window=SENT_AGAIN_S,
    )


def transient() -> StreamConfig:
    """The same in memory, where each message is gone after its time whether somebody took it or not. It dies with its server."""
    return StreamConfig(
        name=TRANSIENT,
        subjects=[f"{TRANSIENT_SUBJECTS}.>"],
        retention=RetentionPolicy.WORK_QUEUE,
        discard=DiscardPolicy.NEW,
        storage=StorageType.MEMORY,
        max_bytes=TRANSIENT_MB * _MB,
        max_age=TRANSIENT_WAITS.total_seconds(),
        duplicate_window=SENT_AGAIN_S,
    )


def is_transient(subject: str) -> bool:
    """Whether messages on this subject may be kept nowhere."""
    return subject.startswith(f"{TRANSIENT_SUBJECTS}.")


async def ensure(js: JetStreamContext, wanted: StreamConfig) -> None:
    """Make the stream, or bring it to this size."""
    try:
        found = await js.stream_info(wanted.name or "")
    except nats.js.errors.NotFoundError:
        await js.add_stream(wanted)
        return
    if found.config.max_bytes != wanted.max_bytes:
        await js.update_stream(wanted)
