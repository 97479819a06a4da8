"""Puts an export's files together: a BagIt bag (RFC 8493) with a manifest, a page that verifies it, and how to.

The bag is written here rather than by `bagit`, whose `make_bag` changes the working directory of the whole process; `bagit`
reads it again when it is verified.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import IO, Final

import watchfloor
from watchfloor.cameras.partners.borrowed_store import Borrowed
from watchfloor.evidence.cut import Clip, Taken
from watchfloor.evidence.model import Export, Hole, MasksOf, Span, digest_of, request_of
from watchfloor.governance.forms import outside
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.recordings.model import at

FORMAT: Final = "watchfloor-export@v1"
MANIFEST: Final = "data/manifest.json"
LOG_ENTRY: Final = "data/log-entry.json"
LOG_KEY: Final = "data/log-key.pub"
AUTHORITY: Final = "data/authority.pem"
PAGE: Final = "verify.html"
_BLOCK: Final = 1024 * 1024
_READ_ME: Final = """This is an export of {count} for {case}.

How to verify it
  Open verify.html in a browser and give it this folder: it says whether every file is as it was packed. It needs no network.
  More is said by the program: watchfloor verify FOLDER --key LOG.PUB, which also checks the signature of each clip and that the
  approval stands in the log of the center. Get the log's public key from the center itself, not out of this package.

What is missing
  data/manifest.json names every time that was asked for and is not here, with the reason.
"""


@dataclass(frozen=True, slots=True)
class Proven:
    """What the log says of the approval: the extract of its entry where the signed log holds it already, and the log's key."""

    entry: str
    extract: Mapping[str, Json] | None
    key: str | None


@dataclass(frozen=True, slots=True)
class Cutting:
    """A span and what came of it: its files as they are called in the package, and the times that are missing."""

    span: Span
    taken: Taken
    names: tuple[str, ...]
    missing: tuple[Hole, ...]
    skew_ms: int | None
    masks: MasksOf
    borrowed: tuple[Borrowed, ...] = ()
    """Of a camera of a partner center: by which leave of its center it was recorded here."""


@dataclass(frozen=True, slots=True)
class People:
    """Who asked and who approved, by name as the center knows them."""

    asked: str
    approved: str


def clip_name(span: int, number: int, clip: Clip) -> str:
    """What a clip is called in the package: the span, the time of its first picture (UTC), its number in the span."""
    return f"data/clips/{span + 1:02}-{at(clip.begin_us):%Y%m%dT%H%M%SZ}-{number + 1}.mp4"


def clip_says(export: Export, one: Cutting, clip: Clip, number: int) -> dict[str, Json]:
    """What the manifest and the clip's own signature say of a clip; its hash, which the signature changes, apart."""
    span, masks = one.span, one.masks
    return {
        "export": outside("export", export.id),
        "span": number,
        "camera": outside("camera", span.camera),
        "camera_name": span.camera_name,
        "asked": {"from": rfc3339(span.from_at), "to": rfc3339(span.to_at)},
        "delivered": {"from": rfc3339(at(clip.begin_us)), "to": rfc3339(at(clip.end_us))},
        "frames": clip.frames,
        "codec": clip.mime,
        "width": clip.width,
        "height": clip.height,
        "mask": masks.as_json(clip.begin_us, clip.end_us),
        "mask_text": masks.said(clip.begin_us, clip.end_us),
        **_borrowed(one, clip),
        "kept": "here" if clip.site is None else "at its site",
        "sources": [clip.site]
        if clip.site is not None
        else [
            {
                "segment": outside("segment", one.id),
                "sha256_sealed": one.sha256.hex(),
                "from": rfc3339(at(one.began_us)),
                "to": rfc3339(at(one.ended_us)),
            }
            for one in clip.sources
        ],
    }


def _borrowed(one: Cutting, clip: Clip) -> dict[str, Json]:
    """Whose camera it is, and by which leave of its center that clip was recorded here, or may have been, where it is a partner's."""
    begin, end = at(clip.begin_us), at(clip.end_us)
    under = [lent.as_json() for lent in one.borrowed if lent.may_be_of(begin, end)]
    return {"of_partner": under} if one.borrowed else {}


