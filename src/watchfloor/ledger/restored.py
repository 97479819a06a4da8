"""What the log says of its own restores, and which earlier checkpoints that explains. Pure; it believes nothing unsigned.

Each checkpoint after a restore carries a line of it (an extension of C2SP checkpoints), and so tells the log of before from
the log of after: only what was signed before a restore can be of the part that it lost.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from watchfloor.governance.audit import RESTORE
from watchfloor.governance.checkpoint import Checkpoint
from watchfloor.governance.extract import fields_of

_WORD: Final = "restored"
_ROOT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Restore:
    """State was put back to the first `size` entries; `lost_to` and `root` are of the newest checkpoint known to be lost."""

    size: int
    lost_to: int | None
    root: bytes | None
    at: str = ""

    @property
    def line(self) -> str:
        """Its line in every checkpoint that follows."""
        root = base64.b64encode(self.root).decode() if self.root is not None else "-"
        return f"{_WORD} {self.size} {'-' if self.lost_to is None else self.lost_to} {root}"

    @property
    def sentence(self) -> str:
        """What anybody should know of it."""
        begin = f"The state was restored from a backup at size {self.size}" + (
            f" on {self.at}" if self.at else ""
        )
        if self.lost_to is None:
            return f"{begin}; no checkpoint was told, so nobody can say which entries are lost."
        if self.lost_to <= self.size:
            return f"{begin}; by the newest checkpoint that was told, no entry is lost."
        return f"{begin}; the entries {self.size} to {self.lost_to - 1} are lost."


def restore_of(leaf: bytes) -> Restore | None:
    """The restore that an entry tells of; None for every other entry, and for one that does not tell it as we do."""
    said = fields_of(leaf) if RESTORE.encode() in leaf else {}
    if said.get("kind") != RESTORE:
        return None
    match said.get("size"), said.get("lost_to"), said.get("lost_root"), said.get("at"):
        case int(size), None, None, str(at) if _is_size(size):
            return Restore(size, None, None, at)
        case int(size), int(lost_to), str(text), str(at) if _is_size(size) and _is_size(lost_to):
            root = _root(text)
            return Restore(size, lost_to, root, at) if root is not None else None
    return None


def _is_size(number: int) -> bool:
    return not isinstance(number, bool) and 0 <= number < 1 << 63


def _root(text: str) -> bytes | None:
    try:
        root = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return root if len(root) == _ROOT_BYTES and base64.b64encode(root).decode() == text else None


def lines_of(restores: Sequence[Restore]) -> tuple[str, ...]:
    """The lines that a checkpoint carries after these restores."""
    return tuple(restore.line for restore in restores)


def told_in(checkpoint: Checkpoint) -> tuple[str, ...]:
    """The lines of restores that a checkpoint carries."""
    return tuple(line for line in checkpoint.extensions if line.startswith(f"{_WORD} "))


def restores_in(checkpoint: Checkpoint) -> tuple[Restore, ...]:
    """The restores that a checkpoint we signed tells of; a line of another form tells of none."""
    found = []
    for line in told_in(checkpoint):
        match line.split(" "):
            case [_, size, "-", "-"] if size.isdecimal():
                found.append(Restore(int(size), None, None))
            case [_, size, lost_to, text] if size.isdecimal() and lost_to.isdecimal() and _root(text):
                found.append(Restore(int(size), int(lost_to), _root(text)))
    return tuple(found)


def explained(restores: Sequence[Restore], earlier: Checkpoint) -> Restore | None:
    """The restore that lost what `earlier` was signed over; None when it must fit, or is beyond what the restore was told."""
    era = len(told_in(earlier))
    if told_in(earlier) != lines_of(restores[:era]):
        return None
    for restore in restores[era:]:
        if restore.lost_to is not None and restore.size < earlier.size <= restore.lost_to:
            return restore if earlier.size < restore.lost_to or earlier.root == restore.root else None
    return None
