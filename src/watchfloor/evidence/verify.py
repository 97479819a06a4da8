"""Says whether an export is as it was made, from its files alone: no network, no database, no trust in who handed it over.

It never writes into the export, and it never says more than it can know: without the log's key from elsewhere, nobody can tell
that the center which made it is the one that it names.
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import bagit
import c2pa

from watchfloor.evidence.bag import AUTHORITY, FORMAT, LOG_ENTRY, LOG_KEY, MANIFEST, sha256_of
from watchfloor.evidence.model import digest_of
from watchfloor.evidence.reads_verify import check_reads
from watchfloor.evidence.sign import LABEL
from watchfloor.governance.checkpoint import LARGEST_NOTE, BadNote, VerifierKey, open_checkpoint
from watchfloor.governance.extract import Extract, faults, fields_of
from watchfloor.governance.forms import inside
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Invalid

_UNTRUSTED: Final = frozenset({"signingCredential.untrusted", "timeStamp.untrusted"})
_LARGEST: Final = 64 * 1024 * 1024


@dataclass(slots=True)
class Verified:
    """What verifying found: faults name a file, `unknown` are the reasons why something could not be told."""

    faults: list[tuple[str, str]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 as it was made, 1 not as it was made, 2 cannot be told."""
        return 1 if self.faults else 2 if self.unknown else 0

    @property
    def verdict(self) -> str:
        return ("verified", "tampered", "cannot tell")[self.exit_code]

    def fault(self, file: str, sentence: str) -> None:
        """Something of this file is wrong; each thing once."""
        if (file, sentence) not in self.faults:
            self.faults.append((file, sentence))

    def as_json(self) -> dict[str, Json]:
        """For programs."""
        return {
            "verdict": self.verdict,
            "export": self.manifest.get("export"),
            "complete": self.manifest.get("complete"),
            "findings": [{"file": file, "sentence": sentence} for file, sentence in self.faults],
            "cannot_tell": list(self.unknown),
            "said": list(self.said),
        }

    def lines(self) -> list[str]:
        """For people, a line each."""
        name = self.manifest.get("export", "here")
        heads = (
            f"The export {name} is as it was made.",
            f"The export {name} is NOT as it was made.",
            f"It cannot be told whether the export {name} is as it was made.",
        )
        lines = [heads[self.exit_code]]
        lines += [f"  - {file}: {sentence}" for file, sentence in self.faults]
        lines += [f"  - {reason}" for reason in self.unknown]
        return lines + [f"  {sentence}" for sentence in self.said]


def is_export(path: Path) -> bool:
    """Whether this is an export rather than a log."""
    return (path / "bagit.txt").exists() or (path.is_file() and zipfile.is_zipfile(path))


def run(
    path: Path, *, key: Path | None, checkpoints: Sequence[Path], extract: Path | None, as_json: bool
) -> int:
    """Verify the export and print what came of it; the exit status. Raises Invalid for files that are none."""
    known = VerifierKey.parse(_text(key)) if key is not None else None
    made = Extract.parse(_bytes(extract)) if extract is not None else None
    notes = [(str(one), _bytes(one)) for one in checkpoints]
    with _folder(path) as folder:
        found = verify(folder, key=known, checkpoints=notes, extract=made)
    sys.stdout.write(json.dumps(found.as_json()) + "\n" if as_json else "\n".join(found.lines()) + "\n")
    return found.exit_code


def verify(
    folder: Path, *, key: VerifierKey | None = None, checkpoints: Sequence[tuple[str, bytes]] = (),
    extract: Extract | None = None,
) -> Verified:  # fmt: skip
    """Verify the bag in `folder`; never raises for what it holds or lacks."""
    found = Verified()
    _bag(folder, found)
    manifest = _manifest(folder, found)
    if manifest is None:
        return found
    found.manifest = manifest
    if "reads" in manifest:
        found.said.append(check_reads(folder, manifest, found.fault))
    else:
        _clips(folder, manifest, found)
    _log(folder, manifest, key, checkpoints, found)
    _made(folder, manifest, key, extract, found)
    _said_of(manifest, found)
    return found


def _said_of(manifest: Mapping[str, Any], found: Verified) -> None:
    """What is in it, and what is missing."""
    missing = manifest.get("missing") or []
    whole = f"{len(manifest['reads'])} reads" if "reads" in manifest else f"{len(manifest['clips'])} clips"
    lacks = f"{len(missing)} of what was asked for are missing, each with its reason"
    found.said.append(f"{whole}; {lacks if missing else 'nothing of what was asked for is missing'}.")
    for one in missing:
        name = one.get("camera_name") or one.get("read")
        found.said.append(f"Missing: {name}, {one['from']} to {one['to']}: {one['reason']}")