def manifest_of(
    export: Export, cuttings: Sequence[Cutting], proven: Proven, people: People, folder: Path, now: datetime
) -> dict[str, Json]:
    """The manifest: what was asked and by whom, what is here, what is missing and why, and what the log says."""
    request = request_of(export.id, export.purpose, export.case, export.reason, export.spans, export.of_reads)
    return {
        "format": FORMAT,
        "export": outside("export", export.id),
        "request": request,
        "request_sha256": digest_of(request),
        "asked_by": {"id": outside("person", export.asked_by), "name": people.asked},
        "asked_at": rfc3339(export.asked_at),
        "approved_by": {"id": outside("person", export.decided_by or export.asked_by), "name": people.approved},
        "approved_at": rfc3339(export.decided_at or now),
        "made_at": rfc3339(now),
        "software": f"watchfloor {watchfloor.__version__}",
        "complete": not any(one.missing for one in cuttings),
        "clips": _clips(export, cuttings, folder),
        "missing": [
            {"span": number, "camera": outside("camera", one.span.camera), "camera_name": one.span.camera_name, **hole.as_json()}
            for number, one in enumerate(cuttings)
            for hole in one.missing
        ],
        "log": {
            "entry": proven.entry,
            "state": "included" if proven.extract else "waiting",
            "index": proven.extract["index"] if proven.extract else None,
            "checkpoint": proven.extract["checkpoint"] if proven.extract else None,
            "key": proven.key,
        },
    }  # fmt: skip


def _clips(export: Export, cuttings: Sequence[Cutting], folder: Path) -> list[dict[str, Json]]:
    return [
        {
            "file": name,
            "sha256": sha256_of(folder / name),
            "bytes": (folder / name).stat().st_size,
            "camera_clock_skew_ms": one.skew_ms,
            **clip_says(export, one, clip, number),
        }
        for number, one in enumerate(cuttings)
        for name, clip in zip(one.names, one.taken.clips, strict=True)
    ]


def write_bag(folder: Path, manifest: Mapping[str, Json], proven: Proven, authority: str | None) -> None:
    """Everything beside the clips or the reads, which lie in `folder` already; `authority` is what signed the clips."""
    (folder / MANIFEST).write_bytes(manifest_bytes(manifest))
    if authority is not None:
        (folder / AUTHORITY).write_text(authority)
    if proven.extract is not None:
        (folder / LOG_ENTRY).write_text(json.dumps(proven.extract, indent=2, ensure_ascii=False) + "\n")
    if proven.key is not None:
        (folder / LOG_KEY).write_text(proven.key + "\n")
    case = manifest["request"]["case"] if isinstance(manifest["request"], dict) else ""
    (folder / "README.txt").write_text(_READ_ME.format(count=_counted(manifest), case=case))
    (folder / PAGE).write_bytes(files(__package__).joinpath(PAGE).read_bytes())
    (folder / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    (folder / "bag-info.txt").write_text(
        f"Bag-Software-Agent: watchfloor {watchfloor.__version__}\nBagging-Date: {str(manifest['made_at'])[:10]}\n"
        f"External-Identifier: {manifest['export']}\n"
    )
    payload = sorted(path for path in (folder / "data").rglob("*") if path.is_file())
    _write_sums(folder, "manifest-sha256.txt", payload)
    tags = sorted(path for path in folder.iterdir() if path.is_file())
    _write_sums(folder, "tagmanifest-sha256.txt", tags)


def _counted(manifest: Mapping[str, Json]) -> str:
    clips, reads = manifest["clips"], manifest.get("reads")
    if isinstance(reads, list):
        return f"{len(reads)} plate read(s)"
    return f"recorded video of {len(clips) if isinstance(clips, list) else 0} clip(s)"


def manifest_bytes(manifest: Mapping[str, Json]) -> bytes:
    """The manifest as it is written; the log has the hash of this."""
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()


def _write_sums(folder: Path, name: str, paths: Sequence[Path]) -> None:
    lines = [f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    (folder / name).write_text("".join(lines))


def write_zip(folder: Path, into: IO[bytes], name: str) -> None:
    """The folder as one ZIP, stored: video does not get smaller. `into` need not be seekable."""
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED, allowZip64=True) as made:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                made.write(path, f"{name}/{path.relative_to(folder).as_posix()}")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
