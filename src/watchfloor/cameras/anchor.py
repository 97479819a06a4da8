"""Puts a camera's own time on our wall clock: when was this frame taken? Pure: it reads no clock.

A frame cannot arrive before it was taken, so the smallest difference between arrival and camera time is nearest the
truth, and no frame is dated later than that. Camera clocks drift (up to 500 ppm); to later times the answer follows them
slowly, so that time never jumps ahead within a run.
"""

from __future__ import annotations

from typing import Final

# To later times: 500 ppm of the camera and as much again to get there.
_DRIFT_RATE: Final = 0.001
_WINDOW_US: Final = 30_000_000


class Anchor:
    """The wall time of a run's frames, in µs since 1970."""

    def __init__(self, wall_us: int) -> None:
        """`wall_us`: our wall time when the run's first frame arrived."""
        self._offset = float(wall_us)
        self._media = 0
        self._last = wall_us - 1
        self._lowest = float(wall_us)
        self._window_lowest = float(wall_us)
        self._window_ends = _WINDOW_US

    def at(self, media_us: int, arrived_us: int) -> int:
        """When the frame was taken.

        `media_us` is the camera's time since the run's first frame; `arrived_us` our wall time of its arrival, from a
        clock that never steps. The answers never go backwards within a run of rising `media_us`.
        """
        candidate = float(arrived_us - media_us)
        self._window_lowest = min(self._window_lowest, candidate)
        self._lowest = min(self._lowest, candidate)
        if media_us >= self._window_ends:
            self._lowest, self._window_lowest = self._window_lowest, candidate
            self._window_ends = media_us + _WINDOW_US
        passed = max(media_us - self._media, 0)
        self._media = max(media_us, self._media)
        # Evidence that all before was dated late is followed at once, as far as frames stay in their order.
        self._offset = min(self._lowest, self._offset + passed * _DRIFT_RATE)
        self._last = max(self._last + 1, int(self._offset + media_us))
        return self._last


def skew_us(camera_wall_us: int, captured_us: int) -> int:
    """How far the camera's clock is ahead of ours, in µs: measured and shown, never used to date footage."""
    return camera_wall_us - captured_us
