"""What the audit explorer answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import (
    AuthorisationId,
    CaseText,
    EntryId,
    PersonId,
    words,
)


class EntryActor(TypedDict):
    """Who asked: a person, a device or a process; the name is null when it is erased or not known."""

    id: PersonId
    kind: Annotated[str, words("person", "device", "process")]
    name: str | None


class Entry(TypedDict):
    """One decision or effect in the log; `sentence` says it in words, `about` is `kind:id`.

    Need, technology and purpose are words of the lists as they were then. What things are called is what they are called
    now, and null where that is not known or not for whoever asks.
    """

    id: EntryId
    at: datetime
    kind: Annotated[
        str,
        words(
            "decision",
            "effect",
            "lease",
            "grant_end",
            "revocation",
            "erasure",
            "summary",
            "receipt",
            "policy",
            "restore",
        ),
    ]
    actor: EntryActor
    need: str | None
    result: Annotated[
        str | None,
        Field(description="Of a decision `allowed` or `refused`; else a word of its own, or null."),
    ]
    reason: str | None
    sentence: str
    technology: str | None
    authorisation: AuthorisationId | None
    authorisation_title: str | None
    purpose: str | None
    case: CaseText | None
    case_name: str | None
    about: str | None
    about_name: str | None
    cause: EntryId | None
    leaf_index: int | None


class Condition(TypedDict):
    """One rule that was asked; `met` is null where it was not asked any more."""

    text: str
    met: bool | None


class Explanation(TypedDict):
    """Why it was allowed or refused: the rules in the order they were asked."""

    sentence: str
    conditions: list[Condition]


class Proof(TypedDict):
    """That the signed log holds the entry: `waiting` is not in the tree yet, `included` leads to the signed checkpoint."""

    state: Annotated[str, words("waiting", "included", "broken")]
    tree_size: int | None
    root: str | None
    checkpoint: str | None
    hashes: list[str] | None
    trouble: str | None


class EntryDetail(Entry):
    """An entry with its explanation and proof: `leaf` is the canonical JSON, hashes and salt are hexadecimal."""

    explanation: Explanation
    leaf: str
    leaf_hash: str
    payload: Annotated[Mapping[str, object] | None, Field(description="Null when it was erased, or none.")]
    payload_erased: bool
    payload_erased_at: datetime | None
    payload_erased_under: str | None
    salt: str | None
    proof: Proof
