"""The last minutes of sound, sealed, in memory: under keys that exist nowhere else, each for a second of it, forgotten with that second.

Nothing of it is ever written to a file, none is kept where memory may be swapped, and there is no way to all of it: only a stretch that is
asked for, which `pull` decides.
"""

from __future__ import annotations

import ctypes
import resource
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from watchfloor_sensor.band import Samples

LONGEST_S: Final = 600
"""Ten minutes."""
_NONCE: Final = bytes(12)
"""A key seals one second once."""
_LOCK_ALL: Final = 3
_NO_DUMPS: Final = (4, 0)
"""PR_SET_DUMPABLE, off."""


@dataclass(frozen=True, slots=True)
class _Sealed:
    begins: int
    count: int
    key: AESGCM
    data: bytes
    since_s: float
    """When the last of it came."""


class Ring:
    """Keeps the last `seconds` of sound, or where it `keeps` none counts alone. Samples are counted from the first."""

    def __init__(
        self,
        rate: float,
        seconds: int = LONGEST_S,
        now_s: Callable[[], float] = time.monotonic,
        *,
        keeps: bool = True,
    ) -> None:
        """`now_s`: a clock that only goes on, so that what is too old goes though nothing new comes. Raises ValueError for more than ten
        minutes."""
        if not 1 <= seconds <= LONGEST_S:
            raise ValueError(f"Sound is kept for 1 to {LONGEST_S} seconds, not {seconds}.")
        self._whole = round(rate)
        self._most, self._now_s, self.keeps = seconds, now_s, keeps
        self._sealed: deque[_Sealed] = deque()
        self._open = bytearray()
        self._open_begins = 0

    @property
    def begins(self) -> int:
        """The first sample that is kept."""
        self._lets_go()
        return self._sealed[0].begins if self._sealed else self._open_begins

    @property
    def ends(self) -> int:
        """One past the last."""
        return self._open_begins + len(self._open) // 2

    def put(self, samples: Samples) -> None:
        """Keep these, which follow those before; what is too old is gone."""
        if not self.keeps:
            self._open_begins += len(samples)
            return
        self._open += samples.astype("<i2").tobytes()
        size = 2 * self._whole
        while len(self._open) >= size:
            key = AESGCM(secrets.token_bytes(32))
            at = self._open_begins
            data = key.encrypt(_NONCE, bytes(self._open[:size]), at.to_bytes(8, "big"))
            self._sealed.append(_Sealed(at, self._whole, key, data, self._now_s()))
            self._open[:size] = bytes(size)
            del self._open[:size]
            self._open_begins += self._whole
        self._lets_go()

    def taken(self, begins: int, count: int) -> Samples | None:
        """So many samples from there on; None where not all of them are kept."""
        if count <= 0 or begins < self.begins or begins + count > self.ends:
            return None
        asked = [
            one for one in self._sealed if one.begins < begins + count and begins < one.begins + one.count
        ]
        first = asked[0].begins if asked else self._open_begins
        parts = [
            np.frombuffer(one.key.decrypt(_NONCE, one.data, one.begins.to_bytes(8, "big")), "<i2")
            for one in asked
        ]
        if begins + count > self._open_begins:
            parts.append(np.frombuffer(bytes(self._open), "<i2"))
        whole = np.concatenate(parts)
        samples: Samples = whole[begins - first : begins - first + count]
        return samples

    def _lets_go(self) -> None:
        """The open second counts, and so does each that was open: no sample is older than `seconds`."""
        oldest_s = self._now_s() - (self._most - 1)
        while self._sealed and (len(self._sealed) >= self._most or self._sealed[0].since_s < oldest_s):
            self._sealed.popleft()

    def forget(self) -> None:
        """All of it."""
        self._open_begins = self.ends
        self._sealed.clear()
        self._open[:] = bytes(len(self._open))
        self._open.clear()


def held_in_memory() -> bool:
    """Keep this process out of crash dumps and of swap, as far as the system lets it; whether both were granted.

    Where the system bounds what may be locked, nothing is: what does not fit later would end the process.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    bounded = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] != resource.RLIM_INFINITY
    try:
        system = ctypes.CDLL(None)
        hidden = system.prctl(*_NO_DUMPS, 0, 0, 0) == 0
        return bool(hidden and not bounded and system.mlockall(_LOCK_ALL) == 0)
    except (OSError, AttributeError):
        return False


def may_be_swapped(swaps: Path = Path("/proc/swaps")) -> bool:
    """Whether this board has anywhere to swap to, a disk or not; where it does not say, it may have."""
    try:
        return len(swaps.read_text().splitlines()) > 1
    except (OSError, UnicodeDecodeError):
        return True
