"""The OpenAPI document says what everything answers; and what holds answers against it finds a difference."""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures import document
from tests.fixtures.document import BASE, DOCUMENT, Differs
from watchfloor.web.document import in_order

_SAID: dict[str, Any] = json.loads(DOCUMENT.read_text())
_ID = "cam_01M8HH80MRE01958ZT1FBBPCEW"


def formless(said: dict[str, Any]) -> list[str]:
    """Operations whose good answer has no form of its own."""
    return [
        operation["operationId"]
        for ways in said["paths"].values()
        for operation in ways.values()
        if not any(_has_form(answer) for status, answer in operation["responses"].items() if status < "3")
    ]


def _has_form(answer: dict[str, Any]) -> bool:
    schemas = [content.get("schema", {}) for content in answer.get("content", {}).values()]
    # Nothing is a form, too: 204.
    return all({"$ref", "anyOf"} & set(schema) or schema.get("type") == "string" for schema in schemas)


def refs(part: object) -> Iterator[str]:
    match part:
        case {"$ref": str(name)}:
            yield name
        case dict():
            for inner in part.values():
                yield from refs(inner)
        case list():
            for inner in part:
                yield from refs(inner)


def test_every_operation_says_what_it_answers() -> None:
    assert formless(_SAID) == []
    unsaid = copy.deepcopy(_SAID)
    unsaid["paths"][f"{BASE}/cameras"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ] = {}
    assert formless(unsaid) == ["cameras_list_cameras"]


def test_the_methods_of_a_path_stand_in_one_order_in_every_process() -> None:
    for shuffled in itertools.permutations(("get", "put", "delete")):
        assert list(in_order({method: {} for method in shuffled})) == ["get", "put", "delete"]
    assert any(len(path) > 1 for path in _SAID["paths"].values())
    assert all(list(in_order(path)) == list(path) for path in _SAID["paths"].values())


def test_every_operation_has_an_id_of_its_own_that_names_its_slice_first() -> None:
    named = [
        (operation["operationId"], operation["tags"])
        for ways in _SAID["paths"].values()
        for operation in ways.values()
    ]
    assert len({name for name, _ in named}) == len(named)
    assert [name for name, tags in named if not re.fullmatch(rf"{tags[0]}_[a-z_]+", name)] == []


def test_every_form_has_a_name_of_its_own_and_is_there() -> None:
    schemas = _SAID["components"]["schemas"]
    # Two of one name are told apart by their modules.
    assert [name for name in schemas if "__" in name] == []
    assert {ref for ref in refs(_SAID) if ref.startswith("#/components/schemas/")} <= {
        f"#/components/schemas/{name}" for name in schemas
    }
    assert set(schemas["Topics"]["properties"]) >= {"alerts", "incident", "units"}


def test_every_form_says_what_it_is() -> None:
    of_answers = {name: form for name, form in _SAID["components"]["schemas"].items() if "properties" in form}
    assert [name for name, form in of_answers.items() if not _is_told(name, form)] == []


def _is_told(name: str, form: dict[str, Any]) -> bool:
    # A stretch of time that was recorded needs no words.
    return bool(form.get("description")) or name in ("Range", "Gap", "Timeline")


def _answer(content: dict[str, Any], status: int = 200, kind: str = "application/json") -> httpx.Response:
    return httpx.Response(
        status,
        headers={"content-type": kind},
        content=json.dumps(content).encode(),
        request=httpx.Request("GET", f"http://center{BASE}/cameras/{_ID}/state"),
    )


_STATE = {
    "level": "normal",
    "word": "live",
    "reason": "Pictures arrive.",
    "since": "2026-11-28T16:54:03.672054Z",
    "last_frame_at": None,
}


async def test_an_answer_as_the_document_says_holds() -> None:
    await document.hold(_answer(_STATE))
    assert "cameras_get_state" in document.answered


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (_answer(_STATE | {"more": 1}), "'more' was unexpected"),
        (_answer({k: v for k, v in _STATE.items() if k != "word"}), "'word' is a required property"),
        (_answer(_STATE | {"level": "fine"}), "level: 'fine' is not one of"),
        (_answer(_STATE | {"word": None}), "word: None is not of type 'string'"),
        (_answer(_STATE | {"since": "2026-11-28T16:54:03+01:00"}), "since: .* is not a 'date-time'"),
        (_answer(_STATE, 202), "which the document does not know"),
        (_answer(_STATE, 200, "text/plain"), "with text/plain"),
        (_answer({"detail": "No."}, 404, "application/problem+json"), "'kind' is a required property"),
        (_answer({"detail": "No."}, 404), "with application/json"),
    ],
)
async def test_an_answer_that_differs_is_found(answer: httpx.Response, said: str) -> None:
    with pytest.raises(Differs, match=said):
        await document.hold(answer)


def test_a_message_of_the_socket_that_differs_is_found() -> None:
    put = {"op": "put", "id": "a", "epoch": 1, "seq": 2, "item": {"id": "unt_1"}}
    with pytest.raises(Differs, match="topic units other than"):
        document.hold_event(put, "units")
    with pytest.raises(Differs, match="the events socket other than"):
        document.hold_event({"op": "put", "id": "a"}, "units")
