"""Lists of cameras, as cities keep them."""

from __future__ import annotations

from typing import Final

from tests.fixtures.center import new_id

CSV: Final = {"Content-Type": "text/csv"}


def list_of(name: str) -> bytes:
    """A list of one camera."""
    place = f"38.63,-90.2,rtsp://127.0.0.9/{new_id().hex},municipal,no"
    return f"name,lat,lon,url,kind,enabled\nListed for {name},{place}\n".encode()
