"""Letters to owners go into the outbox, sealed, in the transaction that wants them; a process of ours sends them.

What the mail server does not take waits, and is tried again with growing pauses: a dead mail server loses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.envelope import Envelope, Unreadable
from watchfloor.kit.errors import Invalid, WatchfloorError
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.owners import store
from watchfloor.owners.letters import Letter
from watchfloor.owners.model import Owner
from watchfloor.settings import MailSettings
from watchfloor.storage.tx import Row, Tx

MAIL_KEY: Final = "mail.key"
"""The key that letters are sealed under while they wait, among the keys of the center."""
_LOOK_S: Final = 2.0
_AT_ONCE: Final = 10
_LEASE: Final = timedelta(seconds=120)
_LONGEST_PAUSE: Final = timedelta(minutes=10)
_ANSWERS_WITHIN_S: Final = 20.0
_SECURITY: Final = ("starttls", "tls", "none")
_HERE: Final = ("127.0.0.1", "::1", "localhost")
_BROKE: Final = "The mail server broke off."
_log = logger("owners.outbox")


async def put(tx: Tx, envelope: Envelope, owner: Owner, letter: Letter) -> None:
    """Put a letter into the outbox."""
    mail = uuid7(tx.now)
    sealed = envelope.seal(msgspec.json.encode(letter), mail.bytes)
    await store.insert_mail(tx, mail, owner.id, letter.kind, sealed)


async def put_to(tx: Tx, envelope: Envelope, email: str, letter: Letter) -> None:
    """Put a letter to somebody who is no owner into the outbox."""
    mail = uuid7(tx.now)
    sealed = envelope.seal(msgspec.json.encode(replace(letter, to=email)), mail.bytes)
    await store.insert_mail(tx, mail, None, letter.kind, sealed)


def pause(attempts: int) -> timedelta:
    """How long mail waits that was not taken so often: 10 s, twice as long each time, 10 minutes at most."""
    return min(timedelta(seconds=5 * 2 ** min(attempts, 10)), _LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a letter was not taken; `for_good`: the mail server will never take it."""

    words: str
    for_good: bool = False


def _refused(code: int) -> Fault:
    if 500 <= code < 600:
        return Fault(f"The mail server refuses this letter for good ({code}).", for_good=True)
    return Fault(f"The mail server answered {code}.")


@dataclass(frozen=True, slots=True)
class Server:
    """The mail server that takes our letters."""

    settings: MailSettings

    @classmethod
    def of(cls, settings: MailSettings) -> Server | None:
        """The server that is set, None where none is. Raises Invalid for one that would be told secrets in the clear."""
        if not settings.host:
            return None
        if settings.security not in _SECURITY:
            raise Invalid(f"mail.security is one of {', '.join(_SECURITY)}.", reason="mail.security")
        if settings.security == "none" and settings.host not in _HERE:
            raise Invalid(
                "Without TLS the mail server has to be on this machine: there are links in the letters.",
                reason="mail.security",
            )
        if "@" not in settings.sender:
            raise Invalid("mail.sender is the address that letters come from.", reason="mail.sender")
        return cls(settings)

    def send(self, messages: Sequence[EmailMessage]) -> list[Fault | None]:
        """Hand letters over, on one connection; for each what went wrong, or None. Blocking. Raises OSError, SMTPException
        when no connection comes about; what was taken before one broke stays taken.
        """
        said: list[Fault | None] = []
        smtp = self._connected()
        try:
            for message in messages:
                try:
                    smtp.send_message(message)
                    said.append(None)
                except smtplib.SMTPRecipientsRefused as error:
                    said.append(_refused(max(code for code, _ in error.recipients.values())))
                except smtplib.SMTPResponseException as error:
                    said.append(_refused(error.smtp_code))
                except (smtplib.SMTPException, OSError):
                    break
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()  # whether it says goodbye or not, what it took it took
        return [*said, *[Fault(_BROKE)] * (len(messages) - len(said))]

    def _connected(self) -> smtplib.SMTP:
        s = self.settings
        trust = ssl.create_default_context(cafile=s.authority_file or None)
        if s.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(s.host, s.port, timeout=_ANSWERS_WITHIN_S, context=trust)
        else:
            smtp = smtplib.SMTP(s.host, s.port, timeout=_ANSWERS_WITHIN_S)
            if s.security == "starttls":
                smtp.starttls(context=trust)
        if s.user:
            smtp.login(s.user, Path(s.password_file).read_text().strip())
        return smtp


