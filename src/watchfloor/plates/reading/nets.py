"""The networks, opened once: PP-OCRv6 small of the `rapidocr` wheel (Apache-2.0) finds and reads lines, our own reads them again.

On a graphics card where onnxruntime has a provider for one, else on one thread: several readers share a machine, and threads of one
network cost more than they save.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as faults

from watchfloor.plates.reading.letters import Alphabet
from watchfloor.plates.reading.lines import lines_of
from watchfloor.plates.reading.model import Chances, Line, Picture, Reading
from watchfloor.plates.reading.strips import WIDE, padded

_FINDER: Final = "PP-OCRv6_det_small.onnx"
_READER: Final = "PP-OCRv6_rec_small.onnx"
_GPU: Final = (
    "CUDAExecutionProvider",
    "ROCMExecutionProvider",
    "CoreMLExecutionProvider",
    "DmlExecutionProvider",
)
# What a network, or what prepares its pictures, fails with on one picture.
FAULTS: Final = (
    faults.Fail,
    faults.InvalidArgument,
    faults.RuntimeException,
    faults.EPFail,
    cv2.error,
    ArithmeticError,
    IndexError,
    MemoryError,
    ValueError,
)
# What a network that is none of ours fails with, opened or run, beside those.
BROUGHT_FAULTS: Final = (
    *FAULTS,
    faults.EngineError,
    faults.InvalidGraph,
    faults.InvalidProtobuf,
    faults.ModelLoadCanceled,
    faults.ModelRequiresCompilation,
    faults.NoModel,
    faults.NoSuchFile,
    faults.NotFound,
    faults.NotImplemented,
)
_STEP: Final = 32
_LONG: Final = 3.6
# Small pictures are enlarged, up to here: more shows nothing that was not there.
_MOST_ENLARGED: Final = 4.0


def providers(there: Sequence[str] | None = None) -> list[str]:
    """Where networks run here, in order of preference. `there`: what onnxruntime has; asked of it where it is not given."""
    there = ort.get_available_providers() if there is None else there
    return [name for name in _GPU if name in there] + ["CPUExecutionProvider"]


class TextFinder:
    """Finds lines of text."""

    def __init__(self) -> None:
        self._session = session_of(_wheel(_FINDER))

    @property
    def runs_on(self) -> str:
        """What it runs on, in a word: processor, CUDA, ROCM, CoreML or Dml."""
        first = self._session.get_providers()[0]
        return "processor" if first.startswith("CPU") else first.removesuffix("ExecutionProvider")

    def find(self, picture: Picture, longest: int) -> list[Line]:
        """The lines on a picture, looked at with its longer side `longest` pixels."""
        high, wide = picture.shape[:2]
        by = min(longest / max(high, wide), _MOST_ENLARGED)
        to_high = max(_STEP, round(high * by / _STEP) * _STEP)
        to_wide = max(_STEP, round(wide * by / _STEP) * _STEP)
        how = cv2.INTER_AREA if by < 1 else cv2.INTER_LINEAR
        small = cv2.resize(picture, (to_wide, to_high), interpolation=how)
        given = (small.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)[None]
        chances = ran(self._session, np.ascontiguousarray(given))[0, 0]
        return lines_of(chances, (wide / to_wide, high / to_high))


class LineReader:
    """Reads lines in any script; of what it writes a plate's letters are kept. `wide` is how wide a strip is laid out."""

    def __init__(self, wide: int = WIDE, *, like: LineReader | None = None) -> None:
        """`like`: with the network of another, opened once."""
        self._wide = wide
        if like is not None:
            self._session: ort.InferenceSession = like._session
            self._alphabet: Alphabet = like._alphabet
            return
        self._session = session_of(_wheel(_READER))
        names = self._session.get_modelmeta().custom_metadata_map["character"].split("\n")
        self._alphabet = Alphabet(["", *names, " "])

    def read(self, strips: Sequence[Picture]) -> list[Reading]:
        """What each strip says."""
        readings: dict[int, Reading] = {}
        # The long ones apart: they would make the others as long, and as dear.
        for group in split(strips):
            if group:
                chances = ran(self._session, padded([strips[at] for at in group], self._wide))
                readings |= {
                    at: self._alphabet.reading(each) for at, each in zip(group, chances, strict=True)
                }
        return [readings[at] for at in range(len(strips))]


def split(strips: Sequence[Picture]) -> tuple[list[int], list[int]]:
    """Which strips are short, and which are long for their height."""
    long = [strip.shape[1] > _LONG * strip.shape[0] for strip in strips]
    return [at for at, is_long in enumerate(long) if not is_long], [
        at for at, is_long in enumerate(long) if is_long
    ]


def session_of(network: Path | bytes) -> ort.InferenceSession:
    """A network, from its file or its bytes, ready to run. Where a graphics card is there and fails, it runs on the processor."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    given = network if isinstance(network, bytes) else str(network)
    return ort.InferenceSession(given, options, providers=providers())


def ran(session: ort.InferenceSession, given: Chances) -> Chances:
    """What the network makes of its one input."""
    out = session.run(None, {session.get_inputs()[0].name: given})[0]
    return np.asarray(out, np.float32)


def _wheel(name: str) -> Path:
    return Path(str(files("rapidocr"))) / "models" / name
