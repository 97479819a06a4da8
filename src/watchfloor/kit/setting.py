"""How a setting is declared: with its default, and the sentence that documents it."""

from __future__ import annotations

from dataclasses import field
from typing import TypeVar

T = TypeVar("T", str, int, float)


def setting(default: T, sentence: str) -> T:
    """A documented setting; the sentence goes into docs/operate/settings.md."""
    return field(default=default, metadata={"sentence": sentence})
