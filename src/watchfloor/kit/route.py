"""Routes that answer with what their function returns; its annotation is the answer's form in the OpenAPI document.

Nothing is checked against the form, or copied, while a request waits: mypy holds the functions to it, and the tests hold
every answer they get against the document.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, Final, Generic, TypeVar, cast, get_type_hints

import msgspec
from fastapi import Response
from fastapi.datastructures import DefaultPlaceholder
from fastapi.routing import APIRoute
from fastapi.utils import create_model_field
from starlette.routing import Match, compile_path
from starlette.types import Scope
from typing_extensions import TypedDict

from watchfloor.kit.extent import Cut

T = TypeVar("T")
_Endpoint = Callable[..., Awaitable[object]]

BASE: Final = "/api/v1"
"""Where the whole API lies."""
BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
PICTURE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"image/jpeg": BYTES}}}


def takes(*media_types: str) -> dict[str, object]:
    """The `openapi_extra` of a route that reads its body itself, as it comes."""
    return {"requestBody": {"required": True, "content": dict.fromkeys(media_types, BYTES)}}


class Page(TypedDict, Generic[T]):
    """A list, or a part of one: `next` is null where nothing follows."""

    items: list[T]
    next: str | None


def page(found: list[T] | Cut[T]) -> Page[T]:
    """The outside form of a list, or of a part of one: `next` is what `after` says to get the rest."""
    cut = Cut(found) if isinstance(found, list) else found
    return {"items": cut.items, "next": cut.following}


class Answer(Response):
    """JSON; a time in it is RFC 3339, as on the sockets."""

    media_type: str | None = "application/json"

    def render(self, content: object) -> bytes:
        return msgspec.json.encode(content)


def operation_id(route: APIRoute) -> str:
    """`slice_verb`: the slice's tag and the function's name."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


class Stated(APIRoute):
    """A route under `BASE` that states its form (`response_model`, else the annotation) and does not enforce it.

    Until it is first asked it is only what finds it. How it reads a request takes most of the time that a server takes to be
    put together, and of some hundreds of routes most are asked seldom.
    """

    def __init__(self, path: str, endpoint: _Endpoint, **said: object) -> None:
        self._said = said
        self.path, self.endpoint, self._answers = BASE + path, endpoint, endpoint
        self.path_regex, self.path_format, self.param_convertors = compile_path(self.path)
        self._begins, self._is_fixed = self.path.partition("{")[0], "{" not in self.path
        self.methods = {method.upper() for method in cast("Iterable[str]", said.get("methods") or ("GET",))}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The same, without a regular expression for what begins otherwise: each of some hundreds is asked before the one that is meant."""
        path = scope["path"]
        if not scope.get("root_path") and (
            path != self.path if self._is_fixed else not path.startswith(self._begins)
        ):
            return Match.NONE, {}
        return super().matches(scope)

    async def answer(self, **given: object) -> Response:
        """What it answers to these arguments, for who has them without the framework."""
        answering = _answering(self._answers, cast("int", self._said.get("status_code") or 200))
        return cast("Response", await answering(**given))

    def __getattr__(self, name: str) -> object:
        """What is not there yet, all of it at once: a thread may write the document while a request comes."""
        if name not in _MADE_WHEN_ASKED:
            raise AttributeError(name)
        self.__dict__.update(vars(_whole(self.path, self._answers, dict(self._said))))
        return self.__dict__[name]


_MADE_WHEN_ASKED: Final = frozenset(APIRoute.__annotations__) | {"app", "name", "form_limits"}


def _whole(path: str, endpoint: _Endpoint, said: dict[str, object]) -> APIRoute:
    form = said.pop("response_model", None)
    if form is None or isinstance(form, DefaultPlaceholder):
        form = get_type_hints(endpoint, include_extras=True).get("return")
    if isinstance(form, type) and issubclass(form, Response):
        if isinstance(said.get("response_class"), DefaultPlaceholder):
            said["response_class"] = form
    else:
        status = cast("int", said.get("status_code") or 200)
        if form is not type(None):
            more = cast("dict[int | str, object]", said.get("responses") or {})
            said["responses"] = {status: {"model": form}} | more
        endpoint = _answering(endpoint, status)
    answers = cast("dict[int | str, dict[str, Any]]", said.pop("responses", None) or {})
    said["generate_unique_id_function"] = operation_id
    route = APIRoute(path, endpoint, response_model=None, **said)  # type: ignore[arg-type]  # by FastAPI's own names
    route.responses = answers
    route.response_fields = cast("dict[int | str, Any]", _Fields(route.unique_id, answers))
    return route


class Beside(APIRoute):
    """A page beside the API, for people without the console: its path is the whole address."""


class _Fields(Mapping[int | str, Any]):
    """The forms of answers as the framework has them, made when first looked at: the document alone does that, and making
    them takes longer than all else that a route needs."""

    def __init__(self, name: str, answers: Mapping[int | str, Mapping[str, Any]]) -> None:
        self._name = name
        self._forms = {status: said["model"] for status, said in answers.items() if "model" in said}
        self._made: dict[int | str, Any] = {}

    def __getitem__(self, status: int | str) -> Any:
        if status not in self._made:
            form, name = self._forms[status], f"Response_{status}_{self._name}"
            self._made[status] = create_model_field(name, form, mode="serialization")
        return self._made[status]

    def __iter__(self) -> Iterator[int | str]:
        return iter(self._forms)

    def __len__(self) -> int:
        return len(self._forms)


def _answering(endpoint: _Endpoint, status: int) -> _Endpoint:
    """The same, giving the answer itself: the framework would copy what is returned, and turn each time into words first."""

    @wraps(endpoint)
    async def answering(**values: object) -> Response:
        said = await endpoint(**values)
        if isinstance(said, Response):
            return said
        answer = Response(status_code=status) if said is None else Answer(said, status)
        # Where a route takes the response it sets a cookie, or another status.
        for given in values.values():
            if isinstance(given, Response):
                answer.status_code = given.status_code or status
                answer.headers.raw.extend(given.headers.raw)
        return answer

    return answering
