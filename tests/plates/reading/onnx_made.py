"""A small detector as an ONNX file, written byte by byte: no package that writes ONNX is among the project's.

It answers with the boxes it is given, each number times the brightest point of its picture: on a black one it finds nothing.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Sequence
from pathlib import Path

Row = tuple[float, float, float, float, float, float]
FLOAT = 1
NAMES = {"0": "person", "2": "car", "3": "red pickup"}


def detector(
    path: Path,
    rows: Sequence[Row] = ((0, 0, 64, 64, 0.9, 2),),
    *,
    takes: Sequence[int] = (1, 3, 64, 96),
    gives: Sequence[int] | None = None,
    names: object = NAMES,
    breaks: bool = False,
    beside: str = "",
) -> str:
    """Write it, and tell its SHA-256. `takes` is its input's shape, `gives` its output's where that is not 1 x N x 6. One that `breaks`
    fails on a picture with a white point; the boxes of one with a file `beside` it lie there.
    """
    shape = gives if gives is not None else (1, len(rows), 6)
    nodes = [_node("ReduceMax", ["picture"], ["brightest"], keepdims=0)]
    if breaks:  # the second of one row of boxes
        nodes += [
            _node("Cast", ["brightest"], ["which"], to=7),
            _node("Gather", ["boxes", "which"], ["found"]),
        ]
    else:
        nodes.append(_node("Mul", ["boxes", "brightest"], ["found"]))
    boxes = [number for row in rows for number in row]
    graph = (
        b"".join(_bytes(1, node) for node in nodes) + _bytes(2, b"detector")
        + _bytes(5, _tensor("boxes", (1, *shape) if breaks else shape, boxes, beside=beside))
        + _bytes(11, _value("picture", takes)) + _bytes(12, _value("found", shape))
    )  # fmt: skip
    said = _bytes(1, b"names") + _bytes(2, json.dumps(names).encode())
    opset = _bytes(1, b"") + _number(2, 13)
    model = _number(1, 8) + _bytes(7, graph) + _bytes(8, opset) + (_bytes(14, said) if names else b"")
    path.write_bytes(model)
    return hashlib.sha256(model).hexdigest()


def _node(kind: str, inputs: Sequence[str], outputs: Sequence[str], **numbers: int) -> bytes:
    made = b"".join(_bytes(1, name.encode()) for name in inputs)
    made += b"".join(_bytes(2, name.encode()) for name in outputs) + _bytes(4, kind.encode())
    for name, value in numbers.items():
        made += _bytes(5, _bytes(1, name.encode()) + _number(3, value) + _number(20, 2))
    return made


def _tensor(name: str, shape: Sequence[int], numbers: Sequence[float], *, beside: str) -> bytes:
    dims = b"".join(_number(1, side) for side in shape)
    there = _bytes(13, _bytes(1, b"location") + _bytes(2, beside.encode())) + _number(14, 1)
    return (
        dims
        + _number(2, FLOAT)
        + _bytes(8, name.encode())
        + (there if beside else _bytes(9, struct.pack(f"<{len(numbers)}f", *numbers)))
    )


def _value(name: str, shape: Sequence[int]) -> bytes:
    dims = b"".join(_bytes(1, _number(1, side)) for side in shape)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _number(1, FLOAT) + _bytes(2, dims)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
