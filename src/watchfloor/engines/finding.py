"""What `watchfloor check` says: what is wrong, what that means for the room, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Protocol


class Said(Protocol):
    """A finding of another part: the log's, for one."""

    @property
    def what(self) -> str: ...
    @property
    def so_what(self) -> str: ...
    @property
    def do(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, what it means for the room, and what to do."""

    what: str
    so_what: str
    do: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)
