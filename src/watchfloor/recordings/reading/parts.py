"""What the process that reads plates on video is built from."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from watchfloor.cameras.mask_book import MaskBook
from watchfloor.governance.door import Door
from watchfloor.kit.clock import Clock
from watchfloor.plate_settings import ReadingSettings
from watchfloor.plates.hand_in import Hand


@dataclass(frozen=True, slots=True)
class ReadParts:
    """`tap_key` is the key that recorders know leave by; `tls` is what recorders on other machines know the process by."""

    door: Door
    clock: Clock
    agencies: Sequence[UUID]
    hand: Hand
    tap_key: bytes
    masks: MaskBook
    settings: ReadingSettings
    tls: ssl.SSLContext | None = None
