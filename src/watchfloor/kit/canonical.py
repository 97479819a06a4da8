"""Canonical JSON (RFC 8785 for the values we use: strings, integers, booleans, null, lists, objects)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

_TYPE_ERROR = "canonical JSON takes strings, integers, booleans, null, lists and objects, not {}"

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]


def canonical(value: Json) -> bytes:
    """The one byte form of `value`. Floats are refused: write them as strings of a stated precision.

    Raises TypeError for a value that has no single form.
    """
    _check(value)
    ordered = _ordered(value)
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()


def _check(value: Json) -> None:
    match value:
        case None | bool() | int() | str():
            return
        case Mapping():
            for key, item in value.items():
                if not isinstance(key, str):
                    raise TypeError(_TYPE_ERROR.format("a key of type " + type(key).__name__))
                _check(item)
        case list() | tuple():
            for item in value:
                _check(item)
        case _:
            raise TypeError(_TYPE_ERROR.format(type(value).__name__))


def _ordered(value: Json) -> Json:
    if isinstance(value, Mapping):
        # RFC 8785 orders keys by UTF-16 code units.
        keys = sorted(value, key=lambda k: k.encode("utf-16-be"))
        return {key: _ordered(value[key]) for key in keys}
    if isinstance(value, (list, tuple)):
        return [_ordered(item) for item in value]
    return value
