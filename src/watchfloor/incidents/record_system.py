"""Asks a record system, where one is configured, whether an entry still stands: one question over HTTPS, one answer.

What it answers is said by the reviewer to nobody but the record; an adapter confirms nothing. A failure of any kind is an
answer too: the record system did not answer, and nobody knows.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import msgspec

from watchfloor.incidents.review import LiveRecord, Reply
from watchfloor.kit.errors import Invalid
from watchfloor.settings import LiveRecordSettings

_MOST_BYTES: Final = 64 * 1024
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of it."""

    plate: str = field(repr=False)
    state: str | None = field(repr=False)
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What it said: a word of the list, its own number, and its own words where it gives any."""

    reply: Reply
    reference: str | None = None
    said: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Query:
    """One time that the live record was asked. `adapter` is the name of what asked it, None where a person did."""

    id: UUID
    asked: Asked
    answered: Answered
    asked_by: UUID
    adapter: str | None
    asked_at: datetime
    answered_at: datetime
    review: UUID = field(repr=False)

    @property
    def record(self) -> LiveRecord:
        """As a confirmation rests on it."""
        return LiveRecord(self.answered.reply, self.answered.reference, self.answered_at)


class RecordSystem(Protocol):
    """Whatever can be asked. It raises nothing: what fails is `unreachable`, with why in words."""

    @property
    def name(self) -> str: ...

    async def ask(self, asked: Asked, /) -> Answered: ...


class _Form(msgspec.Struct):
    """Its answer. What else it says is left where it is."""

    reply: Reply
    reference: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class HttpRecordSystem:
    """One that takes `{"plate", "state", "reference"}` by POST and answers `{"reply", "reference", "said"}`."""

    name: str
    url: str
    token: str = field(repr=False)
    within_s: float
    trust: ssl.SSLContext = field(repr=False)

    async def ask(self, asked: Asked, /) -> Answered:
        try:
            async with asyncio.timeout(self.within_s):
                return await self._asked(asked)
        except TimeoutError:
            return Answered(Reply.UNREACHABLE, said=f"It did not answer within {self.within_s:.0f} seconds.")
        except (httpx.HTTPError, OSError):
            return Answered(Reply.UNREACHABLE, said="It does not answer, or its certificate is not trusted.")

    async def _asked(self, asked: Asked) -> Answered:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        body = {"plate": asked.plate, "state": asked.state, "reference": asked.reference}
        taken = b""
        async with (
            httpx.AsyncClient(verify=self.trust, trust_env=False, timeout=self.within_s) as client,
            client.stream("POST", self.url, json=body, headers=headers) as response,
        ):
            async for block in response.aiter_bytes():
                taken += block
                if len(taken) > _MOST_BYTES:
                    return Answered(Reply.UNREACHABLE, said="Its answer is longer than any answer is.")
        if response.status_code != 200:
            return Answered(Reply.UNREACHABLE, said=f"It refused the question ({response.status_code}).")
        return answer_of(taken)


def answer_of(body: bytes) -> Answered:
    """What an answer says; one that is none says so."""
    try:
        found = msgspec.json.decode(body, type=_Form)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Answered(Reply.UNREACHABLE, said="What it answered is no answer to this question.")
    return Answered(found.reply, _line(found.reference), _line(found.said))


def _line(text: str | None) -> str | None:
    if text is None:
        return None
    return " ".join("".join(c if c.isprintable() else " " for c in text[:_LONGEST]).split()) or None


def record_system_of(settings: LiveRecordSettings) -> RecordSystem | None:
    """The one that is configured, or None. Raises Invalid with what is wrong in the settings."""
    if not settings.url:
        return None
    parts = urlsplit(settings.url)
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise Invalid(
            "live_record.url begins with https://; plain http is for this machine alone.",
            reason="live_record",
        )
    try:
        token = Path(settings.token_file).read_text(encoding="utf-8").strip() if settings.token_file else ""
        trust = ssl.create_default_context(cafile=settings.ca_file or None)
    except (OSError, ssl.SSLError, UnicodeDecodeError) as error:
        raise Invalid(
            f"live_record: a file of its settings cannot be read: {error}.", reason="live_record"
        ) from error
    return HttpRecordSystem(settings.name or "record system", settings.url, token, settings.within_s, trust)
