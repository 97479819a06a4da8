"""What waits to be looked at: of each camera the newest picture alone, and the camera next that waited longest. Pure.

A picture that comes while another of its camera waits takes its place: what is dropped is the older one, and it is told.
"""

from __future__ import annotations

from typing import Final, Generic, TypeVar
from uuid import UUID

T = TypeVar("T")


class Waiting(Generic[T]):
    """The newest picture of each camera."""

    def __init__(self) -> None:
        self._shots: dict[UUID, T] = {}
        self._turns: dict[UUID, int] = {}
        self._turn = 0

    def offer(self, camera: UUID, shot: T) -> bool:
        """Let it wait; whether another of the same camera was dropped for it."""
        dropped = camera in self._shots
        self._shots[camera] = shot
        return dropped

    def take(self) -> tuple[UUID, T] | None:
        """The picture of the camera whose turn is longest ago; None where nothing waits."""
        if not self._shots:
            return None
        camera = min(self._shots, key=lambda one: self._turns.get(one, -1))
        self._turn += 1
        self._turns[camera] = self._turn
        return camera, self._shots.pop(camera)

    def drop(self, camera: UUID) -> bool:
        """Forget a camera; whether a picture of it waited."""
        self._turns.pop(camera, None)
        return self._shots.pop(camera, None) is not None

    def __contains__(self, camera: UUID) -> bool:
        return camera in self._shots

    def __len__(self) -> int:
        return len(self._shots)


_LONGEST_DEBT_S: Final = 10.0


class Budget:
    """How much CPU looking may take: `cores` of them on the average, reckoned from what each look took."""

    def __init__(self, cores: float) -> None:
        self._cores = cores
        self._free_at = 0.0

    def spent(self, cpu_s: float, now: float) -> None:
        """A look took so much, and ends at this moment of the monotonic clock, in seconds."""
        begun = max(self._free_at, now - cpu_s)
        self._free_at = min(begun + cpu_s / self._cores, now + _LONGEST_DEBT_S)

    def wait_s(self, now: float) -> float:
        """How long until the next look may begin."""
        return max(0.0, self._free_at - now)
