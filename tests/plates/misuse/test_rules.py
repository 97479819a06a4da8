"""Which look-ups are flagged, and which plates a search is aimed at: as the words say, whatever comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.plates.criteria import Criteria
from watchfloor.plates.misuse.fingerprints import Fingerprints
from watchfloor.plates.misuse.rules import Flag, Limits, LookUp, Registered, Relation, aimed_at, flags_of
from watchfloor.plates.sought import How

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ME, COLLEAGUE = UUID(int=1), UUID(int=2)
LIMITS = Limits(repeats=3, within=timedelta(days=30), sitting=timedelta(hours=1))
CAR, OTHER = b"car", b"other"


def look(number: int, ago: timedelta, **more: object) -> LookUp:
    fields: dict[str, object] = {
        "id": UUID(int=1000 + number), "person": ME, "at": NOW - ago, "case": UUID(int=7), "plates": frozenset({CAR}),
        "answered": False,
    }  # fmt: skip
    return LookUp(**{**fields, **more})  # type: ignore[arg-type]  # each test names fields of its own


THIS = look(99, timedelta(0))


@pytest.mark.parametrize(
    ("registered", "flags"),
    [
        ([], ()),
        ([Registered(ME, Relation.OWN)], (Flag.OWN,)),
        ([Registered(ME, Relation.HOUSEHOLD)], (Flag.HOUSEHOLD,)),
        ([Registered(COLLEAGUE, Relation.OWN)], (Flag.COLLEAGUE,)),
        ([Registered(COLLEAGUE, Relation.HOUSEHOLD)], (Flag.COLLEAGUE,)),
        (
            [Registered(COLLEAGUE, Relation.HOUSEHOLD), Registered(ME, Relation.HOUSEHOLD)],
            (Flag.HOUSEHOLD, Flag.COLLEAGUE),
        ),
    ],
)
def test_a_look_up_of_a_plate_of_staff_is_flagged_by_whose_it_is(
    registered: list[Registered], flags: tuple[Flag, ...]
) -> None:
    assert flags_of(THIS, registered, [], LIMITS) == flags


DAYS = [timedelta(days=day) for day in (20, 10)]


@pytest.mark.parametrize(
    ("earlier", "flagged"),
    [
        ([look(n, ago) for n, ago in enumerate(DAYS)], True),
        ([look(1, DAYS[0])], False),
        # One sitting, though it be ten look-ups; another case makes it another.
        ([look(n, timedelta(minutes=n)) for n in range(1, 10)], False),
        (
            [
                look(1, timedelta(minutes=9), case=UUID(int=8)),
                look(2, timedelta(minutes=5), case=UUID(int=9)),
            ],
            True,
        ),
        # Too long ago; somebody else's; another plate's; with a result.
        ([look(1, timedelta(days=31)), look(2, DAYS[1])], False),
        ([look(1, DAYS[0], person=COLLEAGUE), look(2, DAYS[1])], False),
        ([look(1, DAYS[0], plates=frozenset({OTHER})), look(2, DAYS[1])], False),
        ([look(1, DAYS[0], answered=True), look(2, DAYS[1])], False),
        # Flagged before: it counts anew from there.
        (
            [
                look(1, DAYS[0]),
                look(2, DAYS[1]),
                look(3, timedelta(days=5), flags=frozenset({Flag.REPEATED})),
            ],
            False,
        ),
    ],
)
def test_looking_again_and_again_without_a_result_is_flagged(earlier: list[LookUp], flagged: bool) -> None:
    assert (Flag.REPEATED in flags_of(THIS, [], earlier, LIMITS)) is flagged


@given(
    st.lists(
        st.tuples(st.integers(0, 60 * 24 * 40), st.booleans(), st.sampled_from([CAR, OTHER])), max_size=12
    ),
    st.integers(2, 5),
)
def test_a_flag_needs_as_many_look_ups_as_its_limit_and_more_never_take_it_away(
    told: list[tuple[int, bool, bytes]], repeats: int
) -> None:
    earlier = [
        look(n, timedelta(minutes=ago), person=ME if mine else COLLEAGUE, plates=frozenset({plate}))
        for n, (ago, mine, plate) in enumerate(told)
    ]
    limits = Limits(repeats, timedelta(days=30), timedelta(0))
    own = sum(mine and plate == CAR and ago <= 60 * 24 * 30 for ago, mine, plate in told)
    flagged = Flag.REPEATED in flags_of(THIS, [], earlier, limits)
    assert flagged is (own + 1 >= repeats)
    if flagged:
        assert Flag.REPEATED in flags_of(THIS, [], [*earlier, look(98, timedelta(hours=3))], limits)


def criteria(plate: str | None, how: How = How.ALIKE) -> Criteria:
    readers = (UUID(int=5),) if plate is None else ()
    return Criteria(NOW - timedelta(days=1), NOW, plate, how, readers=readers)  # type: ignore[arg-type]  # an id is an id


@pytest.mark.parametrize(
    ("plate", "how", "found", "aimed"),
    [
        ("QZO-120", How.EXACT, ["020121"], {"020120"}),
        ("QZ*20", How.ALIKE, ["020120"], {"02*20", "020120"}),
        ("QZ*20", How.ALIKE, ["020120", "020121", "020122", "020123"], {"02*20"}),
        ("QZ0120", How.FUZZY, ["020121"], {"020120", "020121"}),
        (None, How.ALIKE, ["020120"], set()),
    ],
)
def test_a_search_is_aimed_at_what_it_says_and_at_the_few_cars_that_it_finds(
    plate: str | None, how: How, found: list[str], aimed: set[str]
) -> None:
    assert aimed_at(criteria(plate, how), found) == aimed


def test_a_fingerprint_is_the_same_for_one_agency_and_key_alone() -> None:
    ours, theirs = Fingerprints(b"a" * 32), Fingerprints(b"b" * 32)
    assert ours.of(ME, "020120") == ours.of(ME, "020120") and len(ours.of(ME, "020120")) == 32
    assert (
        len(
            {
                ours.of(ME, "020120"),
                ours.of(COLLEAGUE, "020120"),
                theirs.of(ME, "020120"),
                ours.of(ME, "020121"),
            }
        )
        == 4
    )
    assert ours.all(ME, ["020120", "020120"]) == [ours.of(ME, "020120")]
