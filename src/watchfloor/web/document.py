"""The OpenAPI document: what every route takes and answers, and the forms on the sockets. It says; it enforces nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias, get_args

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from starlette.types import ASGIApp, Receive, Scope, Send

from watchfloor.web import forms
from watchfloor.web.errors import MEDIA_TYPE
from watchfloor.web.feed import Topic
from watchfloor.web.idempotency import WITHOUT

Json: TypeAlias = dict[str, Any]
# A page of cameras is named after cameras.
_PAGE: Final = re.compile(r"\bPage_(\w+?)_\b")
_METHODS: Final = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
_PROBLEM: Final = {
    "description": "Not done, and why.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same for every try of one act: it is done once, and the first answer is given again for 24 hours.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{8,128}$"},
}


class Documented(FastAPI):
    """An application whose document has one form of problem, and the forms of what its sockets say."""

    quick: Mapping[tuple[str, str], ASGIApp] = MappingProxyType({})
    """By method and path, what is answered without the framework: its own layers alone take a quarter of what taking a read does."""

    topics: Mapping[str, Topic] = MappingProxyType({})
    """The lists of the events socket."""
    live: Mapping[str, type[msgspec.Struct]] = MappingProxyType({})
    """What the live socket says in JSON, by what it is."""
    playback: Mapping[str, type[msgspec.Struct]] = MappingProxyType({})
    """The same of the playback socket."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.quick.get((scope.get("method", ""), scope.get("path", "")))
        if app is None:
            await super().__call__(scope, receive, send)
        else:
            scope["app"] = self
            await app(scope, receive, send)

    def openapi(self) -> Json:
        if not self.openapi_schema:
            self.openapi_schema = self._document()
        return self.openapi_schema

    def written(self) -> bytes:
        """The document as it is sent."""
        return json.dumps(self.openapi(), separators=(",", ":"), ensure_ascii=False).encode()

    def _document(self) -> Json:
        document = get_openapi(
            title=self.title, version=self.version, description=self.description, routes=self.routes
        )
        document["paths"] = {path: in_order(operations) for path, operations in document["paths"].items()}
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _complete(path, method, operation)
        schemas: Json = document["components"]["schemas"]
        schemas |= _schemas(forms.Problem, forms.Hand, forms.CLIENT, forms.SERVER) | _structs(
            dict.fromkeys([*self.live.values(), *self.playback.values()])
        )
        schemas["Topics"] = _topics(self.topics)
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        document["components"] = {
            "schemas": schemas,
            "responses": {"Problem": _PROBLEM},
            "parameters": {"IdempotencyKey": _KEY},
        }
        document["x-sockets"] = self._sockets()
        _drop_titles(document["paths"], document["components"])
        named: Json = json.loads(_PAGE.sub(r"\1Page", json.dumps(document)))
        named["components"]["schemas"] = dict(sorted(named["components"]["schemas"].items()))
        return named

    def _sockets(self) -> Json:
        live, playback = (
            {name: _ref(form.__name__) for name, form in said.items()} for said in (self.live, self.playback)
        )
        return {
            "/api/v1/events": {
                "description": "Lists that stay current. Text; an item has the form that `topics` gives it.",
                "client": {"oneOf": [_ref(form.__name__) for form in get_args(forms.CLIENT)]},
                "server": {"oneOf": [_ref(form.__name__) for form in get_args(forms.SERVER)]},
                "topics": _ref("Topics"),
            },
            "/api/v1/live/{camera_id}": {
                "description": "Live video. The first message is the client's, text; then binary frames, of which these say JSON.",
                "messages": live,
            },
            "/api/v1/playback": {
                "description": "What cameras recorded. The client's messages are text; then binary frames, of which these say JSON.",
                "messages": playback,
            },
        }


def in_order(operations: Mapping[str, Json]) -> Json:
    """The operations of a path by their methods: a route keeps several in a set, whose order is another in each process."""
    return {method: operations[method] for method in sorted(operations, key=_METHODS.index)}


def _complete(path: str, method: str, operation: Json) -> None:
    """What holds for every operation: its problems, and the key of an act."""
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
    if method == "post" and not path.endswith(WITHOUT):
        key = {"$ref": "#/components/parameters/IdempotencyKey"}
        operation["parameters"] = [*operation.get("parameters", ()), key]


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas(*kinds: Any) -> Json:
    """The schemas of these forms, by name."""
    _, made = TypeAdapter.json_schemas(
        [(kind, "serialization", TypeAdapter(kind)) for kind in kinds],
        ref_template="#/components/schemas/{model}",
    )
    schemas: Json = made["$defs"]
    return schemas


def _structs(kinds: Iterable[type[msgspec.Struct]]) -> Json:
    _, made = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    return made


def _topics(topics: Mapping[str, Topic]) -> Json:
    """The form of each topic's items, as the properties of one schema: clients make a table of types of it."""
    named = {name: _ref(topic.form.__name__) for name, topic in topics.items() if topic.form is not None}
    return {
        "type": "object",
        "description": "No answer has this form: it says which form the items of each topic of the events socket have.",
        "properties": named,
        "required": list(named),
    }


def _drop_titles(*parts: object) -> None:
    """Titles that only say a name again. A property called `title` is no title."""
    for part in parts:
        match part:
            case dict():
                if isinstance(part.get("title"), str):
                    del part["title"]
                _drop_titles(*part.values())
            case list():
                _drop_titles(*part)
