"""What an ONNX file says of its tensors, by its protobuf alone: whether any of them lies in another file. Nothing is opened for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

_MOST_VARINT: Final = 10
# Of each message the fields that lead to a tensor, and to what: the names are ONNX's own.
_LEADS: Final[Mapping[str, Mapping[int, str]]] = {
    "Model": {7: "Graph", 20: "Training", 25: "Function"},
    "Training": {1: "Graph", 2: "Graph"},
    "Function": {7: "Node", 11: "Attribute"},
    "Graph": {1: "Node", 5: "Tensor", 15: "Sparse"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "Sparse", 23: "Sparse"},
    "Sparse": {1: "Tensor", 2: "Tensor"},
}
_NAME, _OUTSIDE, _LOCATION = 8, 13, 14


def outside_data(content: bytes) -> list[str]:
    """The names of the tensors that lie in another file. Raises ValueError for what is no protobuf."""
    found: list[str] = []
    waiting: list[tuple[str, memoryview]] = [("Model", memoryview(content))]
    while waiting:
        kind, message = waiting.pop()
        if kind == "Tensor":
            fields = list(_fields(message))
            if any(number == _OUTSIDE or (number == _LOCATION and value == 1) for number, value in fields):
                names = [bytes(v) for number, v in fields if number == _NAME and isinstance(v, memoryview)]
                found.append(names[-1].decode(errors="replace") if names else "")
            continue
        for number, value in _fields(message):
            to = _LEADS[kind].get(number)
            if to is not None and isinstance(value, memoryview):
                waiting.append((to, value))
    return found


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        match tag & 7:
            case 0:
                value, at = _varint(message, at)
                yield tag >> 3, value
                continue
            case 1:
                size = 8
            case 2:
                size, at = _varint(message, at)
            case 5:
                size = 4
            case other:
                raise ValueError(f"a field of kind {other}")
        if at + size > len(message):
            raise ValueError("it ends within a field")
        yield tag >> 3, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for number in range(_MOST_VARINT):
        if at + number >= len(message):
            raise ValueError("it ends within a number")
        byte = message[at + number]
        value |= (byte & 0x7F) << (7 * number)
        if byte < 0x80:
            return value, at + number + 1
    raise ValueError("a number without an end")
