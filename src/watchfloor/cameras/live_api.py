"""The live socket: translate in, watch, translate out. The frames are those of `cameras/wire.py`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from watchfloor.cameras import wire
from watchfloor.cameras.live import Live
from watchfloor.cameras.looking import looking, there
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.find import granted
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.viewer import Viewer
from watchfloor.cameras.wire import EndNote, Kind
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, why_of
from watchfloor.governance.model import Actor, Ask, Refused
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid, WatchfloorError

ENDED: Final = 4000
REFUSED: Final = 4403
_ASK_WITHIN_S: Final = 10.0


class LiveAsk(msgspec.Struct, frozen=True):
    """The first message of a live socket. Who says a `stream` is told which one follows. A partner center that records what was lent to it
    says `recording`, and neither purpose nor case."""

    purpose: str | None = None
    case: str | None = None
    stream: Literal["main", "sub"] | None = None
    asked_for: str | None = None
    recording: bool = False


class LiveTurn(msgspec.Struct, frozen=True):
    """Any later message: the stream that is wanted from now on, in the same look."""

    stream: Literal["main", "sub"]


# What the live socket says in JSON: the first message, and the payloads of frames that are no video.
LIVE: Final[Mapping[str, type[msgspec.Struct]]] = {
    "ask": LiveAsk,
    "turn": LiveTurn,
    "stream": wire.StreamNote,
    "drop": wire.DropNote,
    "state": wire.StateNote,
    "end": EndNote,
}


def add_live(router: APIRouter, cameras: Cameras, live: Live) -> None:
    """The live socket."""

    @router.websocket("/live/{camera_id}")
    async def watch(socket: WebSocket, actor: Signed, camera_id: str) -> None:
        """Watch a camera live; the frames are those of `cameras/wire.py`."""
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await _show(socket, cameras, live, actor, camera_id)


async def _show(socket: WebSocket, cameras: Cameras, live: Live, actor: Actor, camera_id: str) -> None:
    try:
        async with asyncio.timeout(_ASK_WITHIN_S):
            text = (await socket.receive()).get("text") or ""  # bytes are no ask
        said, camera = live_said(text), inside("camera", camera_id)
        found, ask = await live_ask(cameras.door, actor, camera, said)
        bare = await live.bare(ask)
        grant, far = await granted(cameras.door, cameras.vault, found, ask)
    except Refused as refused:
        await _end(socket, _refusal(refused), REFUSED)
        return
    except WatchfloorError as error:
        await _end(socket, EndNote(error.reason, error.detail, error.next_step), ENDED)
        return
    except TimeoutError:
        await _end(socket, EndNote("silent", "No purpose was said in time."), ENDED)
        return
    has_sub = found.sub_address is not None
    viewer = live.join(actor.agency, camera, grant, stream=said.stream, has_sub=has_sub, bare=bare, far=far)
    try:
        await _send_until_ended(socket, live, viewer)
    except Refused as refused:
        await _end(socket, _refusal(refused), REFUSED)
    finally:
        await live.leave(viewer)
        with contextlib.suppress(WatchfloorError):
            await grant.close({"frames": viewer.sent, "dropped": viewer.dropped})


async def _send_until_ended(socket: WebSocket, live: Live, viewer: Viewer) -> None:
    """Send frames until the grant ends or the viewer goes; he is shown the stream that he says he wants. Raises Refused once the camera
    was at a dwelling for too long.
    """

    async def send() -> None:
        while True:
            await socket.send_bytes(await viewer.next())

    async def gone() -> None:
        while True:
            text = (await socket.receive()).get("text")
            with contextlib.suppress(msgspec.DecodeError, RecursionError):
                live.turn(viewer, msgspec.json.decode(text or "", type=LiveTurn).stream)

    held = live.held_to_dwellings(viewer.grant.ask)
    tasks = [asyncio.create_task(work) for work in (send(), gone(), viewer.grant.ended.wait(), held)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
    if viewer.grant.ended.is_set():
        sentence = viewer.grant.end_reason or "The leave to watch has ended."
        note = EndNote(viewer.grant.end_cause, sentence, "Ask again when it is allowed again.")
        await _end(socket, note, ENDED)
    elif isinstance(done[-1], Refused):
        raise done[-1]


def _refusal(refused: Refused) -> EndNote:
    denied = refused.denied
    return EndNote(denied.reason, denied.sentence, denied.next_step, refused=True)


async def _end(socket: WebSocket, note: EndNote, code: int) -> None:
    await socket.send_bytes(wire.note(Kind.END, note))
    await socket.close(code)


def live_said(text: str) -> LiveAsk:
    """What the first message says. Raises Invalid."""
    try:
        return msgspec.json.decode(text, type=LiveAsk)
    except (msgspec.DecodeError, RecursionError) as error:  # msgspec gives up on what is nested too deeply
        raise Invalid("The first message is {purpose, case}.", reason="purpose") from error


async def live_ask(door: Door, actor: Actor, camera: UUID, said: LiveAsk) -> tuple[Camera, Ask]:
    """The camera, and the ask for watching it with the purpose that the first message names. Raises Invalid, NotFound."""
    found = await found_camera(door, actor, camera)
    if said.recording:
        return found, looking(found, actor, Need.CAMERA_LENT, None)
    why = why_of(said.purpose, said.case, said.asked_for)
    return found, looking(found, actor, Need.CAMERA_LIVE, why)


async def found_camera(door: Door, actor: Actor, camera: UUID) -> Camera:
    """The camera, as the server itself knows it before it asks for somebody. Raises NotFound."""
    async with door.open(Ask(process_actor(actor.agency, "serve"), Need.CAMERA_STATE)) as tx:
        return await there(tx, camera)
