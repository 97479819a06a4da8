"""Every operation of the application's own OpenAPI, and how somebody asks one of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx
from fastapi import FastAPI

from tests.fixtures import document
from tests.fixtures.center import new_id
from tests.web.matrix.center import TellingDoor
from tests.web.matrix.parameters import PARAMETERS
from tests.web.matrix.recipe import Recipe
from tests.web.matrix.recipes import RECIPES, Kitchen
from tools.route_table import ways
from watchfloor.governance.asks import EXTENSION
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.kit.route import BASE

ID: Final = re.compile(r"\b[a-z]{2,4}_[0-9A-HJKMNP-TV-Z]{26}\b")
_NEEDS: Final = {need.word: need for need in Need}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `needs` are all asked for; of those beside each other, one."""

    method: str
    path: str
    who: str
    needs: tuple[tuple[Need, ...], ...]
    unknown: str | None
    """Why the matrix cannot ask it, if it cannot."""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def excludes(self, roles: frozenset[Role]) -> bool:
        """Whether some need is for none of these roles, whichever of its alternatives is asked."""
        return any(not any(need.roles & roles for need in either) for either in self.needs)


def operations(app: FastAPI) -> list[Operation]:
    """Every operation below /api/v1: first those that only look, then the others in the order of the recipes."""
    who = {way.name: way.who for way in ways(app)}
    found = [
        _operation(method.upper(), path, said, who[f"{method.upper()} {path}"])
        for path, methods in app.openapi()["paths"].items()
        for method, said in methods.items()
    ]
    return sorted(found, key=_order)


def _operation(method: str, whole: str, said: Mapping[str, Any], who: str) -> Operation:
    path = whole.removeprefix(BASE)
    needs = tuple(tuple(_NEEDS[word] for word in either) for either in said.get(EXTENSION, ()))
    missing = [name for name in re.findall(r"\{(\w+)\}", path) if name not in PARAMETERS]
    asked = [p["name"] for p in said.get("parameters", ()) if p.get("required") and p["in"] != "path"]
    wants = [*asked, *(["a body"] if said.get("requestBody", {}).get("required") else [])]
    unknown = None
    if missing:
        unknown = f"{method} {path}: PARAMETERS does not say which thing {', '.join(missing)} names"
    elif wants and f"{method} {path}" not in RECIPES:
        unknown = f"{method} {path}: it wants {', '.join(wants)}, and RECIPES does not say what"
    return Operation(method, path, who, needs, unknown)


def _order(operation: Operation) -> tuple[int, bool, str]:
    """A new act comes before the last one of the recipes, which signs out."""
    names = list(RECIPES)
    if operation.method == "GET":
        return -1, False, operation.path
    known = operation.name in RECIPES
    return names.index(operation.name) if known else len(names) - 1, known, operation.name


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that could be made."""

    operation: Operation
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None

    @property
    def ids(self) -> list[str]:
        """Every id of a thing that it names."""
        said = [
            self.path,
            *self.query.values(),
            *self.headers.values(),
            (self.content or b"").decode("latin-1"),
        ]
        return list(dict.fromkeys(found for text in said for found in ID.findall(text)))

    def where(self, thing: str) -> str:
        """Where it names the thing."""
        if thing in self.path:
            return "path"
        return "query" if any(thing in value for value in self.query.values()) else "body"

    def instead(self, thing: str, other: str) -> Asking:
        """The same about another thing."""
        return replace(
            self,
            path=self.path.replace(thing, other),
            query={name: value.replace(thing, other) for name, value in self.query.items()},
            headers={name: value.replace(thing, other) for name, value in self.headers.items()},
            content=self.content.replace(thing.encode(), other.encode())
            if self.content is not None
            else None,
        )


def askings(operation: Operation, kitchen: Kitchen) -> Iterator[Asking]:
    """How it is asked with these things, each kind once."""
    for cook in RECIPES.get(operation.name, (lambda _: Recipe(),)):
        recipe = cook(kitchen)
        named = {name: getattr(kitchen.things, what) for name, what in PARAMETERS.items()} | recipe.path
        headers, content = dict(recipe.headers), recipe.content
        if recipe.json is not None:
            headers["Content-Type"], content = "application/json", json.dumps(recipe.json).encode()
        yield Asking(operation, operation.path.format(**named), recipe.query, headers, content)


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who asks: what they are, and what their requests bear to show it."""

    name: str
    roles: frozenset[Role] = frozenset()
    bears: Mapping[str, str] = field(default_factory=dict)


NOBODY: Final = Who("nobody")


def device(name: str, token: str) -> Who:
    return Who(name, frozenset({Role.MACHINE}), {"Authorization": f"Bearer {token}"})


def signed_in(name: str, roles: frozenset[Role], client: httpx.AsyncClient) -> Who:
    return Who(name, roles, {"Cookie": "; ".join(f"{k}={v}" for k, v in client.cookies.items())})


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for what, what was answered, and which needs the door heard meanwhile."""

    who: Who
    asking: Asking
    status: int
    text: str
    shown: str
    """Everything that came back, headers too."""
    heard: frozenset[Need]

    @property
    def body(self) -> dict[str, Any]:
        """The answer, where it is JSON; an answer has a number of its own and names the log's entry of it."""
        said = json.loads(self.text) if self.text.startswith("{") else {}
        return {name: value for name, value in said.items() if name not in ("request_id", "entry")}

    @property
    def reason(self) -> str | None:
        return self.body.get("reason") if self.status >= 400 else None

    def __str__(self) -> str:
        operation = self.asking.operation
        return f"{self.who.name}: {operation.name} -> {self.status} {self.reason or ''} {self.text[:160]}"


class Asker:
    """Asks over HTTP, one after the other, so that what the door hears belongs to one request."""

    def __init__(self, url: str, door: TellingDoor) -> None:
        hooks = {"response": [document.hold]}
        self._client = httpx.AsyncClient(base_url=url, timeout=60, headers={"Origin": url}, event_hooks=hooks)
        self._door = door

    async def ask(self, who: Who, asking: Asking) -> Asked:
        """Ask. Whatever cookie comes back is nobody's."""
        headers = {**asking.headers, **who.bears}
        if asking.operation.method == "POST":
            headers["Idempotency-Key"] = new_id().hex
        self._door.heard.clear()
        answer = await self._client.request(
            asking.operation.method,
            BASE + asking.path,
            params=dict(asking.query),
            headers=headers,
            content=asking.content,
        )
        self._client.cookies.clear()
        kept = {
            n: v for n, v in answer.headers.items() if n not in ("x-request-id", "content-security-policy")
        }
        shown = f"{kept}\n{answer.text}"
        return Asked(who, asking, answer.status_code, answer.text, shown, frozenset(self._door.heard))

    async def close(self) -> None:
        await self._client.aclose()
