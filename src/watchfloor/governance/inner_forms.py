"""Forms that stand inside others in what the API answers: ids, words of the closed lists, a person, a place. No rule."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType, TypedDict

from watchfloor.governance.forms import CASE_PREFIX, PREFIX
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose as _Purpose

_ID: Final = "[0-9A-HJKMNP-TV-Z]{26}"


# Patterns and lists of words are for the document alone: what is sent is checked where it is understood.
def _pattern(text: str) -> FieldInfo:
    described: FieldInfo = Field(json_schema_extra={"pattern": text})
    return described


def _id(kind: str) -> FieldInfo:
    return _pattern(f"^{PREFIX[kind]}_{_ID}$")


def words(*known: str) -> FieldInfo:
    """A closed list of words, where the code holds them as text."""
    described: FieldInfo = Field(json_schema_extra={"enum": list(known)})
    return described


AgencyId = Annotated[str, _id("agency")]
PersonId = Annotated[str, _id("person")]
AuthorisationId = Annotated[str, _id("authorisation")]
ProposalId = Annotated[str, _id("proposal")]
CaseId = Annotated[str, _id("case")]
CallId = Annotated[str, _id("call")]
CameraId = Annotated[str, _id("camera")]
SoundClipId = Annotated[str, _id("sound_clip")]
ReadId = Annotated[str, _id("read")]
ReaderId = Annotated[str, _id("reader")]
MicrophoneId = Annotated[str, _id("microphone")]
HotListId = Annotated[str, _id("hot_list")]
ImportId = Annotated[str, _id("hot_list_import")]
HotListEntryId = Annotated[str, _id("hot_list_entry")]
HotListFileKindId = Annotated[str, _id("hot_list_file_kind")]
PlateWatchId = Annotated[str, _id("plate_watch")]
PlateHitId = Annotated[str, _id("plate_hit")]
AlertId = Annotated[str, _id("alert")]
IncidentId = Annotated[str, _id("incident")]
TrailerId = Annotated[str, _id("trailer")]
PlacementId = Annotated[str, _id("placement")]
BodyIssueId = Annotated[str, _id("body_issue")]
UnitId = Annotated[str, _id("unit")]
AssignmentId = Annotated[str, _id("assignment")]
OutcomeId = Annotated[str, _id("outcome")]
SoundId = Annotated[str, _id("sound")]
SoundOutcomeId = Annotated[str, _id("sound_outcome")]
CameraImportId = Annotated[str, _id("camera_import")]
MaintenanceId = Annotated[str, _id("maintenance")]
EdgeBoxId = Annotated[str, _id("edge_box")]
SiteId = Annotated[str, _id("site")]
WallId = Annotated[str, _id("wall")]
BookmarkId = Annotated[str, _id("bookmark")]
SightingId = Annotated[str, _id("sighting")]
FindingId = Annotated[str, _id("finding")]
CoTravelId = Annotated[str, _id("co_travel")]
MessageId = Annotated[str, _id("message")]
EntryId = Annotated[str, _id("entry")]
StreetMapId = Annotated[str, _id("street_map")]
BuildingMapId = Annotated[str, _id("building_map")]
WorkstationId = Annotated[str, _id("workstation")]
ExportId = Annotated[str, _id("export")]
HoldId = Annotated[str, _id("hold")]
OwnerId = Annotated[str, _id("owner")]
AgreementId = Annotated[str, _id("agreement")]
EvidenceRequestId = Annotated[str, _id("evidence_request")]
ReceivedFileId = Annotated[str, _id("received_file")]
BorrowingId = Annotated[str, _id("borrowing")]
LendingId = Annotated[str, _id("lending")]
UseSealId = Annotated[str, _id("use_seal")]
LookUpReviewId = Annotated[str, _id("look_up_review")]
SharingRequestId = Annotated[str, _id("sharing_request")]
AnyId = Annotated[str, _pattern(f"^[a-z]+_{_ID}$")]

CaseText = Annotated[
    str,
    _pattern("^(" + "|".join(f"{kind.value}:{prefix}" for kind, prefix in CASE_PREFIX.items()) + f")_{_ID}$"),
]
"""A case as `kind:id`."""
PurposeWord = TypeAliasType("PurposeWord", Annotated[str, words(*(purpose.word for purpose in _Purpose))])
NeedWord = TypeAliasType("NeedWord", Annotated[str, words(*(need.word for need in Need))])
StatusLevel = TypeAliasType(
    "StatusLevel", Annotated[str, words("off", "standby", "normal", "caution", "serious", "critical")]
)


class Named(TypedDict):
    """A person by id and name."""

    id: PersonId
    name: str


class Acted(TypedDict):
    """A person who acted; the name is null where it is not known here."""

    id: PersonId
    name: str | None


class Token(TypedDict):
    """A device's token, shown this once."""

    token: str


class Place(TypedDict):
    """A place in the words a person would use, and where it is, in degrees, when that is known."""

    text: str
    lat: float | None
    lon: float | None
