"""A camera that a partner lends to us is taken by its live socket: what it sends is another's word, and so is each of its ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import select
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame as Message
from websockets.frames import Opcode

from tests.cameras.partners.test_partner_answers import REACH
from tests.cameras.partners.test_partner_words import CAM, GOOD, page
from watchfloor.cameras import vp9, wire
from watchfloor.cameras.address import Login
from watchfloor.cameras.nal import BadStream, join_prefixed
from watchfloor.cameras.partners.model import Lent, Partner, page_of
from watchfloor.cameras.partners.sent import described, samples
from watchfloor.cameras.partners.session import LentPlace, LentSession
from watchfloor.cameras.partners.talk import Sessions
from watchfloor.cameras.rtsp.message import BadMessage
from watchfloor.cameras.rtsp.packets import AccessUnit
from watchfloor.cameras.state import CameraStatus, NotThere
from watchfloor.cameras.stream import Codec, Format, Frame, format_of, take_apart
from watchfloor.cameras.wire import EndNote, Kind, StateNote
from watchfloor.engines.layout import Layout
from watchfloor.engines.tls import node_files
from watchfloor.governance.explain import CONDITIONS
from watchfloor.governance.lending import OF_AUTHORISATION, REASONS
from watchfloor.kit.clock import SystemClock
from watchfloor.recordings.coded import format_of_size
from watchfloor.recordings.fmp4 import Timed, fragment, init_segment
from watchfloor.recordings.from_partner import both_of
from watchfloor.recordings.model import at, us

NOON: Final = us(datetime(2026, 11, 29, 12, tzinfo=UTC))
KEY: Final = b"\x65picture"
# As much of an avcC and an hvcC as is read of them: their parameter sets are nobody's.
AVC: Final = Format(
    Codec.H264, ((b"\x67sps",), (b"\x68pps",)), 320, 240, "avc1.640015",
    b"\x01\x64\x00\x15\xff\xe1\x00\x04\x67sps\x01\x00\x04\x68pps", None,
)  # fmt: skip
HEVC: Final = Format(
    Codec.H265, ((b"\x40\x01v",), (b"\x42\x01s",), (b"\x44\x01p",)), 320, 240, "hvc1.1.6.L93.B0",
    bytes(22) + b"\x03" + b"".join(
        bytes((kind, 0, 1, 0, 3)) + unit for kind, unit in ((0xA0, b"\x40\x01v"), (0xA1, b"\x42\x01s"), (0xA2, b"\x44\x01p"))
    ), None,
)  # fmt: skip


def init(of: Format) -> bytes:
    return wire.init(1, NOON, of.mime, init_segment(of))


def sent(dts: int, *, key: bool = False, data: bytes = KEY) -> bytes:
    body = fragment(1, [Timed(Frame(join_prefixed([data]), key, dts, dts, 0), 3000)])
    return wire.frame(Kind.FRAGMENT, 1, 1, NOON, body, key=key)


def test_how_a_lent_stream_is_coded_is_read_of_its_init_and_nothing_else_is_believed() -> None:
    for of in (AVC, HEVC):
        told = described(init_segment(of))
        assert (told.codec, told.sets) == (of.codec, [unit for kind in of.sets for unit in kind])
    painted = format_of_size(322, 242)
    told = described(init_segment(painted))
    made = format_of(told.codec, [told.sets])
    assert (made.width, made.height, made.mime, made.record) == (322, 242, painted.mime, painted.record)
    chance = random.Random(7)
    for of in (AVC, HEVC, painted):
        whole = init_segment(of)
        begin = max(whole.find(name) for name in (b"avcC", b"hvcC", b"vpcC")) - 4
        for cut in range(begin, len(whole)):
            with pytest.raises(BadStream):
                described(
                    whole[:cut] if cut < begin + 12 else whole[:begin] + bytes(4) + whole[begin + 4 : cut]
                )
        places = [*range(len(whole)), *(chance.randrange(begin, len(whole)) for _ in range(200))]
        for place in places:
            wrong = bytearray(whole)
            wrong[place] ^= chance.randrange(1, 256)
            try:
                read = described(bytes(wrong))
                format_of(
                    read.codec,
                    [read.sets] if read.codec is Codec.VP9 else take_apart(read.codec, read.sets).sets,
                )
            except BadStream:
                continue
    for nothing in (b"nothing", init_segment(painted).replace(b"vp09", b"vp08")):
        with pytest.raises(BadStream):
            described(nothing)


def test_a_painted_picture_is_a_key_only_where_it_says_so_itself() -> None:
    key, other = b"\x82\x49\x83\x42\x00", b"\x86\x00\x40"
    told = vp9.said(320, 240, format_of_size(320, 240).record)
    picture = take_apart(Codec.VP9, [told, key])
    assert (picture.sets, picture.units, picture.coded, picture.key) == (((told,),), [key], True, True)
    assert not take_apart(Codec.VP9, [other]).key and take_apart(Codec.VP9, [other]).coded
    assert (
        not take_apart(Codec.VP9, [b"\x82nonsense", b""]).key and not take_apart(Codec.VP9, [b"\x10"]).coded
    )
    for wrong in (told[:-1], told + b"\0", vp9.said(0, 240, told[5:]), vp9.said(9000, 1, told[5:])):
        with pytest.raises(BadStream):
            format_of(Codec.VP9, [[wrong]])


def test_the_pictures_of_a_fragment_stand_at_their_times_and_a_lie_about_units_is_refused() -> None:
    frames = [
        Timed(Frame(join_prefixed([KEY, b"\x06x"]), True, 90, 180, 0), 3000),
        Timed(Frame(join_prefixed([b"\x41y"]), False, 3090, 3090, 0), 1),
    ]
    made = samples(Codec.H264, fragment(1, frames))
    assert [(one.units, one.pts) for one in made] == [([KEY, b"\x06x"], 180), ([b"\x41y"], 3090)]
    for lie in (b"\0\0\0\x09ab", join_prefixed([b"x"] * 1025)):
        with pytest.raises(BadStream):
            samples(Codec.H264, fragment(1, [Timed(Frame(lie, True, 0, 0, 0), 1)]))


def test_what_may_be_recorded_stands_in_the_list() -> None:
    until = "2027-01-01T00:00:00Z"
    leave = {"id": "lnd_" + CAM[4:], "until": until}
    ((one,), _) = page_of(page({**GOOD, "lent": leave}))
    assert one.lent == Lent(leave["id"], datetime(2027, 1, 1, tzinfo=UTC))
    ((one,), _) = page_of(page({**GOOD, "lent": None}, {**GOOD, "lent": {**leave, "id": "../x"}}))
    assert one.lent is None


def test_of_what_is_here_and_there_one_timeline_is_told() -> None:
    def moment(s: int) -> datetime:
        return at(NOON + s * 1_000_000)

    here = {
        "from": moment(0), "to": moment(60), "filled": [], "gaps": [{"from": moment(20), "to": moment(60), "reason": "ours"}],
        "ranges": [{"from": moment(10), "to": moment(20), "run": 3, "at_site": False}],
    }  # fmt: skip
    there = {
        "from": moment(0), "to": moment(60), "filled": [], "gaps": [{"from": moment(15), "to": moment(30), "reason": "theirs"}],
        "ranges": [
            {"from": moment(0), "to": moment(15), "run": 0, "at_site": True},
            {"from": moment(30), "to": moment(60), "run": 0, "at_site": True},
        ],
    }  # fmt: skip
    both = both_of(here, there)  # type: ignore[arg-type]  # plain dicts of that form
    assert [(one["from"], one["to"], one["at_site"]) for one in both["ranges"]] == [
        (moment(0), moment(10), True), (moment(10), moment(20), False), (moment(30), moment(60), True),
    ]  # fmt: skip
    assert [(gap["from"], gap["to"], gap["reason"]) for gap in both["gaps"]] == [
        (moment(20), moment(30), "theirs")
    ]
    # It keeps less long than we do, and says nothing of what it keeps no more: what we know of that stays.
    both = both_of(here, {**there, "ranges": there["ranges"][1:], "gaps": []})  # type: ignore[arg-type, typeddict-item]  # as above
    assert [(gap["from"], gap["to"], gap["reason"]) for gap in both["gaps"]] == [
        (moment(20), moment(30), "ours")
    ]
    both = both_of(here, {**there, "ranges": []})  # type: ignore[arg-type, typeddict-item]  # as above
    assert [(gap["from"], gap["to"], gap["reason"]) for gap in both["gaps"]] == [
        (moment(20), moment(30), "theirs"), (moment(30), moment(60), "ours"),
    ]  # fmt: skip


@dataclass
class Partnered:
    """A center that says on its live socket what a test wants; what it was asked, and how often it said that it is over, or left pictures
    out. What it says raw it says at the end, and reads nothing any more."""

    says: Sequence[bytes | str] = ()
    raw: bytes = b""
    left_out: int = 0
    lost: int = 0
    asked: list[object] = field(default_factory=list)
    ended: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)
    place: LentPlace | None = None

    async def serve(self, connection: ServerConnection) -> None:
        self.asked.append(json.loads(await connection.recv()))
        with contextlib.suppress(ConnectionClosed):
            for one in self.says:
                await connection.send(one)
        if self.raw:
            connection.transport.pause_reading()
            connection.transport.write(self.raw)
            await self.left.wait()
            connection.transport.resume_reading()
        await connection.wait_closed()

    def over(self) -> None:
        self.ended += 1

    def leaves_out(self) -> None:
        self.left_out += 1

    async def taken(
        self, says: Sequence[bytes | str], *, within_s: float = 5.0
    ) -> tuple[list[AccessUnit], Exception]:
        """What comes of the stream, and with what it ends."""
        self.says = says
        place = self.place
        assert place is not None

        def read() -> tuple[list[AccessUnit], Exception]:
            found: list[AccessUnit] = []
            try:
                session = LentSession.open(
                    place, SystemClock(), open_within_s=within_s, silent_after_s=within_s
                )
            except (NotThere, BadMessage, BadStream, OSError) as error:
                return found, error
            try:
                found += session.early()
                handle = session.do_not_wait()
                with socket.socket(fileno=os.dup(handle)) as same:
                    same.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 * 1024)
                while True:
                    if not select.select([handle], [], [], within_s)[0]:
                        raise TimeoutError
                    more = session.received()
                    if more is None and session.turned():
                        more = session.early()
                    if more is None:
                        break
                    found += more
            except (NotThere, BadMessage, BadStream, OSError) as error:
                return found, error
            finally:
                self.lost = session.packets.lost
                session.close()
            return found, ConnectionResetError()

        told = await asyncio.to_thread(read)
        self.left.set()
        return told


def vouched(folder: Path) -> tuple[ssl.SSLContext, str]:
    """How a center here shows who it is, and who vouches for that."""
    layout = Layout.of(folder / "data")
    layout.prepare()
    files = node_files(layout, ["127.0.0.1"], SystemClock().now(), into=folder / "tls")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    return context, (folder / "tls" / "authority.pem").read_text()


@asynccontextmanager
async def partnered(folder: Path) -> AsyncIterator[Partnered]:
    context, authority = vouched(folder)
    made = Partnered()
    async with serve(made.serve, "127.0.0.1", 0, ssl=context, compression=None) as server:
        listening = next(iter(server.sockets))
        listening.setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024
        )  # what is not read is soon noticed
        address = f"https://127.0.0.1:{listening.getsockname()[1]}"
        partner = Partner(UUID(int=5), "County", address, Login("city", "secret", authority))
        sessions = Sessions({Sessions.key(partner): "__Host-wf_session=abc"})
        made.place = LentPlace(partner, CAM, REACH, sessions, made.over, made.leaves_out)
        yield made


async def test_a_lent_stream_is_read_until_its_center_ends_it_and_loses_nothing_that_came_before(
    tmp_path: Path,
) -> None:
    end = wire.note(Kind.END, EndNote("lending_ended", "That you record this camera was ended: “Gates”."))
    pictures = [sent(dts, key=dts == 9000) for dts in (9000, 12000, 15000)]
    async with partnered(tmp_path) as county:
        live = wire.note(Kind.STATE, StateNote("normal", "live", "Pictures arrive."))
        found, error = await county.taken([live, init(AVC), *pictures, end])
        assert county.asked == [{"recording": True}] and county.ended == 1
        assert isinstance(error, NotThere) and error.status is CameraStatus.NOT_LENT
        assert str(error) == "County says: That you record this camera was ended: “Gates”."
        assert [one.units for one in found] == [[b"\x67sps", b"\x68pps", KEY], [KEY], [KEY]]
        assert [b.ticks - a.ticks for a, b in pairwise(found)] == [3000, 3000]
        # Its numbers begin anew, and are whatever it likes: they rise, and by no more than a minute at a time.
        wild = [sent(dts) for dts in (2**63, 0, 5)]
        found, _ = await county.taken([init(AVC), *pictures, init(AVC), *pictures, *wild, end])
        ticks = [one.ticks for one in found]
        assert (
            len(ticks) == 9
            and not county.left_out
            and all(0 <= tick < 90_000 * 200 for tick in ticks)
            and ticks[3] > ticks[2]
        )


async def test_a_partner_that_leaves_pictures_out_or_codes_them_otherwise_is_read_on(tmp_path: Path) -> None:
    painted, end = format_of_size(320, 240), wire.note(Kind.END, EndNote("lending_over", "It ran out."))
    drop = wire.note(Kind.DROP, wire.DropNote(7, "The connection was too slow."))
    coded = wire.frame(
        Kind.FRAGMENT, 1, 1, NOON, fragment(1, [Timed(Frame(b"\x82\x49", True, 0, 0, 0), 3000)]), key=True
    )
    async with partnered(tmp_path) as county:
        found, error = await county.taken([init(AVC), sent(0), drop, sent(3000), init(painted), coded, end])
        assert isinstance(error, NotThere) and error.status is CameraStatus.NOT_LENT
        assert (county.left_out, county.lost) == (1, 7)
        told = vp9.said(320, 240, painted.record)
        assert [one.units for one in found] == [[b"\x67sps", b"\x68pps", KEY], [KEY], [told, b"\x82\x49"]]
        assert all(a.ticks < b.ticks for a, b in pairwise(found))


async def test_a_partner_that_reads_no_answer_to_what_it_asks_is_left(tmp_path: Path) -> None:
    async with partnered(tmp_path) as county:
        county.raw = Message(Opcode.PING, bytes(125)).serialize(mask=False) * 6_000
        found, error = await county.taken([init(AVC), sent(0)])
        assert isinstance(error, BadMessage) and "does not read the answers" in str(error) and len(found) == 1


async def test_whatever_else_a_partner_sends_ends_the_stream_with_a_word_for_it(tmp_path: Path) -> None:
    nothing = wire.note(Kind.STATE, StateNote("serious", "no picture", "It sleeps."))
    async with partnered(tmp_path) as county:
        for says, status, words in (
            ([wire.note(Kind.END, EndNote("not_lent", "No.", refused=True))], CameraStatus.NOT_LENT, "County says: No."),
            ([wire.note(Kind.END, EndNote("database_away", "Wait."))], CameraStatus.UNREACHABLE, "County says: Wait."),
            ([nothing], CameraStatus.SILENT, "County says “no picture”: It sleeps."),
            ([init(AVC), sent(0), b"\xff" * 40], CameraStatus.BAD_STREAM, "no live picture"),
            ([wire.note(Kind.END, EndNote("suspended", "It is suspended."))], CameraStatus.NOT_LENT, "It is suspended."),
            (["text"], None, "sends text"),
            ([init(AVC), wire.frame(Kind.FRAGMENT, 1, 1, 0, bytes(8 * 1024 * 1024))], None, "too long a one"),
            ([init(AVC), wire.note(Kind.DROP, wire.DropNote(1, ""))[:-1]], None, "cannot be read"),
            ([wire.init(1, 0, "avc1.640015", b"\0\0\0\x08ftyp")], None, "how its pictures are coded"),
            ([init(AVC), sent(0), init(HEVC), sent(0), init(AVC)], CameraStatus.BAD_STREAM, "twice within seconds"),
            ([init(AVC), wire.frame(Kind.FRAGMENT, 1, 1, 0, b"moof")], CameraStatus.BAD_STREAM, "no live picture"),
        ):  # fmt: skip
            _, error = await county.taken(says)
            found = error.status if isinstance(error, NotThere) else None
            assert found is status and words in str(error), (says, error)
        for reason in ("signed_out", "database_away", "dwelling_over", "masked_full", "grant_ended", "x"):
            for before in ([], [init(AVC), sent(0)]):
                _, error = await county.taken([*before, wire.note(Kind.END, EndNote(reason, "For now."))])
                assert isinstance(error, NotThere) and error.status is CameraStatus.UNREACHABLE
                assert str(error) == "County says: For now."
        assert county.ended == 2, "only its word that it lends nothing is one"
        _, error = await county.taken([], within_s=0.2)
        assert isinstance(error, TimeoutError)
        place = county.place
        assert place is not None
        stranger = Partner(place.partner.site, "County", place.partner.address, Login("city", "secret", ""))
        place.sessions.cookies[Sessions.key(stranger)] = "__Host-wf_session=abc"
        county.place = LentPlace(stranger, CAM, REACH, place.sessions, county.over)
        _, error = await county.taken([init(AVC)])
        assert isinstance(error, NotThere) and error.status is CameraStatus.CERTIFICATE_REFUSED


def test_only_a_no_that_is_for_want_of_leave_says_that_nothing_is_lent() -> None:
    asked = [reason for reason, _ in CONDITIONS]
    assert asked[asked.index("no_authorisation") :] == sorted(REASONS | OF_AUTHORISATION, key=asked.index)
