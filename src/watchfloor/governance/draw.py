"""Which searches are drawn for a review outside the room: by a public rule, from the log alone. Pure.

A period of an agency's log ends with an entry that says so. The root of the tree up to and with that entry is what the draw
rests on: nobody knew it when they searched, nobody can choose it afterwards, and whoever has the log can draw again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json

CLOSED: Final = "look_ups.closed"
DRAWN: Final = "look_ups.drawn"
REVIEWED: Final = "look_up.reviewed"
WHOLE_PPM: Final = 1_000_000
# What counts as a search: to look at one read that was found is none.
SEARCHES: Final = tuple(
    one.word for one in (Need.PLATES_SEARCH, Need.WATCH_PROPOSE, Need.CO_TRAVEL_ASK, Need.FOLLOW_START)
)
LOOKS_AT_ONE: Final = ("read",)
_RULE: Final = b"watchfloor look-up draw 1\0"


def is_search(leaf: Mapping[str, Json]) -> bool:
    """Whether a leaf of the log is a search that was allowed: of what is drawn from."""
    about = leaf.get("about")
    kind = about.get("kind") if isinstance(about, dict) else None
    return (
        leaf.get("kind") == "decision"
        and leaf.get("result") == "allowed"
        and leaf.get("need") in SEARCHES
        and kind not in LOOKS_AT_ONE
    )


def is_drawn(root: bytes, entry: UUID, share_ppm: int) -> bool:
    """Whether the search of this entry is drawn: the first eight bytes of SHA-256(rule, root, id) below the share."""
    digest = hashlib.sha256(_RULE + root + entry.bytes).digest()
    return int.from_bytes(digest[:8], "big") * WHOLE_PPM < share_ppm << 64


def digest_of(entries: Iterable[UUID]) -> str:
    """What the log says of a draw beside its numbers: hex SHA-256 over the ids that were drawn, in order."""
    return hashlib.sha256(b"".join(sorted(entry.bytes for entry in entries))).hexdigest()
