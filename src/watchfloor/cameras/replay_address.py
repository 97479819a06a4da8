"""The address at which a camera without ONVIF replays what it kept: a template with the time in it. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from watchfloor.cameras.address import Address, parse
from watchfloor.kit.errors import Invalid

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# `{begin}`, or with a form of its own: `{begin:%Y_%m_%d_%H_%M_%S}`.
_TIME: Final = re.compile(r"\{(begin|end)(?::((?:%[YmdHMS]|[-_.:TZ])+))?\}")
_USUAL: Final = "%Y%m%dT%H%M%SZ"
_HINT: Final = "It names the time as {begin} and {end}, or as {begin:%Y_%m_%d_%H_%M_%S}."


def replay_template(main: Address, typed: str | None, before: str | None) -> str | None:
    """The template: as typed, else as before; empty takes it away. Its host is the camera's, whose login it gets. Raises Invalid."""
    text = before if typed is None else typed.strip()
    if not text:
        return None
    names = {name for name, _ in _TIME.findall(text)}
    if names != {"begin", "end"} or re.search(r"[{}]", _TIME.sub("", text)):
        raise Invalid(f"That address does not say which time is meant. {_HINT}", reason="replay_url")
    try:
        address, login = parse(asking(text, 0, 1_000_000))
    except Invalid as error:
        raise Invalid(error.detail, reason="replay_url") from error
    if login is not None:
        raise Invalid(
            "Name and password are entered once, beside the address; not in it.", reason="replay_url"
        )
    if address.host.lower() == main.host.lower():
        return text
    if typed is None:
        return None
    raise Invalid("It is replayed on another host than the camera’s stream.", reason="replay_url")


def asking(template: str, begin_us: int, end_us: int) -> str:
    """The address of a time by the camera's own clock, in UTC."""
    times = {"begin": begin_us, "end": end_us}

    def said(found: re.Match[str]) -> str:
        return (_EPOCH + timedelta(microseconds=times[found[1]])).strftime(found[2] or _USUAL)

    return _TIME.sub(said, template)
