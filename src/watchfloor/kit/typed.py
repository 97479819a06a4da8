"""Values of the types that a dataclass declares, out of words that somebody wrote. It reads no file and no environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, get_type_hints

from watchfloor.kit.errors import Invalid

S = TypeVar("S")


def section_of(kind: Callable[..., S], name: str, values: Mapping[str, object]) -> S:
    """What `kind` makes of these values. Raises Invalid for a name that it has not and a value of another type."""
    hints = get_type_hints(kind)
    for key in values:
        if key not in hints:
            raise Invalid(f"[{name}] has no setting {key!r}; known are {', '.join(sorted(hints))}")
    return kind(**{key: _typed(f"{name}.{key}", hints[key], value) for key, value in values.items()})


def _typed(name: str, wanted: type, value: object) -> object:
    try:
        if wanted is int and not isinstance(value, bool):
            return int(str(value))
        if wanted is float:
            return float(str(value))
    except ValueError as error:
        raise Invalid(f"{name}: {value!r} is not a number") from error
    if wanted is str and isinstance(value, str):
        return value
    raise Invalid(f"{name}: {value!r} should be of type {wanted.__name__}")
