"""One entry of the log as a value. What it may hold in the clear is decided in `audit.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from watchfloor.governance.model import About, EntryId
from watchfloor.kit.canonical import Json


@dataclass(frozen=True, slots=True)
class Entry:
    """One log entry before it is sequenced; `leaf` is what the tree holds."""

    id: EntryId
    agency: UUID
    at: datetime
    kind: str
    actor: UUID
    need: str | None
    result: str
    reason: str
    about: About | None
    case: UUID | None
    authorisation: UUID | None
    cause: UUID | None
    leaf: bytes
    salt: bytes | None = field(repr=False, default=None)
    payload: Mapping[str, Json] | None = field(repr=False, default=None)
