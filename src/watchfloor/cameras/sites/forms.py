"""What the routes of sites answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.cameras.forms import CameraState
from watchfloor.cameras.partners.model import OfferVerdict
from watchfloor.cameras.sites.model import SiteKind
from watchfloor.cameras.transport import Transport
from watchfloor.governance.inner_forms import CameraId, SiteId, StatusLevel


class SiteCamera(TypedDict):
    """A camera of a site, by its channel there, and how it is."""

    id: CameraId
    channel: str
    name: str
    state: CameraState


class Site(TypedDict):
    """A site and how its cameras are; never its login. `level` is that of the worst of them in use."""

    id: SiteId
    name: str
    kind: SiteKind
    place: Annotated[str, Field(description="Where it is, in words.")]
    lat: float | None
    lon: float | None
    address: str
    stream: Annotated[
        str,
        Field(
            description="The path of a channel's main stream, with {channel}; empty: as its recorder tells."
        ),
    ]
    sub_stream: str | None
    replay: Annotated[str | None, Field(description="The path of what it recorded of a channel.")]
    transport: Annotated[Transport, Field(description="Over what the pictures of its cameras come.")]
    certificate: Annotated[
        str | None, Field(description="What its certificate is known by: a fingerprint, or authorities.")
    ]
    device: Annotated[str | None, Field(description="Where it speaks ONVIF, and says what it recorded.")]
    channels_free: Annotated[
        list[str],
        Field(description="Channels that its recorder told of by ONVIF, and at which no camera is."),
    ]
    has_login: bool
    cameras: int
    level: StatusLevel
    says: Annotated[str, Field(description="How its cameras are, in a sentence.")]
    version: int


class SiteAnswer(TypedDict):
    """What a site sent of a channel that was tried."""

    channel: str
    width: int
    height: int
    codec: str


class RecorderChannel(TypedDict):
    """A camera that a recorder tells of by ONVIF: its channel here, what the recorder calls it, and its main stream. `free`: no camera of
    the registry is at it."""

    channel: str
    source: str
    width: int
    height: int
    codec: str
    free: bool


class RecorderAnswer(TypedDict):
    """Which cameras a recorder has, the address of all its streams, and in sentences what it said that is not followed."""

    address: str
    channels: list[RecorderChannel]
    remarks: list[str]


class CenterAnswer(TypedDict):
    """What another center that was tried calls itself, and how many cameras it offers to us."""

    center: str
    offered: int


class SiteOffer(TypedDict):
    """A camera that another center offers, or offered (`gone`), beside what the registry has of it; `word` is how it is there."""

    channel: str
    name: Annotated[str, Field(description="What it is or would be called here.")]
    verdict: OfferVerdict
    place: str
    word: str
    id: CameraId | None
    lent_until: Annotated[
        datetime | None, Field(description="Until when it may be recorded here; null where it may not.")
    ]


class SiteOffers(TypedDict):
    """What another center offers: how many are new, changed since they were brought in, and not offered any more."""

    new: int
    changed: int
    gone: int
    offers: list[SiteOffer]


class SiteChannel(TypedDict):
    """A camera of a batch: what it is called, and why it is not added, or null."""

    channel: str
    name: str
    refused: str | None


class SiteChannels(TypedDict):
    """What a batch comes to, channel by channel, and how many are added."""

    added: int
    channels: list[SiteChannel]