class Outbox:
    """Sends what is in the outbox, for ever; one per center, in the sweep."""

    def __init__(self, door: Door, clock: Clock, envelope: Envelope, server: Server) -> None:
        self._door, self._clock, self._envelope, self._server = door, clock, envelope, server

    async def run(self, agencies: Sequence[UUID]) -> None:
        """Look every two seconds; whatever fails is tried again."""
        while True:
            for agency in agencies:
                try:
                    while await self.round(agency) == _AT_ONCE:
                        pass
                except WatchfloorError as error:
                    _log.warning("mail waits", why=error.detail)
            await self._clock.sleep(_LOOK_S)

    async def round(self, agency: UUID) -> int:
        """Send what is due; how many were tried. No transaction is open while the mail server thinks."""
        ask = Ask(process_actor(agency, "sweep"), Need.MAIL_SEND)
        async with self._door.open(ask) as tx:
            taken = await store.take_mail(tx, _AT_ONCE, _LEASE)
        if not taken:
            return 0
        said = await self._sent([self._message(row) for row in taken])
        async with self._door.open(ask) as tx:
            for row, fault in zip(taken, said, strict=True):
                if fault is None:
                    await store.mail_sent(tx, row["id"])
                elif fault.for_good:
                    _log.warning("a letter is given up", kind=row["kind"], why=fault.words)
                    await store.mail_given_up(tx, row["id"], fault.words)
                else:
                    _log.warning(
                        "a letter was not taken", kind=row["kind"], attempts=row["attempts"], why=fault.words
                    )
                    await store.mail_failed(tx, row["id"], fault.words, tx.now + pause(row["attempts"]))
        return len(taken)

    async def _sent(self, messages: Sequence[EmailMessage | None]) -> list[Fault | None]:
        ready = [message for message in messages if message is not None]
        try:
            told = await asyncio.to_thread(self._server.send, ready) if ready else []
        except ssl.SSLError as error:
            told = [
                Fault(f"The mail server's certificate or TLS does not do: {error.reason or 'no TLS'}.")
            ] * len(ready)
        except smtplib.SMTPAuthenticationError:
            told = [Fault("The mail server refuses the name and password it was given.")] * len(ready)
        except (OSError, smtplib.SMTPException) as error:
            told = [Fault(f"The mail server does not answer as it should ({type(error).__name__}).")] * len(
                ready
            )
        each = iter(told)
        unread = Fault("The letter does not open: it was sealed under another key.", for_good=True)
        return [unread if message is None else next(each) for message in messages]

    def _message(self, row: Row) -> EmailMessage | None:
        try:
            letter = msgspec.json.decode(
                self._envelope.open(bytes(row["sealed"]), row["id"].bytes), type=Letter
            )
        except Unreadable:
            return None
        sender = self._server.settings.sender
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = sender, letter.to or row["email"], letter.subject
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = make_msgid(idstring=row["id"].hex, domain=sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice comes back
        message.set_content(letter.text)
        if letter.proof:
            proof = letter.proof.encode()
            message.add_attachment(proof, maintype="application", subtype="json", filename="proof.json")
        return message


def server_set(settings: MailSettings) -> bool:
    """Whether mail can be sent at all: what is set wrongly counts as not set, and `watchfloor check` says what is wrong."""
    try:
        return Server.of(settings) is not None
    except Invalid:
        return False
