"""A camera whose footage is kept at its site: nothing of it is recorded here. Its stream is opened while somebody watches, and now and
then it is asked whether its site answers for it.

It asks nobody for leave: whoever has the post does, and `stop` ends it with the rest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from watchfloor.cameras.boxes.session import Through
from watchfloor.cameras.nal import BadStream
from watchfloor.cameras.partners.session import LentPlace
from watchfloor.cameras.rtsp.message import BadMessage
from watchfloor.cameras.rtsp.sdp import NoVideo
from watchfloor.cameras.rtsp.session import Place, Refused, Session
from watchfloor.cameras.source import not_there
from watchfloor.cameras.state import SENTENCES, CameraStatus, NotThere
from watchfloor.kit.clock import Clock

_EVERY_S: Final = 60.0
_WITHIN_S: Final = 6.0
# All cameras of a process together: so many are asked at a time.
_room = threading.BoundedSemaphore(8)


class Asked:
    """Asks again and again whether the site answers for the camera, each time in a thread of its own, never two at once."""

    def __init__(
        self,
        where: Callable[[], Place | Through | LentPlace | None],
        clock: Clock,
        chance: Callable[[], float],
        say: Callable[[CameraStatus, str], None],
    ) -> None:
        self._where, self._clock, self._chance, self._say = where, clock, chance, say
        self._due_at = 0.0
        self._asking: threading.Thread | None = None

    def watch(self, now: float) -> None:
        """Ask when it is time, about once a second; what comes of it is said from another thread."""
        if now < self._due_at or (self._asking is not None and self._asking.is_alive()):
            return
        if not _room.acquire(blocking=False):
            return
        # Full jitter, else all cameras of a site are asked in one second.
        self._due_at = now + _EVERY_S * (0.5 + self._chance() / 2)
        self._asking = threading.Thread(target=self._ask, name="site asked", daemon=True)
        self._asking.start()

    def _ask(self) -> None:
        try:
            place = self._where()
            if isinstance(place, Place):
                Session.described(place, self._clock, open_within_s=_WITHIN_S)
            self._say(CameraStatus.AT_SITE, SENTENCES[CameraStatus.AT_SITE])
        except NotThere as error:
            self._say(error.status, str(error))
        except (OSError, Refused, BadMessage, NoVideo, BadStream) as error:
            why = not_there(error, playing=False)
            self._say(why.status, str(why))
        finally:
            _room.release()
