"""Finds vehicles on a picture by a detector that somebody has brought: lines of text are looked for on them alone.

None is shipped. What its file must be is one form, stated in docs/operate/plate-reading.md and checked before it is used: what is not
that file, or not of that form, is refused in a sentence, and plates are read without it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import onnxruntime as ort

from watchfloor.kit.errors import Invalid
from watchfloor.kit.logs import logger
from watchfloor.plates.reading.model import Chances, FinderFails, Picture, VehicleSeen
from watchfloor.plates.reading.nets import BROUGHT_FAULTS, ran, session_of
from watchfloor.plates.reading.onnx_file import outside_data

_log = logger("reading")
_LEAST_SCORE: Final = 0.3
_MOST: Final = 16
_PADDING: Final = 114
_SIDES: Final = range(64, 2049)
_MOST_BYTES: Final = 512 * 1024 * 1024
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_FORM: Final = "docs/operate/plate-reading.md says what a detector of vehicles must be."
# What a word of a label says of the vehicle; None: that it is one, and no more.
BODIES: Final[Mapping[str, str | None]] = {
    "vehicle": None, "car": "car", "sedan": "sedan", "hatchback": "hatchback", "wagon": "wagon", "coupe": "coupe", "suv": "SUV",
    "pickup": "pickup", "van": "van", "minivan": "van", "truck": "truck", "lorry": "truck", "bus": "bus", "trailer": "trailer",
    "motorcycle": "motorcycle", "motorbike": "motorcycle",
}  # fmt: skip
COLOURS: Final = frozenset({
    "black", "white", "grey", "silver", "red", "blue", "green", "brown", "beige", "gold", "yellow", "orange", "purple",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Label:
    colour: str | None
    body: str | None


class VehicleDetector:
    """A detector from a file. `path` and `sha256` (64 hex digits) as they are set. Raises Invalid, saying what is wrong with it."""

    def __init__(self, path: Path, sha256: str) -> None:
        content = _verified(path, sha256)
        self._name = path.name
        _of_one_file(path, content)
        try:
            self._session = session_of(content)
        except BROUGHT_FAULTS as error:
            raise _refused(path, f"onnxruntime cannot open it: {_first_line(error)}") from error
        self._size = _size_of(path, self._session)
        self._labels = _labels_of(path, self._session)
        self._try(path)

    @property
    def name(self) -> str:
        """Its file's name."""
        return self._name

    def find(self, picture: Picture) -> list[VehicleSeen]:
        """The vehicles on a picture, the surest first, sixteen at most; their boxes in pixels of the picture. Raises FinderFails."""
        high, wide = picture.shape[:2]
        given, by = self._laid_out(picture)
        try:
            out = ran(self._session, given)
        except BROUGHT_FAULTS as error:
            raise FinderFails(self._fails(_first_line(error))) from error
        if not _is_of_form(out):
            raise FinderFails(self._fails(f"a tensor of {_shape(out.shape)} is its answer"))
        found = []
        for left, top, right, bottom, score, label in out[0]:
            box = np.array([left, top, right, bottom]) / by
            if not (np.isfinite(box).all() and score >= _LEAST_SCORE and float(label).is_integer()):
                continue
            kind = self._labels.get(int(label))
            x0, y0, x1, y1 = np.clip(box, 0, (wide, high, wide, high))
            if kind is not None and x1 - x0 >= 1 and y1 - y0 >= 1:
                found.append(
                    VehicleSeen(
                        (float(x0), float(y0), float(x1), float(y1)), float(score), kind.colour, kind.body
                    )
                )
        return sorted(found, key=lambda each: -each.score)[:_MOST]

    def _fails(self, why: str) -> str:
        return f"The vehicle detector {self._name} fails on pictures: {why}."

    def _laid_out(self, picture: Picture) -> tuple[Chances, float]:
        """The picture as the detector wants it, and by how much it was enlarged."""
        wide, high = self._size
        by = min(wide / picture.shape[1], high / picture.shape[0])
        to = max(1, min(wide, round(picture.shape[1] * by))), max(1, min(high, round(picture.shape[0] * by)))
        how = cv2.INTER_AREA if by < 1 else cv2.INTER_LINEAR
        laid = np.full((high, wide, 3), _PADDING, np.uint8)
        laid[: to[1], : to[0]] = cv2.resize(picture, to, interpolation=how)
        given = laid[:, :, ::-1].astype(np.float32).transpose(2, 0, 1)[None] / np.float32(255)
        return np.ascontiguousarray(given), by

    def _try(self, path: Path) -> None:
        """One look at a grey picture: what fails at the first fails at all, and is told before any is looked at."""
        wide, high = self._size
        grey: Picture = np.full((high, wide, 3), _PADDING, np.uint8)
        try:
            out = ran(self._session, self._laid_out(grey)[0])
        except BROUGHT_FAULTS as error:
            raise _refused(path, f"it fails on a grey picture: {_first_line(error)}") from error
        if not _is_of_form(out):
            raise _refused(path, f"it answers with a tensor of {_shape(out.shape)}, not of 1 x N x 6")


