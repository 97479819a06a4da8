"""A simulated ONVIF device as a program: its SOAP, its two streams beside it, and an ear for probes of the network."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Annotated

import typer

from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.digest import Credentials
from watchfloor_sim.onvif.device import Device, Look, Stream
from watchfloor_sim.onvif.discovery import Responder
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer
from watchfloor_sim.rtsp import RtspServer
from watchfloor_sim.samples import load_clip
from watchfloor_sim.scene import scene_clip
from watchfloor_sim.source import Source


def device(
    *,
    clip: Annotated[Path | None, typer.Option(help="A file; else a drawn street.")] = None,
    host: Annotated[str, typer.Option(help="An address of the loopback.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Of its SOAP; 0 takes a free one.")] = 0,
    discovery_port: Annotated[int, typer.Option(help="Where it hears probes; 0 takes a free one.")] = 0,
    multicast: Annotated[bool, typer.Option("--multicast", help="Hear the group of all devices.")] = False,
    username: Annotated[str | None, typer.Option(help="Ask for a signature.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="Holds the password.")] = None,
    lenses: Annotated[
        int, typer.Option(min=1, max=64, help="More than one: a recorder of so many cameras.")
    ] = 1,
    media_two: Annotated[bool, typer.Option(help="It has Media2.")] = False,
    turns: Annotated[bool, typer.Option(help="It can be turned.")] = True,
    analytic: Annotated[list[str] | None, typer.Option(help="It notices this; may be given again.")] = None,
    fault: Annotated[list[Fault] | None, typer.Option(help="It misbehaves; may be given again.")] = None,
    elsewhere: Annotated[str, typer.Option(help="host:port that faulty addresses name.")] = "127.0.0.9:9",
) -> None:
    """Be one ONVIF device with two streams of each lens until told to end."""
    if (username is None) != (password_file is None):
        raise typer.BadParameter("--username and --password-file come together")
    login = Credentials(username, password_file.read_text().strip()) if username and password_file else None
    made = Device(
        [],
        login,
        media_two=media_two,
        turns=turns,
        analytics=analytic or [],
        presets={"1": ("Home", Look()), "2": ("Gate", Look(0.5, -0.1, 0.3))},
        faults=set(fault or ()),
        elsewhere=elsewhere,
    )
    asyncio.run(_be(made, lenses, clip, host, port, discovery_port, multicast=multicast))


async def _be(
    made: Device,
    lenses: int,
    clip: Path | None,
    host: str,
    port: int,
    discovery_port: int,
    *,
    multicast: bool,
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    rtsp = await RtspServer.start(host=host)
    source = Source(load_clip(clip, audio=False) if clip is not None else scene_clip())
    options = CameraOptions(made.credentials)
    for lens in range(1, lenses + 1):
        before, of = ("", "lens") if lenses == 1 else (f"{lens}-", f"lens {lens}")
        for name, width, height in (("main", 1920, 1080), ("sub", 640, 360)):
            url = rtsp.add_camera(f"/{before}{name}", source, options).url
            made.streams.append(
                Stream(f"{before}{name}", f"{name.title()} stream", width, height, url, source=of)
            )
    server = await DeviceServer.start(made, host=host, port=port)
    ear = await Responder.start(server.url, host=host, port=discovery_port, multicast=multicast)
    print(json.dumps({"ready": True, "device": server.url, "discovery": ear.port}), flush=True)
    await stop.wait()
    ear.stop()
    await server.stop()
    await rtsp.stop()
    print(json.dumps({"ended": True, "asked": len(made.asked), "refused": made.refused}), flush=True)
