"""Decisions made while the database is away: each signed and on disk before anybody is let in, until it joins the log.

    spool/decisions/<id>.jsonl           one line a decision; the file is locked while its process writes
    spool/decisions/refused/<id>.jsonl   files in which a line was not ours, kept for examination

A line is bound to its file, its number and the line before it: none can be changed, moved, repeated or taken out unseen.
It decides nothing, and it knows no database.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from watchfloor.governance.entry import Entry
from watchfloor.governance.model import About, EntryId
from watchfloor.kit.canonical import Json, canonical
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.errors import Full, Unavailable
from watchfloor.kit.ids import uuid7

MOST_LINES: Final = 10_000
_REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True)
class SpooledGrant:
    """The grant that a spooled decision gave: its id and until when; or, with `ended`, that one ended with these counts."""

    id: UUID
    until: datetime
    technology: str | None
    ended: str | None = None
    counts: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One decision as spooled."""

    entry: Entry
    grant: SpooledGrant | None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not ours as it stands: where, why, and the SHA-256 of what stands there."""

    file: str
    number: int
    why: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """What a file of the spool holds: sound lines, and those that are refused."""

    path: Path
    lines: tuple[Line, ...]
    bad: tuple[BadLine, ...]


class DecisionSpool:
    """The spool of this process, and the files that others left. Calls block for the disk: use a thread."""

    def __init__(self, directory: Path, key: bytes) -> None:
        """`key` signs: 32 bytes out of `keys/`, shared by the processes of this machine."""
        self._directory, self._key = directory, key
        self._file: int | None = None
        self._path: Path | None = None
        self._number = 0
        self._before = ""

    def keep(self, line: Line) -> None:
        """Sign and write a decision; it is on disk when this returns. Raises Unavailable or Full: then nobody is let in."""
        if self._number >= MOST_LINES:
            raise Full("Too many decisions wait for the database; nothing more is decided until it is back.")
        try:
            descriptor, path = self._opened(line.entry.at)
            said = {"n": self._number, "before": self._before, **_encoded(line)}
            signature = self._sign(path.name, said)
            start = os.lseek(descriptor, 0, os.SEEK_END)
            try:
                _write(descriptor, canonical(said | {"signature": signature}) + b"\n")
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, start)
                raise
        except OSError as error:
            raise Unavailable(
                "The database is away, and the decision cannot be kept on this machine either.",
                reason="spool",
            ) from error
        self._number += 1
        self._before = signature

    def close(self) -> None:
        """Let go of the file, so that it can join the log; the next decision begins another."""
        if self._file is not None:
            os.close(self._file)
        self._file, self._path, self._number, self._before = None, None, 0, ""

    def waiting(self) -> list[Path]:
        """The files that wait to join, oldest first."""
        return sorted(self._directory.glob("*.jsonl"))

    @contextmanager
    def taken(self, path: Path) -> Iterator[SpoolFile | None]:
        """A file to join, locked; None when its process still writes to it or another joined it."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            yield None
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield self._read(path) if path.exists() else None
        except BlockingIOError:
            yield None
        finally:
            os.close(descriptor)

    def joined(self, file: SpoolFile) -> None:
        """It is in the log: remove it, or put it aside when a line of it was refused. Raises OSError."""
        if file.bad:
            aside = self._directory / _REFUSED
            aside.mkdir(mode=0o700, exist_ok=True)
            file.path.rename(aside / file.path.name)
            _sync(aside)
        else:
            file.path.unlink(missing_ok=True)
        _sync(self._directory)

    def refused(self) -> list[str]:
        """Names of the files that were put aside: somebody has to look at them."""
        return sorted(path.name for path in (self._directory / _REFUSED).glob("*.jsonl"))

    def _opened(self, now: datetime) -> tuple[int, Path]:
        if self._file is None or self._path is None:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self._directory / f"{uuid7(now)}.jsonl"
            descriptor = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600
            )
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _sync(self._directory)
            self._file, self._path = descriptor, path
        return self._file, self._path

    def _sign(self, name: str, said: Mapping[str, Json]) -> str:
        return hmac.new(self._key, name.encode() + b"\n" + canonical(said), hashlib.sha256).hexdigest()

    def _read(self, path: Path) -> SpoolFile:
        *whole, rest = path.read_bytes().split(b"\n")
        lines: list[Line] = []
        bad: list[BadLine] = []
        before = ""
        for number, raw in enumerate(whole):
            said, why = self._checked(path.name, raw)
            if said is None:
                bad.append(_bad(path, number, why, raw))
                continue
            if (said["n"], said["before"]) != (number, before) and not bad:
                bad.append(
                    _bad(path, number, "lines before it are missing or were put in another order", raw)
                )
            before = said["signature"]
            lines.append(_decoded(said))
        # A last line without its end was never finished: nobody was let in on it. It is kept where it is not ours to judge.
        if rest:
            bad.append(_bad(path, len(whole), "it breaks off; nobody was let in on it", rest))
        return SpoolFile(path, tuple(lines), tuple(bad))

    def _checked(self, name: str, raw: bytes) -> tuple[dict[str, Any] | None, str]:
        try:
            said = json.loads(raw)
            claimed = said.pop("signature")
            true = hmac.compare_digest(str(claimed), self._sign(name, said))
        except (ValueError, KeyError, TypeError, AttributeError):
            return None, "it cannot be read"
        return (said | {"signature": claimed}, "") if true else (None, "its signature is wrong")


def _encoded(line: Line) -> dict[str, Json]:
    entry, grant = line.entry, line.grant
    return {
        "entry": {
            "id": str(entry.id),
            "agency": str(entry.agency),
            "at": rfc3339(entry.at),
            "kind": entry.kind,
            "actor": str(entry.actor),
            "need": entry.need,
            "result": entry.result,
            "reason": entry.reason,
            "about": [entry.about.kind, str(entry.about.id) if entry.about.id else None] if entry.about else None,
            "case": str(entry.case) if entry.case else None,
            "authorisation": str(entry.authorisation) if entry.authorisation else None,
            "cause": str(entry.cause) if entry.cause else None,
            "leaf": base64.b64encode(entry.leaf).decode(),
            "salt": entry.salt.hex() if entry.salt else None,
            "payload": entry.payload,
        },
        "grant": {
            "id": str(grant.id),
            "until": rfc3339(grant.until),
            "technology": grant.technology,
            "ended": grant.ended,
            "counts": dict(grant.counts) if grant.counts is not None else None,
        }
        if grant
        else None,
    }  # fmt: skip


def _decoded(said: Mapping[str, Any]) -> Line:
    entry, grant = said["entry"], said["grant"]
    about = About(entry["about"][0], _uuid(entry["about"][1])) if entry["about"] else None
    return Line(
        Entry(
            EntryId(UUID(entry["id"])), UUID(entry["agency"]), parse_rfc3339(entry["at"]), entry["kind"], UUID(entry["actor"]),
            entry["need"], entry["result"], entry["reason"], about, _uuid(entry["case"]),
            _uuid(entry["authorisation"]), _uuid(entry["cause"]),
            base64.b64decode(entry["leaf"]), bytes.fromhex(entry["salt"]) if entry["salt"] else None, entry["payload"],
        ),
        SpooledGrant(UUID(grant["id"]), parse_rfc3339(grant["until"]), grant["technology"], grant["ended"], grant["counts"])
        if grant
        else None,
    )  # fmt: skip


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _bad(path: Path, number: int, why: str, raw: bytes) -> BadLine:
    return BadLine(path.name, number, why, hashlib.sha256(raw).hexdigest())


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