def _bag(folder: Path, found: Verified) -> None:
    """Whether every file is there and as it was packed, and no other."""
    quiet = logging.getLogger("bagit")
    before, quiet.disabled = quiet.disabled, True
    try:
        bagit.Bag(str(folder)).validate(processes=1)
    except bagit.BagValidationError as error:
        for one in error.details:
            found.fault(str(getattr(one, "path", "the bag")), _words(one))
        if not error.details:
            found.fault("the bag", f"It is no whole bag: {error}.")
    except (bagit.BagError, OSError, ValueError) as error:
        found.fault("the bag", f"It cannot be read: {error}.")
    finally:
        quiet.disabled = before


def _words(one: object) -> str:
    match one:
        case bagit.ChecksumMismatch():
            return "It was changed: its SHA-256 is not the one that was packed."
        case bagit.FileMissing():
            return "It is missing."
        case bagit.UnexpectedFile():
            return "It was not packed; somebody put it there."
    return str(one)


def _manifest(folder: Path, found: Verified) -> Mapping[str, Any] | None:
    try:
        read = json.loads(_bytes(folder / MANIFEST))
        if read["format"] != FORMAT:
            raise ValueError("another format")
        if read["request_sha256"] != digest_of(read["request"]):
            found.fault(MANIFEST, "What was asked for is not what its own hash says.")
        _ = [(clip["file"], clip["sha256"], clip["delivered"]) for clip in read["clips"]]
        _ = [(row["read"], row["plate"]) for row in read.get("reads", [])]
        _ = [(one["from"], one["to"], one["reason"]) for one in read.get("missing") or []]
        return dict(read)
    except (Invalid, ValueError, KeyError, TypeError, RecursionError) as error:
        found.fault(MANIFEST, f"It cannot be read as the manifest of an export: {error}.")
        return None


def _clips(folder: Path, manifest: Mapping[str, Any], found: Verified) -> None:
    named = {str(clip["file"]) for clip in manifest["clips"]}
    for path in sorted((folder / "data" / "clips").glob("*")):
        name = path.relative_to(folder).as_posix()
        if name not in named:
            found.fault(name, "The manifest does not know this clip.")
    authority = folder / AUTHORITY
    anchors = authority.read_text(errors="replace") if authority.is_file() else ""
    for clip in manifest["clips"]:
        name = str(clip["file"])
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            found.fault(name, "It is missing.")
            continue
        if sha256_of(path) != clip["sha256"]:
            found.fault(name, "It was changed: its SHA-256 is not the one in the manifest.")
        _signature(name, path, clip, anchors, found)
    found.said.append(
        "The clips are signed by the authority in data/authority.pem. Compare it with one that you got from the center another way."
    )


def _signature(name: str, path: Path, clip: Mapping[str, Any], anchors: str, found: Verified) -> None:
    settings: dict[str, Any] = {"verify": {"verify_trust": bool(anchors), "remote_manifest_fetch": False}}
    if anchors:
        settings["trust"] = {"trust_anchors": anchors}
    try:
        with c2pa.Reader(path, context=c2pa.Context(c2pa.Settings.from_dict(settings))) as reader:
            state, said = reader.get_validation_state(), json.loads(reader.json())
    except (c2pa.C2paError, ValueError) as error:
        found.fault(name, f"Its C2PA signature cannot be read: {error}.")
        return
    if state != "Trusted":
        codes = [one["code"] for one in said.get("validation_status") or []]
        wrong = [code for code in codes if code not in _UNTRUSTED] or codes or [str(state)]
        found.fault(name, f"Its C2PA signature does not hold: {', '.join(wrong)}.")
        return
    active = said["manifests"][said["active_manifest"]]
    signed = next((one["data"] for one in active["assertions"] if one["label"] == LABEL), None)
    if signed is None or any(clip.get(name) != value for name, value in signed.items()):
        found.fault(name, "What its signature says of it is not what the manifest says.")


