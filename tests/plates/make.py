"""What the tests of plates make again and again: a small JPEG that is one, and JSON of reads."""

from __future__ import annotations

import json


def jpeg(width: int = 640, height: int = 480, *, tail: bytes = b"") -> bytes:
    """Markers of a baseline JPEG: enough for what looks at the frame, nothing to be seen."""
    app = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    frame = b"\xff\xc0\x00\x0b\x08" + size + b"\x01\x01\x11\x00"
    return b"\xff\xd8" + app + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00?\x00" + tail + b"\xff\xd9"


def reads_json(*reads: dict[str, object]) -> bytes:
    """The body of a batch."""
    return json.dumps({"reads": list(reads)}).encode()
