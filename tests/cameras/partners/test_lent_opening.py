"""Who opens the stream of a lent camera: in how many sessions, and how long it waits for a partner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from websockets.http11 import Request
from websockets.server import ServerProtocol

from tests.cameras.partners.test_lent import AVC, init, vouched
from tests.cameras.partners.test_partner_answers import REACH, SIGNED_IN, answer
from tests.cameras.partners.test_partner_words import CAM
from watchfloor.cameras.address import Login
from watchfloor.cameras.nal import BadStream
from watchfloor.cameras.partners.model import Partner
from watchfloor.cameras.partners.session import LentPlace, LentSession
from watchfloor.cameras.partners.talk import Sessions
from watchfloor.cameras.rtsp.message import BadMessage
from watchfloor.cameras.state import CameraStatus, NotThere
from watchfloor.cameras.stream import Codec
from watchfloor.kit.clock import SystemClock

CLOCK: Final = SystemClock()


@dataclass
class Doorkeeper:
    """A center that answers who asks for its live socket, and begins sessions; how many it began."""

    good: str = ""
    status: str = ""
    drips: bool = False
    begun: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"POST"):
                await CLOCK.sleep(0.2)  # whoever else has none either comes meanwhile
                self.begun += 1
                writer.write(SIGNED_IN)
            elif self.drips:
                for one in b"HTTP/1.1 101 Switching Protocols":
                    writer.write(bytes((one,)))
                    await writer.drain()
                    await CLOCK.sleep(0.1)
                return
            elif self.good and self.good in head.decode():
                protocol = ServerProtocol()
                protocol.receive_data(head)
                (request,) = protocol.events_received()
                assert isinstance(request, Request)
                protocol.send_response(protocol.accept(request))
                protocol.send_binary(init(AVC))
                writer.write(b"".join(protocol.data_to_send()))
            else:
                writer.write(answer(b'{"detail":"The session is over."}', self.status))
            await writer.drain()
            await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def doorkeeper(folder: Path, made: Doorkeeper) -> AsyncIterator[LentPlace]:
    context, authority = vouched(folder)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    try:
        address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        partner = Partner(UUID(int=5), "County", address, Login("city", "secret", authority))
        sessions = Sessions({Sessions.key(partner): "__Host-wf_session=old"})
        yield LentPlace(partner, CAM, REACH, sessions, lambda: None)
    finally:
        server.close()


def opened(place: LentPlace, within_s: float) -> Codec | Exception:
    """What the stream is coded in, or why it is not opened."""
    try:
        session = LentSession.open(place, CLOCK, open_within_s=within_s, silent_after_s=5.0)
    except (NotThere, BadMessage, BadStream, OSError) as error:
        return error
    session.close()
    return session.track.codec


async def test_a_session_that_is_over_is_begun_anew_once_for_all_cameras(tmp_path: Path) -> None:
    for status in ("401 Unauthorized", "403 Forbidden"):
        made = Doorkeeper("__Host-wf_session=abc", status)
        async with doorkeeper(tmp_path, made) as place:
            found = await asyncio.gather(*(asyncio.to_thread(opened, place, 5.0) for _ in range(3)))
            assert (found, made.begun) == ([Codec.H264] * 3, 1)
            place.sessions.forget(place.partner, "__Host-wf_session=old")
            assert place.sessions.cookies == {Sessions.key(place.partner): "__Host-wf_session=abc"}
        made = Doorkeeper(status=status)
        async with doorkeeper(tmp_path, made) as place:
            error = await asyncio.to_thread(opened, place, 5.0)
            assert isinstance(error, NotThere) and error.status is CameraStatus.CREDENTIALS_REFUSED
            assert made.begun == 1 and not place.sessions.cookies
    for status in ("503 Service Unavailable", "429 Too Many Requests"):
        async with doorkeeper(tmp_path, Doorkeeper(status=status)) as place:
            error = await asyncio.to_thread(opened, place, 5.0)
            assert isinstance(error, NotThere) and error.status is CameraStatus.UNREACHABLE


async def test_a_partner_that_answers_byte_by_byte_holds_its_place_no_longer_than_another(
    tmp_path: Path,
) -> None:
    async with doorkeeper(tmp_path, Doorkeeper(drips=True)) as place:
        assert isinstance(await asyncio.to_thread(opened, place, 0.5), TimeoutError)
