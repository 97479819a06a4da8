"""The simulators as programs: `python -m watchfloor_sim camera --help`.

Each prints one JSON line when it is ready and one when it ends, and ends cleanly on SIGINT and SIGTERM.
"""

from __future__ import annotations

import asyncio
import json
import signal
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from watchfloor_sim.camera import Camera, CameraOptions
from watchfloor_sim.digest import Credentials
from watchfloor_sim.microphone import array
from watchfloor_sim.onvif.program import device
from watchfloor_sim.people import sign_in
from watchfloor_sim.picture import plate_picture
from watchfloor_sim.plates import INVENTED, STATE
from watchfloor_sim.rtsp import RtspServer
from watchfloor_sim.samples import Feed, load_clip
from watchfloor_sim.scene import ClockSource, render_clip, scene_clip
from watchfloor_sim.source import Source
from watchfloor_sim.status import StatusPort, status_of
from watchfloor_sim.week import MOST_SPEED, NotTheWeek, Row, load, register, replay

program = typer.Typer(add_completion=False, no_args_is_help=True, help="Simulated devices of a city block.")


@dataclass(frozen=True, slots=True)
class _Show:
    """What the `camera` command was asked for."""

    feed: Feed
    count: int
    port: int
    status_port: int
    options: CameraOptions
    loop: bool
    realtime: bool
    exit_when_over: bool


@program.command()
def camera(
    *,
    clip: Annotated[Path | None, typer.Option(help="A file; else a drawn street.")] = None,
    clock: Annotated[bool, typer.Option("--clock", help="Live, the time burnt in.")] = False,
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    status_port: Annotated[int, typer.Option(help="JSON over HTTP; 0 takes a free one.")] = 0,
    count: Annotated[int, typer.Option(min=1, help="Paths from /cam01 on, all the same.")] = 1,
    username: Annotated[str | None, typer.Option(help="Ask for Digest authentication.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="Holds the password.")] = None,
    limit_frames: Annotated[int | None, typer.Option(min=1, help="End after so many frames.")] = None,
    loop: Annotated[bool, typer.Option(help="Begin again at the end of the clip.")] = True,
    realtime: Annotated[bool, typer.Option(help="Else as fast as it is read.")] = True,
    audio: Annotated[bool, typer.Option(help="Send the clip's AAC.")] = True,
    sprop: Annotated[bool, typer.Option(help="Parameter sets in the description.")] = True,
    exit_when_over: Annotated[
        bool, typer.Option("--exit-when-over", help="End with the last camera.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The lines are JSON anyway.")] = True,
) -> None:
    """Serve one or many cameras over RTSP until told to end."""
    if (username is None) != (password_file is None):
        raise typer.BadParameter("--username and --password-file come together")
    if clip is not None and clock:
        raise typer.BadParameter("--clip or --clock, not both")
    credentials = None
    if username is not None and password_file is not None:
        credentials = Credentials(username, password_file.read_text().strip())
    options = CameraOptions(credentials, limit_frames=limit_frames, sprop=sprop)
    feed = ClockSource() if clock else load_clip(clip, audio=audio) if clip is not None else scene_clip()
    asyncio.run(_show(_Show(feed, count, port, status_port, options, loop, realtime, exit_when_over)))


async def _show(asked: _Show) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await RtspServer.start(port=asked.port)
    source = Source(asked.feed, loop=asked.loop, realtime=asked.realtime)
    cameras = [server.add_camera(f"/cam{n:02}", source, asked.options) for n in range(1, asked.count + 1)]
    status = StatusPort(server)
    address = await status.open(asked.status_port)
    print(json.dumps({"ready": True, "urls": [c.url for c in cameras], "status": address}), flush=True)
    if asked.exit_when_over:
        ending = asyncio.create_task(_stop_when_over(cameras, stop))
        await stop.wait()
        ending.cancel()
    else:
        await stop.wait()
    status.close()
    await server.stop()
    print(json.dumps({"ended": True} | status_of(server)), flush=True)


async def _stop_when_over(cameras: list[Camera], stop: asyncio.Event) -> None:
    for one in cameras:
        await one.until(partial(_is_over, one), timeout_s=None)
    stop.set()


def _is_over(camera: Camera) -> bool:
    return camera.over and not camera.clients


@program.command()
def render(
    out: Annotated[Path, typer.Argument(help="The MP4 to write.")],
    *,
    seconds: Annotated[float, typer.Option(help="How long.")] = 10.0,
    fps: Annotated[int, typer.Option(help="Frames a second.")] = 15,
    width: Annotated[int, typer.Option(help="Even.")] = 640,
    height: Annotated[int, typer.Option(help="Even.")] = 360,
    plate: Annotated[str, typer.Option(help="On the nearest car.")] = INVENTED,
    b_frames: Annotated[int, typer.Option(help="At most so many in a row.")] = 0,
    audio: Annotated[bool, typer.Option(help="With a quiet tone in AAC.")] = False,
) -> None:
    """Draw the street into a file."""
    render_clip(out, seconds, fps, (width, height), plate, b_frames=b_frames, audio=audio)
    print(json.dumps({"clip": str(out), "bytes": out.stat().st_size}))


@program.command()
def picture(
    out: Annotated[Path, typer.Argument(help="The JPEG to write.")],
    plate: Annotated[str, typer.Option(help="On the car.")] = INVENTED,
    state: Annotated[str, typer.Option(help="Above the plate.")] = STATE,
) -> None:
    """Draw the picture that a plate reader would take."""
    out.write_bytes(plate_picture(plate, state))
    print(json.dumps({"picture": str(out), "bytes": out.stat().st_size}))


@program.command()
def week(
    file: Annotated[Path, typer.Argument(help="The record, as gzipped CSV.")],
    base: Annotated[str, typer.Option(help="The center's address.")],
    *,
    technician: Annotated[
        str, typer.Option(help="Registers the readers; with the demo's password.")
    ] = "technician",
    speed: Annotated[float, typer.Option(min=1, max=MOST_SPEED, help="Times as fast as it was.")] = 60.0,
    limit: Annotated[int | None, typer.Option(min=1, help="The first so many reads.")] = None,
) -> None:
    """Send a recorded week of plate reads through a center's ingest."""
    try:
        rows = load(file, limit=limit)
    except (NotTheWeek, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    print(json.dumps(asyncio.run(_week(rows, base, technician, speed))))


async def _week(rows: list[Row], base: str, technician: str, speed: float) -> dict[str, object]:
    person = await sign_in(base, technician)
    readers = await register(person, base, rows)
    print(json.dumps({"ready": True, "readers": len(readers), "reads": len(rows)}), flush=True)
    try:
        return asdict(await replay(rows, readers, speed=speed))
    finally:
        for reader in readers.values():
            await reader.aclose()


def main() -> None:
    program.command()(device)
    program.command()(array)
    program(prog_name="watchfloor_sim")
