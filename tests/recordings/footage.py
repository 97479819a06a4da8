"""Makes footage from real clips without a camera: frames, runs, segments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from tests.cameras.clips import Clip, load
from watchfloor.cameras.nal import join_prefixed
from watchfloor.cameras.stream import Frame, Run, format_of, take_apart
from watchfloor.kit.clock import ManualClock
from watchfloor.recordings.keystore import Keystore
from watchfloor.recordings.model import Gap, Segment, Terms, us
from watchfloor.recordings.room import Room
from watchfloor.recordings.segment import SegmentWriter
from watchfloor.recordings.write import Recorder

NOON = us(datetime(2026, 11, 22, 12, tzinfo=UTC))
CAMERA = UUID(int=0xCA)
TERMS = Terms(UUID(int=0xA), UUID(int=0x33), 1, 3)


def run_of(clip: Clip, *, number: int = 7, began_us: int = NOON) -> Run:
    """A run of the clip's format."""
    return Run(
        CAMERA, number, format_of(clip.codec, take_apart(clip.codec, clip.packets[0].units).sets), began_us
    )


def frames_of(clip: Clip, *, began_us: int = NOON, times: int = 1) -> Iterator[Frame]:
    """The clip's frames, over and over on one timeline."""
    length = clip.packets[-1].dts + clip.step
    for turn in range(times):
        for packet in clip.packets:
            dts = packet.dts + turn * length
            picture = take_apart(clip.codec, packet.units)
            captured = began_us + dts * 100 // 9
            yield Frame(join_prefixed(picture.units), picture.key, dts, packet.pts + turn * length, captured)


class Rooms(Room):
    """Room as a test says."""

    is_enough = True

    def enough(self) -> bool:
        return self.is_enough


@dataclass
class Desk:
    """A recorder on a folder of its own, and what came out of it."""

    folder: Path
    segment_s: float = 4.0
    spool_folder: Path | None = None
    finished: Callable[[SegmentWriter], None] | None = None
    clock: ManualClock = field(default_factory=lambda: ManualClock(datetime(2026, 11, 22, 12, tzinfo=UTC)))
    done: list[tuple[Path, Segment]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spool = self.spool_folder or self.folder / "spool"
        self.spool.mkdir(exist_ok=True)
        self.keystore = Keystore(self.folder / "keystore", b"w" * 32)
        self.room = Rooms(self.spool, 0, self.clock)
        self.recorder = Recorder(
            CAMERA,
            self.spool,
            self.keystore,
            self.room,
            segment_us=int(self.segment_s * 1_000_000),
            finished=self.finished or self._finish,
            missed=self.gaps.append,
        )
        self.recorder.terms = TERMS

    def _finish(self, writer: SegmentWriter) -> None:
        segment = writer.finish()
        if segment is not None:
            self.done.append((writer.path, segment))

    def record(self, clip: Clip, *, times: int = 1, began_us: int = NOON, number: int = 7) -> int:
        """Record the clip as one run; how many frames went in."""
        count = 0
        self.recorder.begin(run_of(clip, number=number, began_us=began_us))
        for frame in frames_of(clip, began_us=began_us, times=times):
            self.recorder.frame(frame)
            count += 1
        self.recorder.end(None)
        return count

    @property
    def key(self) -> bytes:
        """The day key of everything recorded at noon."""
        return self.keystore.find(CAMERA, TERMS.rule, self.done[0][1].label.day)


def street(clips: Path) -> Clip:
    """A real street with B-frames: 250 frames, 10 s."""
    return load(clips / "street-bicycle-272p-h264.mp4", most=1000)
