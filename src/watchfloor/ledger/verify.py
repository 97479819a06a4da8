"""Says whether a log is as it was signed, from its files alone: no database, no trust in the machine that serves them.

It never writes, and it never says more than it can know: without an earlier checkpoint kept outside, a log that was
rolled back and signed again looks like an honest one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO
from uuid import UUID

from watchfloor.governance.checkpoint import (
    LARGEST_NOTE,
    BadNote,
    Checkpoint,
    VerifierKey,
    open_checkpoint,
)
from watchfloor.governance.extract import Extract, faults, make_extract
from watchfloor.governance.tiles import TreeOfTiles
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.kit.ids import BadId, decode
from watchfloor.ledger.draws import draws
from watchfloor.ledger.files import CHECKPOINT, KEY
from watchfloor.ledger.hold_outside import SUFFIX
from watchfloor.ledger.report import Held, Outside, Report, lines_of
from watchfloor.ledger.restored import Restore, explained, told_in
from watchfloor.ledger.restored import lines_of as lines_of_restores
from watchfloor.ledger.source import Folder, Source, Web, read_tile
from watchfloor.ledger.walk import Finding, Progress, Walk, walk

_EACH: Final = 100_000  # entries between two lines of progress


def verify(
    source: Source,
    *,
    key: VerifierKey | None = None,
    checkpoints: Sequence[Outside] = (),
    entry: UUID | None = None,
    draw_again: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Verify the log in `source`, against earlier checkpoints where some are given, and prove `entry` if one is named.

    With `draw_again` the searches that were to be reviewed are drawn anew, once the log itself is as it was signed.

    Without `key` the log's own is taken, and the report says so. Never raises for what the source holds or lacks.
    """
    report = Report(key=key, key_given=key is not None)
    try:
        _verify(source, report, checkpoints, entry, progress)
        if draw_again and report.checkpoint is not None and not report.findings and not report.unknown:
            _draw_again(source, report, report.checkpoint.size)
    except Unavailable as error:
        report.unknown.append(error.detail)
    return report


def _verify(
    source: Source,
    report: Report,
    checkpoints: Sequence[Outside],
    entry: UUID | None,
    progress: Progress | None,
) -> None:
    key = report.key = report.key or _own_key(source, report)
    note = None if key is None else _note(source, report)
    if key is None or note is None:
        return
    try:
        checkpoint = report.checkpoint = open_checkpoint(note, key)
    except BadNote as error:
        report.findings.append(
            Finding("checkpoint_changed", f"The log's checkpoint is not to be believed: {error.detail}.")
        )
        return
    outside = _opened(checkpoints, key, report)
    stops = {earlier.size for _, earlier in outside}
    seen = walk(
        source, checkpoint.size, signed_root=checkpoint.root, stops=stops, wanted=entry, progress=progress
    )
    report.findings += seen.findings
    if seen.root is not None and seen.root != checkpoint.root:
        sentence = f"The {checkpoint.size} entries as a whole do not have the root that was signed."
        report.findings.append(Finding("root_differs", sentence))
    report.restores = seen.restores = _signed_for(seen.restores, told_in(checkpoint))
    if told_in(checkpoint) != lines_of_restores(seen.restores):
        sentence = "What the checkpoint says of restores is not what the entries say."
        report.findings.append(Finding("restore_differs", sentence))
    _hold_against(outside, checkpoint, seen, report)
    if entry is not None:
        _prove(source, note, checkpoint, seen, entry, report)


def _draw_again(source: Source, report: Report, size: int) -> None:
    try:
        report.draws = draws(source, size)
    except Invalid as error:
        report.unknown.append(f"What was drawn for review cannot be told: {error.detail}.")
        return
    report.findings += report.draws.findings


def _signed_for(restores: Sequence[Restore], told: Sequence[str]) -> list[Restore]:
    """Those that the checkpoint tells of, in its order: an entry that only looks like a restore's, or repeats one, is none."""
    found: list[Restore] = []
    for each in restores:
        if len(found) < len(told) and each.line == told[len(found)]:
            found.append(each)
    return found


def _own_key(source: Source, report: Report) -> VerifierKey | None:
    try:
        content = source.read(KEY, LARGEST_NOTE)
        if content is None:
            report.unknown.append("There is no log here: neither a key was given nor is there a key.pub.")
            return None
        return VerifierKey.parse(content.decode())
    except (Invalid, UnicodeDecodeError) as error:
        report.unknown.append(f"key.pub is not a log's key: {error}.")
        return None


