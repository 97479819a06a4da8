"""What the routes of evidence answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.cameras.forms import SeeingCamera
from watchfloor.evidence import model
from watchfloor.governance.forms import case_text, outside
from watchfloor.governance.inner_forms import (
    Acted,
    CameraId,
    CaseText,
    EntryId,
    EvidenceRequestId,
    ExportId,
    HoldId,
    OwnerId,
    ProposalId,
    PurposeWord,
    ReadId,
    ReceivedFileId,
    words,
)
from watchfloor.kit.clock import parse_rfc3339

STATES = (
    "asked", "refused", "lapsed", "waiting", "cutting", "ready", "stopped", "failed", "cancelled", "forgotten",
)  # fmt: skip


class ExportGap(TypedDict):
    """A time of a span that was not recorded, and why."""

    from_at: datetime
    to_at: datetime
    reason: str


class ExportMissing(TypedDict):
    """A time that was asked for and is in no clip, and why."""

    camera: CameraId
    camera_name: str
    from_at: datetime
    to_at: datetime
    reason: str


class ExportReadMissing(TypedDict):
    """A read that was asked for and is not here, or its picture is not; and why."""

    read: ReadId
    at: datetime
    reason: str


class ExportReads(TypedDict):
    """Plate reads that were asked for, and the search that found them."""

    search: EntryId
    reads: int
    pictures: Annotated[int, Field(description="How many of them had a picture when they were asked for.")]
    from_at: datetime
    to_at: datetime
    missing: list[ExportReadMissing]


class ExportSpan(TypedDict):
    """A time of a camera that was asked for."""

    camera: CameraId
    camera_name: str
    from_at: datetime
    to_at: datetime
    recorded_s: Annotated[int, Field(description="How much of it was recorded when it was asked for.")]
    at_site_s: Annotated[
        int,
        Field(description="How much of it is to be fetched from the camera’s site, as far as that has it."),
    ]
    gaps: list[ExportGap]


class CanvassPlace(TypedDict):
    """Where a camera stands, in the words a person would use and in degrees."""

    text: str
    lat: float
    lon: float


class CanvassCamera(SeeingCamera):
    """A camera that saw the area, with its best view of it, and what it recorded of the time; of its gaps the 20 longest."""

    place: CanvassPlace
    recorded_s: int
    gaps: list[ExportGap]


class CanvassOwner(TypedDict):
    """An owner who may be asked for what their camera has. `camera` where one of theirs saw it; else they are registered close by."""

    id: OwnerId
    camera: CameraId | None
    camera_name: str | None
    distance_m: Annotated[int, Field(description="From the middle of the area.")]
    state: Annotated[str | None, Field(description="How far the newest request about any of this time is.")]
    request: EvidenceRequestId | None


class Canvass(TypedDict):
    """The cameras that saw an area at a time, the best view first."""

    from_at: datetime
    to_at: datetime
    cameras: list[CanvassCamera]
    owners: list[CanvassOwner]
    owners_unplaced: Annotated[
        int, Field(description="Accepted owners who stand at no point of the map: no area finds them.")
    ]


class OfPartner(TypedDict):
    """A camera of another center: what it saw is preserved and exported there alone."""

    camera: CameraId
    name: str
    center: str


class Preserved(TypedDict):
    """What one act did: the holds, UTC days of which something may be forgotten already, owners asked, and the export or why not."""

    holds: list[HoldId]
    may_be_forgotten: list[str]
    from_sites: Annotated[
        int,
        Field(
            description="How many of the cameras keep their footage at their site: it is fetched from there."
        ),
    ]
    export: ExportId | None
    export_refused: str | None
    of_partners: Annotated[
        list[OfPartner],
        Field(
            description="Cameras of other centers: nothing of them is preserved or exported here; their people are asked."
        ),
    ]
    asked: Annotated[
        list[EvidenceSent], Field(description="The requests to owners, in the order they were named.")
    ]


class ExportProgress(TypedDict):
    """How far it is: the share from 0 to 1, the camera at hand, and how long it takes on at the pace so far."""

    share: float
    camera: str | None
    left_s: int | None
    said_at: datetime | None


class Export(TypedDict):
    """An export: what was asked for, who approved it, how far it is, what is in it and what is missing."""

    id: ExportId
    state: Annotated[str, words(*STATES)]
    state_text: str
    purpose: PurposeWord
    case: CaseText
    reason: str
    asked_by: Acted
    asked_at: datetime
    proposal: ProposalId
    open_until: datetime
    decided_by: Acted | None
    decided_at: datetime | None
    note: str
    spans: list[ExportSpan]
    of_reads: Annotated[
        ExportReads | None, Field(description="Of an export of plate reads, which has no spans.")
    ]
    progress: ExportProgress | None
    clips: int | None
    bytes: int | None
    manifest_sha256: str | None
    missing: list[ExportMissing]
    entry: Annotated[EntryId | None, Field(description="The log's entry of the approval.")]
    expires_at: datetime | None
    fetched: int


class ExportProof(TypedDict):
    """The log's entry of the making, as an extract, once the signed log holds it."""

    state: Annotated[str, words("waiting", "included")]
    extract: Mapping[str, object] | None


