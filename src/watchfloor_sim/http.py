"""What the simulated devices and people trust when they speak HTTP. It knows nobody's address."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


def retry_after_s(answer: httpx.Response) -> float:
    """For how many seconds the center asks to be let alone; one where it does not say."""
    said = answer.headers.get("Retry-After", "1")
    return float(said) if said.isdecimal() else 1.0


@cache
def trust() -> ssl.SSLContext:
    """The authorities of this machine, read once: a city of clients would read them for seconds, each for itself."""
    return httpx.create_ssl_context()
