"""One stream of samples, paced, cut into packets once and handed to every camera that shows it.

It must not know of connections: a listener takes the units.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from watchfloor_sim.kept import Kept
from watchfloor_sim.rtp import AudioPacketiser, Unit, VideoPacketiser
from watchfloor_sim.samples import VIDEO_RATE, Feed, Sample, Tracks


class Listener(Protocol):
    def wants(self) -> bool:
        """Whether anybody watches here."""
        ...

    def deliver(self, unit: Unit) -> None: ...

    async def ready(self) -> None:
        """Returns when the slowest client has room: only a source that is not paced by time waits for it."""
        ...

    def source_over(self) -> None:
        """The source has sent its last unit."""
        ...


class Timeline:
    """A feed's samples on a time that never steps back, whatever is changed meanwhile. Changes take effect at
    the next keyframe, where no picture waits for another."""

    def __init__(self, feed: Feed, *, loop: bool) -> None:
        self.feed = feed
        self.tracks: Tracks = feed.tracks
        self._loop = loop
        self._samples = feed.samples(loop=loop)
        self._next_feed: Feed | None = None
        self._next_stretch: float | None = None
        self._stretch = 1.0
        self._from = 0  # the feed's time and ours at the last change, in video ticks
        self._to = 0

    def switch_to(self, feed: Feed) -> None:
        if feed.tracks.codec != self.tracks.codec:
            raise ValueError("a camera does not change its codec while it is watched")
        self._next_feed = feed

    def stretch(self, factor: float) -> None:
        """2.0 halves the frame rate. A stretched stream is silent: sound cannot be stretched."""
        self._next_stretch = factor

    def __iter__(self) -> Iterator[Sample]:
        while True:
            sample = next(self._samples, None)
            if sample is None:
                return
            if sample.keyframe and not sample.audio:
                sample = self._change(sample)
            if moved := self._moved(sample):
                yield moved

    def _change(self, keyframe: Sample) -> Sample:
        if self._next_stretch is not None:
            self._to, self._from = self._on_our_time(keyframe.dts), keyframe.dts
            self._stretch, self._next_stretch = self._next_stretch, None
        if self._next_feed is None:
            return keyframe
        due, shown = self._on_our_time(keyframe.dts), self._on_our_time(keyframe.pts)
        self.feed, self._next_feed = self._next_feed, None
        self._samples = self.feed.samples(loop=self._loop)
        first = next(sample for sample in self._samples if not sample.audio)
        # The new picture is neither sent nor shown before the old one would have been.
        self._to, self._from = max(due, shown - (first.pts - first.dts)), first.dts
        return first

    def _moved(self, sample: Sample) -> Sample | None:
        if not sample.audio:
            return replace(sample, dts=self._on_our_time(sample.dts), pts=self._on_our_time(sample.pts))
        if (
            self._stretch != 1.0
            or self.feed.tracks.audio is None
            or self.feed.tracks.audio != self.tracks.audio
        ):
            return None
        shift = (self._to - self._from) * self.feed.tracks.audio.rate // VIDEO_RATE
        return replace(sample, dts=sample.dts + shift, pts=sample.pts + shift)

    def _on_our_time(self, ticks: int) -> int:
        return self._to + round((ticks - self._from) * self._stretch)


class Source:
    """Runs from the first PLAY on, like a camera that nobody can rewind; frames nobody watches are not cut."""

    def __init__(self, feed: Feed, *, loop: bool = True, realtime: bool = True) -> None:
        self.timeline = Timeline(feed, loop=loop)
        self.frames = 0
        """Video frames that went by since the start, watched or not."""
        self.over = False
        self.kept: Kept | None = None
        """Where what is shown is kept, as on a camera's card."""
        self._realtime, self._loop = realtime, loop
        self._video = VideoPacketiser(feed.tracks.codec)
        self._audio = AudioPacketiser()
        self._listeners: list[Listener] = []
        self._task: asyncio.Task[None] | None = None
        self._ahead = 0  # ticks by which what clients are sent is stamped otherwise than it is paced
        self.started_wall_s = 0.0
        """The true wall clock at the first unit, as seconds since 1970."""
        self._started_s = 0.0

    @property
    def tracks(self) -> Tracks:
        return self.timeline.tracks

    @property
    def video_ssrc(self) -> int:
        """The source of its video, as its packets name it."""
        return self._video.ssrc

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def jump(self, seconds: float) -> None:
        """Stamp what is sent from now on so much later, or earlier, without a word."""
        self._ahead += round(seconds * VIDEO_RATE)

    def start(self) -> None:
        """Begin, unless begun."""
        if self._task is None:
            self._started_s, self.started_wall_s = asyncio.get_running_loop().time(), time.time()
            self._task = asyncio.create_task(self._run(), name="watchfloor_sim source")

    async def recode(self, feed: Feed) -> None:
        """Show another feed in the same breath, of another codec too: who watches is sent it without a word."""
        await self.stop()
        self.timeline = Timeline(feed, loop=self._loop)
        self._video, self._task = VideoPacketiser(feed.tracks.codec, self._video.ssrc), None
        self.start()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._video.close()

    def captured_wall_s(self, sample: Sample) -> float:
        """The true wall clock at which the camera's sensor saw this sample, as seconds since 1970."""
        late = self.timeline.feed.tracks.reorder / VIDEO_RATE
        return self.started_wall_s + sample.pts / self._rate_of(sample) - late

    def _stamped(self, sample: Sample) -> Sample:
        return replace(sample, dts=sample.dts + self._ahead, pts=sample.pts + self._ahead)

    def _rate_of(self, sample: Sample) -> int:
        return self.tracks.audio.rate if sample.audio and self.tracks.audio else VIDEO_RATE

    async def _run(self) -> None:
        samples = iter(self.timeline)
        while (sample := await self._next(samples)) is not None:
            if self._realtime:
                await self._wait_until(sample.dts / self._rate_of(sample))
            else:
                await asyncio.gather(*(listener.ready() for listener in self._listeners))
            self._publish(sample)
        self.over = True
        for listener in self._listeners:
            listener.source_over()

    async def _next(self, samples: Iterator[Sample]) -> Sample | None:
        fps = self.timeline.feed.live_fps
        if fps is None:
            return next(samples, None)
        await self._wait_until(self.frames / fps)
        return await asyncio.to_thread(next, samples, None)

    async def _wait_until(self, due_s: float) -> None:
        await asyncio.sleep(max(0.0, self._started_s + due_s - asyncio.get_running_loop().time()))

    def _publish(self, sample: Sample) -> None:
        number = self.frames
        self.frames += not sample.audio
        if self.kept is not None and not sample.audio:
            self.kept.keep(sample, self.captured_wall_s(sample))
        watched = [listener for listener in self._listeners if listener.wants()]
        if not watched:
            return
        packets = self._audio.cut(sample) if sample.audio else self._video.cut(self._stamped(sample))
        unit = Unit(sample, number, packets)
        for listener in watched:
            listener.deliver(unit)
