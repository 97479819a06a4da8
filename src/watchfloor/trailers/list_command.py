"""`watchfloor trailers list`: where trailers stand and how they are, and what was counted around them, from the terminal."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import typer

from watchfloor.cameras.import_command import Center, Told, signed_in
from watchfloor.kit.errors import Invalid

_FIGURES = (
    "trailer", "place", "placed_at", "ended_at", "period", "from", "to", "days", "radius_m", "what", "kind", "count", "counted_at"
)  # fmt: skip


def password_of(name: str, file: Path | None) -> str:
    """The password in a file, or what is typed. Raises Invalid."""
    try:
        said = file.read_text().strip() if file is not None else ""
    except OSError as error:
        raise Invalid(f"{error.filename} cannot be read: {error.strerror}.") from error
    return said or str(typer.prompt(f"Password of {name}", hide_input=True, err=True))


async def run(
    *, url: str, name: str, password_file: Path | None = None, figures: bool = False, as_json: bool = False
) -> int:
    """Where each trailer stands, how it is, and why, asked as the person NAME. The password is asked for, or read from a file.

    With --figures what was counted around each placement, as CSV: counts, and no proof of an effect.

    Example: watchfloor trailers list --url https://center.example.gov --name t.weiss --figures > counts.csv
    """
    async with signed_in(url.rstrip("/"), name, password_of(name, password_file)) as center:
        trailers = await _every(center, "/trailers")
        if not figures:
            for one in trailers:
                typer.echo(json.dumps(one) if as_json else line(one))
            return 0
        rows = []
        for trailer in trailers:
            placements = await _every(center, f"/trailers/{trailer['id']}/placements")
            rows += [row for placement in placements for row in rows_of(trailer["name"], placement)]
    typer.echo("\n".join(json.dumps(row) for row in rows) if as_json else table(rows), nl=as_json)
    return 0


def line(trailer: Told) -> str:
    """A trailer in one line."""
    place = trailer["place"]["text"] if trailer["place"] else "nowhere yet"
    battery = "" if trailer["battery_pct"] is None else f" battery {trailer['battery_pct']:.0f} %"
    return f"{trailer['name']}: {trailer['state']['word']}, {place}.{battery} {trailer['state']['reason']}"


def rows_of(trailer: str, placement: Told) -> list[Told]:
    """What was counted around a placement, each count with what it is of."""
    of = {
        "trailer": trailer, "place": placement["place"]["text"], "placed_at": placement["placed_at"], "ended_at": placement["ended_at"]
    }  # fmt: skip
    return [of | one for one in placement["figures"]]


def table(rows: list[Told]) -> str:
    """The rows as CSV; no cell is a formula for a spreadsheet."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _FIGURES, extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _plain(value) for key, value in row.items()})
    return text.getvalue()


def _plain(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


async def _every(center: Center, path: str) -> list[Told]:
    found: list[Told] = []
    after: str | None = ""
    while after is not None:
        answer = await center.asks("GET", path, query={"limit": "200", **({"after": after} if after else {})})
        found += answer["items"]
        after = answer["next"]
    return found
