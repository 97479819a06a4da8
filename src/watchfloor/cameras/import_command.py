"""`watchfloor cameras import`: a city's list of cameras handed in from the terminal, over the API that the console uses.

It has no door of its own: a person signs in, and what they may not do there they may not do here.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import typer

from watchfloor.kit.clock import Clock, SystemClock
from watchfloor.kit.errors import Conflict, Invalid, Unauthenticated, Unavailable
from watchfloor.kit.ids import uuid7
from watchfloor.kit.route import BASE

_TYPES: Final = {
    ".csv": "text/csv",
    ".tsv": "text/csv",
    ".txt": "text/csv",
    ".geojson": "application/geo+json",
    ".json": "application/geo+json",
}
_LISTS: Final = "/camera-imports"
_WITHIN_S: Final = 120.0
_PAGE: Final = 500


async def run(
    file: Path,
    *,
    url: str,
    name: str,
    password_file: Path | None = None,
    kind: str = "municipal",
    preview: bool = False,
    yes: bool = False,
    as_json: bool = False,
) -> int:
    """Hand in a list of cameras (CSV or GeoJSON) as the person NAME: every row is judged, and kept once you confirm it.

    With --preview nothing is kept; with --yes nothing is asked. The password is asked for, or read from --password-file.

    Example: watchfloor cameras import city.csv --url https://center.example.gov --name t.weiss --preview
    """
    kind_of_file = _TYPES.get(file.suffix.lower())
    if kind_of_file is None:
        raise Invalid(f"{file.name} is called neither .csv nor .geojson.")
    data, password = _read(file, password_file)
    password = password or typer.prompt(f"Password of {name}", hide_input=True, err=True)
    async with signed_in(url.rstrip("/"), name, password) as center:
        made = await center.asks(
            "POST", _LISTS, content=data, type_=kind_of_file, query={"file_name": file.name, "kind": kind}
        )
        await _tell(center, made, as_json=as_json)
        todo = made["new"] + made["changed"]
        if preview or not todo:
            return 0
        if not yes and not typer.confirm(f"Bring in {todo:,} cameras?", err=True):
            await center.asks("DELETE", f"{_LISTS}/{made['id']}")
            return 1
        return await _applied(center, made["id"], SystemClock(), as_json=as_json)


def _read(file: Path, password_file: Path | None) -> tuple[bytes, str]:
    """The list, and the password where a file holds it. Raises Invalid."""
    try:
        return file.read_bytes(), password_file.read_text().strip() if password_file else ""
    except OSError as error:
        raise Invalid(f"{error.filename} cannot be read: {error.strerror}.") from error


Told = dict[str, Any]
"""What a center answers, as JSON has it."""


class Center:
    """A center where somebody is signed in."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def asks(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        type_: str = "application/json",
        query: Mapping[str, str] | None = None,
    ) -> Told:
        """What is answered. Raises an expected failure with the center's own words."""
        headers = {"Content-Type": type_, "Idempotency-Key": uuid7(SystemClock().now()).hex}
        try:
            answer = await self._http.request(
                method, BASE + path, content=content, headers=headers, params=query
            )
        except httpx.HTTPError as error:
            raise Unavailable(f"The center at {self._http.base_url} does not answer: {error}.") from error
        if answer.is_success:
            return dict(answer.json()) if answer.content else {}
        raise _problem(answer)


def _problem(answer: httpx.Response) -> Exception:
    try:
        said: Mapping[str, str | None] = answer.json()
    except ValueError:
        return Unavailable(f"What answers there is no watchfloor (HTTP {answer.status_code}).")
    kinds = {401: Unauthenticated, 409: Conflict, 503: Unavailable}
    kind = kinds.get(answer.status_code, Invalid)
    return kind(
        said.get("detail") or f"HTTP {answer.status_code}",
        reason=said.get("reason"),
        next_step=said.get("next_step"),
    )


@asynccontextmanager
async def signed_in(url: str, name: str, password: str) -> AsyncIterator[Center]:
    """A center while a person is signed in there. Raises Unauthenticated, Unavailable."""
    async with httpx.AsyncClient(base_url=url, timeout=_WITHIN_S, headers={"Origin": url}) as http:
        center = Center(http)
        said = {"name": name, "password": password}
        try:
            await center.asks("POST", "/session", content=json.dumps(said).encode())
        except Unauthenticated as error:
            if error.reason != "code_needed":
                raise
            said["code"] = typer.prompt("Code of the second factor", err=True)
            await center.asks("POST", "/session", content=json.dumps(said).encode())
        try:
            yield center
        finally:
            await center.asks("DELETE", "/session")


async def _tell(center: Center, made: Mapping[str, Any], *, as_json: bool) -> None:
    """What the rows come to: the refused ones one by one."""
    counts = {key: made[key] for key in ("new", "changed", "unchanged", "refused", "warned")}
    if as_json:
        typer.echo(json.dumps({"event": "looked_at", "id": made["id"], **counts}))
    else:
        typer.echo(", ".join(f"{count:,} {word}" for word, count in counts.items()))
    after: str | None = ""
    while after is not None and made["refused"]:
        query = {"limit": str(_PAGE), "verdict": "refused", **({"after": after} if after else {})}
        rows = await center.asks("GET", f"{_LISTS}/{made['id']}/rows", query=query)
        for row in rows["items"]:
            problems = [f"{one['column'] or 'the row'}: {one['reason']}" for one in row["problems"]]
            if as_json:
                said = {"event": "refused", "line": row["line"], "name": row["name"], "problems": problems}
                typer.echo(json.dumps(said))
            else:
                typer.echo(f"line {row['line']}: {' '.join(problems)}")
        after = rows["next"]


async def _applied(center: Center, list_id: str, clock: Clock, *, as_json: bool) -> int:
    one = await center.asks("POST", f"{_LISTS}/{list_id}/confirm", content=b"{}")
    total = one["new"] + one["changed"]
    while True:
        said = {"event": one["state"], "done": one["done"], "failed": one["failed"], "of": total}
        typer.echo(
            json.dumps(said) if as_json else f"{one['done']:,} of {total:,} done, {one['failed']:,} not kept",
            err=one["state"] != "applied" and not as_json,
        )
        if one["state"] == "applied":
            return 1 if one["failed"] else 0
        await clock.sleep(1.0)
        one = await center.asks("GET", f"{_LISTS}/{list_id}")
