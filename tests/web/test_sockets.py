"""What goes over a WebSocket of the server: text compressed, video as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from fastapi import FastAPI, WebSocket
from websockets.asyncio.client import connect
from websockets.extensions.base import Extension
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.typing import ExtensionParameter

from tests.fixtures.ports import free_port
from watchfloor.web.listen import listen

VIDEO, WORDS = bytes(50_000), "a list of cameras, " * 1000


class Told(PerMessageDeflate):
    """Keeps which messages came compressed."""

    came: list[tuple[Opcode, bool]]

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        self.came.append((frame.opcode, frame.rsv1))
        return super().decode(frame, max_size=max_size)


class Asking(ClientPerMessageDeflateFactory):
    def __init__(self, came: list[tuple[Opcode, bool]]) -> None:
        super().__init__(client_max_window_bits=True)
        self.came = came

    def process_response_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> PerMessageDeflate:
        agreed = super().process_response_params(params, accepted_extensions)
        told = Told(
            agreed.remote_no_context_takeover, agreed.local_no_context_takeover,
            agreed.remote_max_window_bits, agreed.local_max_window_bits,
        )  # fmt: skip
        told.came = self.came
        return told


async def test_video_is_not_compressed_once_more_and_text_is() -> None:
    app, stop, ready = FastAPI(), asyncio.Event(), asyncio.Event()

    @app.websocket("/both")
    async def both(socket: WebSocket) -> None:
        await socket.accept()
        for _ in range(2):
            await socket.send_bytes(VIDEO)
            await socket.send_text(WORDS)
        await socket.close()

    port = free_port()
    serving = asyncio.create_task(listen(app, "127.0.0.1", port, None, stop, ready.set))
    await ready.wait()
    came: list[tuple[Opcode, bool]] = []
    async with connect(f"ws://127.0.0.1:{port}/both", extensions=[Asking(came)], compression=None) as socket:
        heard = [message async for message in socket]
    stop.set()
    await serving
    assert heard == [VIDEO, WORDS] * 2
    assert [one for one in came if one[0] in (Opcode.BINARY, Opcode.TEXT)] == [
        (Opcode.BINARY, False),
        (Opcode.TEXT, True),
    ] * 2
