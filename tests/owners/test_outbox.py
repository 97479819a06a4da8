"""Letters wait for the mail server, go to it over TLS, and none is lost while it is dead."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.owners.conftest import ENVELOPE, Shop, ShopMaker
from watchfloor.engines.layout import Layout
from watchfloor.engines.tls import tls_of
from watchfloor.governance.actors import process_actor
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid, TooMany
from watchfloor.owners.allowance import Allowance
from watchfloor.owners.outbox import Outbox, Server, pause
from watchfloor.settings import HttpSettings, MailSettings


class Taken:
    """A mail server's hands: what it was given, and what it answers."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.answer = "250 OK"
        self.most = 9

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # aiosmtpd's name
        if len(self.letters) >= self.most:
            return "421 too busy"
        if self.answer.startswith("250"):
            assert session.ssl is not None
            assert isinstance(envelope.content, bytes)
            self.letters.append(envelope.content.decode())
        return self.answer


@asynccontextmanager
async def mail_server(folder: Path, taken: Taken) -> AsyncIterator[MailSettings]:
    """A mail server that wants STARTTLS, a name and a password."""
    layout = Layout.of(folder)
    layout.prepare()
    files = tls_of(HttpSettings(tls="local"), layout, SystemClock().now())
    assert files is not None and files.authority is not None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)

    def known(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        right = given == LoginPassword(b"center", b"an invented one")
        return AuthResult(success=right, handled=right)

    def greeted() -> SMTP:
        return SMTP(
            taken, tls_context=context, require_starttls=True, authenticator=known, auth_required=True
        )

    password = folder / "mail-password"
    password.write_text("an invented one\n")
    server = await asyncio.get_running_loop().create_server(greeted, "127.0.0.1", 0)
    port, authority = server.sockets[0].getsockname()[1], str(files.authority)
    try:
        yield MailSettings(
            "127.0.0.1", port, "starttls", "center", str(password), "center@example.org", authority
        )
    finally:
        server.close()


def outbox_of(at: Shop, settings: MailSettings) -> Outbox:
    server = Server.of(settings)
    assert server is not None
    return Outbox(at.web.parts.door, at.web.parts.clock, ENVELOPE, server)


async def rows(at: Shop) -> list[Any]:
    ask = Ask(process_actor(at.web.parts.agency, "sweep"), Need.RETENTION_SWEEP)
    async with at.web.parts.door.open(ask) as tx:
        return await tx.fetch("select *, next_at - %(now)s as waits from mail order by id", now=tx.now)


async def due_now(at: Shop) -> None:
    """The pauses are over."""
    ask = Ask(process_actor(at.web.parts.agency, "sweep"), Need.RETENTION_SWEEP)
    async with at.web.parts.door.open(ask) as tx:
        await tx.execute("update mail set next_at = created_at")


async def tried(at: Shop, settings: MailSettings) -> Any:
    """The pause is over and the letter is tried again; what is kept of it."""
    await due_now(at)
    await outbox_of(at, settings).round(at.web.parts.agency)
    (row,) = await rows(at)
    return row


async def test_letters_outlive_a_dead_mail_server_and_are_gone_once_sent(
    shop: ShopMaker, tmp_path: Path
) -> None:
    async with shop() as at:
        agency, taken = at.web.parts.agency, Taken()
        await at.offers()
        async with mail_server(tmp_path / "mail", taken) as settings:
            dead = outbox_of(at, replace(settings, port=1))
            assert await dead.round(agency) == 1
            (row,) = await rows(at)
            assert row["error"] == "The mail server does not answer as it should (ConnectionRefusedError)."
            assert row["sealed"] is not None and row["waits"] > timedelta(seconds=5)
            assert await dead.round(agency) == 0  # not hammered

            for changed, fault in (
                (replace(settings, authority_file=""), "The mail server's certificate or TLS does not do"),
                (replace(settings, user="no"), "The mail server refuses the name and password it was given."),
            ):
                assert fault in (await tried(at, changed))["error"]
            taken.answer = "451 later"
            assert (await tried(at, settings))["error"] == "The mail server answered 451."

            taken.answer = "250 OK"
            row = await tried(at, settings)
            assert (row["sealed"], row["error"], row["attempts"]) == (None, None, 5)
            (letter,) = taken.letters
            assert "To: shop@example.org" in letter and "From: center@example.org" in letter
            assert "/owners/verify?agency=3Dagy_" in letter or "/owners/verify?agency=agy_" in letter
            (owner,) = (await (await at.web.person("technician")).get("/api/v1/owners")).json()["items"]
            assert owner["mail"]["state"] == "sent"


async def test_what_a_server_took_before_it_broke_off_is_not_sent_again_and_a_refusal_for_good_is_given_up(
    shop: ShopMaker, tmp_path: Path
) -> None:
    async with shop() as at:
        for n in range(3):
            await at.offers(email=f"shop{n}@example.org")
        async with mail_server(tmp_path / "mail", taken := Taken()) as settings:
            taken.most = 1
            await outbox_of(at, settings).round(at.web.parts.agency)
            assert [row["error"] for row in await rows(at)] == [
                None,
                "The mail server answered 421.",
                "The mail server broke off.",
            ]
            taken.most, taken.answer = 9, "550 no such mailbox"
            await due_now(at)
            await outbox_of(at, settings).round(at.web.parts.agency)
            await due_now(at)
            assert await outbox_of(at, settings).round(at.web.parts.agency) == 0
        assert len(taken.letters) == 1
        technician = await at.web.person("technician")
        owners = (await technician.get("/api/v1/owners")).json()["items"]
        given_up = [one for one in owners if one["mail"]["state"] == "given_up"]
        assert len(given_up) == 2
        assert given_up[0]["mail"]["error"] == "The mail server refuses this letter for good (550)."
        assert (await technician.post(f"/api/v1/owners/{given_up[0]['id']}/link", json={})).status_code == 200


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8:0:0:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_a_household_counts_once_however_its_address_is_written(one: str, other: str, same: bool) -> None:
    allowance = Allowance(SystemClock(), 1, 9)
    allowance.take(one)
    if same:
        with pytest.raises(TooMany):
            allowance.take(other)
    else:
        allowance.take(other)


async def test_two_processes_send_a_letter_once(shop: ShopMaker, tmp_path: Path) -> None:
    async with shop() as at:
        await at.offers()
        async with mail_server(tmp_path / "mail", taken := Taken()) as settings:
            rounds = await asyncio.gather(
                *(outbox_of(at, settings).round(at.web.parts.agency) for _ in range(3))
            )
        assert sum(rounds) == 1 and len(taken.letters) == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            MailSettings("mail.example.org", security="none", sender="a@example.org"),
            "has to be on this machine",
        ),
        (MailSettings("mail.example.org", security="ssl", sender="a@example.org"), "mail.security is one of"),
        (MailSettings("mail.example.org"), "mail.sender is the address"),
    ],
)
def test_a_mail_server_that_would_be_told_links_in_the_clear_is_refused(
    settings: MailSettings, words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        Server.of(settings)


def test_without_a_host_there_is_no_mail_server_and_pauses_grow_to_ten_minutes() -> None:
    assert Server.of(MailSettings()) is None
    assert [pause(n).total_seconds() for n in (1, 2, 5, 50)] == [10, 20, 160, 600]