def _log(
    folder: Path, manifest: Mapping[str, Any], key: VerifierKey | None, checkpoints: Sequence[tuple[str, bytes]],
    found: Verified,
) -> None:  # fmt: skip
    """Whether the approval stands in the log, as far as the package can show it."""
    if not (folder / LOG_ENTRY).is_file():
        found.said.append(
            "The package holds no proof from the log: it was made before the log was signed anew. Ask the center for the entry "
            f"{(manifest.get('log') or {}).get('entry')}."
        )
        if key is not None:
            found.unknown.append(
                "A key of the log was given, and the package holds nothing that it could be held against."
            )
        return
    known = key or _own_key(folder, found)
    try:
        entry = Extract.parse(_bytes(folder / LOG_ENTRY))
    except Invalid as error:
        found.fault(LOG_ENTRY, f"It is no extract of an entry: {error.detail}.")
        return
    if known is None:
        return
    wrong = faults(entry, known)
    for sentence in wrong:
        found.fault(LOG_ENTRY, sentence)
    leaf = fields_of(entry.leaf)
    if (leaf.get("reason"), leaf.get("request_sha256")) != ("export.in_work", manifest["request_sha256"]):
        found.fault(LOG_ENTRY, "The entry of the log is not the approval of what this export was asked for.")
    if not wrong:
        whose = f"the log {known.name}" if key is not None else f"a log that calls itself {known.name}"
        found.said.append(f"The approval stands at place {entry.index} of {whose}.")
        if key is None:
            found.said.append(
                "The log's key came with the package. Give one that you got another way with --key."
            )
        _held_against(entry, known, checkpoints, found)


def _held_against(
    entry: Extract, key: VerifierKey, checkpoints: Sequence[tuple[str, bytes]], found: Verified
) -> None:
    """An outside checkpoint of the same size must have the same root; of another size only the log itself can tell."""
    own = open_checkpoint(entry.note, key)
    for name, note in checkpoints:
        try:
            other = open_checkpoint(note, key)
        except BadNote as error:
            found.unknown.append(f"{name} is no checkpoint of this log: {error.detail}.")
            continue
        if other.size == own.size and other.root != own.root:
            found.fault(LOG_ENTRY, f"The log that it proves is not the one of {name}: it was rewritten.")
        elif other.size == own.size:
            found.said.append(f"{name} is of the same log, with the same {own.size} entries.")
        else:
            found.said.append(
                f"{name} is over {other.size} entries, and the package over {own.size}: whether one continues the other, "
                f"`watchfloor verify` of the log itself tells."
            )


def _made(
    folder: Path,
    manifest: Mapping[str, Any],
    key: VerifierKey | None,
    extract: Extract | None,
    found: Verified,
) -> None:
    """Whether this very package is the one that the log says was made."""
    if extract is None:
        return
    known = key or _own_key(folder, found)
    if known is None:
        return
    for sentence in faults(extract, known):
        found.fault("the extract", sentence)
    leaf, about = fields_of(extract.leaf), fields_of(extract.leaf).get("about")
    mine = isinstance(about, dict) and about.get("id") == str(_id_of(manifest))
    if leaf.get("reason") != "export.made" or not mine:
        found.fault("the extract", "It is not the entry of the making of this export.")
    elif leaf.get("manifest_sha256") != sha256_of(folder / MANIFEST):
        found.fault(MANIFEST, "It is not the manifest that the log says was made.")
    else:
        found.said.append(f"This very manifest stands at place {extract.index} of the log.")


def _id_of(manifest: Mapping[str, Any]) -> object:
    try:
        return inside("export", str(manifest.get("export")))
    except Invalid:
        return None


def _own_key(folder: Path, found: Verified) -> VerifierKey | None:
    try:
        return VerifierKey.parse(_text(folder / LOG_KEY))
    except Invalid as error:
        found.unknown.append(f"{LOG_KEY} is not a log's key: {error.detail} Give one with --key.")
        return None


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > _LARGEST:
        raise Invalid(f"{path} is too large to be what it should be.")
    return content


def _text(path: Path) -> str:
    return _bytes(path)[:LARGEST_NOTE].decode(errors="replace")


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """The folder of the bag: unpacked, for the while, where it is given as a ZIP."""
    if path.is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="watchfloor-verify-") as folder:
        try:
            with zipfile.ZipFile(path) as packed:
                packed.extractall(folder)
        except (zipfile.BadZipFile, OSError, EOFError) as error:
            # What is damaged inside a ZIP breaks its own sums first: unpack what there is, and let each file be judged.
            if not _unpacked_in_part(path, Path(folder)):
                raise Invalid(f"{path} cannot be unpacked: {error}.") from error
        inside_ = [one for one in Path(folder).iterdir() if one.is_dir()]
        if len(inside_) != 1:
            raise Invalid(f"{path} is not the package of an export.")
        yield inside_[0]


def _unpacked_in_part(path: Path, folder: Path) -> bool:
    """Unpack without minding the ZIP's own sums, which would name no reason."""
    try:
        with zipfile.ZipFile(path) as packed:
            for info in packed.infolist():
                if info.is_dir():
                    continue
                target = (folder / info.filename).resolve()
                if not target.is_relative_to(folder.resolve()):
                    return False
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(info) as content, target.open("wb") as file:
                    content._expected_crc = None  # type: ignore[attr-defined]  # the bag's own sums judge it, and say which file
                    shutil.copyfileobj(content, file)
    except (zipfile.BadZipFile, OSError, EOFError):
        return False
    return True
