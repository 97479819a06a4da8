"""Measure reading plates on pictures: a folder with `groundtruth.csv` (file,x,y,w,h,plate or file,state,plate), through the real pipeline.

CPU is all that this process used, user and system, over the pictures alone, on one thread. A picture has one plate in the truth; what else
is read on it counts as wrong where it would raise an alarm, though some of it are other cars' plates.
"""

from __future__ import annotations

import csv
import hashlib
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from watchfloor.bench._say import say
from watchfloor.kit.errors import Invalid
from watchfloor.plates.reading.model import Picture, Seen

if TYPE_CHECKING:
    from watchfloor.plates.reading.look import Eyes

_FOLD: Final = str.maketrans("OQI", "001")
_THRESHOLDS: Final = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99)
_ALIKE: Final = (set("O0Q"), set("I1L"), set("B8"), set("S5"), set("Z2"), set("G6"), set("D0"))
_FORMS: Final = ({"file", "plate", "x", "y", "w", "h"}, {"file", "plate", "state"})


@dataclass(frozen=True, slots=True)
class Truth:
    """What one picture shows. `box` is left, top, wide, high."""

    file: str
    plate: str
    state: str | None
    box: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What was made of one picture."""

    truth: Truth
    first: Seen | None
    on_plate: Seen | None
    seen: tuple[Seen, ...]

    @property
    def text(self) -> str:
        """Of the likeliest plate; empty where none was seen."""
        return self.first.text if self.first else ""


def run(folder: Path, as_json: bool, *, region: str = "us,eu", detector: str = "") -> dict[str, object]:
    """Read every picture of a folder and compare with its groundtruth.csv.

    --detector FILE narrows looking to the vehicles that this detector finds, and tells its SHA-256.

    Example: watchfloor bench ocr pictures/ --json
    """
    truths = truths_of(folder)
    eyes = _eyes(region, detector)
    judged, cpu_s = _read(folder, truths, eyes)
    values = figures(judged, cpu_s)
    if detector:
        values["detector_sha256"] = _sha256(Path(detector))
    say(values, as_json=as_json)
    return values


def truths_of(folder: Path) -> list[Truth]:
    """The truth of a folder. Raises Invalid where there is none, or none that can be understood."""
    path = folder / "groundtruth.csv"
    if not path.is_file():
        raise Invalid(
            f"{path} is not there: the bench needs a folder with pictures and their groundtruth.csv."
        )
    with path.open(newline="", encoding="utf-8-sig") as lines:
        rows = csv.DictReader(lines)
        names = set(rows.fieldnames or ())
        if not any(form <= names for form in _FORMS):
            raise Invalid(f"{path} begins with neither “file,x,y,w,h,plate” nor “file,state,plate”.")
        truths = [_truth(folder, row, number) for number, row in enumerate(rows, 2)]
    if not truths:
        raise Invalid(f"{path} names no picture; there is nothing to measure.")
    return truths


def figures(judged: Sequence[Judged], cpu_s: float) -> dict[str, object]:
    """The figures of the bench; names as promised in bench/README.md."""
    from watchfloor.plates.reading.calibrate import ALARM

    n = len(judged)
    edits = [(edits_of(each.text, each.truth.plate), len(each.truth.plate)) for each in judged]
    boxed = [each for each in judged if each.truth.box]
    stated = [each for each in judged if each.truth.state]
    answered = [each for each in stated if each.first and each.first.state]
    alarms = [each for each in judged if each.first and each.first.probability >= ALARM]
    wrong = sum(
        one.probability >= ALARM and one.text != each.truth.plate for each in judged for one in each.seen
    )
    return {
        "n": n,
        "located": _share(sum(each.on_plate is not None for each in boxed), len(boxed)),
        "exact": _share(sum(each.text == each.truth.plate for each in judged), n),
        "fold": _share(sum(_folded(each.text) == _folded(each.truth.plate) for each in judged), n),
        "within_one": _share(sum(wrong <= 1 for wrong, _ in edits), n),
        "char_accuracy": round(
            1 - sum(min(wrong, long) for wrong, long in edits) / sum(long for _, long in edits), 3
        ),
        "state_exact": _share(sum(_state_right(each) for each in stated), len(stated)),
        "state_answered": _share(len(answered), len(stated)),
        "cpu_s_per_picture": round(cpu_s / n, 3),
        "wrong_text_alarms_per_picture": round(wrong / n, 3),
        "alarm_threshold": ALARM,
        "alarm_coverage": _share(len(alarms), n),
        "alarm_right": _share(sum(each.text == each.truth.plate for each in alarms), len(alarms)),
        "risk_coverage": [_at(judged, threshold) for threshold in _THRESHOLDS],
        "errors": dict(Counter(kind for each in judged if (kind := kind_of(each))).most_common()),
    }


def kind_of(judged: Judged) -> str | None:
    """Why a picture counts as not read; None where it was."""
    text, plate = judged.text, judged.truth.plate
    if text == plate:
        return None
    if judged.first is None:
        return "nothing seen"
    if judged.truth.box and judged.on_plate is None:
        return "something else was seen"
    if judged.truth.box and judged.on_plate is not judged.first:
        return "something else ranked first"
    if len(text) == len(plate):
        pairs = [(a, b) for a, b in zip(text, plate, strict=True) if a != b]
        if all({a, b} <= set("O0Q") for a, b in pairs):
            return "O and 0"
        if all(any({a, b} <= group for group in _ALIKE) for a, b in pairs):
            return "other alike letters"
        return "one other letter" if len(pairs) == 1 else "several letters"
    if len(text) == len(plate) + 1 and edits_of(text, plate) == 1:
        return "one letter too many"
    if len(text) == len(plate) - 1 and edits_of(text, plate) == 1:
        return "one letter missing"
    return "several letters"


def edits_of(one: str, other: str) -> int:
    """How many letters must be changed, added or left out to make one of the other."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def _sha256(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.", reason="detector") from error


