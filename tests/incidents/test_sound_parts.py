"""Which source is which, and what an alert of a sound says. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from watchfloor.acoustics.due import Cover, Ground, Hint
from watchfloor.acoustics.kind import Piece, SoundKind
from watchfloor.acoustics.located import Aired, Counted, Heard, Located, Round, SourceId, ring
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.model import Ellipse
from watchfloor.acoustics.pattern import Fire
from watchfloor.acoustics.taken import Around, TakenFor
from watchfloor.incidents.model import AlertId, AlertState, Level, ReviewId
from watchfloor.incidents.review import DismissReason, Grounds, HeardVerdict, Review, check_dismissal, stands
from watchfloor.incidents.sound import (
    KeptSource,
    Sound,
    SoundSource,
    basis_json,
    beside,
    of_basis,
    settled,
    sound_of,
)
from watchfloor.incidents.sound_card import card_of_sound, has_grown
from watchfloor.incidents.sound_known import Past, alarm_of, around_of, kept_back
from watchfloor.incidents.sound_show import sound_form
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point, distance_m
from watchfloor.kit.ids import uuid7

AT = datetime(2026, 11, 29, 3, 14, 15, 200_000, UTC)
PLACE = Point(38.627, -90.199)
SMALL, LARGE = Ellipse(6.0, 4.0, 30.0), Ellipse(12.0, 8.0, 30.0)
UNKNOWN = TakenFor(SoundKind.UNKNOWN, None, "Of unknown kind.")
BEGAN_S = AT.timestamp()
EVER = Cover(BEGAN_S - 60, BEGAN_S + 60, None)
EARS = frozenset(MicrophoneId(UUID(int=n)) for n in range(1, 100))


def source(
    *keys: str, rounds: int = 1, place: Point = PLACE, area: bool = False, later: float = 0.0
) -> Located:
    """A source of which each of these keys is a pulse of a microphone of its own."""
    pulses = tuple((MicrophoneId(UUID(int=n + 1)), key) for n, key in enumerate(keys))
    at = AT + timedelta(seconds=later)
    return Located(
        place,
        SMALL,
        LARGE,
        (ring(place, Ellipse(150.0, 40.0, 0.0)),) if area else None,
        tuple(Round(at + timedelta(seconds=n), pulses if n == 0 else ()) for n in range(rounds)),
        50.0,
        tuple(who for who, _ in pulses),
        (MicrophoneId(UUID(int=99)),),
    )


def kept(one: Located, number: int = 1, *, fallen: bool = False) -> KeptSource:
    return KeptSource(SoundSource(SourceId(UUID(int=number)), 1, fallen, one), UUID(int=1000 + number))


def sound(*sources: Located, taken: TakenFor = UNKNOWN, fallen: bool = False) -> Sound:
    return Sound(
        taken, tuple(SoundSource(SourceId(UUID(int=n)), 1, fallen, one) for n, one in enumerate(sources))
    )


def test_a_source_is_the_one_that_it_shares_most_pulses_with() -> None:
    before = [kept(source("a", "b", "c"), 1), kept(source("x", "y", "z"), 2)]
    now = source("a", "b", "c", "d", rounds=2)
    result = settled(before, [now, source("p", "q", "r")], (), EVER, EARS)
    assert [(was.source.id.int, one) for was, one in result.revised] == [(1, now)]
    assert [one.pulses for one in result.new] == [source("p", "q", "r").pulses]
    assert [one.source.id.int for one in result.fallen] == [2]


def test_what_is_told_again_as_it_was_changes_nothing() -> None:
    one = source("a", "b", "c")
    assert settled([kept(one)], [one], (), EVER, EARS) == settled([], [], (), EVER, EARS)
    # Of two that share pulses with one, it is the one with more of them; the other is new.
    parted = settled([kept(one)], [source("a", "v", "w"), source("u", "b", "c")], (), EVER, EARS)
    assert [len(told.pulses & one.pulses) for _, told in parted.revised] == [2] and len(parted.new) == 1


def test_what_fell_rises_again_and_what_may_not_be_told_stays_as_it_is() -> None:
    one = source("a", "b", "c")
    assert settled([kept(one, fallen=True)], [one], (), EVER, EARS).revised[0][1] == one
    assert settled([kept(one, fallen=True)], [], (), EVER, EARS).fallen == ()
    assert settled([kept(one)], [], [source("a", "b", "q")], EVER, EARS) == settled([], [], (), EVER, EARS)
    later = Cover(BEGAN_S + 5, BEGAN_S + 60, None)
    assert settled([kept(one)], [], (), later, EARS).fallen == (), "of other seconds"


def test_a_source_falls_by_what_was_looked_at_where_it_is_and_by_nothing_else() -> None:
    def about(place: Point) -> Ground:
        return Ground(BEGAN_S - 2, BEGAN_S + 3, (Hint(place, BEGAN_S, BEGAN_S + 1),))

    one, there = source("a", "b", "c"), about(PLACE)
    beside_it, afar = (about(Point(PLACE.lat + by, PLACE.lon)) for by in (0.004, 0.01))
    for cover, falls in (
        (Cover(BEGAN_S - 2, BEGAN_S + 3, there, (beside_it,)), True),
        (Cover(BEGAN_S - 2, BEGAN_S + 3, beside_it), True),
        (Cover(BEGAN_S - 2, BEGAN_S + 3, beside_it, (there,)), False),
        (Cover(BEGAN_S - 2, BEGAN_S + 3, afar), False),
        (Cover(BEGAN_S - 20, BEGAN_S + 30, None, (afar,)), True),
        (Cover(BEGAN_S - 20, BEGAN_S + 30, None, (there,)), False),
    ):
        assert bool(settled([kept(one)], [], (), cover, EARS).fallen) is falls, cover


def test_sources_are_looked_for_where_what_is_told_may_be_and_a_good_deal_wider() -> None:
    ground = Ground(BEGAN_S, BEGAN_S + 9, (Hint(PLACE, BEGAN_S, BEGAN_S + 1),))
    box = Cover(BEGAN_S, BEGAN_S + 9, ground).box(3000)
    assert box is not None and Cover(BEGAN_S, BEGAN_S + 9, None).box(3000) is None
    for corner, sign in zip(box, (-1, 1), strict=True):
        assert sign * (corner.lat - PLACE.lat) > 0 < sign * (corner.lon - PLACE.lon)
        for edge in (Point(corner.lat, PLACE.lon), Point(PLACE.lat, corner.lon)):
            assert 3590 < distance_m(PLACE, edge) < 3610


def test_a_round_that_two_blocks_tell_does_not_make_one_source_of_theirs() -> None:
    before, after = source("a", "b", "c", "d"), source("d", "e", "f", "g")
    result = settled([kept(before)], [after], (), Cover(BEGAN_S + 16, BEGAN_S + 32, None), EARS)
    assert (result.new, result.revised, result.fallen) == ((after,), (), ())


def test_which_of_thousands_of_sources_each_is_takes_no_look_at_every_pair() -> None:
    """By a count of looks at pulses, not by a clock: each of the sources below is asked for its pulses once, not once for every other."""
    asked = 0

    class Counted(Located):
        __slots__ = ()

        @property
        def pulses(self) -> frozenset[Heard]:
            nonlocal asked
            asked += 1
            return Located.pulses.fget(self)  # type: ignore[attr-defined, no-any-return]  # a property's own function

    def counted(number: int) -> Located:
        one = source(f"{number} a", f"{number} b", f"{number} c")
        return Counted(*(getattr(one, name) for name in Located.__slots__))

    many = [counted(number) for number in range(300)]
    result = settled([kept(one, n + 1) for n, one in enumerate(many)], many, (), EVER, EARS)
    assert (result.new, result.revised, result.fallen) == ((), (), ())
    assert asked <= 2 * len(many)


def test_nothing_falls_for_want_of_who_heard_it() -> None:
    one = source("a", "b", "c")
    gone = EARS - {MicrophoneId(UUID(int=2))}
    assert settled([kept(one)], [], (), EVER, EARS).fallen != ()
    assert settled([kept(one)], [], (), EVER, gone).fallen == ()


def test_what_is_learnt_of_clutter_is_no_news() -> None:
    one = source("a", "b", "c")
    assert settled([kept(one)], [replace(one, log_odds=40.0)], (), EVER, EARS).revised == ()


def test_what_is_fired_from_the_same_place_soon_after_belongs_to_its_alert() -> None:
    first = kept(source("a", "b", "c"))
    near, far = Point(PLACE.lat + 0.0003, PLACE.lon), Point(PLACE.lat + 0.003, PLACE.lon)
    assert beside(source("d", "e", "f", place=near, later=40), [first]) == [first.alert]
    assert beside(source("d", "e", "f", place=far, later=40), [first]) == []
    assert beside(source("d", "e", "f", place=near, later=90), [first]) == []
    assert beside(source("d", "e", "f", later=5), [kept(source("a", "b", "c"), fallen=True)]) == []


def test_a_card_says_how_many_where_how_exactly_and_what_nobody_knows() -> None:
    card = card_of_sound(sound(source("a", "b", "c", "d", rounds=3)), now=AT + timedelta(seconds=4))
    assert card.title == "Impulsive sound of unknown kind: 3 rounds" and card.level is Level.CRITICAL
    assert "Heard by 4 microphones; 1 more should have heard it" in card.why
    assert "within 12 m by 8 m" in card.why and card.sure.word == "located" and card.sure.percent is None
    assert card.deadline_at == AT + timedelta(seconds=34)
    assert "What it was: gunfire, fireworks or something else." in card.unknown
    later = card_of_sound(sound(source("a", "b", "c")), now=AT + timedelta(minutes=3), raised_at=AT)
    assert later.deadline_at == AT + timedelta(seconds=30), "its time counts from when it was raised"


def test_an_area_has_no_point_and_is_a_step_less_urgent() -> None:
    of_area = sound(source("a", "b", "c", area=True))
    card = card_of_sound(of_area, now=AT)
    assert card.level is Level.SERIOUS and card.sure.word == "an area only"
    assert "there is no point to rely on" in card.why
    (form,) = sound_form(of_area)["sources"]
    assert (form["lat"], form["lon"], form["ellipses"]) == (None, None, None) and len(form["area"]) == 1


def test_what_has_fallen_says_so_and_waits() -> None:
    card = card_of_sound(sound(source("a", "b", "c"), fallen=True), now=AT)
    assert card.level is Level.CAUTION and card.sure.word == "fallen"
    assert "nothing is located there any more" in card.why


@pytest.mark.parametrize(
    ("before", "now", "comes_back"),
    [
        (sound(source("a", rounds=2)), sound(source("a", rounds=4)), False),
        (sound(source("a", rounds=2)), sound(source("a", rounds=5)), True),
        (sound(source("a", rounds=10)), sound(source("a", rounds=15)), False),
        (sound(source("a", rounds=10)), sound(source("a", rounds=10), source("b", rounds=10)), True),
        (
            sound(source("a")),
            sound(source("a"), taken=TakenFor(SoundKind.GUNFIRE, 90, "By its rhythm.")),
            True,
        ),
        (sound(source("a"), taken=TakenFor(SoundKind.GUNFIRE, 90, "")), sound(source("a")), False),
        (sound(source("a")), sound(source("a", rounds=9), fallen=True), False),
        (sound(source("a"), fallen=True), sound(source("a")), True),
    ],
)
def test_what_was_dismissed_comes_back_when_it_is_much_more(
    before: Sound, now: Sound, *, comes_back: bool
) -> None:
    assert has_grown(before, now) is comes_back


def test_what_came_back_says_what_it_was_dismissed_as() -> None:
    card = card_of_sound(sound(source("a", "b", "c", rounds=9)), now=AT, dismissed_as="work_noise")
    assert card.why.startswith(
        "It was dismissed (work noise), and much more of it was heard since. Of unknown kind. Heard by 3"
    )


def test_a_sound_is_kept_as_it_is() -> None:
    counted = Counted(0.9, 2, 3, Fire.BURST, 0.8, 1.0)
    first = replace(clued(2.0, source("a", "b", rounds=2)), counted=counted, aired=Aired("4 °C.", AT, 1.5))
    whole = sound_of(sound(first, source("x", "y", area=True)).sources, Around(UTC))
    kept_so = of_basis(basis_json(whole))
    assert kept_so == whole
    was = kept_so.sources[0].located
    assert (was.clues, was.counted, was.aired) == (first.clues, counted, first.aired)


def clued(gunfire: float, one: Located) -> Located:
    """A source whose pulses say so much for gunfire against all else (log)."""
    by = {kind: gunfire * (0.75 if kind is SoundKind.GUNFIRE else -0.25) for kind in SoundKind}
    return replace(one, clues=(Piece("rhythm", by, "By its rhythm.", "judgement"),))


def of_one(gunfire: float) -> Sound:
    return sound_of(sound(clued(gunfire, source("a", "b", "c", "d"))).sources, Around(UTC))


def test_a_sound_is_taken_for_the_likeliest_kind_with_its_reasons_and_what_cannot_be_claimed() -> None:
    told = of_one(3.0).taken_for
    assert told.kind is SoundKind.GUNFIRE and told.percent is not None and told.percent > 80
    assert sum(told.likely.values()) == pytest.approx(1.0, abs=0.003)
    assert told.sentence.startswith(f"Taken for gunfire, {told.percent} % (fireworks ")
    assert [one.sentence for one in told.reasons] == ["By its rhythm."]
    assert "cannot be told apart" in told.cannot and "never been measured on fireworks" in told.cannot
    card = card_of_sound(of_one(3.0), now=AT)
    assert card.title == "Likely gunfire: 1 round" and "What it truly was" in " ".join(card.unknown)
    doubt = of_one(0.0).taken_for
    assert doubt.kind is SoundKind.UNKNOWN and doubt.percent is None and doubt.sentence.startswith("No kind")


def test_crackers_beside_a_shot_do_not_make_it_crackers() -> None:
    both = sound(clued(-6.0, source("a", "b", "c")), clued(3.0, source("x", "y", "z")))
    told = sound_of(both.sources, Around(UTC))
    crackers, shot = (one.taken for one in told.sources)
    assert crackers is not None and (crackers.gunfire or 0) < 0.01
    assert told.taken_for == shot and told.taken_for.kind is SoundKind.GUNFIRE
    unclued = sound_of(sound(source("x"), clued(3.0, source("a"))).sources, Around(UTC))
    assert unclued.taken_for.percent is None, "what nothing is known of may be anything"


def test_the_night_of_the_fourth_and_what_people_said_move_what_a_sound_is_taken_for() -> None:
    fourth = datetime(2026, 7, 5, 3, 0, tzinfo=UTC)
    there = clued(1.0, replace(source("a", "b"), rounds=(Round(fourth, ()),)))
    usual = sound_of(sound(clued(1.0, source("a", "b"))).sources, Around(UTC)).taken_for
    then = sound_of(sound(there).sources, Around(UTC)).taken_for
    assert (usual.gunfire or 0) > (then.gunfire or 0) + 0.2
    assert any("the Fourth of July" in one.sentence for one in then.reasons)
    past = [Past(AT - timedelta(hours=20), 0.6, AlertState.DISMISSED, "fireworks")] * 9
    known = around_of([*past, Past(AT, 0.9, AlertState.DISMISSED, "test")], UTC, now=AT)
    assert known.nights_before == (9,) and known.prior.verdicts == {SoundKind.FIREWORKS: 9}
    after = sound_of(sound(clued(1.0, source("a", "b"))).sources, known).taken_for
    assert (after.gunfire or 0) < (usual.gunfire or 0)
    assert around_of([], UTC, now=AT) == Around(UTC)


def test_what_is_too_unlikely_for_what_a_room_bears_is_kept_back_and_nothing_else() -> None:
    hardly, surely = of_one(-4.0), of_one(3.0)
    assert alarm_of([], None, now=AT) is None and not kept_back(hardly, None)
    first = alarm_of([], 2.0, now=AT)
    assert kept_back(hardly, first) and not kept_back(surely, first)
    assert not kept_back(sound(source("a")), first), "of which nothing is known"
    quiet = [Past(AT - timedelta(days=20), 0.3, AlertState.DISMISSED, "backfire")]
    patient = alarm_of(quiet, 2.0, now=AT)
    assert patient is not None and patient.derived and patient.judged == 1 and patient.probability < 0.2
    noisy = [
        Past(AT - timedelta(days=20, minutes=-n), 0.7, AlertState.DISMISSED, "fireworks") for n in range(300)
    ]
    strict = alarm_of(noisy, 2.0, now=AT)
    assert strict is not None and strict.probability > 0.7 and strict.missed_per_shift == 0


def test_where_the_air_is_not_known_the_card_says_by_how_much_that_widens_it() -> None:
    one = replace(source("a", "b", "c", "d"), aired=Aired("No weather is known.", None, 7.4))
    assert "How the air was: for that the ellipse is 7 m longer." in card_of_sound(sound(one), now=AT).unknown
    (form,) = sound_form(sound(one))["sources"]
    assert form["air"] == {"sentence": "No weather is known.", "read_at": None, "widens_m": 7.4}


def test_a_sound_is_dismissed_for_reasons_of_sounds_and_a_plate_for_those_of_plates() -> None:
    for reason in (DismissReason.FIREWORKS, DismissReason.NOTHING_THERE, DismissReason.TEST):
        check_dismissal(reason, None, None, of_sound=True)
    check_dismissal(DismissReason.MISREAD, None, None)
    for reason, of_sound in ((DismissReason.MISREAD, True), (DismissReason.FIREWORKS, False)):
        with pytest.raises(Invalid, match="no reason to dismiss"):
            check_dismissal(reason, None, None, of_sound=of_sound)


@pytest.mark.parametrize(
    ("verdict", "grounds", "holds"),
    [("confirmed", Grounds.PATTERN, True), ("confirmed", None, False), ("dismissed", Grounds.CALL, False)],
)
def test_only_a_confirmation_on_grounds_stands(verdict: str, grounds: Grounds | None, *, holds: bool) -> None:
    heard = HeardVerdict(SoundKind.UNKNOWN, SoundKind.GUNFIRE, grounds)
    ids = ReviewId(uuid7(AT)), AlertId(uuid7(AT)), uuid7(AT)
    review = Review(*ids, AT, None, None, None, (), None, None, verdict, AT, heard)
    assert stands(review) is holds
