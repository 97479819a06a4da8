"""What a device is told of how its datagrams arrive, byte by byte (RFC 3550, section 6.4.2)."""

from __future__ import annotations

import struct

from watchfloor.cameras.rtsp.reception import Reception, each, says_goodbye

THEIRS, OURS = 0xCAFE0001, 0x0BADF00D


def told(reception: Reception, now: float) -> tuple[int, ...]:
    """The first packet of a report, taken apart: kind, who says it, and (of whom, lost of 256, lost, highest, jitter, last, since)."""
    first, second = each(memoryview(reception.report(now)))
    assert second[1] == 202 and second[8] == 1  # who we are, by a name
    kind, ours = first[1], int.from_bytes(first[4:8], "big")
    if first[0] & 0x1F == 0:
        return kind, ours
    of, lost, *rest = struct.unpack_from(">IIIIII", first, 8)
    return kind, ours, of, lost >> 24, lost & 0xFF_FFFF, *rest


def test_before_anything_came_there_is_nothing_to_tell() -> None:
    assert told(Reception(OURS, THEIRS, 90_000), 1.0) == (201, OURS)


def test_a_report_tells_what_was_lost_since_the_last_and_in_all() -> None:
    reception = Reception(OURS, THEIRS, 90_000)
    for number in (65534, 65535, 0, 2):  # 1 never came, and the numbers wrapped
        reception.heard(number, 0, 0.0)
    assert told(reception, 5.0)[2:7] == (THEIRS, 256 // 5, 1, 65536 + 2, 0)
    for number in (3, 4, 5, 6):
        reception.heard(number, 0, 0.0)
    assert told(reception, 10.0)[2:6] == (THEIRS, 0, 1, 65536 + 6)


def test_packets_that_come_twice_are_more_than_were_sent_and_no_loss() -> None:
    reception = Reception(OURS, THEIRS, 90_000)
    for number in (1, 1, 2, 2):
        reception.heard(number, 0, 0.0)
    assert told(reception, 5.0)[3:5] == (0, 0x100_0000 - 2)


def test_jitter_is_how_unevenly_packets_come_for_their_times() -> None:
    even, uneven = Reception(OURS, THEIRS, 90_000), Reception(OURS, THEIRS, 90_000)
    for n in range(200):
        even.heard(n, n * 6000, n / 15)
        uneven.heard(n, n * 6000, n / 15 + (0.01 if n % 2 else 0.0))
    assert told(even, 20.0)[6] <= 1 and 800 <= told(uneven, 20.0)[6] <= 900  # 10 ms are 900 ticks


def test_a_report_says_which_of_theirs_was_the_last_and_how_long_ago() -> None:
    reception = Reception(OURS, THEIRS, 90_000)
    reception.heard(1, 0, 0.0)
    reception.sender_said(
        memoryview(struct.pack(">BBHIIIIII", 0x80, 200, 6, THEIRS, 0xAABBCCDD, 0x11223344, 0, 0, 0)), 2.0
    )
    assert told(reception, 3.5)[7:] == (0xCCDD1122, 65536 * 3 // 2)


def test_the_packets_of_a_datagram_are_told_apart_and_what_is_cut_is_left() -> None:
    report = struct.pack(">BBHIIIIII", 0x80, 200, 6, THEIRS, 0, 0, 0, 0, 0)
    bye = struct.pack(">BBHII", 0x82, 203, 2, 7, THEIRS)
    found = list(each(memoryview(report + bye + bye[:-1])))
    assert [packet[1] for packet in found] == [200, 203]
    assert (
        says_goodbye(found[1], THEIRS)
        and not says_goodbye(found[1], OURS)
        and not says_goodbye(found[0], THEIRS)
    )
    assert list(each(memoryview(b"\x80\xc8\x00"))) == []
