"""Packets become the pictures that were sent, whatever their sizes; what is lost is left out and counted."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cameras.clips import H264, H265, load
from watchfloor.cameras.rtsp.packets import AccessUnit, Depacketizer
from watchfloor.cameras.stream import Codec

TYPE = 96


@pytest.fixture
def clips(material: Path) -> Path:
    return material / "media"


def packets_of(
    codec: Codec,
    pictures: list[tuple[list[bytes], int]],
    size: int,
    *,
    first: int = 65_500,
    donl: bool = False,
) -> list[bytes]:
    """RTP packets as a camera sends them: small units together, large ones in parts, the picture's last one marked."""
    head = 1 if codec is Codec.H264 else 2
    order = b"\x12\x34" if donl else b""
    out: list[bytes] = []
    for units, stamp in pictures:
        payloads: list[bytes] = []
        small: list[bytes] = []
        for unit in [*units, b""]:
            if unit and len(unit) + 2 + head + len(order) <= size // 3:
                small.append(unit)
                continue
            payloads += _together(codec, small, order)
            small = []
            if 0 < len(unit) <= size:
                payloads.append(unit[:head] + order + unit[head:])
            elif unit:
                payloads += _parts(codec, unit, size, order)
        for index, payload in enumerate(payloads):
            mark = 0x80 if index == len(payloads) - 1 else 0
            number = (first + len(out)) & 0xFFFF
            out.append(struct.pack(">BBHII", 0x80, TYPE | mark, number, stamp & 0xFFFF_FFFF, 7) + payload)
    return out


def _together(codec: Codec, units: list[bytes], order: bytes) -> list[bytes]:
    if not units:
        return []
    if len(units) == 1:
        head = 1 if codec is Codec.H264 else 2
        return [units[0][:head] + order + units[0][head:]]
    sized = [len(unit).to_bytes(2, "big") + unit for unit in units]
    if codec is Codec.H264:
        return [b"\x78" + b"".join(sized)]
    return [b"\x60\x01" + order + (b"\x00" if order else b"").join(sized)]


def _parts(codec: Codec, unit: bytes, size: int, order: bytes) -> list[bytes]:
    head = 1 if codec is Codec.H264 else 2
    kind = unit[0] & 0x1F if codec is Codec.H264 else unit[0] >> 1 & 0x3F
    body = unit[head:]
    cuts = [body[at : at + size] for at in range(0, len(body), size)]
    out = []
    for index, cut in enumerate(cuts):
        flags = kind | (0x80 if index == 0 else 0) | (0x40 if index == len(cuts) - 1 else 0)
        if codec is Codec.H264:
            out.append(bytes((unit[0] & 0xE0 | 28, flags)) + cut)
        else:
            out.append(
                bytes((unit[0] & 0x81 | 49 << 1, unit[1], flags)) + (order if index == 0 else b"") + cut
            )
    return out


def taken(depacketizer: Depacketizer, packets: list[bytes]) -> list[AccessUnit]:
    return [picture for packet in packets for picture in depacketizer.take(memoryview(packet))]


@pytest.mark.parametrize("name", [*H264, *H265])
@pytest.mark.parametrize("size", [200, 1400])
@pytest.mark.parametrize("donl", [False, True])
def test_a_real_clip_comes_out_of_its_packets_as_it_went_in(
    clips: Path, name: str, size: int, donl: bool
) -> None:
    clip = load(clips / name, most=40)
    donl = donl and clip.codec is Codec.H265
    start = 2**32 - 20 * clip.step  # the time stamps wrap in the middle, and so do the numbers
    sent = [(packet.units, start + packet.pts) for packet in clip.packets]
    depacketizer = Depacketizer(clip.codec, TYPE, 90_000, ordered=donl)
    out = taken(depacketizer, packets_of(clip.codec, sent, size, donl=donl))
    assert [picture.units for picture in out] == [units for units, _ in sent]
    first = clip.packets[0].pts
    assert [picture.ticks for picture in out] == [packet.pts - first for packet in clip.packets]
    assert depacketizer.lost == depacketizer.damaged == 0


@settings(deadline=None)
@given(data=st.data(), size=st.integers(60, 400))
def test_a_lost_packet_costs_its_unit_and_is_counted(data: st.DataObject, size: int) -> None:
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    units = [bytes((0x65,)) + chance.randbytes(chance.randint(1, 3000)) + b"\x80" for _ in range(12)]
    sent = [([units[n]], n * 6000) for n in range(12)]
    packets = packets_of(Codec.H264, sent, size)
    gone = set(data.draw(st.lists(st.integers(1, len(packets) - 1), max_size=8)))
    depacketizer = Depacketizer(Codec.H264, TYPE, 90_000, ordered=False)
    out = taken(depacketizer, [packet for index, packet in enumerate(packets) if index not in gone])
    whole = [unit for picture in out for unit in picture.units]
    # Nothing is made up: every unit that came out is one that was sent, in order.
    remaining = iter(units)
    assert all(unit in remaining for unit in whole)
    untouched = {
        n for n in range(12) if not any(struct.unpack_from(">I", packets[g], 4)[0] == n * 6000 for g in gone)
    }
    assert {units.index(unit) for unit in whole} >= untouched
    last = max(index for index in range(len(packets)) if index not in gone)
    assert depacketizer.lost == len([g for g in gone if g < last])


