"""Expected failures. Each has a kind; `web/errors.py` alone turns kinds into statuses. Anything else is a bug."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar


class Kind(Enum):
    """What sort of failure it is: the word on the wire, and a sentence for the documentation."""

    INVALID = (
        "invalid",
        "The request cannot be understood; the detail names the field and what is wrong with it.",
    )
    UNAUTHENTICATED = ("unauthenticated", "Nobody is signed in, or the device's token is not known.")
    REFUSED = ("refused", "The rules say no; the reason is given and the refusal is kept.")
    NOT_FOUND = ("not_found", "There is no such thing, or it belongs to another agency.")
    CONFLICT = ("conflict", "Somebody was there first, or the thing is in another state than assumed.")
    STALE = ("stale", "The thing was changed since it was read; read it again.")
    TOO_LARGE = ("too_large", "More was sent than is taken at once.")
    OUT_OF_RANGE = ("out_of_range", "The part asked for is none of the file.")
    TOO_MANY = ("too_many", "Too many tries; wait as long as the answer says.")
    FULL = ("full", "There is no room at present; nothing was taken. Send it again later.")
    UNAVAILABLE = ("unavailable", "A part that is needed does not answer at present.")
    EXPIRED = ("expired", "It was valid once; its time is over.")

    def __init__(self, word: str, sentence: str) -> None:
        self.word = word
        self.sentence = sentence


class WatchfloorError(Exception):
    """An expected failure that a person may read: what happened and what to do next."""

    kind: ClassVar[Kind]

    def __init__(
        self,
        detail: str,
        *,
        reason: str | None = None,
        next_step: str | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = reason or self.kind.word
        self.next_step = next_step
        self.retry_after_s = retry_after_s


class Invalid(WatchfloorError):
    """The input breaks a rule that the detail names."""

    kind = Kind.INVALID


class Unauthenticated(WatchfloorError):
    """Nobody known is asking."""

    kind = Kind.UNAUTHENTICATED


class NotFound(WatchfloorError):
    """No such thing, as far as the one who asks may know."""

    kind = Kind.NOT_FOUND


class Conflict(WatchfloorError):
    """The thing is not in the state that the act assumes."""

    kind = Kind.CONFLICT


class Crossed(Conflict):
    """Two acts were in each other's way at the same moment: nothing was done, and the same once more is likely to be."""


class Stale(WatchfloorError):
    """Changed since it was read."""

    kind = Kind.STALE


class TooLarge(WatchfloorError):
    """More than is taken at once."""

    kind = Kind.TOO_LARGE


class OutOfRange(WatchfloorError):
    """A part of a file was asked for that the file does not have; `size` is the file's."""

    kind = Kind.OUT_OF_RANGE

    def __init__(self, detail: str, *, size: int) -> None:
        super().__init__(detail, reason="range")
        self.size = size


class TooMany(WatchfloorError):
    """Too many tries."""

    kind = Kind.TOO_MANY


class Full(WatchfloorError):
    """No room; nothing was taken."""

    kind = Kind.FULL


class Unavailable(WatchfloorError):
    """A needed part does not answer."""

    kind = Kind.UNAVAILABLE


class Expired(WatchfloorError):
    """Its time is over."""

    kind = Kind.EXPIRED
