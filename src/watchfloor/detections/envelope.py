"""The one form of a message on the bus: who says what about which thing, and when. It carries ids, not what they hide.

News only: nothing is true because a message said so, and whoever listens polls as well. It knows no broker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from watchfloor.governance.model import About
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.kit.ids import uuid7

VERSION: Final = 1
# A message that is larger than this is none of ours.
MOST_BYTES: Final = 64 * 1024

Instant = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")]
NewsType = Annotated[str, msgspec.Meta(pattern=r"^[a-z_]+\.[a-z_]+\.[a-z_]+$", max_length=80)]
Subject = Annotated[str, msgspec.Meta(pattern=r"^[a-z_]+(:[0-9a-f-]{36})?$", max_length=80)]


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """`at` is when it happened, `recorded_at` when we wrote it down; `subject` is `kind:uuid`, the thing it is about.

    `cause_id` names the log entry or message it came from. `data` has the form that `type` names, kept raw until asked.
    """

    v: Literal[1] = 1
    id: UUID
    type: NewsType
    agency: UUID
    at: Instant
    recorded_at: Instant
    subject: Subject | None = None
    cause_id: UUID | None = None
    data: msgspec.Raw


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A thing changed; what it is now is asked of its own route or table. `version` where the thing has one."""

    id: UUID | None = None
    version: int | None = None


class InHand(Changed, frozen=True, kw_only=True):
    """What a person has open at a console, `kind:id` with since when; null: that console is gone. `server` is whose console."""

    server: UUID | None = None
    person: UUID | None = None
    has: dict[str, Instant] | None = None


# Each is published by the slice it names, and a test holds that.
NEWS: Final[Mapping[str, type[Changed]]] = {
    "governance.policy.changed": Changed,
    "governance.hold.changed": Changed,
    "cameras.camera.changed": Changed,
    "plates.hot_list.changed": Changed,
    "incidents.alert.changed": Changed,
    "incidents.incident.changed": Changed,
    "units.unit.changed": Changed,
    "trailers.trailer.changed": Changed,
    "dispatch.assignment.changed": Changed,
    "evidence.export.changed": Changed,
    "web.hands.changed": InHand,
}


class NotNews(Invalid):
    """The bytes are no message of ours; the detail says why."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, reason="not_news")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as its listener gets it."""

    id: UUID
    type: str
    agency: UUID
    at: datetime
    about: About | None
    news: Changed


def subject_of(agency: UUID, news_type: str) -> str:
    """The bus subject: `wf.v1.<agency>.<slice>.<noun>.<verb>`."""
    return f"wf.v{VERSION}.{agency}.{news_type}"


def written(
    news_type: str,
    agency: UUID,
    news: Changed,
    *,
    at: datetime,
    now: datetime,
    about: About | None = None,
    cause: UUID | None = None,
) -> bytes:
    """The message that says `news`. Raises ValueError when `news_type` is unknown or has another form."""
    if NEWS.get(news_type) is not type(news):
        raise ValueError(f"{news_type} is not news of the form {type(news).__name__}")
    subject = None if about is None else about.kind if about.id is None else f"{about.kind}:{about.id}"
    return _ENCODER.encode(
        Envelope(
            id=uuid7(now),
            type=news_type,
            agency=agency,
            at=rfc3339(at),
            recorded_at=rfc3339(now),
            subject=subject,
            cause_id=cause,
            data=msgspec.Raw(_ENCODER.encode(news)),
        )
    )


def heard(message: bytes) -> Heard:
    """What a message says. Unknown fields are passed over, so that newer senders are understood.

    Raises NotNews when it is malformed, of another version, or of a type that this program does not know.
    """
    if len(message) > MOST_BYTES:
        raise NotNews(f"a message has at most {MOST_BYTES} bytes, this has {len(message)}")
    try:
        envelope = _DECODER.decode(message)
        form = NEWS.get(envelope.type)
        if form is None:
            raise NotNews(f"there is no news called {envelope.type}")
        news = msgspec.json.decode(envelope.data, type=form)
        at = parse_rfc3339(envelope.at)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise NotNews(f"the message cannot be read: {error}") from error
    return Heard(envelope.id, envelope.type, envelope.agency, at, _about(envelope.subject), news)


def _about(subject: str | None) -> About | None:
    if subject is None:
        return None
    kind, _, thing = subject.partition(":")
    return About(kind, UUID(thing) if thing else None)


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Envelope)
