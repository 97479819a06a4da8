"""The words of evidence: an export, its spans, its clips, what is missing of them. Values and pure functions only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NewType, cast
from uuid import UUID

from watchfloor.cameras.cover import OPEN, Cover
from watchfloor.cameras.details import FootageKept
from watchfloor.cameras.masks import WHOLE, Mask, told_corners
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.model import is_far
from watchfloor.governance.forms import case_text, outside
from watchfloor.governance.model import Case
from watchfloor.governance.words import Purpose, TechnologyKind
from watchfloor.kit.canonical import Json, canonical
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.recordings.coverage import NOT_BEGUN, UNKNOWN
from watchfloor.recordings.model import GAP_SENTENCES, GapReason, at, us
from watchfloor.recordings.play import Range, missing

ExportId = NewType("ExportId", UUID)

MOST_SPANS: Final = 32
LONGEST_SPAN: Final = timedelta(hours=24)
LONGEST_IN_ALL: Final = timedelta(hours=72)
MOST_GAPS: Final = 200
AT_SITE: Final = "Kept at its site: fetched from there when an export is made."
MAY_BE_AT_SITE: Final = "Not recorded here. Its site may have it, and is asked when an export is made."
# What is not here and is asked for at a site.
OF_SITES: Final = frozenset({AT_SITE, MAY_BE_AT_SITE})
NO_SITE: Final = "Its site cannot be asked from here for what it keeps: ask there."
_EVER_US: Final = 2**62
FORGOTTEN: Final = "Its retention had ended, and it was forgotten."
NO_MASK: Final = "No mask was applied: none is set for what this clip shows."
BY_DEVICE: Final = "No mask was applied here: the camera itself masks what it sends."
BY_ORDER: Final = "No mask was applied: the export is for a court’s order."
MASKED: Final = "Masks were applied: the pictures were decoded, painted over and coded anew."
DWELLING: Final = "All of the picture is painted over while the camera was aimed at one dwelling for too long without a court’s order."
ALL_OF_IT: Final = "All of it is covered while the camera turned or stood where no mask is set, or was aimed at a dwelling for too long."


@dataclass(frozen=True, slots=True)
class Hole:
    """A time of which there is no footage, and why. Times are µs since 1970."""

    begin_us: int
    end_us: int
    reason: str

    def as_json(self) -> dict[str, Json]:
        """As it is kept and written into the manifest."""
        return {"from": rfc3339(at(self.begin_us)), "to": rfc3339(at(self.end_us)), "reason": self.reason}


@dataclass(frozen=True, slots=True)
class MasksOf:
    """The masks of a span's camera, what is painted over and when; `bare`: whoever asked may see beneath by a court's order."""

    masks: tuple[Mask, ...]
    cover: Cover
    bare: bool = False

    @property
    def painted(self) -> Cover:
        """What is painted over in this export."""
        return OPEN if self.bare else self.cover

    def said(self, begin_us: int, end_us: int) -> str:
        """What the manifest says of a clip of that time: what was done, or why nothing was."""
        shapes = self.painted.over(begin_us, end_us)
        if shapes:
            turns = any(mask.stand is not None for mask in self.masks)
            return f"{MASKED} {ALL_OF_IT if turns else DWELLING}" if WHOLE in shapes else MASKED
        if self.bare and (self.masks or self.cover.over(begin_us, end_us)):
            return BY_ORDER
        return BY_DEVICE if any(mask.held_at(at(begin_us)) for mask in self.masks) else NO_MASK

    def as_json(self, begin_us: int, end_us: int) -> list[dict[str, Json]] | None:
        """The masks that are painted over in a clip of that time, as the manifest has them: by no name, which may say whose home it is."""
        shapes = self.painted.over(begin_us, end_us)
        each: list[dict[str, Json]] = [
            {"id": outside("mask", mask.id), "corners": told_corners(mask.shape)}
            for mask in self.masks
            if mask.shape in shapes
        ]
        return each or None


@dataclass(frozen=True, slots=True)
class Span:
    """A time of a camera that is asked for; the camera is told as it was when it was asked for."""

    camera: UUID
    camera_name: str
    technology: TechnologyKind
    place: Point
    from_at: datetime
    to_at: datetime
    recorded_ms: int = 0
    gaps: tuple[Mapping[str, Json], ...] = ()
    unmasked: bool = False
    """Whether the door let whoever asked see beneath masks."""

    @property
    def at_site_ms(self) -> int:
        """How much of it was known to be asked for at a site."""
        own = [one for one in self.gaps if one["reason"] in OF_SITES]
        return sum(
            (parse_rfc3339(text_of(one["to"])) - parse_rfc3339(text_of(one["from"])))
            // timedelta(milliseconds=1)
            for one in own
        )

    @property
    def length_ms(self) -> int:
        return (self.to_at - self.from_at) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class ReadAsked:
    """A read that is asked for, and what it was then: the SHA-256 of its row, and its picture's, hexadecimal."""

    at: datetime
    number: int
    id: str
    row_sha256: str
    picture_sha256: str | None

    def as_json(self) -> dict[str, Json]:
        """As the log's entry of the approval binds it."""
        return {
            "read": self.id,
            "at": rfc3339(self.at),
            "row_sha256": self.row_sha256,
            "picture_sha256": self.picture_sha256,
        }


