"""Says whether the plate reads of an export are those that were asked for, row by row and picture by picture, from its files alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, cast

from watchfloor.evidence.bag import MANIFEST, sha256_of
from watchfloor.evidence.reads import PICTURES, TABLE, hash_of, table_of
from watchfloor.kit.canonical import Json

Fault = Callable[[str, str], None]
_NOT_ASKED: Final = "It holds a read that was not asked for."


def check_reads(folder: Path, manifest: Mapping[str, Json], fault: Fault) -> str:
    """Each fault with the file that it is of, and what can be said of them in a sentence."""
    rows = [cast("Mapping[str, Json]", row) for row in cast("list[Json]", manifest["reads"])]
    request = cast("Mapping[str, Json]", manifest["request"])
    asked = {str(one["read"]): one for one in cast("list[Mapping[str, Json]]", request.get("reads") or [])}
    missing = {str(one.get("read")) for one in cast("list[Mapping[str, Json]]", manifest["missing"])}
    for row in rows:
        _row(folder, row, asked.get(str(row.get("read"))), fault)
        if row.get("picture") is None and _has_picture(asked, row) and str(row.get("read")) not in missing:
            fault(MANIFEST, f"It says nothing of the picture of {row.get('read')}, which was asked for.")
    told = {str(row.get("read")) for row in rows} | missing
    if set(asked) - told:
        fault(
            MANIFEST,
            "It says nothing of a read that was asked for: neither is it here, nor missing with a reason.",
        )
    path = folder / TABLE
    if not path.is_file() or path.read_bytes() != table_of(rows):
        fault(TABLE, "It is not the table of the reads that the manifest holds.")
    named = {str(row["picture"]) for row in rows if row.get("picture")}
    for file in sorted((folder / PICTURES).glob("*")):
        if file.relative_to(folder).as_posix() not in named:
            fault(file.relative_to(folder).as_posix(), "The manifest does not know this picture.")
    return "What each row says, and each picture, is bound by its hash in what was approved."


def _has_picture(asked: Mapping[str, Mapping[str, Json]], row: Mapping[str, Json]) -> bool:
    return asked.get(str(row.get("read")), {}).get("picture_sha256") is not None


def _row(folder: Path, row: Mapping[str, Json], asked: Mapping[str, Json] | None, fault: Fault) -> None:
    if asked is None:
        fault(MANIFEST, _NOT_ASKED)
        return
    try:
        same = hash_of(row) == asked["row_sha256"]
    except (KeyError, TypeError):
        same = False
    if not same:
        fault(MANIFEST, f"What it says of {row.get('read')} is not what was approved.")
    name = row.get("picture")
    if name is None:
        return
    path = (folder / str(name)).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        fault(str(name), "It is missing.")
    elif sha256_of(path) != asked["picture_sha256"]:
        fault(str(name), "It was changed: its SHA-256 is not the one that was approved.")
