"""What the door is told by those above it. Values; the door asks, and decides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from watchfloor.governance.agreement_store import OpenIncidents
from watchfloor.governance.model import Ended
from watchfloor.governance.moving import Whereabouts
from watchfloor.governance.words import CaseKind
from watchfloor.storage.tx import Tx

CaseStanding = Callable[[Tx, UUID], Awaitable[bool | Ended]]
StillValid = Callable[[Tx, UUID], Awaitable[str | None]]
Stays = Callable[[Tx, UUID], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class DoorRules:
    """What the door is told: which cases and incidents are open, who is signed in, what stays at a locked screen, where
    things that move stand."""

    cases: Mapping[CaseKind, CaseStanding]
    still_valid: StillValid
    second_factor_required: bool
    stays: Stays | None = None
    incidents: OpenIncidents | None = None
    whereabouts: Whereabouts | None = None