TEXTS = {
    "asked": "Waits for a second person.",
    "refused": "Refused.",
    "lapsed": "Nobody decided it in its time.",
    "waiting": "Approved; waits for its turn.",
    "cutting": "Is being made.",
    "ready": "Ready to fetch.",
    "stopped": "Stopped.",
    "failed": "Could not be made.",
    "cancelled": "Cancelled.",
    "forgotten": "Forgotten.",
}


def export_json(export: model.Export, names: Mapping[UUID, str], now: datetime) -> Export:
    """The outside form of an export."""
    running = export.state in ("waiting", "cutting")
    return {
        "id": outside("export", export.id),
        "state": export.state,
        "state_text": f"{TEXTS[export.state]} {export.said}".strip(),
        "purpose": export.purpose.word,
        "case": case_text(export.case),
        "reason": export.reason,
        "asked_by": _person(export.asked_by, names),
        "asked_at": export.asked_at,
        "proposal": outside("proposal", export.proposal),
        "open_until": export.asked_until,
        "decided_by": _person(export.decided_by, names) if export.decided_by else None,
        "decided_at": export.decided_at,
        "note": export.note,
        "spans": [_span(span) for span in export.spans],
        "of_reads": _reads(export),
        "progress": _progress(export, now) if running else None,
        "clips": export.clips,
        "bytes": export.size,
        "manifest_sha256": export.manifest_sha256,
        "missing": [
            {
                "camera": model.text_of(one["camera"]),
                "camera_name": model.text_of(one["camera_name"]),
                "from_at": parse_rfc3339(model.text_of(one["from"])),
                "to_at": parse_rfc3339(model.text_of(one["to"])),
                "reason": model.text_of(one["reason"]),
            }
            for one in export.missing
            if export.of_reads is None
        ],
        "entry": outside("entry", export.approval_entry) if export.approval_entry else None,
        "expires_at": export.expires_at,
        "fetched": export.fetched,
    }


def people_of(export: model.Export) -> list[UUID]:
    """Who acted in it."""
    return [one for one in (export.asked_by, export.decided_by) if one is not None]


def _progress(export: model.Export, now: datetime) -> ExportProgress:
    name = next((span.camera_name for span in export.spans if span.camera == export.doing), None)
    share = min(1.0, export.done_ms / export.total_ms) if export.total_ms else 0.0
    return {"share": share, "camera": name, "left_s": model.left_s(export, now), "said_at": export.said_at}


def _reads(export: model.Export) -> ExportReads | None:
    if export.of_reads is None:
        return None
    reads = export.of_reads.reads
    return {
        "search": outside("entry", export.of_reads.search),
        "reads": len(reads),
        "pictures": sum(one.picture_sha256 is not None for one in reads),
        "from_at": reads[0].at,
        "to_at": reads[-1].at,
        "missing": [
            {
                "read": model.text_of(one["read"]),
                "at": parse_rfc3339(model.text_of(one["from"])),
                "reason": model.text_of(one["reason"]),
            }
            for one in export.missing
        ],
    }


def _span(span: model.Span) -> ExportSpan:
    return {
        "camera": outside("camera", span.camera),
        "camera_name": span.camera_name,
        "from_at": span.from_at,
        "to_at": span.to_at,
        "recorded_s": span.recorded_ms // 1000,
        "at_site_s": span.at_site_ms // 1000,
        "gaps": [
            {
                "from_at": parse_rfc3339(model.text_of(gap["from"])),
                "to_at": parse_rfc3339(model.text_of(gap["to"])),
                "reason": model.text_of(gap["reason"]),
            }
            for gap in span.gaps
            if gap["reason"] not in model.OF_SITES
        ],
    }


def _person(person: UUID, names: Mapping[UUID, str]) -> Acted:
    return {"id": outside("person", person), "name": names.get(person)}


class EvidenceFile(TypedDict):
    """A file that was sent: `sha256` once all of it has come, with its entry in the log."""

    id: ReceivedFileId
    name: str
    size: int
    taken: int
    sha256: str | None
    received_at: datetime | None
    entry: EntryId | None


class EvidenceRequest(TypedDict):
    """Somebody is asked for what their camera has. Who it is, is not told here."""

    id: EvidenceRequestId
    case: str
    case_number: str
    purpose: str
    of: Annotated[str, words("owner", "witness")]
    camera: CameraId | None
    place: str
    from_at: datetime
    to_at: datetime
    words: str
    asked_by: Annotated[str, Field(description="The person who asked.")]
    asked_at: datetime
    expires_at: datetime
    reminded_at: datetime | None
    state: Annotated[str, words("asked", "seen", "declined", "received", "withdrawn", "lapsed")]
    open: Annotated[bool, Field(description="Whether its link still opens anything.")]
    files: list[EvidenceFile]


class EvidenceSent(TypedDict):
    """A request, and its link where no mail server brings it: shown this once."""

    request: EvidenceRequest
    link: str | None


class EvidenceAsked(TypedDict):
    """Everybody who was asked in one act."""

    items: list[EvidenceSent]


class EvidenceLink(TypedDict):
    """A new link to hand over, shown this once."""

    link: str
