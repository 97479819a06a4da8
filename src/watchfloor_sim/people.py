"""Simulated people: they sign in and ask over the public API, as the console does. They know nothing of the product's code."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import websockets
from websockets.typing import Origin

from watchfloor_sim.http import trust

Form = dict[str, Any]
API = "/api/v1"
PASSWORD = "a quiet night by the river"  # of invented people in a demo that lives for a night


class Answered(Exception):
    """The center said something else than expected; the message tells what was asked and answered. `status`: of an answer, 0 of none."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Person:
    """Somebody with a session."""

    name: str
    http: httpx.AsyncClient

    async def get(
        self, path: str, *, purpose: str | None = None, case: str | None = None, **query: str
    ) -> Form:
        """GET, with purpose and case where the need asks for them."""
        headers = {"Wf-Purpose": purpose} if purpose else {}
        if case:
            headers["Wf-Case"] = case
        return _body(await self.http.get(API + path, params=query, headers=headers))

    async def post(self, path: str, body: Mapping[str, object] | None = None, **headers: str) -> Form:
        """POST, with a key that makes a repeat harmless."""
        sent = {"Idempotency-Key": str(uuid.uuid4())} | headers
        return _body(await self.http.post(API + path, json=dict(body or {}), headers=sent))

    async def put(self, path: str, body: Mapping[str, object]) -> Form:
        """PUT."""
        return _body(await self.http.put(API + path, json=dict(body)))

    async def again(self, path: str, **query: str) -> Form:
        """GET; a session that has ended meanwhile is opened anew."""
        answer = await self.http.get(API + path, params=query)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            await self.sign_in()
            return await self.get(path, **query)
        return _body(answer)

    async def sign_in(self) -> None:
        """Sign in with the password of the demo, anew when the session is over."""
        await self.post("/session", {"name": self.name, "password": PASSWORD})

    @asynccontextmanager
    async def socket(self, path: str) -> AsyncIterator[websockets.ClientConnection]:
        """A WebSocket with this person's session."""
        base = str(self.http.base_url).rstrip("/")
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        url = base.replace("http", "ws", 1) + API + path
        async with websockets.connect(
            url, additional_headers={"Cookie": cookies}, origin=Origin(base), max_size=16 * 2**20
        ) as connection:
            yield connection

    async def watch(self, topic: str) -> AsyncGenerator[Form, None]:
        """Items of a list as they come and change, from the events socket."""
        async with self.socket("/events") as connection:
            await connection.send(json.dumps({"op": "sub", "id": "a", "topic": topic, "after": None}))
            async for text in connection:
                said = json.loads(text)
                if said["op"] == "denied":
                    raise Answered(f"{self.name} may not watch {topic}: {said['detail']}")
                if said["op"] == "snapshot":
                    for item in said["items"]:
                        yield item
                elif said["op"] == "put":
                    yield said["item"]


def _body(answer: httpx.Response) -> Form:
    if answer.is_success:
        form: Form = answer.json() if answer.content else {}
        return form
    raise Answered(
        f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: {answer.text[:600]}",
        answer.status_code,
    )


def client(base: str) -> httpx.AsyncClient:
    """A browser at that center, signed in as nobody."""
    return httpx.AsyncClient(base_url=base, timeout=30, headers={"Origin": base}, verify=trust())


async def accept(base: str, name: str, token: str) -> Person:
    """Accept a one-time link; the person is signed in."""
    person = Person(name, client(base))
    await person.post("/invitations/accept", {"token": token, "password": PASSWORD})
    return person


async def sign_in(base: str, name: str) -> Person:
    """Sign in with the password of the demo."""
    person = Person(name, client(base))
    await person.sign_in()
    return person


async def invite(administrator: Person, base: str, name: str, full_name: str, role: str) -> Person:
    """Let the administrator invite somebody, who accepts at once."""
    made = await administrator.post("/people", {"name": name, "full_name": full_name, "roles": [role]})
    return await accept(base, name, made["invitation"]["token"])
