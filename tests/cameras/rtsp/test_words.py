"""What devices say of themselves is read as they write it, and a password is proven as the standards say."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.cameras.address import Login
from watchfloor.cameras.rtsp.login import authorization, challenge_of
from watchfloor.cameras.rtsp.message import (
    Answer,
    Apart,
    BadMessage,
    apart_of,
    channels_of,
    parse_head,
    request,
    session_of,
)
from watchfloor.cameras.rtsp.sdp import NoVideo, video_track
from watchfloor.cameras.stream import Codec

BASE = "rtsp://10.0.0.5/live"

AXIS = """v=0
o=- 1 1 IN IP4 10.0.0.5
s=Session streamed with GStreamer
t=0 0
a=control:rtsp://10.0.0.5/axis-media/media.amp?videocodec=h264
m=audio 0 RTP/AVP 97
a=rtpmap:97 MPEG4-GENERIC/16000/1
a=control:rtsp://10.0.0.5/axis-media/media.amp/stream=1
m=video 0 RTP/AVP 96
b=AS:50000
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1;profile-level-id=4d4029;sprop-parameter-sets=Z01AKZZUAeAIn5Y=,aO48gA==
a=control:rtsp://10.0.0.5/axis-media/media.amp/stream=0?videocodec=h264
"""

HIKVISION = (
    "v=0\r\no=- 1 1 IN IP4 10.0.0.5\r\ns=Media Presentation\r\ne=NONE\r\nb=AS:5050\r\nt=0 0\r\n"
    "a=control:rtsp://10.0.0.5/Streaming/Channels/101/\r\nm=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\nb=AS:5000\r\n"
    "a=recvonly\r\na=x-dimensions:1920,1080\r\na=control:rtsp://10.0.0.5/Streaming/Channels/101/trackID=1\r\n"
    "a=rtpmap:96 H265/90000\r\na=fmtp:96 sprop-sps=QgEBAWAAAAMAsAAAAwAAAwB7oAPAgBDljbkk; sprop-pps=RAHA8vA8kAA=\r\n"
    "a=Media_header:MEDIAINFO=494D4B48;\r\na=appversion:1.0\r\n"
)

RELATIVE = """v=0
m=video 0 RTP/AVP 26 99
a=rtpmap:99 h264/90000
a=control:track1
"""


def test_a_whole_address_for_the_track_is_taken_as_it_is() -> None:
    track = video_track(AXIS, BASE)
    assert track.control == "rtsp://10.0.0.5/axis-media/media.amp/stream=0?videocodec=h264"
    assert track.aggregate == "rtsp://10.0.0.5/axis-media/media.amp?videocodec=h264"
    assert (track.codec, track.payload_type, track.rate) == (Codec.H264, 96, 90_000)
    assert [unit[0] & 0x1F for unit in track.sets] == [7, 8]


def test_h265_and_its_sets_are_found() -> None:
    track = video_track(HIKVISION, BASE)
    assert track.codec is Codec.H265 and not track.ordered
    assert [unit[0] >> 1 & 0x3F for unit in track.sets] == [33, 34]


@pytest.mark.parametrize(
    ("base", "control"),
    [
        ("rtsp://10.0.0.5/live", "rtsp://10.0.0.5/live/track1"),
        ("rtsp://10.0.0.5/live/", "rtsp://10.0.0.5/live/track1"),
        ("rtsp://10.0.0.5/a?b=c", "rtsp://10.0.0.5/a?b=c/track1"),
    ],
)
def test_a_track_named_in_short_stands_under_the_base(base: str, control: str) -> None:
    track = video_track(RELATIVE, base)
    assert (track.control, track.aggregate, track.payload_type) == (control, base, 99)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no video"),
        ("v=0\nm=audio 0 RTP/AVP 0\n", "no video"),
        ("v=0\nm=video 0 RTP/AVP 26\n", "not recorded"),
        ("v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 MP4V-ES/90000\n", "not recorded"),
    ],
)
def test_what_is_not_recorded_is_said(text: str, says: str) -> None:
    with pytest.raises(NoVideo, match=says):
        video_track(text, BASE)


@settings(deadline=None)
@given(st.text(max_size=400))
def test_no_description_brings_the_reader_down(text: str) -> None:
    for whole in (text, f"m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 {text}\n"):
        try:
            video_track(whole, BASE)
        except NoVideo:
            continue


def test_a_digest_is_that_of_the_standard() -> None:
    """RFC 2069, as most cameras ask for it: H(H(user:realm:password):nonce:H(method:uri))."""
    challenge = challenge_of('Digest realm="IP Camera", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c0"')
    assert challenge is not None and not challenge.qop
    said = authorization(challenge, Login("Mufasa", "Circle of Life"), "DESCRIBE", "rtsp://10.0.0.5/live")

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    who, what = md5("Mufasa:IP Camera:Circle of Life"), md5("DESCRIBE:rtsp://10.0.0.5/live")
    assert f'response="{md5(f"{who}:dcd98b7102dd2f0e8b11d0f600bfb0c0:{what}")}"' in said
    assert 'username="Mufasa"' in said and 'uri="rtsp://10.0.0.5/live"' in said


def test_the_strongest_way_that_is_offered_is_taken() -> None:
    offered = (
        'Basic realm="cam"\nDigest realm="cam", nonce="n1", algorithm=MD5\n'
        'Digest realm="cam", nonce="n2", algorithm=SHA-256, qop="auth,auth-int", opaque="o"'
    )
    challenge = challenge_of(offered)
    assert challenge is not None and challenge.algorithm == "SHA-256" and challenge.nonce == "n2"
    first = authorization(challenge, Login("a", "b"), "OPTIONS", BASE)
    second = authorization(challenge, Login("a", "b"), "OPTIONS", BASE)
    assert "nc=00000001" in first and "nc=00000002" in second and 'opaque="o"' in first
    assert challenge_of('Basic realm="x"') is not None
    assert challenge_of("Negotiate") is None and challenge_of("") is None
    assert challenge_of('Digest realm="x", nonce="y", algorithm=SHA-512') is None


def test_a_name_with_quotes_stays_inside_its_quotes() -> None:
    challenge = challenge_of('Digest realm="r", nonce="n"')
    assert challenge is not None
    said = authorization(challenge, Login('a"b\\c', "p"), "OPTIONS", BASE)
    assert r'username="a\"b\\c"' in said


def test_sessions_and_channels_are_read_as_devices_write_them() -> None:
    assert session_of(Answer(200, {"session": "12345678;timeout=30"})) == ("12345678", 30.0)
    assert session_of(Answer(200, {"session": " abc ; Timeout = 60"})) == ("abc", 60.0)
    assert session_of(Answer(200, {"session": "x;timeout=0"})) == ("x", 5.0)
    assert channels_of(Answer(200, {"transport": "RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=1F"})) == (2, 3)
    assert channels_of(Answer(200, {"transport": "RTP/AVP/TCP;interleaved=4"})) == (4, 5)
    for headers in ({}, {"session": ";timeout=4"}):
        with pytest.raises(BadMessage):
            session_of(Answer(200, headers))
    for other in (
        "RTP/AVP;unicast;client_port=1-2",
        "RTP/AVP/TCP;interleaved=256",
        "RTP/AVP/TCP;interleaved=x",
        "",
    ):
        assert channels_of(Answer(200, {"transport": other})) is None


@pytest.mark.parametrize(
    ("said", "apart"),
    [
        ("RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001;ssrc=1F", Apart((6000, 6001), 0x1F)),
        ("RTP/AVP/UDP;unicast; Client_Port=5000-5001; Server_Port=6000", Apart((6000, 6001), None)),
        ("RTP/AVP;unicast", Apart(None, None)),
        ("RTP/AVP;unicast;server_port=0-1;ssrc=00000000", Apart(None, None)),
        ("RTP/AVP;unicast;server_port=70000-70001;ssrc=nonsense", Apart(None, None)),
        ("RTP/AVP;multicast;destination=239.1.1.1;port=5000-5001", None),
        ("RTP/AVP/TCP;unicast;interleaved=0-1", None),
    ],
)
def test_what_a_device_says_of_its_datagrams(said: str, apart: Apart | None) -> None:
    assert apart_of(Answer(200, {"transport": said}), (5000, 5001)) == apart


def test_datagrams_to_other_ports_than_ours_are_refused() -> None:
    with pytest.raises(BadMessage):
        apart_of(Answer(200, {"transport": "RTP/AVP;unicast;client_port=5002-5003"}), (5000, 5001))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_head_brings_the_reader_down(data: bytes) -> None:
    for whole in (data, b"RTSP/1.0 200 OK\r\n" + data):
        try:
            answer, length = parse_head(whole)
        except BadMessage:
            continue
        assert 100 <= answer.status <= 999 and 0 <= length <= 256 * 1024


def test_a_request_is_one_message() -> None:
    assert request("OPTIONS", BASE, 3, {"Session": "x"}) == (
        b"OPTIONS rtsp://10.0.0.5/live RTSP/1.0\r\nCSeq: 3\r\nUser-Agent: watchfloor\r\nSession: x\r\n\r\n"
    )
