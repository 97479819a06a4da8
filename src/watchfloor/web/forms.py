"""What the web itself answers: health, a problem, and the messages of the events socket."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import AuthorisationId, EntryId, PersonId, words
from watchfloor.kit.errors import Kind


class Health(TypedDict):
    """That this process answers."""

    ok: bool
    version: str
    at: datetime


class Ready(TypedDict):
    """Whether each engine answers, by its name; which one does not, and what to do, where one does not."""

    ready: bool
    engines: dict[str, bool]
    detail: NotRequired[str]
    next_step: NotRequired[str]


class FieldProblem(TypedDict):
    """A field that cannot be taken, by its dotted name in the body, and why."""

    field: str | None
    detail: str


class Problem(TypedDict):
    """Why something was not done, in words for a person."""

    kind: Annotated[str, words(*(kind.word for kind in Kind), "bug")]
    reason: str
    detail: str
    next_step: str | None
    request_id: str
    fields: Annotated[NotRequired[list[FieldProblem]], Field(description="Only with `invalid`.")]
    retry_after_s: Annotated[
        NotRequired[int], Field(description="Only with `too_many`, `full` and `unavailable`.")
    ]
    entry: Annotated[
        NotRequired[EntryId | None], Field(description="Only with `refused`: the refusal's entry in the log.")
    ]
    nearest: Annotated[
        NotRequired[AuthorisationId | None],
        Field(description="Only with `refused`: the authorisation that comes nearest to allowing it."),
    ]


class EventsSubscribe(TypedDict):
    """Said by the client: follow a topic, from the start or after what was heard last (`[epoch, seq]`)."""

    op: Literal["sub"]
    id: str
    topic: str
    after: NotRequired[list[int] | None]
    together: Annotated[NotRequired[bool], Field(description="Changes found at once come as one `many`.")]


class EventsUnsubscribe(TypedDict):
    """Said by the client: follow it no more."""

    op: Literal["unsub"]
    id: str


class EventsSnapshot(TypedDict):
    """The whole list. Its order says nothing."""

    op: Literal["snapshot"]
    id: str
    epoch: int
    seq: int
    items: list[Mapping[str, object]]


class EventsChanged(TypedDict):
    """A new or changed item, whole, known by its `id`."""

    op: Literal["put"]
    epoch: int
    seq: int
    item: Mapping[str, object]


class EventsGone(TypedDict):
    """The item whose `id` is `key` is gone from the list."""

    op: Literal["delete"]
    epoch: int
    seq: int
    key: str


class EventsPut(EventsChanged):
    """A change that came alone."""

    id: str


class EventsDelete(EventsGone):
    """An item that went alone."""

    id: str


class EventsMany(TypedDict):
    """Changes that were found at once, in their order; only to who said `together`. They carry no `id` of their own."""

    op: Literal["many"]
    id: str
    messages: list[EventsChanged | EventsGone]


class EventsDenied(TypedDict):
    """This subscription is over, or never began; without an `id` the message was not understood."""

    op: Literal["denied"]
    id: str | None
    reason: str
    detail: str
    next_step: str | None


class EventsBeat(TypedDict):
    """Every 5 s: the server's time."""

    op: Literal["beat"]
    at: datetime


class EventsHands(TypedDict):
    """Said by the client, every 4 s while it follows `hands`: what its person has open now."""

    op: Literal["hands"]
    has: Annotated[list[str], Field(description="Each as `kind:id` of an alert, an incident or a camera.")]


class Hand(TypedDict):
    """What one person has in hand now. Gone ten seconds after their console was last heard; kept nowhere."""

    id: PersonId
    name: str
    has: Annotated[dict[str, datetime], Field(description="Since when, by the thing's `kind:id`.")]
    heard_at: datetime


CLIENT = EventsSubscribe | EventsUnsubscribe | EventsHands
SERVER = EventsSnapshot | EventsPut | EventsDelete | EventsMany | EventsDenied | EventsBeat
