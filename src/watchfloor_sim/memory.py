"""What the devices keep from one night to the next: the secrets they were set up with, and what the center calls them.

It lies in a file of the user's own.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Memory:
    """Of the first camera, reader and unit, which the autopilot uses, and of the others by their key."""

    camera_port: int = 0
    camera_password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    reader_token: str = field(default="", repr=False)
    camera: str = ""
    reader: str = ""
    unit: str = ""
    hot_list: str = ""
    wanted_until: str = ""
    settled: bool = False
    """Whether the first night came as far as everything standing that the autopilot needs."""
    cameras: dict[str, str] = field(default_factory=dict)
    reader_tokens: dict[str, str] = field(default_factory=dict, repr=False)
    units: dict[str, str] = field(default_factory=dict)
    unit_tokens: dict[str, str] = field(default_factory=dict, repr=False)
    reads_on_video: bool = False
    """Whether plates were once set to be read on an ordinary camera."""
    trailer: str = ""
    trailer_token: str = field(default="", repr=False)
    microphones: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    """By number: what the center calls each, and its token."""

    def keep(self, path: Path) -> None:
        """Write it, all or nothing."""
        path.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = path.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(self), file, indent=1)
        fresh.replace(path)

    @classmethod
    def of(cls, path: Path) -> Memory | None:
        """What was kept; None when nothing was."""
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            return None
