"""Keeps how the cameras of a recorder are, and of those that partner centers lend to us under which leave they are recorded.

It decides nothing, and asks no partner: each camera's own thread does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.partners import borrowed_store
from watchfloor.cameras.state import CameraStatus
from watchfloor.recordings.post import Post
from watchfloor.storage.tx import Tx

# What says of a partner's camera that it is not ours to record any more; everything else may pass.
_OVER: Final = frozenset({CameraStatus.NOT_LENT, CameraStatus.NOT_AUTHORISED})


async def keep_states(tx: Tx, posts: Sequence[Post]) -> None:
    """The states of these cameras, and under what those are recorded that are lent to us."""
    await camera_store.say(tx, [post.state() for post in posts])
    for post in posts:
        if not post.borrows:
            continue
        if post.status is CameraStatus.LIVE and post.lent is not None:
            await borrowed_store.records(tx, post.camera.id, post.lent)
        elif post.status in _OVER:
            await borrowed_store.ended(tx, post.camera.id, post.reason)
