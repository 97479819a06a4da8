"""When pictures are to be decoded, from when they are to be shown: RTP tells only the latter. Pure.

A camera that reorders sends a picture before others that are shown earlier. The n-th picture sent can be decoded at the
time at which the n-th picture is shown, counted from as many pictures ago as the camera reorders.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Sequence
from typing import Final

_MOST: Final = 16


# A stream that does not say how far it reorders is looked at for so many pictures before the first is given on.
LOOK: Final = 6


def depth_of(shown: Sequence[int]) -> int:
    """How far pictures sent in this order are reordered: the most that are sent before one that is shown earlier."""
    return max((sum(sent > pts for sent in shown[:i]) for i, pts in enumerate(shown)), default=0)


class DecodingOrder:
    """The decoding times of one run. `reorder` is what the stream says of itself; None is found out by looking.

    `depth` is how many pictures are taken to be sent before one that is shown earlier.
    """

    def __init__(self, reorder: int | None, *, at_least: int = 0) -> None:
        """`at_least` is what was found out in an earlier run of the same camera."""
        self._known = reorder is not None
        self.depth = reorder if reorder is not None else at_least
        self._waiting: list[int] = []
        self._recent: deque[int] = deque(maxlen=_MOST)

    def dts(self, pts: int) -> int | None:
        """The decoding time of the next picture sent; None while as many have not yet come as are reordered."""
        if not self._known:
            self.depth = max(self.depth, sum(sent > pts for sent in self._recent))
            self._recent.append(pts)
        insort(self._waiting, pts)
        if len(self._waiting) <= self.depth:
            return None
        return self._waiting.pop(0)
