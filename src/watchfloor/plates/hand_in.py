"""Hands in what was read here, on video, by the way that vendors' reads take: picture first, then the buffer. It keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from watchfloor.governance.lease import Lease
from watchfloor.governance.model import AgencyId
from watchfloor.plates import picture, wire
from watchfloor.plates.ingest.claim import Claim
from watchfloor.plates.leave import is_short, shelf_of
from watchfloor.plates.model import ReaderId
from watchfloor.storage.nats import Bus
from watchfloor.storage.objects import Objects


@dataclass(frozen=True, slots=True)
class Hand:
    """Where reads are handed in."""

    bus: Bus
    objects: Objects

    async def reads(
        self, agency: AgencyId, reader: ReaderId, leave: Lease, claims: Sequence[Claim], now: datetime
    ) -> None:
        """When this returns they are in the buffer; sent again they are there once. Raises Full, Unavailable."""
        folder = picture.folder_of(agency, shelf_of(leave))
        kept = [
            replace(one, picture=await self.objects.put_content(folder, one.crop), crop=None)
            if one.crop
            else one
            for one in claims
        ]
        message, message_id = wire.message_of(agency, reader, kept, now)
        subject = wire.subject_of(reader, transient=is_short(leave))
        await self.bus.put(subject, message, message_id=message_id)
