"""`watchfloor edge code`: staff make an edge box known from the terminal, over the API that the console uses.

It has no door of its own: a person signs in, and what they may not do there they may not do here.
"""

from __future__ import annotations

import json
from pathlib import Path

import typer

from watchfloor.cameras.import_command import Center, signed_in
from watchfloor.kit.errors import Invalid

_BOXES = "/edge-boxes"


async def run(
    *,
    box: str,
    url: str,
    name: str,
    cameras: str = "",
    password_file: Path | None = None,
    as_json: bool = False,
) -> int:
    """Make an edge box known for --cameras (names of edge://NAME, with commas between) and print its one-time code, as the person NAME.

    Without --cameras: a new code for a box that is known, for another machine in its place.

    Example: watchfloor edge code --box "Hardware store" --cameras yard-north,till --url https://center.example.gov --name t.weiss
    """
    password = (
        _read(password_file)
        if password_file
        else typer.prompt(f"Password of {name}", hide_input=True, err=True)
    )
    wanted = [one.strip() for one in cameras.split(",") if one.strip()]
    async with signed_in(url.rstrip("/"), name, password) as center:
        if wanted:
            body = {"name": box, "cameras": await _ids(center, wanted)}
            made = await center.asks("POST", _BOXES, content=json.dumps(body).encode())
        else:
            made = await center.asks("POST", f"{_BOXES}/{await _known(center, box)}/code", content=b"{}")
    if as_json:
        typer.echo(json.dumps({"box": made["box"]["id"], "name": made["box"]["name"], "code": made["code"]}))
    else:
        typer.echo(made["code"])
        typer.echo(
            f"For one use, until {made['box']['code_until']}, on the box: watchfloor edge enrol CODE",
            err=True,
        )
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error


async def _ids(center: Center, wanted: list[str]) -> list[str]:
    """The cameras of these names that wait for a box. Raises Invalid."""
    waiting = {one["key"]: one["id"] for one in (await center.asks("GET", "/edge-gate"))["waiting"]}
    missing = [one for one in wanted if one not in waiting]
    if missing:
        raise Invalid(
            f"No camera edge://{missing[0]} waits for a box.",
            next_step=f"Waiting are: {', '.join(sorted(waiting)) or 'none'}. Register a camera with the address edge://name first.",
        )
    return [waiting[one] for one in wanted]


async def _known(center: Center, name: str) -> str:
    after: str | None = ""
    while after is not None:
        page = await center.asks("GET", _BOXES, query={"limit": "500", **({"after": after} if after else {})})
        for one in page["items"]:
            if one["name"] == name:
                return str(one["id"])
        after = page["next"]
    raise Invalid(
        f"There is no edge box {name!r}.", next_step="Name its cameras with --cameras to make it known."
    )
