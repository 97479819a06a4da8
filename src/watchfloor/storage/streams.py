"""What the bus keeps for a while: the intake buffer, on disk, one in memory for what nothing may keep, and what devices send over MQTT.

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
# The server's own store of what comes over MQTT with QoS 1: it acknowledges what is in there, so that is what is taken from. A stream of
# ours beside it would hear the same a moment later, and miss what was acknowledged when the server is killed between.
SENSORS: Final = "$MQTT_msgs"
SENSORS_SUBJECTS: Final = "$MQTT.msgs"
SENSORS_MB: Final = 192
# What is older is refused whoever takes it: a day, and an hour for what waited at the door.
SENSORS_FOR: Final = timedelta(hours=25)
_RETAINED_MB: Final = 8
MOST_OF_ONE_SENSOR: Final = 5000
"""So many messages of one device may wait, well over an hour of one a second: a device that floods crowds out nobody else."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of a buffer: not yet acknowledged. `tries` counts deliveries, this one included; `stored_at` is when the bus took it."""

    subject: str
    payload: bytes = field(repr=False)
    sequence: int
    tries: int
    stored_at: datetime | None = None


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


def sensors() -> StreamConfig:
    """What devices sent over MQTT: on disk, gone once it is taken. When it is full nothing is acknowledged: the device sends it again."""
    return StreamConfig(
        name=SENSORS,
        subjects=[f"{SENSORS_SUBJECTS}.>"],
        retention=RetentionPolicy.INTEREST,
        discard=DiscardPolicy.NEW,
        discard_new_per_subject=True,
        storage=StorageType.FILE,
        max_bytes=SENSORS_MB * _MB,
        max_age=SENSORS_FOR.total_seconds(),
        max_msgs_per_subject=MOST_OF_ONE_SENSOR,
    )


def retained() -> StreamConfig:
    """Where the server keeps what a device asks it to retain. Nobody reads it: the oldest goes when it is full."""
    return StreamConfig(
        name="$MQTT_rmsgs",
        subjects=["$MQTT.rmsgs.>"],
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        storage=StorageType.FILE,
        max_bytes=_RETAINED_MB * _MB,
        max_msgs_per_subject=1,
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
    # As it is otherwise: the server makes some of them itself, and adds to them what a newer version needs.
    limits = {
        name: limit
        for name in ("max_bytes", "max_age", "discard", "discard_new_per_subject", "max_msgs_per_subject")
        if (limit := getattr(wanted, name)) is not None and limit != getattr(found.config, name)
    }
    if limits:
        await js.update_stream(found.config.evolve(**limits))
