"""Answers who asks for a stretch of sound: judged, written down, and then either the clip or why not. Nothing leaves in any other way.

There is no stream of it, no list of what is kept, and no setting that lets more out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from watchfloor_sensor.ears import Ears
from watchfloor_sensor.journal import Journal
from watchfloor_sensor.outbox import rfc3339
from watchfloor_sensor.pull import MOST_A_DAY, Known, Refused, Request, Why, Window, read, verdict

_REMEMBERED: Final = 1_000
_WRITTEN_AN_HOUR: Final = 60
"""So many refusals are written line by line; of those beyond, how many there were."""
_HOUR_S: Final = 3600.0
_WRONG: Final[frozenset[Why]] = frozenset(("unreadable", "forged", "no_key"))
"""Of these nobody knows who asked: they are counted, and told nobody in numbers that could fill a disk."""


class Pulls:
    """The only way that sound leaves. `journal` None: there is no place to write, so nothing leaves.

    `mono_s`: a clock that only goes on. What left since the start is counted by it, what left before by what the journal says of when.
    """

    def __init__(
        self,
        sensor: str,
        ears: Ears,
        key: Ed25519PublicKey | None,
        journal: Journal | None,
        now: Callable[[], datetime],
        mono_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sensor, self._ears, self._key, self._journal, self._now = sensor, ears, key, journal, now
        self._answered: deque[str] = deque(maxlen=_REMEMBERED)
        self._mono_s = mono_s
        self._left_before = journal.left_at if journal else ()
        self._left_s: deque[float] = deque(maxlen=MOST_A_DAY)
        self._written_s: deque[float] = deque(maxlen=_WRITTEN_AN_HOUR)
        self._unwritten = 0

    def answer(self, payload: bytes) -> bytes:
        """What is said to a request."""
        now = self._now()
        asked = read(payload, self._key)
        if isinstance(asked, Refused):
            return self._refuses(asked, None, now)
        if not self._ears.ring.keeps:
            return self._refuses(Refused("not_held", asked.pull), asked, now)
        known = Known(self._sensor, self._ears.heard(), frozenset(self._answered), self._left_ago(now))
        told = verdict(asked, known, now)
        if isinstance(told, Refused):
            return self._refuses(told, asked, now)
        return self._gives(asked, told, now)

    def _left_ago(self, now: datetime) -> tuple[timedelta, ...]:
        """How long ago clips left, in this start and before it; what is dated after now counts as if it were of now."""
        mono_s = self._mono_s()
        since = [timedelta(seconds=mono_s - left_s) for left_s in self._left_s]
        return (*since, *(now - left for left in self._left_before))

    def _gives(self, request: Request, window: Window, now: datetime) -> bytes:
        rate = self._ears.rate
        begins = window.pulse.index + round(window.begins_s * rate)
        sound = self._ears.ring.taken(begins, round((window.ends_s - window.begins_s) * rate))
        if sound is None:
            return self._refuses(Refused("gone", request.pull), request, now)
        raw = sound.tobytes()
        proof = hashlib.sha256(raw).hexdigest()
        line = {"became": "clip", **_told(request), "samples": len(sound), "rate": rate, "sha256": proof}
        # Counted and remembered before it is written: a line that fails halfway gives nobody a second try.
        self._answered.append(request.pull)
        if not self._writes(now, line):
            return self._form(now, Refused("not_logged", request.pull))
        self._left_s.append(self._mono_s())
        clip = {
            "verdict": "clip",
            "pull": request.pull,
            "begins": rfc3339(window.pulse.at + timedelta(seconds=window.begins_s)),
            "rate": rate,
            "sha256": proof,
            "samples": base64.b64encode(raw).decode(),
        }
        return self._said(now, clip)

    def _refuses(self, refused: Refused, request: Request | None, now: datetime) -> bytes:
        if request is not None:
            self._answered.append(request.pull)
        mono_s = self._mono_s()
        hour = sum(mono_s - written_s < _HOUR_S for written_s in self._written_s)
        if hour >= _WRITTEN_AN_HOUR or (refused.why in _WRONG and hour >= _WRITTEN_AN_HOUR // 2):
            self._unwritten += 1
        else:
            line: dict[str, object] = {"became": "refused", "reason": refused.why}
            self._written_s.append(mono_s)
            self._writes(now, line | (_told(request) if request else {}))
        return self._form(now, refused)

    def _writes(self, now: datetime, line: Mapping[str, object]) -> bool:
        if self._journal is None:
            return False
        more = {"not_written_before": self._unwritten} if self._unwritten else {}
        try:
            self._journal.write(now, {**line, **more})
        except OSError:
            return False
        self._unwritten = 0
        return True

    def _form(self, now: datetime, refused: Refused) -> bytes:
        pull = {"pull": refused.pull} if refused.pull else {}
        return self._said(
            now, {"verdict": "refused", **pull, "reason": refused.why, "detail": refused.sentence}
        )

    def _said(self, now: datetime, what: Mapping[str, object]) -> bytes:
        return json.dumps({"microphone": self._sensor, "answered_at": rfc3339(now), **what}).encode()


def _told(request: Request) -> dict[str, object]:
    """What the journal says of a request."""
    return {
        "pull": request.pull,
        "incident": request.incident,
        "heard_by": len(request.heard_by),
        "begins": rfc3339(request.begins),
        "ends": rfc3339(request.ends),
        "authorisation": request.authorisation,
        "log_entry": request.log_entry,
    }