def _is_of_form(out: Chances) -> bool:
    return out.ndim == 3 and out.shape[0] == 1 and out.shape[2] == 6


def _of_one_file(path: Path, content: bytes) -> None:
    """Refuse what would be opened with other files, whose content nobody hashed."""
    try:
        beside = outside_data(content)
    except ValueError as error:
        raise _refused(path, f"it is no ONNX file ({error})") from error
    if beside:
        raise _refused(path, f"its tensor “{beside[0][:80]}” lies in another file: it is to be one file")


def _verified(path: Path, sha256: str) -> bytes:
    """The file's content, once it is known to be what was meant: what is opened is what was hashed."""
    if not _SHA256.fullmatch(sha256):
        raise _refused(path, "reading.vehicle_detector_sha256 is to be its SHA-256, 64 digits of 0-9 and a-f")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _refused(path, f"it has more than {_MOST_BYTES} bytes")
        content = path.read_bytes()
    except OSError as missing:
        raise _refused(path, f"it cannot be read ({missing.strerror})") from missing
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        _log.error("the vehicle detector is another file", path=str(path), sha256=found, is_to_be=sha256)
        raise _refused(path, "its SHA-256 is not the one that is set; the log has both")
    return content


def _size_of(path: Path, session: ort.InferenceSession) -> tuple[int, int]:
    """Wide and high, of the one picture that it takes."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(outputs) != 1:
        raise _refused(path, f"it has {len(inputs)} inputs and {len(outputs)} outputs, not one of each")
    takes, gives = inputs[0], outputs[0]
    shape = list(takes.shape)
    fixed = len(shape) == 4 and shape[:2] == [1, 3] and all(isinstance(side, int) for side in shape[2:])
    if takes.type != "tensor(float)" or not fixed or not all(side in _SIDES for side in shape[2:]):
        raise _refused(path, f"it takes {takes.type} of {_shape(shape)}, not tensor(float) of 1 x 3 x H x W")
    if gives.type != "tensor(float)" or (gives.shape and len(gives.shape) != 3):
        raise _refused(
            path, f"it gives {gives.type} of {_shape(gives.shape)}, not tensor(float) of 1 x N x 6"
        )
    return int(shape[3]), int(shape[2])


def _labels_of(path: Path, session: ort.InferenceSession) -> dict[int, _Label]:
    """What each of its labels that is a vehicle's says."""
    text = session.get_modelmeta().custom_metadata_map.get("names")
    try:
        said = json.loads(text or "")
        names = {
            int(at): str(name) for at, name in (said.items() if isinstance(said, dict) else enumerate(said))
        }
    except (TypeError, ValueError) as error:
        raise _refused(path, "its metadata has no “names”: a JSON object or list of its labels") from error
    labels = {at: label for at, name in names.items() if (label := label_of(name)) is not None}
    if not labels:
        raise _refused(path, "none of its labels is a vehicle's: " + ", ".join(list(names.values())[:8]))
    return labels


def label_of(name: str) -> _Label | None:
    """What a label says of a vehicle, by its words: `red car`, `car/red`, `truck`; None where none of them is one."""
    words = re.findall(r"[a-z]+", name.lower())
    bodies = [word for word in words if word in BODIES]
    if not bodies:
        return None
    colour = next((word for word in ("grey" if w == "gray" else w for w in words) if word in COLOURS), None)
    return _Label(colour, BODIES[bodies[0]])


def _refused(path: Path, why: str) -> Invalid:
    """By its name alone: everybody who may see readers sees the sentence. Where it lies is said in the log."""
    return Invalid(
        f"The vehicle detector {path.name} is not used: {why}.", reason="vehicle_detector", next_step=_FORM
    )


def _shape(shape: Sequence[int | str | None]) -> str:
    return " x ".join(str(side) for side in shape) or "no shape"


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160].rstrip(".")
