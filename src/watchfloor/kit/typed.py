"""Values of the types that a dataclass declares, out of words that somebody wrote, and a file of such sections. It reads no environment."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
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


def sections_in(path: Path, known: Collection[str]) -> Mapping[str, Mapping[str, object]]:
    """The sections of a TOML file; none where it is not there. Raises Invalid for one that cannot be read, and for an unknown section."""
    try:
        document = tomllib.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}  # every setting has a default; what is no directory is said by whoever works in it
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Invalid(f"{path} cannot be read: {error}") from error
    sections: dict[str, Mapping[str, object]] = {}
    for section, values in document.items():
        if section not in known or not isinstance(values, dict):
            raise Invalid(f"{path}: there is no section [{section}]; known are {', '.join(known)}")
        sections[section] = values
    return sections


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
