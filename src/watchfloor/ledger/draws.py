"""Draws again, from a log's entries alone, which searches were to be reviewed outside the room, and holds that against what it says.

It trusts no number of the log's: the root, the searches and the draw are computed. What was not drawn, or otherwise, is a finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from watchfloor.governance.draw import (
    CLOSED,
    DRAWN,
    REVIEWED,
    digest_of,
    is_drawn,
    is_search,
)
from watchfloor.governance.extract import fields_of
from watchfloor.governance.merkle import leaf_hash
from watchfloor.governance.tiles import ENTRIES, WIDTH, Rows, decode_bundle, tile_at
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Invalid
from watchfloor.ledger.source import Source, read_tile
from watchfloor.ledger.walk import Finding

# What an entry must say somewhere to be looked at: all others are passed over unread.
_MARKS: Final = (CLOSED.encode(), DRAWN.encode(), REVIEWED.encode(), b'"kind":"decision"')


@dataclass(slots=True)
class Draws:
    """What came of drawing again: draws that are as the rule says, searches in them, those drawn, and verdicts by word."""

    right: int = 0
    searched: int = 0
    drawn: int = 0
    waiting: int = 0
    """Periods that ended and of which the log says no draw yet."""
    verdicts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The same for people."""
        words = ("proper", "improper", "cannot_tell")
        said = ", ".join(f"{self.verdicts[word]} {word.replace('_', ' ')}" for word in words)
        return [
            f"  Drawn again by the public rule: {self.right} draws are as the log says; of {self.searched} searches {self.drawn}"
            f" were to be reviewed outside the room; {self.waiting} periods wait for their draw.",
            f"  Verdicts on look-ups in the log: {said}.",
        ]

    def as_json(self) -> dict[str, Json]:
        """The same for programs."""
        return {
            "right": self.right,
            "searched": self.searched,
            "drawn": self.drawn,
            "waiting": self.waiting,
            "verdicts": dict(sorted(self.verdicts.items())),
        }


@dataclass(slots=True)
class _Period:
    """An agency's period that ended: what of it is to be drawn, and what the log must say of it."""

    place: int
    size: int
    searched: int
    drawn: list[UUID]

    def said_by(self, leaf: Mapping[str, Json]) -> bool:
        return (leaf.get("size"), leaf.get("searched"), leaf.get("drawn"), leaf.get("digest")) == (
            self.size,
            self.searched,
            len(self.drawn),
            digest_of(self.drawn),
        )


@dataclass(slots=True)
class _Agency:
    searches: list[UUID] = field(default_factory=list)
    ended: dict[str, _Period] = field(default_factory=dict)
    """Periods that wait for their draw, by the id of the entry that ended them."""


def draws(source: Source, size: int) -> Draws:
    """Draw again in the first `size` entries, which are as they were signed. Raises Invalid where they cannot be read.

    It needs memory for the searches of one period of each agency.
    """
    found, agencies, rows = Draws(), dict[str, _Agency](), Rows()
    for index in range(-(-size // WIDTH)):
        content = read_tile(source, tile_at(ENTRIES, index, size))
        if content is None:
            raise Invalid(f"the entries from {index * WIDTH} are missing")
        for leaf in decode_bundle(content):
            rows.append(leaf_hash(leaf))
            if any(mark in leaf for mark in _MARKS):
                fields = fields_of(leaf)
                agency = agencies.setdefault(str(fields.get("agency")), _Agency())
                _take(fields, agency, rows, found)
    found.waiting = sum(len(one.ended) for one in agencies.values())
    found.findings += [finding for one in agencies.values() for finding in _never_drawn(one)]
    return found


def _take(leaf: Mapping[str, Json], agency: _Agency, rows: Rows, found: Draws) -> None:
    if is_search(leaf):
        agency.searches.append(UUID(str(leaf["id"])))
        return
    if leaf.get("kind") != "effect":
        return
    match leaf.get("reason"):
        case reason if reason == CLOSED:
            agency.ended[str(leaf["id"])] = _period(leaf, agency, rows)
            agency.searches = []
        case reason if reason == DRAWN:
            _hold(leaf, agency, rows.size - 1, found)
        case reason if reason == REVIEWED:
            found.verdicts[str(leaf.get("verdict"))] += 1
        case _:
            pass


def _period(leaf: Mapping[str, Json], agency: _Agency, rows: Rows) -> _Period:
    root, share = rows.root(), leaf.get("share_ppm")
    share_ppm = share if isinstance(share, int) else 0
    drawn = [entry for entry in agency.searches if is_drawn(root, entry, share_ppm)]
    return _Period(rows.size - 1, rows.size, len(agency.searches), drawn)


def _hold(leaf: Mapping[str, Json], agency: _Agency, place: int, found: Draws) -> None:
    about = leaf.get("about")
    period = agency.ended.pop(str(about.get("id")), None) if isinstance(about, dict) else None
    if period is None:
        sentence = f"The draw at place {place} is of no period that ended before, or of one that was drawn of already."
        found.findings.append(Finding("draw_differs", sentence, place, place))
    elif not period.said_by(leaf):
        sentence = (
            f"The draw at place {place} is not what the rule gives: of {period.searched} searches {len(period.drawn)} were to be"
            " drawn, and the log says otherwise."
        )
        found.findings.append(Finding("draw_differs", sentence, place, place))
    else:
        found.right += 1
        found.searched += period.searched
        found.drawn += len(period.drawn)


def _never_drawn(agency: _Agency) -> Iterator[Finding]:
    """Of the periods without a draw the newest may be waiting; an older one was left out."""
    for period in sorted(agency.ended.values(), key=lambda one: one.place)[:-1]:
        sentence = f"Of the searches before place {period.place} none were ever drawn for review."
        yield Finding("draw_missing", sentence, period.place, period.place)
