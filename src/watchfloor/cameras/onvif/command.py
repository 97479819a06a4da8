"""`watchfloor cameras discover`: which ONVIF devices answer on the networks of cameras, from the terminal. It registers nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from watchfloor.cameras.address import Networks
from watchfloor.cameras.onvif.discover import addresses_of, discover, searchable, sorted_by_address
from watchfloor.kit.clock import SystemClock
from watchfloor.settings import load

NOBODY = (
    "Nobody answered. A device answers only when ONVIF discovery is switched on in it, when it is on a network that this machine"
    " reaches (multicast does not cross routers: name its network), and when no firewall drops UDP port 3702."
)


async def run(
    data: Annotated[Path, typer.Option("--data", help="The data directory.")],
    *,
    network: Annotated[
        str | None,
        typer.Option(
            help="A network of at most 256 addresses; else all of record.camera_networks, and multicast."
        ),
    ] = None,
    as_json: bool = False,
) -> int:
    """Ask the networks of cameras which ONVIF devices are there.

    Example: watchfloor cameras discover --data /srv/watchfloor --network 10.0.4.0/24
    """
    networks, clock = Networks.of(load(data).record.camera_networks), SystemClock()
    parts: list[str | None] = [network] if network else [None, *searchable(networks)]
    found = {}
    for part in parts:
        targets = None if part is None else addresses_of(part, networks)
        for one in (await discover(networks, targets, clock)).found:
            found[str(one.address)] = one
    for one in sorted_by_address(found.values()):
        if as_json:
            said = {"address": str(one.address), "name": one.name, "hardware": one.hardware}
            typer.echo(json.dumps(said))
        else:
            typer.echo(f"{one.address}  {one.name or 'no name'}  {one.hardware}".rstrip())
    if not found and not as_json:
        typer.echo(NOBODY)
    return 0
