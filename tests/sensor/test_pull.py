"""Who asks a sensor for sound, and what leaves: by the center's signature, for what this sensor heard itself, and for nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from tests.sensor.sounds import RATE, sixteen, street, with_bangs
from watchfloor.acoustics import pull as center
from watchfloor.kit.errors import Invalid
from watchfloor_sensor.ears import Ears
from watchfloor_sensor.journal import BrokenJournal, Journal, verified
from watchfloor_sensor.pull import MOST_AN_HOUR, SENTENCES, Refused, read
from watchfloor_sensor.pulls import Pulls
from watchfloor_sensor.ring import LONGEST_S, Ring, may_be_swapped
from watchfloor_sensor.timing import Recorded

BEGAN = datetime(2026, 11, 29, 3, 14, 15, tzinfo=UTC)
ID = "mic_1"
S = timedelta(seconds=1)
SIGNER = center.Signer.of(b"the secret of a center")
KEY = Ed25519PublicKey.from_public_bytes(base64.b64decode(SIGNER.public))


class Roof:
    """A sensor that heard a bang four seconds into ten, and what its center asks it. The clock stands at twelve."""

    def __init__(self, folder: Path, *, journal: Path | None = None) -> None:
        self.wave = sixteen(with_bangs(street(10.0), [4.0]))
        self.ears = Ears(RATE, Recorded(RATE, BEGAN, 1.0), full_scale_db=120.0)
        (self.pulse,) = [p for p in self.ears.hears(self.wave) if abs(p.at - BEGAN - 4 * S) < S / 100]
        self.file = journal or folder / "pulls.jsonl"
        self.now = BEGAN + 12 * S
        self.mono_s = 0.0
        self.starts_anew(self.file)
        self.count = 0

    def starts_anew(self, journal: Path) -> None:
        self.pulls = Pulls(ID, self.ears, KEY, Journal(journal), lambda: self.now, lambda: self.mono_s)

    def asked(self, **other: Any) -> center.Asked:
        """What an honest center asks, but for this."""
        self.count += 1
        heard_by = ((ID, self.pulse.key), ("mic_2", "a-1"), ("mic_3", "b-1"))
        honest = center.Asked(
            f"pul_{self.count}", ID, "snd_1", heard_by, self.pulse.at - S, self.pulse.at + S, "aut_1", "log_1", self.now,
        )  # fmt: skip
        whole = {name: getattr(honest, name) for name in honest.__slots__} | other
        made = object.__new__(center.Asked)  # a center that lies checks nothing
        for name, value in whole.items():
            object.__setattr__(made, name, value)
        return made

    def says(self, payload: bytes) -> center.Clip | center.NoClip:
        return center.answer(self.pulls.answer(payload), by=ID)

    def refuses(self, **other: Any) -> str:
        said = self.says(SIGNER.signed(self.asked(**other)))
        assert isinstance(said, center.NoClip), "sound left"
        return said.reason

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.read_text().splitlines()]


@pytest.fixture
def roof(tmp_path: Path) -> Roof:
    return Roof(tmp_path)


def test_an_honest_center_gets_just_the_window_and_both_stand_in_the_journal(roof: Roof) -> None:
    asked = roof.asked()
    clip = roof.says(SIGNER.signed(asked))
    assert isinstance(clip, center.Clip)
    begins = round(((roof.pulse.at - BEGAN).total_seconds() - 1) * RATE)
    assert np.array_equal(np.frombuffer(clip.samples, "<i2"), roof.wave[begins : begins + 2 * RATE])
    assert (clip.rate, clip.seconds, clip.begins) == (RATE, 2.0, asked.begins)
    (line,) = roof.lines()
    assert line["became"] == "clip" and line["sha256"] == clip.sha256
    assert (line["authorisation"], line["log_entry"], line["incident"]) == ("aut_1", "log_1", "snd_1")
    assert verified(roof.file).lines == 1
    four = roof.says(SIGNER.signed(roof.asked(begins=roof.pulse.at - 2 * S, ends=roof.pulse.at + 2 * S)))
    assert isinstance(four, center.Clip) and four.seconds == 4.0


Lie = Callable[[Roof], dict[str, Any]]
_MS = timedelta(milliseconds=1)
LIES: dict[str, Lie] = {
    "not_mine": lambda _: {"microphone": "mic_2"},
    "stale": lambda roof: {"asked_at": roof.now - timedelta(minutes=3)},
    "too_few": lambda roof: {"heard_by": ((ID, roof.pulse.key), ("mic_2", "a-1"))},
    "not_heard": lambda _: {"heard_by": ((ID, "another"), ("mic_2", "a-1"), ("mic_3", "b-1"))},
    "backwards": lambda roof: {"begins": roof.pulse.at, "ends": roof.pulse.at},
    "too_long": lambda roof: {"begins": roof.pulse.at - 2 * S, "ends": roof.pulse.at + 2 * S + 2 * _MS},
    "too_far": lambda roof: {"begins": roof.pulse.at + S, "ends": roof.pulse.at + 2 * S + 2 * _MS},
    "unreadable": lambda _: {"authorisation": ""},
}


@pytest.mark.parametrize("why", LIES)
def test_whatever_is_not_as_it_must_be_gets_nothing_and_is_written_down(roof: Roof, why: str) -> None:
    assert roof.refuses(**LIES[why](roof)) == why
    (line,) = roof.lines()
    assert (line["became"], line["reason"]) == ("refused", why)


@pytest.mark.parametrize(
    "lie",
    [
        {"log_entry": ""},
        {"incident": "x" * 65},
        {"heard_by": ((ID, "1"),) * 101},
        {"begins": "now"},
        {"begins": "2026-11-29T03:14:15"},
        {"begins": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_a_signed_request_that_lacks_anything_cannot_be_read(roof: Roof, lie: dict[str, Any]) -> None:
    form = roof.asked().form() | {name: value for name, value in lie.items() if name != "heard_by"}
    if "heard_by" in lie:
        form["heard_by"] = [{"microphone": one, "pulse": key} for one, key in lie["heard_by"]]

    class Said(center.Asked):
        def form(self) -> dict[str, object]:
            return form

    honest = roof.asked()
    said = Said(**{name: getattr(honest, name) for name in honest.__slots__})
    assert isinstance(refused := roof.says(SIGNER.signed(said)), center.NoClip)
    assert refused.reason == "unreadable"


def test_one_sensor_named_three_times_is_one(roof: Roof) -> None:
    twice = ((ID, roof.pulse.key), ("mic_2", "a-1"), ("mic_2", "a-2"))
    assert roof.refuses(heard_by=twice) == "too_few"
    assert roof.refuses(heard_by=(*twice, ("mic_3", "b-1"))) == "too_few", "nobody is there twice"


def test_a_request_is_answered_once_whatever_became_of_it(roof: Roof) -> None:
    payload = SIGNER.signed(roof.asked())
    assert isinstance(roof.says(payload), center.Clip)
    again = roof.says(payload)
    assert isinstance(again, center.NoClip) and again.reason == "replayed"
    roof.now += timedelta(minutes=5)
    later = roof.says(payload)
    assert isinstance(later, center.NoClip) and later.reason == "stale"


def test_a_forged_or_changed_request_is_told_nothing_but_that(roof: Roof) -> None:
    stranger = center.Signer.of(b"a stranger's secret")
    honest = json.loads(SIGNER.signed(roof.asked()))
    other = json.loads(SIGNER.signed(roof.asked(ends=roof.pulse.at + 2 * S)))
    for payload in (
        stranger.signed(roof.asked()),
        json.dumps(honest | {"request": other["request"]}).encode(),
    ):
        said = json.loads(roof.pulls.answer(payload))
        assert (said["reason"], "pull" in said) == ("forged", False)


def test_what_is_now_cannot_be_listened_to_and_what_is_over_is_gone(roof: Roof) -> None:
    roof.now = roof.pulse.at + S / 2
    assert roof.refuses() == "not_over"
    roof.now = roof.pulse.at + timedelta(minutes=10, seconds=1)
    assert roof.refuses() == "not_heard", (
        "of more than ten minutes ago by the clock, though nothing came since"
    )
    roof.now = BEGAN + 12 * S
    roof.ears.ring.put(np.zeros(LONGEST_S * RATE, dtype=np.int16))
    assert roof.refuses() == "not_heard"
    first = Roof(roof.file.parent, journal=roof.file.parent / "second")
    first.wave = first.wave[: 5 * RATE]
    early = Ears(RATE, Recorded(RATE, BEGAN, 1.0), full_scale_db=120.0)
    (first.pulse,) = [p for p in early.hears(first.wave) if p.at - BEGAN > 3 * S]
    first.ears, first.pulls = early, Pulls(ID, early, KEY, Journal(first.file), lambda: first.now)
    assert first.refuses(ends=first.pulse.at + 2 * S) == "gone", "its sound was never heard so far"


def test_many_short_clips_are_no_way_to_listen(roof: Roof) -> None:
    for _ in range(MOST_AN_HOUR):
        assert isinstance(roof.says(SIGNER.signed(roof.asked())), center.Clip)
    assert roof.refuses() == "too_many"
    roof.now += timedelta(minutes=5)
    roof.mono_s += 3_599
    assert roof.refuses() == "too_many"
    roof.mono_s += 2
    assert isinstance(roof.says(SIGNER.signed(roof.asked())), center.Clip), (
        "an hour went by, whatever the clock says"
    )
    roof.starts_anew(roof.file)
    assert roof.refuses() == "too_many", "it remembers over a restart"
    other = roof.file.with_name("other.jsonl")
    before = Journal(other)
    for n in range(59):
        before.write(roof.now - timedelta(hours=2), {"became": "clip" if n else "refused"})
    before.write(roof.now + timedelta(days=3), {"became": "clip"})
    roof.starts_anew(other)
    assert isinstance(roof.says(SIGNER.signed(roof.asked())), center.Clip)
    assert roof.refuses() == "too_many", "sixty a day, of which a clock that was ahead hides none"


def test_where_memory_may_be_swapped_no_sound_is_kept(roof: Roof, tmp_path: Path) -> None:
    roof.ears.ring = Ring(RATE, keeps=False)
    roof.ears.hears(roof.wave)
    assert roof.refuses() == "not_held" and roof.ears.ring.begins == roof.ears.ring.ends > 0
    swaps = tmp_path / "swaps"
    swaps.write_text("Filename\tType\tSize\n")
    assert not may_be_swapped(swaps)
    swaps.write_text("Filename\tType\tSize\n/var/swap\tfile\t102396\n")
    assert may_be_swapped(swaps) and may_be_swapped(tmp_path / "none"), "where nobody says so, too"


def test_without_a_disk_a_journal_or_a_key_nothing_leaves(tmp_path: Path) -> None:
    roof = Roof(tmp_path, journal=tmp_path / "gone" / "pulls.jsonl")
    assert roof.refuses() == "not_logged", "the disk is absent"
    roof.file.parent.mkdir()
    payload = SIGNER.signed(roof.asked())
    assert isinstance(roof.says(payload), center.Clip), "it is there again"
    now = roof.now
    for key, journal, why in ((KEY, None, "not_logged"), (None, Journal(tmp_path / "x"), "no_key")):
        bare = Pulls(ID, roof.ears, key, journal, lambda: now)
        assert json.loads(bare.answer(SIGNER.signed(roof.asked())))["reason"] == why


def test_a_stranger_fills_no_disk_with_refusals(roof: Roof) -> None:
    for n in range(300):
        roof.pulls.answer(b"%d" % n)
    filled = roof.file.stat().st_size
    assert len(roof.lines()) == 30
    assert isinstance(roof.says(SIGNER.signed(roof.asked())), center.Clip), (
        "who asks rightly is still answered"
    )
    assert roof.lines()[-1]["not_written_before"] == 270 and roof.file.stat().st_size < filled + 1_000


@given(st.one_of(st.binary(max_size=200), st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["request", "signature", "pull"]), inner)),
    max_leaves=8,
).map(lambda it: json.dumps(it).encode())))  # fmt: skip
def test_whatever_comes_is_refused_in_words(payload: bytes) -> None:
    said = read(payload, KEY)
    assert isinstance(said, Refused) and said.why in SENTENCES and said.sentence
    with pytest.raises(Invalid):
        center.answer(payload, by=ID)


def test_a_request_of_more_than_a_sensor_reads_and_one_nested_without_end_are_refused() -> None:
    for payload in (b" " * 20_000, b"[" * 10_000, b'{"request": "a", "request": "b", "signature": ""}'):
        assert read(payload, KEY) == Refused("unreadable")


def test_a_center_asks_nothing_that_every_sensor_would_refuse(roof: Roof) -> None:
    honest = roof.asked()
    for lie in ({"ends": honest.begins + 5 * S}, {"heard_by": honest.heard_by[:2]}, {"microphone": "mic_9"}):
        with pytest.raises(Invalid):
            replace(honest, **lie)


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ({"microphone": "mic_2"}, "another microphone"),
        ({"samples": "AAAA!"}, "no base64"),
        ({"samples": "AAAA"}, "no sound of four seconds"),
        ({"samples": base64.b64encode(bytes(2)).decode()}, "not those"),
        ({"rate": 1}, "rate"),
        ({"verdict": "live"}, "verdict|tag"),
        ({"samples": "\u00e9"}, "no base64"),
        ({"verdict": "refused", "reason": "stale", "detail": "\0"}, "detail"),
    ],
)
def test_a_sensor_that_lies_in_its_answer_is_believed_nothing(
    roof: Roof, lie: dict[str, Any], words: str
) -> None:
    said = json.loads(roof.pulls.answer(SIGNER.signed(roof.asked())))
    with pytest.raises(Invalid, match=words):
        center.answer(json.dumps(said | lie).encode(), by=ID)


@pytest.mark.parametrize(
    ("late_ms", "longer_s", "is_believed"),
    [
        (0, 0.0, True),
        (5, 0.009, True),
        (-6, 0.0, False),
        (6, 0.0, False),
        (0, 0.011, False),
        (0, -1.0, False),
    ],
)
def test_a_clip_of_another_time_or_length_is_none(
    roof: Roof, late_ms: int, longer_s: float, is_believed: bool
) -> None:
    asked = roof.asked()
    clip = roof.says(SIGNER.signed(asked))
    assert isinstance(clip, center.Clip)
    samples = bytes(2 * round((clip.seconds + longer_s) * RATE))
    said = center.believed(asked, replace(clip, begins=clip.begins + late_ms * _MS, samples=samples))
    assert isinstance(said, center.Clip) is is_believed
    assert isinstance(said, center.Clip) or (said and said.reason) == "another_time"


def test_a_journal_that_was_changed_says_where(roof: Roof) -> None:
    for _ in range(3):
        roof.refuses(begins=roof.pulse.at, ends=roof.pulse.at)
    whole = roof.file.read_bytes()
    lines = whole.splitlines(keepends=True)
    assert Journal(roof.file).after == verified(roof.file).hash
    for broken, where in (
        (lines[0] + lines[2], "Line 2"),
        (lines[0] + lines[1][:-9] + lines[2], "Line 2"),
        (b"x" + whole, "Line 1"),
        (b" " * 5_000 + whole, "Line 1"),
    ):
        roof.file.write_bytes(broken)
        with pytest.raises(BrokenJournal, match=where):
            Journal(roof.file)


@pytest.mark.parametrize("torn", [b'{"at":"2026', bytes(5_000)])
def test_a_last_line_that_a_power_cut_tore_is_set_aside_and_the_journal_goes_on(
    roof: Roof, torn: bytes
) -> None:
    for _ in range(2):
        roof.refuses(begins=roof.pulse.at, ends=roof.pulse.at)
    whole = roof.file.read_bytes()
    roof.file.write_bytes(whole + torn)
    with pytest.raises(BrokenJournal, match=r"Line 3 .* not written to its end"):
        verified(roof.file)
    roof.starts_anew(roof.file)
    assert roof.file.read_bytes() == whole
    assert roof.file.with_name("pulls.jsonl.torn").read_bytes() == torn + b"\n"
    assert isinstance(roof.says(SIGNER.signed(roof.asked())), center.Clip)
    assert verified(roof.file).lines == 3


def test_the_ring_keeps_ten_minutes_sealed_and_nothing_older() -> None:
    ring, said = Ring(1_000, 5), np.arange(9_500, dtype=np.int16)
    for begins in range(0, 9_500, 333):
        ring.put(said[begins : begins + 333])
    assert (ring.begins, ring.ends) == (5_000, 9_500), "four whole seconds and the one that is open"
    for begins, count in ((5_000, 4_500), (5_999, 2), (9_100, 400), (7_000, 1)):
        taken = ring.taken(begins, count)
        assert taken is not None and np.array_equal(taken, said[begins : begins + count])
    for begins, count in ((4_999, 2), (9_499, 2), (6_000, 0), (-5, 3)):
        assert ring.taken(begins, count) is None
    assert said[6_000:6_050].tobytes() not in b"".join(one.data for one in ring._sealed)
    assert len({one.data[:50] for one in ring._sealed}) == 4
    ring.forget()
    assert ring.taken(8_000, 1) is None and ring.begins == ring.ends == 9_500
    ring.put(said[:1_700])
    taken = ring.taken(10_400, 300)
    assert taken is not None and np.array_equal(taken, said[900:1_200])
    later = [0.0]
    ring = Ring(1_000, 5, lambda: later[0])
    ring.put(said)
    later[0] = 4.5
    assert (ring.begins, ring.taken(8_000, 500)) == (9_000, None), "too old, though nothing new came"
    with pytest.raises(ValueError, match="1 to 600"):
        Ring(1_000, 601)
