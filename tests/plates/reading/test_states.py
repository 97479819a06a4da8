"""The state by the words on the plate; no answer rather than a wrong one."""

from __future__ import annotations

import pytest

from watchfloor.plates.reading.states import state_of


@pytest.mark.parametrize(
    ("texts", "state"),
    [
        (["MISSOURI"], "MO"),
        (["FEBMASSACHUSETTS", "QQ7X4K"], "MA"),
        (["6ARKANSAS107"], "AR"),
        (["WEST VIRGINIA"], "WV"),
        (["VIRGINIA"], "VA"),
        (["WASHINGTON, DC", "TAXATON WITHOUT REPRESENATION"], "DC"),
        (["EAMOUS POTATOES87"], "ID"),
        (["M1SS0URI"], "MO"),
        (["SHOW-ME STATE"], "MO"),
        (["10/10", "061140", "06:31:19"], None),
        (["HONDA OF SPRINGFIELD"], None),
        (["MISSO"], "MO"),  # the rest behind a dealer's frame
        (["ORE"], None),
        ([], None),
    ],
)
def test_names_and_slogans_tell_the_state(texts: list[str], state: str | None) -> None:
    found = state_of(texts)
    assert (found.state if found else None) == state


def test_two_states_on_one_plate_are_none() -> None:
    assert state_of(["OREGON", "NEVADA"]) is None
