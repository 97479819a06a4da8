"""What all posts of a recorder share. It does nothing."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from watchfloor.cameras.address import Networks, Resolve
from watchfloor.cameras.boxes.session import Way
from watchfloor.cameras.follow import Follower
from watchfloor.cameras.partners.book import PartnerBook
from watchfloor.kit.clock import Clock
from watchfloor.recordings.finish import Finisher
from watchfloor.recordings.keystore import Keystore
from watchfloor.recordings.room import Room


@dataclass(frozen=True, slots=True)
class Tools:
    """What all posts of a recorder share."""

    worker: UUID
    clock: Clock
    chance: random.Random
    gate: threading.BoundedSemaphore
    follower: Follower
    keystore: Keystore
    room: Room
    finisher: Finisher
    networks: Networks
    resolve: Resolve
    folder: Callable[[UUID], Path]
    stall_after_s: float
    segment_us: int
    through: Way | None = None
    """How a camera behind an edge box is reached, or its sub stream; None where no box can be."""
    partners: PartnerBook = field(default_factory=PartnerBook)
