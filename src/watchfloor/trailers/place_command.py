"""`watchfloor trailers place`: where a trailer stands from now on, said from the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from watchfloor.cameras.import_command import signed_in
from watchfloor.kit.errors import NotFound
from watchfloor.trailers.list_command import line, password_of


async def run(
    trailer: str,
    *,
    url: str,
    name: str,
    lat: float,
    lon: float,
    heading: float,
    place: str,
    reason: str,
    password_file: Path | None = None,
    as_json: bool = False,
) -> int:
    """The trailer of this name stands here from now on, with everything on it; said as the person NAME.

    Where no authorisation covers the place it stands there and records nothing: the answer says so.

    Example: watchfloor trailers place --trailer T2 --lat 38.6 --lon -90.2 --heading 75 --place Mart --reason loss --url https://wf --name a
    """
    async with signed_in(url.rstrip("/"), name, password_of(name, password_file)) as center:
        every = (await center.asks("GET", "/trailers", query={"limit": "500"}))["items"]
        found: dict[str, Any] | None = next((one for one in every if one["name"] == trailer), None)
        if found is None:
            raise NotFound(
                f"There is no trailer {trailer!r}.", next_step="`watchfloor trailers list` names them."
            )
        body = {"place": place, "lat": lat, "lon": lon, "heading_deg": heading, "reason": reason}
        path = f"/trailers/{found['id']}/place"
        placed = await center.asks("POST", path, content=json.dumps(body).encode())
    typer.echo(json.dumps(placed) if as_json else line(placed))
    return 0
