"""A partner that sends us away, lies, takes its time or is another: asked over real TLS, and told in words."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest

from tests.cameras.partners.test_partner_words import CAM, GOOD, camera, page
from watchfloor.cameras.address import Login, Networks, resolve
from watchfloor.cameras.details import Details
from watchfloor.cameras.partners.book import PartnerBook
from watchfloor.cameras.partners.live import Relays
from watchfloor.cameras.partners.model import Far, Partner
from watchfloor.cameras.partners.talk import Reach, Sessions, Talk
from watchfloor.cameras.state import CameraStatus, NotThere
from watchfloor.engines.layout import Layout
from watchfloor.engines.tls import node_files
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Unavailable, WatchfloorError

SIGNED_IN: Final = (
    b"HTTP/1.1 200 OK\r\nSet-Cookie: __Host-wf_session=abc; Path=/; Secure\r\nContent-Length: 2\r\n\r\n{}"
)
REACH: Final = Reach(Networks.of("127.0.0.0/8"), resolve, within_s=60.0)


def answer(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


@dataclass
class Other:
    """A server that answers by path; what it was asked, and in how many sessions."""

    says: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    address: str = ""
    authority: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                if "content-length:" in head.lower():
                    await reader.readexactly(int(head.lower().split("content-length:")[1].split("\r\n")[0]))
                path = head.split(" ")[1].partition("?")[0].removeprefix("/api/v1")
                self.asked.append(path)
                said = self.says.get(path, b"")
                if not said:
                    await asyncio.Event().wait()  # it takes the question and says nothing
                writer.write(said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    @property
    def partner(self) -> Partner:
        return Partner(UUID(int=5), "County", self.address, Login("city", "secret", self.authority))

    def talk(self) -> Talk:
        return Talk(self.partner, REACH, Sessions())


@asynccontextmanager
async def other(folder: Path) -> AsyncIterator[Other]:
    layout = Layout.of(folder / "data")
    layout.prepare()
    files = node_files(layout, ["127.0.0.1"], SystemClock().now(), into=folder / "tls")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    made = Other({"/session": SIGNED_IN})
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    made.address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    made.authority = (folder / "tls" / "authority.pem").read_text()
    try:
        yield made
    finally:
        server.close()


async def test_whatever_a_partner_answers_is_told_in_words(tmp_path: Path) -> None:
    async with other(tmp_path) as there:
        said = b'{"kind":"refused","reason":"authorisation_role","detail":"No.","next_step":null}'
        for says, reason, words in (
            ({"/offered-cameras": answer(b"", "302 Found", "Location: https://169.254.169.254/\r\n")}, "redirect", "not followed"),
            ({"/session": answer(b"", "307 Temporary", "Location: http://127.0.0.1/\r\n")}, "redirect", "not followed"),
            ({"/session": answer(b'{"detail":"Locked."}', "401 Unauthorized")}, "login_refused", "County refuses the name"),
            ({"/session": answer(b"{}")}, "other_version", "its version may be another"),
            ({"/offered-cameras": answer(said, "403 Forbidden")}, "authorisation_role", "County says: No."),
            ({"/offered-cameras": answer(b"", "404 Not Found")}, "other_version", "nothing that a watchfloor says"),
            ({"/offered-cameras": answer(b"<html>")}, "other_version", "not understood here"),
            ({"/offered-cameras": answer(page(following="on"))}, "other_version", "not understood here"),
            ({"/offered-cameras": answer(b"x" * (4 * 1024 * 1024 + 1))}, "too_large", "more than a center has to say"),
            ({"/offered-cameras": b"nonsense\r\n\r\n"}, "no_answer", "County does not answer."),
        ):  # fmt: skip
            there.says = {"/session": SIGNED_IN, **says}
            with pytest.raises(WatchfloorError, match=words) as failed:
                await there.talk().offered()
            assert failed.value.reason == reason and "secret" not in str(failed.value)


async def test_a_partner_that_takes_its_time_is_not_waited_for(tmp_path: Path) -> None:
    async with other(tmp_path) as there:
        there.says = {"/session": b""}
        slow = Talk(there.partner, replace(REACH, within_s=0.2), Sessions())
        with pytest.raises(Unavailable, match="County does not answer") as failed:
            await slow.offered()
        assert failed.value.reason == "no_answer"


async def test_a_partner_is_who_it_says_and_where_it_may_be(tmp_path: Path) -> None:
    async with other(tmp_path) as there:
        there.says["/offered-cameras"] = answer(page(GOOD))
        (one,) = await there.talk().offered()
        assert one.name == "County Gate"
        stranger = Partner(UUID(int=5), "County", there.address, Login("city", "secret"))
        with pytest.raises(Unavailable, match="no reason to believe"):
            await Talk(stranger, REACH, Sessions()).offered()
        elsewhere = Reach(Networks.of("10.0.0.0/8"), resolve)
        with pytest.raises(Unavailable, match="none of the networks"):
            await Talk(there.partner, elsewhere, Sessions()).offered()
        assert there.asked == ["/session", "/offered-cameras"]


async def test_a_session_that_is_over_is_begun_anew_once(tmp_path: Path) -> None:
    async with other(tmp_path) as there:
        there.says["/offered-cameras"] = answer(b'{"detail":"The session is over."}', "401 Unauthorized")
        with pytest.raises(Unavailable, match="County refuses the name"):
            await there.talk().offered()
        assert there.asked == ["/session", "/offered-cameras"] * 2


async def test_who_asks_at_once_asks_in_one_session_and_is_refused_with_one_try(tmp_path: Path) -> None:
    async with other(tmp_path) as there:
        there.says["/offered-cameras"] = answer(page(GOOD))
        for session, outcome in ((SIGNED_IN, list), (answer(b"{}", "401 Unauthorized"), Unavailable)):
            there.says["/session"], sessions = session, Sessions()
            there.asked.clear()
            talks = [Talk(there.partner, REACH, sessions) for _ in range(3)]
            found = await asyncio.gather(*(talk.offered() for talk in talks), return_exceptions=True)
            assert [type(one) for one in found] == [outcome] * 3 and there.asked.count("/session") == 1, found


async def test_a_live_socket_that_is_none_is_told_and_not_asked_for_again_at_once(tmp_path: Path) -> None:
    clock = SystemClock()
    async with other(tmp_path) as there:
        relays = Relays(REACH, clock)
        far = Far(there.partner, CAM, "patrol_monitoring", None, "analyst")
        for said, words in (
            (answer(b"", "302 Found", "Location: wss://169.254.169.254/\r\n"), "not followed"),
            (answer(b'{"detail":"No."}', "403 Forbidden"), "County"),
        ):
            there.says[f"/live/{CAM}"] = said
            with pytest.raises(Unavailable, match=words) as failed:
                await relays.tap(far, sub=False)
            assert failed.value.reason == "partner" and relays.open == 0
            assert relays.not_before.pop(far) > clock.monotonic() + 10


async def test_recorders_ask_once_for_all_cameras_of_a_partner_and_say_how_each_is(tmp_path: Path) -> None:
    clock = SystemClock()
    async with other(tmp_path) as there:
        login = Login("city", "secret", there.authority)

        def ours(channel: str) -> str:
            details = Details(site_id=UUID(int=5), channel=channel)
            one = camera(
                address=f"{there.address}/api/v1/live/{channel}", details=details, site_name="County"
            )
            try:
                book.must_offer(one, login, REACH, clock)
            except NotThere as error:
                return f"{error.status}: {error}"
            return "as it should be"

        book = PartnerBook()
        silent = {
            **GOOD,
            "id": CAM[:-1] + "2",
            "state": {**GOOD["state"], "level": "serious", "word": "no answer"},
        }
        there.says["/offered-cameras"] = answer(page(GOOD, silent))
        found = [await asyncio.to_thread(ours, CAM[:-1] + last) for last in "123"]
        assert found[0] == "as it should be" and found[1].startswith(
            f"{CameraStatus.SILENT}: Its center says “no answer”"
        )
        assert found[2] == f"{CameraStatus.NOT_AUTHORISED}: County does not offer this camera to us any more."
        assert there.asked == ["/session", "/offered-cameras"]
        for said, status in (
            ({"/session": answer(b"{}", "401 Unauthorized")}, CameraStatus.CREDENTIALS_REFUSED),
            ({"/offered-cameras": answer(b"", "302 Found")}, CameraStatus.UNREACHABLE),
            ({"/offered-cameras": answer(b'{"detail":"Not for you.","reason":"role"}', "403 No")}, CameraStatus.NOT_AUTHORISED),
            ({"/offered-cameras": answer(b'{"detail":"The server is ending.","reason":"ending"}', "503 No")}, CameraStatus.UNREACHABLE),
            ({"/session": answer(b'{"detail":"Too many tries.","reason":"locked"}', "429 No")}, CameraStatus.UNREACHABLE),
        ):  # fmt: skip
            book, there.says = PartnerBook(), {"/session": SIGNED_IN, **said}
            assert (await asyncio.to_thread(ours, CAM)).startswith(f"{status}: County")
