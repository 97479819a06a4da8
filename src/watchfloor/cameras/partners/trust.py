"""Whom we believe that another center is: the authorities of the system, or the one that was given."""

from __future__ import annotations

import ssl
from functools import lru_cache
from typing import Final

from watchfloor.kit.errors import Invalid

_LONGEST: Final = 64 * 1024


@lru_cache(maxsize=64)  # the list of the system takes a while to read
def trust(authority: str) -> ssl.SSLContext:
    """How its certificate is judged. `authority` is a certificate in PEM; empty: those the system knows. Raises Invalid."""
    try:
        if len(authority) > _LONGEST:
            raise ValueError("too long")
        return ssl.create_default_context(cadata=authority or None)
    except (ssl.SSLError, ValueError) as error:
        raise Invalid(
            "That is no certificate of an authority.",
            reason="authority",
            next_step="Paste it as PEM, with its lines BEGIN CERTIFICATE and END CERTIFICATE.",
        ) from error
