"""Writes a camera's frames as sealed segments into the spool: the recorder sink. It knows no database and no device.

It runs in the thread that reads all cameras: it must never wait for a sync, nor raise for a reason of the disk, for live
view stands behind it.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.stream import TICKS_PER_S, Frame, Run
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.recordings.fmp4 import Timed, fragment, init_segment
from watchfloor.recordings.keystore import DayDestroyed, KeyMissing, Keystore
from watchfloor.recordings.model import (
    BREAK_FROM_US,
    GAP_FROM_US,
    GAP_OF_STATE,
    Gap,
    GapReason,
    Label,
    SegmentId,
    Terms,
    at,
    by_days,
    day_of,
)
from watchfloor.recordings.room import Room
from watchfloor.recordings.seal import ChunkKind, Head
from watchfloor.recordings.segment import SegmentWriter
from watchfloor.recordings.wire import head_of

# A group of pictures longer than this is written in parts, to bound memory and what a crash can lose.
_LONGEST_CHUNK: Final = 4 * TICKS_PER_S
_LARGEST_CHUNK: Final = 8 * 1024 * 1024
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# What is told to have been left out is missing before one of so many keyframes: some frames still wait to be handed on then.
_SOON: Final = 3
_USUAL_STEP: Final = TICKS_PER_S // 15

_log = logger("recordings.write")


class Recorder:
    """One camera's recorder.

    `terms` may be set from another thread at any time and holds from the next keyframe on; None stops recording there.
    `finished` takes each segment that is complete, and `missed` each gap; both are called in the camera's thread.
    `trouble` says in a word why nothing is written at present.
    """

    def __init__(
        self,
        camera: UUID,
        folder: Path,
        keystore: Keystore,
        room: Room,
        *,
        segment_us: int,
        finished: Callable[[SegmentWriter], None],
        missed: Callable[[Gap], None],
        fetched_us: int | None = None,
    ) -> None:
        """`fetched_us`: what it is given was taken before, and is fetched now; segments are named for when they were."""
        self.terms: Terms | None = None
        self.trouble: GapReason | None = None
        self.frames = 0
        self.last_us: int | None = None
        self._camera, self._folder = camera, folder
        self._keystore, self._room, self._segment_us = keystore, room, segment_us
        self._finished, self._missed = finished, missed
        self._fetched_us = fetched_us
        self._run: Run | None = None
        self._writer: SegmentWriter | None = None
        self._label: Label | None = None
        self._terms: Terms | None = None
        self._gathered: list[Frame] = []
        self._gathered_bytes = 0
        self._number = 0
        self._step = _USUAL_STEP
        self._why_missing = GapReason.RECORDER_DOWN
        self._broke = False
        self._left_out = 0

    @property
    def writing(self) -> bool:
        """Whether a segment is being written."""
        return self._writer is not None

    def explain(self, last_us: int | None, reason: GapReason) -> None:
        """Before a start: where the footage ended, and why there is none since. Not while the camera's thread runs."""
        self.last_us = self.last_us if last_us is None else last_us
        self._why_missing, self._broke = reason, True

    def left_out(self) -> None:
        """Whoever sends the frames left some out, before one of the next keyframes: a hole there is no silence of the camera's."""
        self._left_out = _SOON

    def begin(self, run: Run) -> None:
        """A run begins; its first frame is a keyframe."""
        self._run = run
        self._number = 0
        if run.clock_set and not self._broke:
            self._why_missing = GapReason.CLOCK_SET

    def frame(self, frame: Frame) -> None:
        """Gather; write when a group of pictures is complete."""
        gathered = self._gathered
        if frame.key:
            self._flush(frame.dts)
            self._turn(frame)
            self._left_out = max(self._left_out - 1, 0)
        elif gathered and (
            frame.dts - gathered[0].dts > _LONGEST_CHUNK or self._gathered_bytes > _LARGEST_CHUNK
        ):
            self._flush(frame.dts)
        if self._writer is not None:
            self._gathered.append(frame)
            self._gathered_bytes += len(frame.data)

    def end(self, status: CameraStatus | None) -> None:
        """The run is over: write what is gathered and close the segment."""
        self._flush(None)
        self._close()
        self._run = None
        self._broke = self._broke or status is not None
        jumped = status is None and self._fetched_us is None and self.trouble is None
        if jumped and self._why_missing is GapReason.CAMERA_SILENT:
            # It goes on sending: what came until the next keyframe fits nothing.
            self._why_missing = GapReason.BAD_STREAM
        if status is not None and self.trouble is None:
            off = status is CameraStatus.OFF  # the thread was stopped; whoever did it explains
            self._why_missing = (
                GapReason.RECORDER_DOWN if off else GAP_OF_STATE.get(status, GapReason.RECORDER_DOWN)
            )

    def _turn(self, key: Frame) -> None:
        """At a keyframe: close the segment when it is time, open the next when there are terms and room."""
        terms, run = self.terms, self._run
        if self._writer is not None and self._must_cut(key, terms):
            self._close()
        if self._writer is not None or run is None:
            return
        if terms is None:
            self.trouble = None
            self._why_missing = GapReason.NO_AUTHORISATION
            return
        if not self._room.enough():
            self._fail(GapReason.NO_ROOM)
            return
        self._open(run, terms, key)

    def _must_cut(self, key: Frame, terms: Terms | None) -> bool:
        writer = self._writer
        if terms != self._terms or writer is None or self._label is None or not self._room.enough():
            return True
        late = key.captured_us - writer.began_us >= self._segment_us
        return bool(writer.began_us) and (late or day_of(key.captured_us) != self._label.day)

    def _open(self, run: Run, terms: Terms, key: Frame) -> None:
        label = Label(self._camera, terms.rule, day_of(key.captured_us), run.number)
        segment = SegmentId(uuid7(at(self._fetched_us or key.captured_us)))
        head = head_of(segment, label, terms, run.format.mime, run.format.width, run.format.height)
        try:
            day_key = self._keystore.make_or_find(label.camera, label.rule, label.day)
            path = self._folder / f"{segment}.part"
            self._writer = SegmentWriter(path, head, day_key, init_segment(run.format), self._number)
        except (DayDestroyed, KeyMissing) as error:
            _log.error("the key store refuses today's key", camera=str(self._camera), error=str(error))
            self._fail(GapReason.RECORDER_DOWN)
            return
        except OSError as error:
            self._failed(error)
            return
        self._label, self._terms = label, terms
        self.trouble = None
        self._tell_gap(key, terms)

    def _tell_gap(self, key: Frame, terms: Terms) -> None:
        self._note_gap(key.captured_us, terms, self._why_missing)
        self.last_us = key.captured_us
        self._why_missing, self._broke = GapReason.CAMERA_SILENT, False

    def _note_gap(self, until_us: int, terms: Terms, reason: GapReason) -> None:
        if reason is GapReason.CAMERA_SILENT and self._left_out and not self._broke:
            reason = GapReason.LEFT_OUT
        late = reason is GapReason.CAMERA_SILENT and not self._broke
        least = GAP_FROM_US if late else BREAK_FROM_US
        if self.last_us is not None and until_us - self.last_us >= least:
            for begin, end in by_days(self.last_us, until_us):
                self._missed(Gap(uuid7(at(until_us)), self._camera, terms, begin, end, reason))

    def _flush(self, next_dts: int | None) -> None:
        """Write what is gathered as one chunk. `next_dts` is that of the frame after it, None at the end of a run."""
        frames, writer = self._gathered, self._writer
        if not frames or writer is None:
            return
        self._gathered, self._gathered_bytes = [], 0
        timed = [Timed(a, b.dts - a.dts) for a, b in pairwise(frames)]
        if timed:
            self._step = timed[-1].duration
        last = self._step if next_dts is None else next_dts - frames[-1].dts
        # A hole before the next frame is a gap, not a frame that stands for minutes.
        timed.append(Timed(frames[-1], min(last, 2 * TICKS_PER_S)))
        first = frames[0]
        duration = frames[-1].dts - first.dts + timed[-1].duration
        kind = ChunkKind.KEY if first.key else ChunkKind.MORE
        head = Head(kind, self._number, 0, first.captured_us, first.dts, duration, len(frames))
        try:
            writer.append(head, fragment(self._number + 1, timed))
        except OSError as error:
            self._failed(error)
            return
        self._number += 1
        self.frames += len(frames)
        if self._terms is not None:
            self._note_gap(first.captured_us, self._terms, GapReason.CAMERA_SILENT)
        self.last_us = first.captured_us + duration * 1_000_000 // TICKS_PER_S

    def _close(self) -> None:
        writer, self._writer, self._label = self._writer, None, None
        if writer is not None:
            self._finished(writer)

    def _failed(self, error: OSError) -> None:
        reason = GapReason.NO_ROOM if error.errno in _FULL else GapReason.RECORDER_DOWN
        _log.error(
            "footage cannot be written", camera=str(self._camera), reason=reason.value, error=error.strerror
        )
        self._fail(reason)

    def _fail(self, reason: GapReason) -> None:
        """Stop cleanly until the next keyframe that finds room; what is written stays whole."""
        self.trouble = self._why_missing = reason
        self._gathered, self._gathered_bytes = [], 0
        self._close()