def _note(source: Source, report: Report) -> bytes | None:
    try:
        note = source.read(CHECKPOINT, LARGEST_NOTE)
    except Invalid as error:
        report.findings.append(
            Finding("checkpoint_changed", f"The log's checkpoint is damaged: {error.detail}.")
        )
        return None
    if note is None:
        report.unknown.append(
            "There is no checkpoint here: either this is no log, or it has been taken away."
        )
    return note


def _opened(checkpoints: Sequence[Outside], key: VerifierKey, report: Report) -> list[tuple[str, Checkpoint]]:
    opened: list[tuple[str, Checkpoint]] = []
    for outside in checkpoints:
        try:
            opened.append((outside.name, open_checkpoint(outside.note, key)))
        except BadNote as error:
            sentence = (
                f"The checkpoint {outside.name} cannot be used: {error.detail}. Either it is not of this log,"
                " or the log's key was replaced: compare the key with one that you got another way."
            )
            report.held.append(Held(outside.name, None, None, sentence))
            report.unknown.append(sentence)
    return opened


def _hold_against(outside: list[tuple[str, Checkpoint]], now: Checkpoint, seen: Walk, report: Report) -> None:
    for name, earlier in outside:
        lost = explained(seen.restores, earlier)
        if lost is not None:
            sentence = f"The checkpoint {name} over {earlier.size} entries is of what a restore has lost. {lost.sentence}"
            report.held.append(Held(name, earlier.size, None, sentence))
            report.lost = True
            continue
        if earlier.size > now.size:
            sentence = (
                f"The checkpoint {name} was signed over {earlier.size} entries; the log has only {now.size}:"
                " it was cut or rolled back."
            )
            what = "rolled_back"
        elif earlier.size == now.size and earlier.root != now.root:
            sentence = f"Two different logs of {now.size} entries were signed: this one, and that of checkpoint {name}."
            what = "split_view"
        elif (computed := seen.roots.get(earlier.size)) is None:
            report.held.append(Held(name, earlier.size, None, "The entries below it are out of reach."))
            report.unknown.append(
                f"The checkpoint {name} could not be compared: entries below it are missing."
            )
            continue
        elif computed != earlier.root:
            sentence = f"The log does not begin with the {earlier.size} entries of checkpoint {name}: it was rewritten."
            what = "rewritten"
        else:
            sentence = f"The {earlier.size} entries of checkpoint {name} are all still here, unchanged."
            report.held.append(Held(name, earlier.size, fits=True, sentence=sentence))
            report.seen_since |= bool(seen.restores) and told_in(earlier) == told_in(now)
            continue
        report.held.append(Held(name, earlier.size, fits=False, sentence=sentence))
        report.findings.append(Finding(what, sentence))


def _prove(source: Source, note: bytes, now: Checkpoint, seen: Walk, entry: UUID, report: Report) -> None:
    if not seen.found:
        report.unknown.append(f"There is no entry {entry} among the {now.size} of this log.")
        return
    if len(seen.found) > 1:
        places = ", ".join(str(index) for index, _ in seen.found)
        report.findings.append(
            Finding("entry_doubled", f"The entry {entry} stands in the log more than once: {places}.")
        )
    try:
        extract = export_entry(source, note, *seen.found[0], size=now.size)
    except Invalid:
        return  # the damaged tile is a finding already
    if report.key is not None and not faults(extract, report.key):
        report.entry = extract


def export_entry(
    source: Source,
    note: bytes,
    index: int,
    leaf: bytes,
    *,
    size: int,
    payload: Mapping[str, Json] | None = None,
    salt: bytes | None = None,
) -> Extract:
    """The extract of entry `index` under the checkpoint `note` over `size` entries, with its payload where that is given.

    Raises Invalid when the tiles for the proof are missing or damaged, ValueError when `size` does not reach `index`.
    """
    tree = TreeOfTiles(size, lambda tile: read_tile(source, tile) or b"")
    return make_extract(tree, note, index, leaf, payload=payload, salt=salt)


