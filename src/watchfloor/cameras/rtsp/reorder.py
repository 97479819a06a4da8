"""Puts datagrams back in their order by RTP's sequence numbers (RFC 3550, A.1): a late one is waited for, briefly. Pure.

It never waits for more than `MOST` packets or `PATIENCE_S`: what has not come by then is lost, and whoever reads the
numbers sees it.
"""

from __future__ import annotations

from typing import Final

MOST: Final = 64
PATIENCE_S: Final = 0.15
# Further than this from what is expected is no loss: the device counts anew.
_FAR: Final = 1024
_HALF: Final = 0x8000


class Reorder:
    """The packets of one source. `late` counts those that came twice, or after they were given up."""

    def __init__(self) -> None:
        self.late = 0
        self._next: int | None = None
        self._held: dict[int, bytes] = {}
        self._held_since = 0.0
        self._elsewhere: tuple[int, bytes] | None = None

    def passes(self, number: int) -> bool:
        """Whether this packet is the next and none waits for it: then it may go on at once, and was counted."""
        if number != self._next or self._held:
            return False
        self._next = (number + 1) & 0xFFFF
        return True

    def take(self, number: int, packet: bytes, now: float) -> list[bytes]:
        """What can go on, in order, now that this packet came."""
        if self._next is None:
            self._next = number
        ahead = (number - self._next) & 0xFFFF
        if _FAR <= ahead <= 0xFFFF - _FAR:
            return self._counted_anew(number, packet)
        self._elsewhere = None
        if ahead >= _HALF or number in self._held:
            self.late += 1
            return self.overdue(now)
        if not self._held:
            self._held_since = now
        self._held[number] = packet
        whole = self._whole()
        if whole:
            self._held_since = now
        return whole + self.overdue(now)

    def overdue(self, now: float) -> list[bytes]:
        """What can go on since those before it are given up."""
        out: list[bytes] = []
        while self._held and (len(self._held) > MOST or now - self._held_since >= PATIENCE_S):
            self._next = min(self._held, key=self._ahead)
            out += self._whole()
            self._held_since = now
        return out

    def rest(self) -> list[bytes]:
        """What still waits, at the end of the stream."""
        out = [self._held[number] for number in sorted(self._held, key=self._ahead)]
        self._held.clear()
        return out

    def _whole(self) -> list[bytes]:
        """What follows without a hole."""
        out: list[bytes] = []
        while self._next is not None and (packet := self._held.pop(self._next, None)) is not None:
            out.append(packet)
            self._next = (self._next + 1) & 0xFFFF
        return out

    def _counted_anew(self, number: int, packet: bytes) -> list[bytes]:
        """One packet from far away is a stray; two that follow each other say where the device counts now."""
        before, self._elsewhere = self._elsewhere, (number, packet)
        if before is None or before[0] != (number - 1) & 0xFFFF:
            return []
        self._elsewhere = None
        out = [*self.rest(), before[1], packet]
        self._next = (number + 1) & 0xFFFF
        return out

    def _ahead(self, number: int) -> int:
        return (number - (self._next or 0)) & 0xFFFF