@dataclass(frozen=True, slots=True)
class ReadsAsked:
    """Reads that are asked for, and the search that found them."""

    search: UUID
    reads: tuple[ReadAsked, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """An export as it stands. `state` is that of the work, or of the proposal before anybody approved it; `said` explains it."""

    id: ExportId
    proposal: UUID
    purpose: Purpose
    case: Case
    reason: str
    asked_by: UUID
    asked_at: datetime
    asked_until: datetime
    state: str
    said: str
    decided_by: UUID | None
    decided_at: datetime | None
    note: str
    approval_entry: UUID | None
    began_at: datetime | None
    said_at: datetime | None
    done_ms: int
    total_ms: int
    doing: UUID | None
    ended_at: datetime | None
    expires_at: datetime | None
    size: int | None
    clips: int | None
    manifest_sha256: str | None
    made_entry: UUID | None
    missing: tuple[Mapping[str, Json], ...]
    fetched: int
    spans: tuple[Span, ...]
    of_reads: ReadsAsked | None = None
    """Of an export of plate reads: what was asked for. It has no spans."""

    @property
    def cameras(self) -> tuple[Span, ...]:
        """The first span of each camera."""
        return tuple({span.camera: span for span in reversed(self.spans)}.values())[::-1]


def check_spans(spans: Sequence[tuple[datetime, datetime]], now: datetime) -> None:
    """Raises Invalid, its reason naming the field, unless these times can be asked for."""
    if not 1 <= len(spans) <= MOST_SPANS:
        raise Invalid(f"An export is of 1 to {MOST_SPANS} spans.", reason="spans")
    for from_at, to_at in spans:
        if to_at <= from_at:
            raise Invalid("A span ends after it begins.", reason="spans")
        if to_at > now:
            raise Invalid(
                "A span ends in the past: what is not recorded yet cannot be exported.", reason="spans"
            )
        if to_at - from_at > LONGEST_SPAN:
            raise Invalid("One span is of 24 hours at most.", reason="spans")
    if sum((to_at - from_at for from_at, to_at in spans), timedelta(0)) > LONGEST_IN_ALL:
        raise Invalid("One export is of 72 hours of video at most.", reason="spans")


def holes(
    whole: Sequence[Range],
    known: Sequence[Hole],
    gaps: Sequence[tuple[int, int, GapReason]],
    forgotten: Sequence[str],
    *,
    begin_us: int,
    end_us: int,
) -> list[Hole]:
    """What of [begin, end) is missing, and why: by what was `known` of it, else by the gap that explains most of it."""
    reasons = [*known, *(Hole(a, b, GAP_SENTENCES[reason]) for a, b, reason in gaps)]

    def why(begin: int, end: int) -> str:
        def shared(one: Hole) -> int:
            return min(one.end_us, end) - max(one.begin_us, begin)

        best = max(reasons, key=shared, default=None)
        if best is not None and shared(best) > 0:
            return best.reason
        return FORGOTTEN if at(begin).astimezone(UTC).date().isoformat() in forgotten else UNKNOWN

    return [Hole(a, b, why(a, b)) for a, b in missing(whole, begin_us, end_us)]


def known_of(camera: Camera) -> list[Hole]:
    """What is known of what is missing of a camera here: the time before it was registered, and since then what its site keeps."""
    since = us(camera.created_at)
    elsewhere = {FootageKept.AT_SITE: AT_SITE, FootageKept.BOTH: MAY_BE_AT_SITE}.get(
        camera.details.footage_kept
    )
    if elsewhere is not None and is_far(camera):
        elsewhere = NO_SITE  # its people are asked, who export it under two persons of their own
    return [Hole(0, since, NOT_BEGUN), *([Hole(since, _EVER_US, elsewhere)] if elsewhere else [])]


def request_of(
    export: ExportId,
    purpose: Purpose,
    case: Case,
    reason: str,
    spans: Sequence[Span],
    reads: ReadsAsked | None = None,
) -> dict[str, Json]:
    """What is asked for, as the log's entry of the approval binds it and the manifest repeats it."""
    of_reads: dict[str, Json] = {}
    if reads is not None:
        asked = [one.as_json() for one in reads.reads]
        of_reads = {"search": outside("entry", reads.search), "reads": asked}
    return of_reads | {
        "export": outside("export", export),
        "purpose": purpose.word,
        "case": case_text(case),
        "reason": reason,
        "spans": [
            {
                "camera": outside("camera", span.camera),
                "name": span.camera_name,
                "from": rfc3339(span.from_at),
                "to": rfc3339(span.to_at),
                **({"unmasked": True} if span.unmasked else {}),
            }
            for span in spans
        ],
    }


def digest_of(request: Mapping[str, Json]) -> str:
    """The SHA-256 of the canonical request, hexadecimal."""
    return hashlib.sha256(canonical(request)).hexdigest()


def left_s(export: Export, now: datetime) -> int | None:
    """How long it takes on at the pace so far, in seconds; None before a pace is known."""
    if export.began_at is None or export.done_ms <= 0 or export.state != "cutting":
        return None
    gone = (now - export.began_at).total_seconds()
    return max(0, round(gone * (export.total_ms - export.done_ms) / export.done_ms))


def text_of(value: Json) -> str:
    """A field of JSON that holds a text."""
    return cast("str", value)
