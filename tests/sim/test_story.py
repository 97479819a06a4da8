"""What the story's people hold of the recording that they play, and that the night fails with what is not kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from watchfloor_sim.memory import Memory
from watchfloor_sim.on_video import SITE, first_read
from watchfloor_sim.people import API, Answered, Person
from watchfloor_sim.said import SENTENCES
from watchfloor_sim.story import Night, lacking, play_minute, send_help

SEEN = datetime(2026, 11, 22, 3, 0, 10, tzinfo=UTC)
FROM, TO = "2026-11-22T03:00:09.400000Z", "2026-11-22T03:00:14.000000Z"


@pytest.mark.parametrize(
    ("frames", "begin", "end", "says"),
    [
        (69, FROM, TO, None),
        (67, FROM, TO, None),
        (66, FROM, TO, "it has 66 pictures, and 67 were due"),
        (1, FROM, TO, "it has 1 pictures"),
        (69, "2026-11-22T03:00:10.100000Z", TO, "it is of 2026-11-22T03:00:10.100000Z to"),
        (60, FROM, "2026-11-22T03:00:13.400000Z", "the car was seen at 2026-11-22T03:00:10.000000Z"),
    ],
)
def test_the_recording_covers_the_moment_with_all_its_pictures_or_it_says_what_lacks(
    frames: int, begin: str, end: str, says: str | None
) -> None:
    wrong = lacking(frames, begin, end, seen_at=SEEN, fps=15)
    assert wrong is None if says is None else says in (wrong or "")


async def test_a_minute_that_was_not_recorded_fails_with_what_the_center_answered() -> None:
    night = _night({f"GET {API}/cameras/cam_1/video": (404, {"detail": "Nothing was recorded then."})})
    with pytest.raises(
        Answered, match=r"the recording of that minute does not play: .*Nothing was recorded then"
    ):
        await play_minute(night, _silent, lambda _: 60, fps=15, tries=1)


async def test_an_outcome_that_is_not_kept_fails_with_what_the_center_answered() -> None:
    best = {"unit": {"call_sign": "3142", "id": "unit_1"}, "how": "road", "eta_s": 90}
    night = _night(
        {
            f"GET {API}/incidents/inc_1/proposals": (200, {"items": [best]}),
            f"POST {API}/incidents/inc_1/assignments": (201, {"id": "asg_1"}),
            f"GET {API}/assignments/mine": (200, {"items": [{"id": "asg_1"}]}),
            f"POST {API}/incidents/inc_1/outcome": (500, {"detail": "Something failed here."}),
        }
    )
    with pytest.raises(Answered, match="/outcome answered 500"):
        await send_help(night, _silent)


@pytest.mark.parametrize(
    ("status", "body", "step"),
    [
        (200, {"reader": {"reads": 2}}, "read_on_video"),
        (200, {"reader": None}, None),
        (403, {"detail": "You may not see readers."}, "not_read_on_video"),
        (404, {"detail": "There is no such camera."}, "not_read_on_video"),
    ],
)
async def test_the_first_read_on_video_is_waited_for_only_while_it_may_come(
    status: int, body: dict[str, object], step: str | None
) -> None:
    told: list[tuple[str, dict[str, object]]] = []
    night = _night({f"GET {API}/cameras/cam_1/plate-reading": (status, body)})
    memory = Memory(cameras={SITE.key: "cam_1"})
    async with asyncio.timeout(60):
        await first_read(night, memory, lambda said, facts: told.append((said, facts)))
    assert [said for said, _ in told] == ([step] if step else [])
    if status != 200:
        assert str(body["detail"]) in str(told[0][1]["why"])
        assert SENTENCES["not_read_on_video"].format(**told[0][1])


def _night(answers: dict[str, tuple[int, dict[str, object]]]) -> Night:
    """A night at a center that answers so, and yes to everything else."""

    def answer(request: httpx.Request) -> httpx.Response:
        status, body = answers.get(f"{request.method} {request.url.path}", (200, {}))
        return httpx.Response(status, json=body)

    def person(name: str) -> Person:
        return Person(
            name, httpx.AsyncClient(base_url="http://center", transport=httpx.MockTransport(answer))
        )

    people = {name: person(name) for name in ("analyst", "officer", "technician")}
    return Night(people=people, camera="cam_1", incident={"id": "inc_1"}, seen_at=SEEN)


def _silent(_step: str, _facts: object) -> None:
    """Nobody listens to this night."""
