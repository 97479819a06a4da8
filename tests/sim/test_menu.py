"""The menu: keys in a terminal begin stories, and the terminal is left as it was found."""

from __future__ import annotations

import asyncio
import os
import pty
import termios
import threading
from collections.abc import Iterator

import pytest

from watchfloor_sim.menu import chosen, first, keys, lines

NAMES = ["stolen-car", "misread", "camera-failing"]


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends: what a person types into, and what the program reads."""
    typed, read = pty.openpty()
    try:
        yield typed, read
    finally:
        os.close(typed)
        os.close(read)


def test_the_menu_numbers_what_can_be_chosen_and_says_how_to_leave() -> None:
    assert lines(["a car", "a plate"]) == ["  1  a car", "  2  a plate", "  q  quit"]


async def test_a_key_begins_what_stands_beside_it_at_once(terminal: tuple[int, int]) -> None:
    typed, read = terminal
    left: list[str] = []
    async with asyncio.timeout(60), keys(read) as pressed:
        names = chosen(pressed, NAMES, lambda: left.append("left"))
        os.write(typed, b"2")
        assert await anext(names) == "misread"
        os.write(typed, b"x9 0\xff1")
        assert await anext(names) == "stolen-car"
        assert left == []
        os.write(typed, b"q3")
        assert await anext(names) == "camera-failing"
        assert left == ["left"]


async def test_between_two_keys_the_city_goes_on(terminal: tuple[int, int]) -> None:
    typed, read = terminal
    pressed_at_last = threading.Timer(5, os.write, (typed, b"3"))  # ends a wait that would never end
    pressed_at_last.start()
    try:
        async with keys(read) as pressed:
            names = chosen(pressed, NAMES, lambda: None)
            os.write(typed, b"1")
            assert await anext(names) == "stolen-car"
            waiting = asyncio.ensure_future(anext(names))
            done, _ = await asyncio.wait({waiting}, timeout=0.05)
            assert done == set(), "the loop stood still until another key was pressed"
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
    finally:
        pressed_at_last.cancel()


async def test_the_terminal_is_left_as_it_was_found(terminal: tuple[int, int]) -> None:
    _, read = terminal
    before = termios.tcgetattr(read)
    async with keys(read):
        during = termios.tcgetattr(read)
        assert not during[3] & (termios.ECHO | termios.ICANON)
        # Ctrl-C stays a signal.
        assert during[3] & termios.ISIG
    assert termios.tcgetattr(read) == before


async def test_without_a_terminal_no_key_comes() -> None:
    read, write = os.pipe()
    os.write(write, b"1")
    try:
        async with keys(read) as pressed:
            waiting = asyncio.ensure_future(anext(pressed))
            done, _ = await asyncio.wait({waiting}, timeout=0.05)
            assert done == set()
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        assert os.read(read, 1) == b"1"
    finally:
        os.close(read)
        os.close(write)


async def test_a_story_that_was_asked_for_comes_first() -> None:
    async with keys(-1) as pressed:
        assert await anext(first("misread", chosen(pressed, NAMES, lambda: None))) == "misread"
