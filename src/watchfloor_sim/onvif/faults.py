"""What can be wrong with a device, switched on by whoever tests with it."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """A way in which a device misbehaves."""

    GARBAGE = "garbage"
    """Bytes that are no XML, as an answer to everything."""
    HALF = "half"
    """An envelope that breaks off in the middle."""
    OTHER = "other"
    """Well-formed XML that answers another question."""
    LYING = "lying"
    """Absurd values: pictures of a billion pixels, names with control characters, thousands of profiles."""
    BOMB = "bomb"
    """A document type with entities that would grow to gigabytes."""
    HUGE = "huge"
    """An answer that does not end."""
    SLOW = "slow"
    """A byte now and then."""
    ODD_SIGN_IN = "odd_sign_in"
    """401, asking for a Digest that nobody speaks (`auth-int`)."""
    FULL_REFUSAL = "full_refusal"
    """401 with a Digest to meet, and a packed body without end."""
    NO_MOVES = "no_moves"
    """A fault for every move."""
    REDIRECT = "redirect"
    """HTTP 307 to `elsewhere`."""
    FOREIGN_SERVICES = "foreign_services"
    """Its services' addresses lie at `elsewhere`."""
    FOREIGN_STREAM = "foreign_stream"
    """Its streams' addresses lie at `elsewhere`."""
    NO_STATUS = "no_status"
    """GetStatus is answered with a fault, as of devices that do not know where they look."""
    NO_SERVICES = "no_services"
    """GetServices is not known: an old device, which has GetCapabilities alone."""
    NO_OPTIONS = "no_options"
    """A fault for whatever is optional: snapshots, presets, analytics, events."""
