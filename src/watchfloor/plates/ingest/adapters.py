"""The table of adapters: which forms readers may send, and how much at once. A new vendor is a line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from watchfloor.plates.ingest import openalpr, plain
from watchfloor.plates.ingest.claim import Parse


@dataclass(frozen=True, slots=True)
class Adapter:
    """One vendor's form. `most_bytes` bounds the body before anything of it is read."""

    name: str
    parse: Parse
    most_bytes: int


ADAPTERS: Final[Mapping[str, Adapter]] = {
    adapter.name: adapter
    for adapter in (
        Adapter("plain", plain.parse, 1024 * 1024),
        # The agent can send a vehicle crop, a plate crop and an overview, all base64 in one message.
        Adapter("openalpr", openalpr.parse, 4 * 1024 * 1024),
    )
}
