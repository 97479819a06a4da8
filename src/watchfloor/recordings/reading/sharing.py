"""Which of the processes that read takes a camera: each reckons it alike from who is alive, and none has to ask another. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID


def is_mine(camera: UUID, me: UUID, alive: Sequence[UUID]) -> bool:
    """Whether this process takes the camera: of those alive, the one whose number beside the camera's is highest.

    When one comes or goes only its own share changes hands. For the seconds in which two see it differently a car may be told by both.
    """
    return max({*alive, me}, key=lambda worker: _weight(camera, worker)) == me


def _weight(camera: UUID, worker: UUID) -> bytes:
    return hashlib.blake2b(camera.bytes + worker.bytes, digest_size=16).digest()