def verify_extract(content: bytes, key: VerifierKey, checkpoints: Sequence[Outside] = ()) -> Report:
    """Verify an extract by itself: nothing but the key is needed. Never raises for what the extract holds."""
    report = Report(key=key, key_given=True)
    try:
        extract = Extract.parse(content)
    except Invalid as error:
        report.unknown.append(f"The file cannot be verified: {error.detail}.")
        return report
    report.findings += [Finding("extract_wrong", sentence) for sentence in faults(extract, key)]
    if not report.findings:
        report.entry = extract
        report.checkpoint = open_checkpoint(extract.note, key)
        for name, earlier in _opened(checkpoints, key, report):
            _hold_extract_against(name, earlier, report.checkpoint, report)
    return report


def _hold_extract_against(name: str, earlier: Checkpoint, now: Checkpoint, report: Report) -> None:
    if earlier.size != now.size:
        sentence = f"The checkpoint {name} is of another size than the extract's; only the log itself can compare them."
        report.held.append(Held(name, earlier.size, None, sentence))
        report.unknown.append(sentence)
    elif earlier.root != now.root:
        sentence = f"Two different logs of {now.size} entries were signed: the extract's and that of checkpoint {name}."
        report.held.append(Held(name, earlier.size, fits=False, sentence=sentence))
        report.findings.append(Finding("split_view", sentence))
    else:
        sentence = f"The checkpoint {name} is the extract's own."
        report.held.append(Held(name, earlier.size, fits=True, sentence=sentence))


def run(
    source: str,
    *,
    key: Path | None = None,
    checkpoints: Sequence[Path] = (),
    entry: str | None = None,
    draw_again: bool = False,
    as_json: bool = False,
    extract_to: Path | None = None,
    out: TextIO | None = None,
    progress: TextIO | None = None,
) -> int:
    """`watchfloor verify`: verify a log (folder or http(s) address) or an extract (file), say it; the exit code.

    0 verified, 1 tampered, 2 cannot tell, 3 restored from a backup.
    A path among `checkpoints` may be a folder of them. `entry` is a UUID or
    `ent_...`; its extract is written to `extract_to`. The report goes to `out` (standard output).
    """
    try:
        wanted = None if entry is None else _entry_id(entry)
        given = None if key is None else VerifierKey.parse(key.read_text())
        report = _of(source, given, list(_outside(checkpoints)), wanted, draw_again, progress)
        if extract_to is not None and report.entry is not None:
            extract_to.write_text(json.dumps(report.entry.as_json(), ensure_ascii=False, indent=1) + "\n")
    except (Invalid, OSError, UnicodeDecodeError) as error:
        report = Report(unknown=[f"{error}"])
    text = [json.dumps(report.as_json(), ensure_ascii=False)] if as_json else lines_of(report)
    (out or sys.stdout).write("\n".join(text) + "\n")
    return report.verdict.exit_code


def _of(
    source: str,
    key: VerifierKey | None,
    checkpoints: list[Outside],
    entry: UUID | None,
    draw_again: bool,  # noqa: FBT001  # as the command has it
    progress: TextIO | None,
) -> Report:
    if not source.startswith(("http://", "https://")) and Path(source).is_file():
        if key is None:
            return Report(unknown=["An extract is only as good as the key it is verified with: give --key."])
        return verify_extract(Path(source).read_bytes(), key, checkpoints)
    with _source(source) as opened:
        return verify(
            opened,
            key=key,
            checkpoints=checkpoints,
            entry=entry,
            draw_again=draw_again,
            progress=teller(progress),
        )


@contextmanager
def _source(source: str) -> Iterator[Source]:
    if source.startswith(("http://", "https://")):
        with Web(source) as web:
            yield web
    else:
        yield Folder(Path(source))


def _outside(paths: Sequence[Path]) -> Iterator[Outside]:
    for path in paths:
        files = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not files:
            raise Invalid(f"There is no checkpoint (*{SUFFIX}) in {path}.")
        for file in files:
            yield Outside(str(file), file.read_bytes())


def _entry_id(text: str) -> UUID:
    try:
        return decode("ent", text) if text.startswith("ent_") else UUID(text)
    except (BadId, ValueError) as error:
        raise Invalid(f"{text!r} is not the id of an entry.") from error


def teller(out: TextIO | None) -> Progress | None:
    """Tells `out` how far verifying has come, a line each 100,000 entries; None where nobody listens."""
    if out is None:
        return None

    def tell(done: int, size: int) -> None:
        # Entries come by the bundle of 256: say each time a line's worth has gone by.
        if size > _EACH and done // _EACH > (done - 256) // _EACH:
            out.write(f"{done} of {size} entries\n")
            out.flush()

    return tell
