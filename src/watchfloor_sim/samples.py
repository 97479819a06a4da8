"""Coded pictures and sound with their times: what a camera sends, before it is cut into packets.

Video is counted in ticks of 1/90000 s, sound in samples, both from zero at the first decoding time. It must
not know of the network.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol

import av
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

VIDEO_RATE = 90_000
VideoCodec = Literal["h264", "hevc"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One access unit. Video is Annex B with its parameter sets in front of every keyframe."""

    audio: bool
    dts: int
    pts: int
    keyframe: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """AAC as RFC 3640 carries it: the rate, the channels, the AudioSpecificConfig."""

    rate: int
    channels: int
    config: bytes


@dataclass(frozen=True, slots=True)
class Tracks:
    """What a camera says of itself before the first picture."""

    codec: VideoCodec
    parameter_sets: tuple[bytes, ...]
    audio: AudioTrack | None = None
    reorder: int = 0
    """How many ticks at most a picture is shown after it was sent: a camera with B-frames sends that much late."""


class Feed(Protocol):
    """Where samples come from: a clip that repeats, or a scene drawn as it is sent."""

    @property
    def tracks(self) -> Tracks: ...

    @property
    def live_fps(self) -> int | None:
        """Pictures a second of a scene that must be asked at the moment of showing; None for what is stored."""
        ...

    def samples(self, *, loop: bool) -> Iterator[Sample]:
        """Samples in the order of their decoding times; without `loop` it ends."""
        ...


class UnfitClip(Exception):
    """This file cannot be sent by an RTSP camera of ours."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A file held in memory, ready to be sent round and round."""

    tracks: Tracks
    content: tuple[Sample, ...]
    length: int
    live_fps: int | None = None

    @property
    def frames(self) -> int:
        return sum(not sample.audio for sample in self.content)

    def samples(self, *, loop: bool) -> Iterator[Sample]:
        """The content, then again, each turn moved on by one length so that no clock ever steps back."""
        audio_length = self._audio_length()
        turn = 0
        while True:
            for sample in self.content:
                shift = turn * (audio_length if sample.audio else self.length)
                yield replace(sample, dts=sample.dts + shift, pts=sample.pts + shift)
            turn += 1
            if not loop:
                return

    def _audio_length(self) -> int:
        return self.length * self.tracks.audio.rate // VIDEO_RATE if self.tracks.audio else 0


def load_clip(path: Path, *, audio: bool = True) -> Clip:
    """Read a file's H.264 or H.265, and its AAC unless told otherwise, without decoding it."""
    with av.open(str(path)) as container:
        if not container.streams.video or container.streams.video[0].codec_context.name not in (
            "h264",
            "hevc",
        ):
            raise UnfitClip(f"{path.name} holds no H.264 or H.265")
        video = container.streams.video[0]
        sound = container.streams.audio[0] if audio and container.streams.audio else None
        if sound is not None and sound.codec_context.name != "aac":
            sound = None
        pictures, sounds = _demux(container, video, sound)
    if not pictures or not pictures[0].keyframe:
        raise UnfitClip(f"{path.name} does not begin with a keyframe")
    length = pictures[-1].dts + _frame_ticks(pictures) - pictures[0].dts
    track = _audio_track(sound) if sound is not None and sounds else None
    codec: VideoCodec = "hevc" if video.codec_context.name == "hevc" else "h264"
    reorder = max(p.pts - p.dts for p in pictures)
    tracks = Tracks(codec, parameter_sets(codec, pictures[0].data), track, reorder)
    content = _from_zero(pictures, sounds, track.rate if track else VIDEO_RATE, length)
    return Clip(tracks, content, length)


def _demux(
    container: InputContainer, video: VideoStream, sound: AudioStream | None
) -> tuple[list[Sample], list[Sample]]:
    annex_b = BitStreamFilterContext(f"{video.codec_context.name}_mp4toannexb", video)
    pictures: list[Sample] = []
    sounds: list[Sample] = []
    wanted = (video,) if sound is None else (video, sound)
    for packet in container.demux(wanted):
        if packet.size == 0:
            continue
        if packet.stream is sound:
            sounds.append(_sample(packet, Fraction(1, sound.codec_context.sample_rate), audio=True))
        else:
            pictures += [
                _sample(p, Fraction(1, VIDEO_RATE), audio=False) for p in annex_b.filter(packet) if p.size
            ]
    pictures += [_sample(p, Fraction(1, VIDEO_RATE), audio=False) for p in annex_b.filter(None) if p.size]
    return pictures, sounds


def _sample(packet: av.Packet[Stream], base: Fraction, *, audio: bool) -> Sample:
    if packet.dts is None or packet.pts is None:
        raise UnfitClip("a packet without a time")
    scale = packet.time_base / base
    return Sample(
        audio, round(packet.dts * scale), round(packet.pts * scale), packet.is_keyframe, bytes(packet)
    )


def _frame_ticks(pictures: list[Sample]) -> int:
    steps = sorted(b.dts - a.dts for a, b in itertools.pairwise(pictures))
    return steps[len(steps) // 2] if steps else VIDEO_RATE // 25


def _from_zero(pictures: list[Sample], sounds: list[Sample], rate: int, length: int) -> tuple[Sample, ...]:
    """Both tracks from time zero (B-frame clips begin below it), in sending order, the sound cut at the last
    picture: a longer sound track would push the pictures apart at every turn."""
    first = pictures[0].dts
    first_sound = first * rate // VIDEO_RATE
    last_sound = length * rate // VIDEO_RATE
    moved = [replace(p, dts=p.dts - first, pts=p.pts - first) for p in pictures]
    heard = [replace(s, dts=s.dts - first_sound, pts=s.pts - first_sound) for s in sounds]
    heard = [s for s in heard if 0 <= s.dts < last_sound]
    return tuple(heapq.merge(moved, heard, key=lambda s: s.dts / (rate if s.audio else VIDEO_RATE)))


def _audio_track(sound: AudioStream) -> AudioTrack:
    context = sound.codec_context
    return AudioTrack(context.sample_rate, context.channels, bytes(context.extradata or b"")[:2])


def parameter_sets(codec: VideoCodec, keyframe: bytes) -> tuple[bytes, ...]:
    """The VPS, SPS and PPS in front of a keyframe, without start codes, each kind once."""
    kinds = (7, 8) if codec == "h264" else (32, 33, 34)
    found: dict[int, bytes] = {}
    for unit in nal_units(keyframe):
        kind = unit[0] & 0x1F if codec == "h264" else (unit[0] >> 1) & 0x3F
        found.setdefault(kind, unit)
    return tuple(found[kind] for kind in kinds if kind in found)


def nal_units(data: bytes) -> list[bytes]:
    """What lies between the start codes of an Annex B access unit."""
    pieces = data.split(b"\x00\x00\x01")[1:]
    return [unit for piece in pieces if (unit := piece.rstrip(b"\x00"))]
