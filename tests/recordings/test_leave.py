"""Under which lending a partner's camera is recorded here, since when, and what may be of it."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from tests.cameras.partners.test_partner_words import CAM, camera
from tests.recordings.footage import Desk
from watchfloor.cameras.address import Login, Networks, resolve
from watchfloor.cameras.details import Details, FootageKept
from watchfloor.cameras.follow import Follower
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.book import PartnerBook
from watchfloor.cameras.partners.borrowed_store import Borrowed
from watchfloor.cameras.partners.model import Lent, Partner
from watchfloor.cameras.partners.session import LentPlace
from watchfloor.cameras.partners.talk import Reach, Sessions
from watchfloor.cameras.wire import EndNote
from watchfloor.kit.clock import Clock
from watchfloor.recordings.finish import Finisher
from watchfloor.recordings.leave import Leave
from watchfloor.recordings.model import GapReason
from watchfloor.recordings.post import Post, Tools
from watchfloor.recordings.spool import Spool

NOON: Final = datetime(2026, 11, 29, 12, tzinfo=UTC)
COUNTY: Final = Partner(UUID(int=5), "County", "https://127.0.0.1:9", Login("city", "secret"))


class Lender(PartnerBook):
    """A partner that lends, and what happens while it is asked."""

    meanwhile: Callable[[], None] | None = None

    def must_lend(
        self, camera: Camera, login: Login | None, reach: Reach, clock: Clock, since: float
    ) -> tuple[LentPlace, Lent]:
        if self.meanwhile is not None:
            self.meanwhile()
        return LentPlace(COUNTY, CAM, reach, Sessions(), lambda: None), Lent("lnd_1", moment(9000))


def moment(s: int) -> datetime:
    return NOON + timedelta(seconds=s)


def test_a_stretch_begins_where_its_first_picture_may_lie_and_what_is_about_it_may_be_of_it() -> None:
    leave, first, other = Leave(), Lent("lnd_1", moment(9000)), Lent("lnd_2", moment(9999))
    assert (leave.lent, leave.since) == (None, None)
    for heard, asked_s in ((first, 0), (first, 60), (replace(first, until=moment(9500)), 120)):
        leave.stretch.heard(heard, moment(asked_s))
        assert (leave.lent, leave.since) == (heard, moment(0))
    leave.stretch.heard(other, moment(180))
    assert leave.since == moment(120), "which of them it was in between nobody asked"
    leave.over()
    leave.stretch.heard(other, moment(500))
    assert (leave.lent, leave.since) == (other, moment(500)), "in between it was not recorded"
    before = leave.stretch
    leave.over()
    before.heard(other, moment(600))
    assert leave.lent is None, "what was asked before the end is said of nothing any more"
    one = Borrowed(
        UUID(int=1),
        UUID(int=2),
        "Gate",
        "County",
        "lnd_2",
        moment(500),
        moment(600),
        moment(9999),
        None,
        None,
    )
    over = replace(one, ended_at=moment(600))
    for begin, end, may_be in (
        (300, 380, False),
        (300, 381, True),
        (550, 560, True),
        (719, 800, True),
        (720, 800, False),
    ):
        assert over.may_be_of(moment(begin), moment(end)) is may_be, (begin, end)
        assert one.may_be_of(moment(begin), moment(end)) is (may_be or begin > 600)


async def test_a_camera_that_did_not_open_for_days_is_recorded_since_the_try_that_opened_it(
    tmp_path: Path,
) -> None:
    desk, partners = Desk(tmp_path), Lender()
    spool = Spool.take(tmp_path / "sp", "record")
    details = Details(site_id=COUNTY.site, channel=CAM, footage_kept=FootageKept.HERE)
    lent = camera(address=f"{COUNTY.address}/api/v1/live/{CAM}", details=details, site_name="County")
    finisher = Finisher(spool, lambda part, name: True, lambda row: None)
    with Follower(desk.clock) as follower, closing(spool), closing(finisher):
        tools = Tools(
            UUID(int=9), desk.clock, random.Random(1), threading.BoundedSemaphore(), follower, desk.keystore, desk.room, finisher,
            Networks.of("127.0.0.0/8"), resolve, spool.of_camera, 5.0, 60_000_000, partners=partners,
        )  # fmt: skip
        post = Post(lent, 1, tools, asyncio.get_running_loop())
        for _ in range(3):
            await desk.clock.advance(timedelta(days=1))
            assert isinstance(post.place(lent.address), LentPlace)
        assert post.leave.since == desk.clock.now()
        partners.meanwhile = lambda: post.halt(EndNote("over", "It is over."), GapReason.NO_AUTHORISATION)
        post.place(lent.address)
        assert post.leave.lent is None, "its center answered after the end"
