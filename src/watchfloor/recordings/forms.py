"""What the routes of recordings answer, video apart."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict

# `from` is a word of Python's own.
Range = TypedDict("Range", {"from": datetime, "to": datetime, "run": int})
Gap = TypedDict("Gap", {"from": datetime, "to": datetime, "reason": str})
Timeline = TypedDict("Timeline", {"from": datetime, "to": datetime, "ranges": list[Range], "gaps": list[Gap]})
