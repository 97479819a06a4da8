"""`watchfloor edge status`: how the box is doing, by what it wrote down last. It asks nobody."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Final

import typer

from watchfloor.cameras.boxes.model import disk_word
from watchfloor.edge.config import CONFIG, load
from watchfloor.edge.state import State
from watchfloor.kit.clock import SystemClock, rfc3339

_FRESH: Final = timedelta(seconds=10)


async def run(*, config: Path = CONFIG, as_json: bool = False) -> int:
    """Say whether the box is linked, what each camera does, and what it keeps. The exit status is 0 when it is linked, else 1.

    Example: watchfloor edge status --config /etc/watchfloor/edge.toml --json
    """
    state = State.of(load(config).state)
    center, said = state.center(), state.said()
    # By the machine's clock: the file is this machine's, and its own time is in its name only.
    written = (state.folder / "status.json").stat().st_mtime if said is not None else 0.0
    running = said is not None and SystemClock().now().timestamp() - written < _FRESH.total_seconds()
    linked = running and said is not None and said.linked
    if as_json:
        typer.echo(
            json.dumps({
                "name": center.name, "center": center.address, "running": running, "linked": linked,
                "why": said.why if said else None,
                "certificate_until": rfc3339(said.certificate_until) if said and said.certificate_until else None,
                "clock_off_ms": said.clock_off_ms if said else None,
                "kept_bytes": said.kept_bytes if said else 0, "most_bytes": said.most_bytes if said else 0,
                "disk": said.disk if said else None, "lost_pictures": said.lost if said else 0,
                "cameras": said.cameras if said else [],
            })
        )  # fmt: skip
        return 0 if linked else 1
    if said is None or not running:
        typer.echo(f"Edge box {center.name!r} does not run. Start it: watchfloor edge run --config {config}")
        return 1
    typer.echo(
        f"Edge box {center.name!r}: {'linked to' if linked else 'not linked to'} {center.address}. {said.why}".rstrip()
    )
    for camera in said.cameras:
        doing = "sending" if camera["sending"] else camera["state"]
        typer.echo(f"  {camera['name']}: {doing}. {camera['why']}".rstrip())
    typer.echo(f"  kept: {said.kept_bytes / 2**20:,.0f} of {said.most_bytes / 2**20:,.0f} MB")
    if said.disk or said.lost:
        typer.echo(f"  {disk_word(said.disk, said.lost)}")
    return 0 if linked else 1
