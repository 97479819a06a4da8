"""The WebSockets of `serve`: text is sent compressed where the other side can take it, video as it is. It knows no message."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.extensions.base import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.typing import ExtensionParameter

_WINDOW_BITS: Final = 12
_SETTINGS: Final[dict[str, object]] = {"memLevel": 5}


class TextAlone(PerMessageDeflate):
    """Whether a message is compressed is said in each (RFC 7692, 6.1). Video is so already: to try again took most of what a seek cost."""

    def encode(self, frame: Frame) -> Frame:
        return frame if frame.opcode is Opcode.BINARY else super().encode(frame)


class _Offered(ServerPerMessageDeflateFactory):
    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        said, agreed = super().process_request_params(params, accepted_extensions)
        return said, TextAlone(
            agreed.remote_no_context_takeover,
            agreed.local_no_context_takeover,
            agreed.remote_max_window_bits,
            agreed.local_max_window_bits,
            _SETTINGS,
        )


class Sockets(WebSocketsSansIOProtocol):
    """uvicorn's protocol, with that compression."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn.available_extensions = [
            _Offered(
                server_max_window_bits=_WINDOW_BITS,
                client_max_window_bits=_WINDOW_BITS,
                compress_settings=_SETTINGS,
            )
        ]
