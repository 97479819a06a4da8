"""Keeps how the cameras of a recorder are, and of those that partner centers lend to us under which leave they are recorded.

It decides nothing, and asks no partner: each camera's own thread does.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.partners import borrowed_store
from watchfloor.cameras.partners.borrowed_store import Recorded
from watchfloor.cameras.partners.model import Lent
from watchfloor.cameras.state import CameraStatus
from watchfloor.recordings.leave import OVER
from watchfloor.recordings.post import Post
from watchfloor.storage.tx import Tx


async def keep_states(tx: Tx, posts: Sequence[Post]) -> None:
    """The states of these cameras, and under what those are recorded that are lent to us."""
    await camera_store.say(tx, [post.state() for post in posts])
    recorded: list[Recorded] = []
    for post in posts:
        said = _leave(post) if post.borrows else None
        if said is None or not post.leave.due(said, tx.now):
            continue
        if isinstance(said, Lent):
            recorded.append(Recorded(post.camera.id, post.camera.address, said, post.leave.since or tx.now))
        else:
            await borrowed_store.ended(tx, post.camera.id, said)
        tx.after_commit(partial(post.leave.kept, said, tx.now))
    if recorded:
        await borrowed_store.records(tx, recorded)


def _leave(post: Post) -> Lent | str | None:
    """Under what it is recorded, or why it is not any more; None where neither is known."""
    if post.status is CameraStatus.LIVE:
        return post.leave.lent
    return post.reason if post.status in OVER else None
