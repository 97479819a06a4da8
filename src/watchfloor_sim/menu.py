"""The menu of stories, as keys in the terminal the demo was started from; nothing where there is no terminal."""

from __future__ import annotations

import asyncio
import os
import termios
import tty
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Final

QUIT: Final = "q"


def lines(names: Sequence[str]) -> list[str]:
    """What the menu says."""
    return [f"  {number}  {name}" for number, name in enumerate(names, 1)] + [f"  {QUIT}  quit"]


@asynccontextmanager
async def keys(terminal: int) -> AsyncIterator[AsyncIterator[str]]:
    """The keys that are pressed, each at once and not shown; the terminal is afterwards as it was.

    Ctrl-C is a signal as before. Without a terminal no key ever comes.
    """
    if not os.isatty(terminal):
        yield _none()
        return
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        async with aclosing(_pressed(terminal)) as pressed:
            yield pressed
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


async def _none() -> AsyncIterator[str]:
    await asyncio.Event().wait()
    yield ""


async def _pressed(terminal: int) -> AsyncGenerator[str, None]:
    loop = asyncio.get_running_loop()
    typed: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        # Where the loop says that something is there: a read a beat later may find nothing, and would stop the whole city.
        try:
            heard = os.read(terminal, 64)
        except OSError:  # the window was closed
            heard = b""
        if not heard:
            loop.remove_reader(terminal)
        typed.put_nowait(heard)

    loop.add_reader(terminal, read)
    try:
        while heard := await typed.get():
            for key in heard.decode(errors="replace"):
                yield key
    finally:
        loop.remove_reader(terminal)


async def chosen(
    pressed: AsyncIterator[str], names: Sequence[str], leave: Callable[[], None]
) -> AsyncIterator[str]:
    """The names that keys stand for; `q` leaves. Other keys are nobody's."""
    async for key in pressed:
        if key == QUIT:
            leave()
        elif key.isdecimal() and 1 <= int(key) <= len(names):
            yield names[int(key) - 1]


async def first(name: str, later: AsyncIterator[str]) -> AsyncIterator[str]:
    """That name, and then what is chosen."""
    yield name
    async for chosen_later in later:
        yield chosen_later
