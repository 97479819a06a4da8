"""Secrets of the engines: made once at random, kept as 0600 files in `keys/`, never in an argument, a log or a URL."""

from __future__ import annotations

import secrets
from pathlib import Path

from watchfloor.engines.layout import write_private
from watchfloor.kit.errors import Invalid


def secret(path: Path) -> str:
    """The secret in `path`; a new random one of 192 bits is written there first when there is none.

    Raises Invalid when the file is there and empty.
    """
    try:
        found = path.read_text().strip()
    except FileNotFoundError:
        found = secrets.token_urlsafe(24)
        write_private(path, found + "\n")
    if not found:
        raise Invalid(
            f"{path} is empty; restore it from the backup of the keys, or remove it to have a new one made."
        )
    return found


def given(path: str, *, setting: str) -> str:
    """The first line of a secret file that a setting names. Raises Invalid when it cannot be read or is empty."""
    try:
        line = Path(path).read_text().strip().split("\n")[0].strip()
    except OSError as error:
        raise Invalid(f"{setting}: {path} cannot be read: {error.strerror}.") from error
    if not line:
        raise Invalid(f"{setting}: {path} is empty.")
    return line