def _eyes(region: str, detector: str) -> Eyes:
    from watchfloor.plates.reading.eyes import opened

    file = Path(detector) if detector else None
    eyes = opened(region, detector=file, sha256=_sha256(file) if file is not None else "")
    if eyes.lacks:
        raise Invalid(eyes.lacks, reason="detector")
    return eyes


def _read(folder: Path, truths: Sequence[Truth], eyes: Eyes) -> tuple[list[Judged], float]:
    # OpenCV and onnxruntime are brought only here: together they cost a second of every command.
    import cv2
    import numpy as np

    from watchfloor.plates.reading.look import plates_on

    cv2.setNumThreads(1)
    judged = []
    cpu_s = 0.0
    for truth in truths:
        began = time.process_time()
        coded = np.frombuffer((folder / truth.file).read_bytes(), np.uint8)
        decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
        if decoded is None:
            raise Invalid(f"{folder / truth.file} is no picture that can be read.")
        picture: Picture = np.asarray(decoded, np.uint8)
        seen = plates_on(eyes, picture)
        cpu_s += time.process_time() - began
        on_plate = next((one for one in seen if _on(one, truth)), None)
        judged.append(Judged(truth, seen[0] if seen else None, on_plate, seen))
    return judged, cpu_s


def _truth(folder: Path, row: dict[str, str], number: int) -> Truth:
    where = f"{folder / 'groundtruth.csv'}, line {number}"
    plate = re.sub(r"[^A-Z0-9]", "", (row.get("plate") or "").upper())
    file = row.get("file") or ""
    if not plate or not file:
        raise Invalid(f"{where}: a file and a plate are needed.")
    if not (folder / file).is_file():
        raise Invalid(f"{where}: there is no picture {file} in the folder.")
    if "x" not in row:
        return Truth(file, plate, (row.get("state") or "").upper() or None, None)
    try:
        left, top, wide, high = (float(row[name]) for name in ("x", "y", "w", "h"))
    except (TypeError, ValueError):
        raise Invalid(f"{where}: x, y, w and h are numbers of pixels.") from None
    return Truth(file, plate, None, (left, top, wide, high))


def _on(seen: Seen, truth: Truth) -> bool:
    """Whether what was seen is the plate of the truth: its middle lies in the box."""
    if truth.box is None:
        return True
    left, top, wide, high = truth.box
    x, y = seen.line.middle
    return left <= x <= left + wide and top <= y <= top + high


def _at(judged: Sequence[Judged], threshold: float) -> dict[str, float | None]:
    told = [each for each in judged if each.first and each.first.probability >= threshold]
    return {
        "probability": threshold,
        "coverage": _share(len(told), len(judged)),
        "right": _share(sum(each.text == each.truth.plate for each in told), len(told)),
    }


def _state_right(judged: Judged) -> bool:
    return judged.first is not None and judged.first.state == judged.truth.state


def _folded(text: str) -> str:
    return text.translate(_FOLD)


def _share(part: int, whole: int) -> float | None:
    """A part of a whole; None of nothing, which is another thing than none of it."""
    return round(part / whole, 3) if whole else None
