"""What the tests of the console stand on."""

from __future__ import annotations

from tests.fixtures.browser import _seats, city, room, room_with_windows

__all__ = ["_seats", "city", "room", "room_with_windows"]
