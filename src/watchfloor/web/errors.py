"""The one place where a failure's kind becomes a status, a log level and a problem+json. Anything else is a bug, and loud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from watchfloor.governance.forms import outside
from watchfloor.governance.model import Refused
from watchfloor.kit.errors import Kind, OutOfRange, WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.web.forms import FieldProblem, Problem

STATUS: Final = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.REFUSED: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.STALE: 412,
    Kind.TOO_LARGE: 413,
    Kind.OUT_OF_RANGE: 416,
    Kind.TOO_MANY: 429,
    Kind.FULL: 503,
    Kind.UNAVAILABLE: 503,
    Kind.EXPIRED: 410,
}
_KIND_OF: Final = {404: Kind.NOT_FOUND, 405: Kind.NOT_FOUND, 413: Kind.TOO_LARGE}
MEDIA_TYPE: Final = "application/problem+json"
_MOST_FIELDS: Final = 20
_TOLD: Final = "wf_kind"

_log = logger("web")


class ProblemAnswer(JSONResponse):
    """A problem+json; the request is told of its kind, by which it is counted."""

    media_type = MEDIA_TYPE

    def __init__(self, body: Problem, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(body, status, headers)
        self._kind = body["kind"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_TOLD] = self._kind
        await super().__call__(scope, receive, send)


def kind_of(scope: Scope, status: int) -> str:
    """The kind of error that answered a request, `ok` where none did, `other` where it did not tell."""
    kind: str = scope.get(_TOLD, "ok" if status < 400 else "other")
    return kind


def problem(error: WatchfloorError, request_id: str) -> JSONResponse:
    """The answer for an expected failure."""
    body: Problem = {
        "kind": error.kind.word,
        "reason": error.reason,
        "detail": error.detail,
        "next_step": error.next_step,
        "request_id": request_id,
    }
    headers = {}
    if error.kind is Kind.INVALID:
        field = error.reason if error.reason != Kind.INVALID.word else None
        body["fields"] = [{"field": field, "detail": error.detail}] if field else []
    if error.retry_after_s is not None:
        body["retry_after_s"] = error.retry_after_s
        headers["Retry-After"] = str(error.retry_after_s)
    elif error.kind in (Kind.FULL, Kind.UNAVAILABLE):
        headers["Retry-After"] = "2"
        body["retry_after_s"] = 2
    if isinstance(error, OutOfRange):
        headers["Content-Range"] = f"bytes */{error.size}"
    if isinstance(error, Refused):
        body["entry"] = outside("entry", error.entry) if error.entry else None
        body["nearest"] = outside("authorisation", error.denied.nearest) if error.denied.nearest else None
    return ProblemAnswer(body, STATUS[error.kind], headers)


def not_served(request: Request, error: WatchfloorError) -> JSONResponse:
    """The answer for an expected failure of a request, which is logged where a part of the center is to blame."""
    if error.kind in (Kind.FULL, Kind.UNAVAILABLE):
        _log.warning("not served", path=_template(request), kind=error.kind.word, reason=error.reason)
    return problem(error, _request_id(request))


def install(app: FastAPI) -> None:
    """Answer every failure in the one form."""

    @app.exception_handler(WatchfloorError)
    async def expected(request: Request, error: WatchfloorError) -> JSONResponse:
        return not_served(request, error)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        return ProblemAnswer(_malformed(error, _request_id(request)), 422)

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> JSONResponse:
        # The framework wraps what was raised while it read the body.
        if isinstance(error.__cause__, WatchfloorError):
            return problem(error.__cause__, _request_id(request))
        kind = _KIND_OF.get(error.status_code, Kind.INVALID)
        words = "There is nothing under this address." if kind is Kind.NOT_FOUND else str(error.detail)
        body: Problem = {
            "kind": kind.word,
            "reason": kind.word,
            "detail": words,
            "next_step": None,
            "request_id": _request_id(request),
        }
        return ProblemAnswer(body, error.status_code, error.headers)


def _malformed(error: RequestValidationError, request_id: str) -> Problem:
    # What was sent is not repeated: it may hold a password or a plate.
    fields: list[FieldProblem] = [
        {"field": ".".join(str(part) for part in fault["loc"][1:]) or None, "detail": str(fault["msg"])}
        for fault in error.errors()[:_MOST_FIELDS]
    ]
    return {
        "kind": Kind.INVALID.word,
        "reason": Kind.INVALID.word,
        "detail": "The request has fields that cannot be understood.",
        "next_step": "Mend the fields named.",
        "request_id": request_id,
        "fields": fields,
    }


def bug(request_id: str) -> JSONResponse:
    """The answer for what must not happen."""
    body: Problem = {
        "kind": "bug",
        "reason": "bug",
        "detail": "Something went wrong on our side; it has been logged and nothing was half done.",
        "next_step": "Tell your IT staff this number.",
        "request_id": request_id,
    }
    return ProblemAnswer(body, 500)


def _request_id(request: Request) -> str:
    return str(request.scope.get("wf_request_id", ""))


def _template(request: Request) -> str:
    """The route's template: ids and anything else in a path stay out of logs."""
    route = request.scope.get("route")
    return str(getattr(route, "path", "unknown"))
