"""What the simulated devices and people trust when they speak HTTP. It knows nobody's address."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def trust() -> ssl.SSLContext:
    """The authorities of this machine, read once: a city of clients would read them for seconds, each for itself."""
    return httpx.create_ssl_context()
