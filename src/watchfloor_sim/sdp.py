"""What a camera answers to DESCRIBE (RFC 4566 with RFC 6184, 7798 and 3640)."""

from __future__ import annotations

from base64 import b64encode

from watchfloor_sim.rtp import AUDIO_TYPE, VIDEO_TYPE
from watchfloor_sim.samples import VIDEO_RATE, AudioTrack, Tracks

VIDEO_CONTROL = "trackID=0"
AUDIO_CONTROL = "trackID=1"


def describe(tracks: Tracks, base_url: str, *, sprop: bool = True) -> str:
    """The session in SDP. Without `sprop` the parameter sets come in the stream alone, as from many cameras."""
    lines = [
        "v=0",
        "o=- 0 0 IN IP4 127.0.0.1",
        "s=watchfloor_sim",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        f"a=control:{base_url}",
        "a=range:npt=now-",
        *_video(tracks, sprop=sprop),
        *(_audio(tracks.audio) if tracks.audio else ()),
    ]
    return "\r\n".join(lines) + "\r\n"


def _video(tracks: Tracks, *, sprop: bool) -> list[str]:
    name = "H264" if tracks.codec == "h264" else "H265"
    return [
        f"m=video 0 RTP/AVP {VIDEO_TYPE}",
        f"a=rtpmap:{VIDEO_TYPE} {name}/{VIDEO_RATE}",
        *_video_format(tracks, sprop=sprop),
        f"a=control:{VIDEO_CONTROL}",
    ]


def _video_format(tracks: Tracks, *, sprop: bool) -> list[str]:
    sets = [b64encode(unit).decode() for unit in tracks.parameter_sets]
    if tracks.codec == "hevc":
        if not sprop:
            return []
        names = ("sprop-vps", "sprop-sps", "sprop-pps")
        words = "; ".join(f"{name}={unit}" for name, unit in zip(names, sets, strict=True))
        return [f"a=fmtp:{VIDEO_TYPE} {words}"]
    words = "packetization-mode=1"
    if sprop:
        level = tracks.parameter_sets[0][1:4].hex().upper()
        words += f"; profile-level-id={level}; sprop-parameter-sets={','.join(sets)}"
    return [f"a=fmtp:{VIDEO_TYPE} {words}"]


def _audio(audio: AudioTrack) -> list[str]:
    mode = "mode=AAC-hbr; sizelength=13; indexlength=3; indexdeltalength=3"
    return [
        f"m=audio 0 RTP/AVP {AUDIO_TYPE}",
        f"a=rtpmap:{AUDIO_TYPE} MPEG4-GENERIC/{audio.rate}/{audio.channels}",
        f"a=fmtp:{AUDIO_TYPE} profile-level-id=1; {mode}; config={audio.config.hex()}",
        f"a=control:{AUDIO_CONTROL}",
    ]
