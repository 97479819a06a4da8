"""JSON Schemas of what goes over the bus, made from the code; docs/design/bus/ holds them. It writes no file itself."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from watchfloor.detections.envelope import NEWS, Envelope
from watchfloor.kit.canonical import Json

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, str]:
    """File name to text: the envelope, and the `data` of each type of news."""
    forms: dict[str, type] = {"envelope": Envelope, **NEWS}
    return {f"{name}.json": _text(form) for name, form in sorted(forms.items())}


def breaks(older: Mapping[str, Json], newer: Mapping[str, Json]) -> list[str]:
    """What of `newer` someone who knows only `older` cannot live with: fields gone, of another form, newly required."""
    wrong = []
    old_forms, new_forms = _forms(older), _forms(newer)
    for name, old in old_forms.items():
        new = new_forms.get(name)
        if new is None:
            wrong.append(f"{name} is gone")
            continue
        old_fields, new_fields = _mapping(old, "properties"), _mapping(new, "properties")
        for field, form in old_fields.items():
            if field not in new_fields:
                wrong.append(f"{name}.{field} is gone")
            elif new_fields[field] != form:
                wrong.append(f"{name}.{field} has another form")
        wrong += [f"{name}.{field} is newly required" for field in _required(new) - _required(old)]
    return wrong


def _text(form: type) -> str:
    (schema,), components = msgspec.json.schema_components([form], ref_template="#/$defs/{name}")
    document = {"$schema": _DIALECT, **schema, "$defs": components}
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _forms(document: Mapping[str, Json]) -> dict[str, Mapping[str, Json]]:
    forms = _mapping(document, "$defs")
    return {name: form for name, form in forms.items() if isinstance(form, Mapping)}


def _mapping(document: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    found = document.get(key)
    return found if isinstance(found, Mapping) else {}


def _required(form: Mapping[str, Json]) -> set[str]:
    found = form.get("required")
    return {str(name) for name in found} if isinstance(found, (list, tuple)) else set()