@settings(deadline=None)
@given(data=st.data(), codec=st.sampled_from(Codec), donl=st.booleans(), size=st.integers(20, 400))
def test_the_short_way_of_a_packet_leads_where_the_long_one_does(
    data: st.DataObject, codec: Codec, donl: bool, size: int
) -> None:
    """Whatever is lost, doubled or damaged on the way."""
    donl = donl and codec is Codec.H265
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    head = b"\x65" if codec is Codec.H264 else b"\x26\x01"
    sent = [([head + chance.randbytes(chance.randint(1, 3000)) + b"\x80"], n * 6000) for n in range(8)]
    packets = packets_of(codec, sent, size, donl=donl)
    for _ in range(data.draw(st.integers(0, 6))):
        at = chance.randrange(len(packets))
        match chance.choice(("lose", "double", "damage", "shorten")):
            case "lose":
                del packets[at]
            case "double":
                packets.insert(at, packets[at])
            case "damage":
                place = chance.randrange(min(len(packets[at]), 16))
                packets[at] = packets[at][:place] + chance.randbytes(1) + packets[at][place + 1 :]
            case "shorten":
                packets[at] = packets[at][: chance.randrange(12, 18)]
    long, short = (Depacketizer(codec, TYPE, 90_000, ordered=donl) for _ in range(2))
    expected = taken(long, packets)
    out: list[AccessUnit] = []
    gone_on = 0
    for packet in packets:
        buffer = bytearray(b"before" + packet + b"after")
        end = 6 + len(packet)
        if len(packet) >= 12 and short.goes_on(buffer, 6, end):
            gone_on += 1
        else:
            out += short.take(memoryview(buffer)[6:end])
    assert (out, short.lost, short.damaged) == (expected, long.lost, long.damaged)
    assert gone_on or len(packets) < 40


@settings(deadline=None)
@given(st.lists(st.binary(max_size=80), max_size=40), st.sampled_from(Codec), st.booleans())
def test_no_packet_at_all_brings_it_down(packets: list[bytes], codec: Codec, ordered: bool) -> None:
    depacketizer = Depacketizer(codec, TYPE, 90_000, ordered=ordered)
    for packet in packets:
        depacketizer.take(memoryview(packet))
        depacketizer.take(memoryview(b"\x80\x60" + packet))
        depacketizer.take_report(memoryview(packet))


def test_a_camera_that_never_marks_its_last_packet_is_understood() -> None:
    depacketizer = Depacketizer(Codec.H264, TYPE, 90_000, ordered=False)
    packets = [struct.pack(">BBHII", 0x80, TYPE, n, n // 2 * 3000, 7) + bytes((0x41, n)) for n in range(6)]
    out = taken(depacketizer, packets)
    assert [picture.units for picture in out] == [[b"\x41\x00", b"\x41\x01"], [b"\x41\x02", b"\x41\x03"]]


def test_padding_extensions_and_sources_are_stepped_over() -> None:
    depacketizer = Depacketizer(Codec.H264, TYPE, 90_000, ordered=False)
    extension = b"\xbe\xde\x00\x01" + b"\x00" * 4
    packet = (
        struct.pack(">BBHII", 0xB2, TYPE | 0x80, 1, 9, 7)
        + b"ssssssss"
        + extension
        + b"\x41\xaa"
        + b"\x00\x00\x03"
    )
    assert taken(depacketizer, [packet]) == [AccessUnit([b"\x41\xaa"], 0)]


def test_another_tracks_packets_are_left_alone() -> None:
    depacketizer = Depacketizer(Codec.H264, TYPE, 90_000, ordered=False)
    assert taken(depacketizer, [struct.pack(">BBHII", 0x80, 0x80 | 97, 1, 9, 7) + b"\x41\xaa"]) == []


def test_the_cameras_clock_is_known_from_its_reports() -> None:
    depacketizer = Depacketizer(Codec.H264, TYPE, 90_000, ordered=False)
    for number, stamp in ((1, 2**32 - 9000), (2, 0)):
        taken(depacketizer, [struct.pack(">BBHII", 0x80, TYPE | 0x80, number, stamp, 7) + b"\x41\xaa"])
    assert depacketizer.wall_us(9000) is None
    wall_s = 1_795_000_000
    report = struct.pack(">BBHIIII", 0x80, 200, 6, 7, wall_s + 2_208_988_800, 1 << 31, 4500) + b"\x00" * 8
    depacketizer.take_report(memoryview(report))
    # The first picture stood at tick 0, the report at 9000 + 4500 ticks: 150 ms later.
    assert depacketizer.wall_us(0) == wall_s * 1_000_000 + 500_000 - 150_000
    never = struct.pack(">BBHIIII", 0x80, 200, 6, 7, 0, 0, 4500) + b"\x00" * 8
    depacketizer.take_report(memoryview(never))
    assert depacketizer.wall_us(0) == wall_s * 1_000_000 + 350_000
