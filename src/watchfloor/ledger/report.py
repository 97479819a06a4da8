"""What verifying a log found, as values and in plain words. It checks nothing itself."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from watchfloor.governance.checkpoint import Checkpoint, VerifierKey
from watchfloor.governance.extract import Extract, fields_of
from watchfloor.kit.canonical import Json
from watchfloor.ledger.draws import Draws
from watchfloor.ledger.restored import Restore
from watchfloor.ledger.walk import Finding

NO_ROLLBACK_PROOF: Final = "cannot be excluded"


class Verdict(Enum):
    """What came out, and the exit code that says it."""

    VERIFIED = ("verified", 0)
    TAMPERED = ("tampered", 1)
    UNKNOWN = ("cannot tell", 2)
    RESTORED = ("restored from a backup", 3)

    def __init__(self, word: str, exit_code: int) -> None:
        self.word = word
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Outside:
    """An earlier checkpoint that somebody outside kept: where it came from and what it says."""

    name: str
    note: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """An earlier checkpoint after it was held against the log; `fits` is None when it could not be used."""

    name: str
    size: int | None
    fits: bool | None
    sentence: str


@dataclass(slots=True)
class Report:
    """Everything that verifying found. `unknown` are the reasons why it could not tell."""

    key: VerifierKey | None = None
    key_given: bool = False
    checkpoint: Checkpoint | None = None
    findings: list[Finding] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    entry: Extract | None = None
    draws: Draws | None = None  # searches drawn for review, where they were drawn again
    restores: list[Restore] = field(default_factory=list)
    lost: bool = False  # a checkpoint that was given is of what a restore has lost
    seen_since: bool = False  # one that was given was signed since the last restore, and fits

    @property
    def verdict(self) -> Verdict:
        """Tampering seen outweighs what could not be told."""
        if self.findings:
            return Verdict.TAMPERED
        if self.unknown or self.checkpoint is None:
            return Verdict.UNKNOWN
        # Until somebody outside holds a checkpoint of the restored log, a restore is not a thing to read over.
        return Verdict.RESTORED if self.lost or (self.restores and not self.seen_since) else Verdict.VERIFIED

    @property
    def rollback(self) -> str:
        """How far back the log is known not to have been rolled back or rewritten."""
        if any(h.fits is False for h in self.held):
            return "found"
        known = [h.size for h in self.held if h.fits and h.size]
        return f"excluded for the first {max(known)} entries" if known else NO_ROLLBACK_PROOF

    def as_json(self) -> dict[str, Json]:
        """The report for programs."""
        at = self.checkpoint
        return {
            "verdict": self.verdict.word,
            "log": self.key.name if self.key else None,
            "key": self.key.text if self.key else None,
            "key_from": "given" if self.key_given else "the log itself",
            "size": at.size if at else None,
            "root": base64.b64encode(at.root).decode() if at else None,
            "rollback": self.rollback,
            "findings": [
                {"what": f.what, "sentence": f.sentence, "first": f.first, "last": f.last}
                for f in self.findings
            ],
            "cannot_tell": list(self.unknown),
            "checkpoints": [
                {"name": h.name, "size": h.size, "fits": h.fits, "sentence": h.sentence} for h in self.held
            ],
            "restores": [
                {"size": r.size, "lost_to": r.lost_to, "at": r.at, "sentence": r.sentence}
                for r in self.restores
            ],
            "entry": self.entry.as_json() if self.entry else None,
            "draws": self.draws.as_json() if self.draws else None,
        }


_HEADLINES: Final = {
    Verdict.VERIFIED: "The log {name} is as it was signed.",
    Verdict.TAMPERED: "The log {name} is NOT as it was signed.",
    Verdict.RESTORED: "The log {name} is as it was signed since its state was restored from a backup; before that, entries may be lost.",
    Verdict.UNKNOWN: "It cannot be told whether the log {name} is as it was signed.",
}


def lines_of(report: Report) -> list[str]:
    """The report for people, a line each."""
    name = report.key.name if report.key else "here"
    lines = [_HEADLINES[report.verdict].format(name=name)]
    lines += [f"  - {finding.sentence}" for finding in report.findings]
    lines += [f"  - {reason}" for reason in report.unknown]
    if report.checkpoint is not None:
        root = base64.b64encode(report.checkpoint.root).decode()
        lines.append(f"  {report.checkpoint.size} entries, root {root}.")
    if report.key is not None:
        lines.append(f"  Key: {report.key.text}")
        if not report.key_given:
            lines.append(
                "  The key came from the log itself. Compare it with one that you got another way, or give --key."
            )
    lines += [f"  {restore.sentence}" for restore in report.restores]
    lines += [f"  {held.sentence}" for held in report.held if held.fits]
    if report.lost:
        lines += [f"  {held.sentence}" for held in report.held if held.fits is None]
    lines += _of_rollback(report)
    lines += report.draws.lines() if report.draws is not None else []
    if report.entry is not None:
        lines += _of_entry(report.entry)
    return lines


def _of_rollback(report: Report) -> list[str]:
    if report.checkpoint is None or report.rollback == "found":
        return []
    if report.rollback == NO_ROLLBACK_PROOF:
        return [
            "  Roll-back cannot be excluded: without an earlier checkpoint kept outside, nobody can tell whether this"
            " log was put back or rewritten by who holds its key. Give one with --checkpoint."
        ]
    return [f"  Roll-back is {report.rollback}; of later ones no earlier checkpoint was given."]


def _of_entry(extract: Extract) -> list[str]:
    said = {
        name: value for name, value in fields_of(extract.leaf).items() if value is not None and name != "v"
    }
    return [
        f"  Entry {said.pop('id', '')} stands at place {extract.index}, proven by {len(extract.proof)} hashes:",
        *(f"    {name}: {value}" for name, value in said.items()),
    ]
