"""The invented city of the floor's bench says what a center says: a console that waits for more draws nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fixtures.document import hold_form
from watchfloor.bench._city import InventedCity
from watchfloor.kit.clock import SystemClock


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("alerts", "Alert"),
        ("cameras", "Camera"),
        ("incidents", "Incident"),
        ("readers", "Reader"),
        ("units", "Unit"),
    ],
)
def test_what_the_invented_city_tells_has_the_form_of_the_document(name: str, form: str) -> None:
    city = InventedCity(SystemClock(), np.random.default_rng(2026))
    city.fill(60, 20)
    items = city.listed(name)
    assert items
    for item in items:
        hold_form(item, form)
