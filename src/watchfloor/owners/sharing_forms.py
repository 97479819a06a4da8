"""What the routes of sharing answer: agreements, requests, uses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.agreement import Mode
from watchfloor.governance.inner_forms import (
    Acted,
    AgreementId,
    CameraId,
    EntryId,
    ProposalId,
    SharingRequestId,
    UseSealId,
    words,
)
from watchfloor.owners.uses import UseWay


class Window(TypedDict):
    """Hours of a weekday (0 is Monday), as 18:00; where `end` is not after `begin` they go on into the next day."""

    day: int
    begin: str
    end: str


class SharingAgreement(TypedDict):
    """What is offered to an owner or agreed about a camera. It holds once `agreed_at` is there and nothing ended it."""

    id: AgreementId
    camera: CameraId
    camera_name: str
    mode: Mode
    radius_m: int
    hours: Annotated[list[Window], Field(description="Empty for all hours.")]
    hours_words: str
    time_zone: str
    begins_at: datetime
    ends_at: datetime | None
    agreed_at: datetime | None
    suspended_at: datetime | None
    revoked_at: datetime | None
    shared: Annotated[bool, Field(description="Whether it covers this moment.")]
    why_not: str | None
    version: int


class SharingRequest(TypedDict):
    """Somebody asks an owner for a camera that is shared only after a yes. Who it was is not told."""

    id: SharingRequestId
    camera_name: str
    purpose: str
    minutes: int
    asked_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    yes: bool | None
    until: datetime | None


class OwnCameras(TypedDict):
    """What an owner sees of their own cameras."""

    sentence: Annotated[
        str, Field(description="How often they were looked at this month, how long, by whom, for what.")
    ]
    sealing: Annotated[str, Field(description="What the sentence and the list do not hold yet.")]
    agreements: list[SharingAgreement]
    requests: list[SharingRequest]


class CameraUse(TypedDict):
    """One look at an owner's camera or one export, by role and class of case. `index` is its place in the log."""

    entry: EntryId
    camera: CameraId
    camera_name: str
    at: datetime
    way: UseWay
    roles: list[str]
    purpose: str | None
    seconds: float
    of_from: Annotated[
        datetime | None, Field(description="Of what was recorded, the first that was shown or given.")
    ]
    of_to: datetime | None
    index: int | None
    sealed_at: Annotated[
        datetime | None, Field(description="From when it was sealed for a case, where it was.")
    ]
    sealed_until: datetime | None


class UseExtract(TypedDict):
    """An extract of the log: the entry, its place, the steps to the signed checkpoint. `watchfloor verify` checks the file."""

    format: str
    leaf: str
    index: int
    proof: list[str]
    checkpoint: str
    payload: None
    salt: None


class UseProof(TypedDict):
    """The proof of one use; while the log's next signature is awaited, or when the published log is wrong, there is none."""

    state: Annotated[str, words("waiting", "included", "broken")]
    trouble: str | None
    extract: UseExtract | None


class Asked(TypedDict):
    """An owner was asked, and until when an answer is waited for."""

    expires_at: datetime


class Sharing(TypedDict):
    """What is agreed about a camera of an owner, for those who use it; nothing of the owner."""

    agreed: bool
    mode: Mode | None
    hours: str | None
    shared: bool
    why_not: str | None
    next_step: str | None


class SealAsked(TypedDict):
    """The proposal that a second person decides."""

    proposal: ProposalId


class UseSeal(TypedDict):
    """A use of an owner's camera that two persons sealed for a case. Nothing of the owner."""

    id: UseSealId
    entry: EntryId
    camera: CameraId
    camera_name: str
    case: str
    case_number: str
    reason: str
    asked_by: Acted
    sealed_by: Acted
    sealed_at: datetime
    until: Annotated[datetime, Field(description="When it is told; nothing moves it out.")]
    told_at: Annotated[datetime | None, Field(description="When the owner was written.")]
    sealed: Annotated[bool, Field(description="Whether the owner is not told of it at present.")]
