"""What is to be sent and was not acknowledged: pulses in memory, so many at most, the newest first. It talks to nobody."""

from __future__ import annotations

import base64
import json
import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

MOST_WAITING: Final = 20_000
"""Hours of a loud street; some megabytes."""
AT_ONCE: Final = 400
TOO_OLD: Final = timedelta(hours=23)
"""A center refuses what is a day old."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """One short loud sound, as it is sent. Levels in dB."""

    key: str
    at: datetime
    clock_bound_ms: float
    snr_db: float
    peak_db: float
    features: tuple[int, ...] = ()

    def form(self) -> dict[str, object]:
        """As JSON has it."""
        whole: dict[str, object] = {
            "id": self.key,
            "at": rfc3339(self.at),
            "clock_bound_ms": round(min(max(self.clock_bound_ms, 0.0), 60_000.0), 3),
            "snr_db": round(min(max(self.snr_db, -50.0), 200.0)),
            "peak_db": round(min(max(self.peak_db, 0.0), 250.0)),
        }
        return whole | {"features": list(self.features)} if self.features else whole


class Names:
    """Ids of pulses: no two alike, in this start or another."""

    def __init__(self) -> None:
        self._start = base64.b32encode(secrets.token_bytes(5)).decode().lower()
        self._count = 0

    def next(self) -> str:
        """Sixteen signs at most."""
        self._count += 1
        return f"{self._start}-{self._count % 16**7:x}"


class Outbox:
    """Pulses that wait. `dropped` counts those for which there was no room or no time."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._waiting: deque[Pulse] = deque()
        self._most = most
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, pulses: Sequence[Pulse]) -> None:
        """These wait; where there is no room, the oldest go."""
        self._waiting.extend(pulses)
        while len(self._waiting) > self._most:
            self._waiting.popleft()
            self.dropped += 1

    def next(self, now: datetime) -> tuple[Pulse, ...]:
        """The newest that wait, at most so many as a message holds; they wait until they are `sent`."""
        while self._waiting and now - self._waiting[0].at > TOO_OLD:
            self._waiting.popleft()
            self.dropped += 1
        newest = list(self._waiting)[-AT_ONCE:]
        return tuple(newest)

    def sent(self, pulses: Sequence[Pulse]) -> None:
        """These were acknowledged."""
        gone = {one.key for one in pulses}
        self._waiting = deque(one for one in self._waiting if one.key not in gone)


def message(sent_at: datetime, pulses: Sequence[Pulse], sensor: str) -> bytes:
    """What is published: these pulses, or without any that the sensor is there."""
    said = {"sent_at": rfc3339(sent_at), "microphone": sensor, "pulses": [one.form() for one in pulses]}
    return json.dumps(said, separators=(",", ":")).encode()


def rfc3339(moment: datetime) -> str:
    """With microseconds, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
