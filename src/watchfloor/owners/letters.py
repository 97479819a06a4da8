"""What owners are written, in plain words. Pure; it sends nothing. A letter names nobody but the agency."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is sealed: what it is about, and its text."""

    kind: str
    subject: str
    text: str = field(repr=False)
    proof: str = field(repr=False, default="")
    """A file that goes with it: an extract of the log."""
    to: str = field(repr=False, default="")
    """Where it goes, of a letter to somebody who is no owner."""


_FOOT: Final = "\n\n-- \n{agency}\nThis was written by the agency's own center. Nobody reads answers to it."


def letter_of(kind: str, agency: str, subject: str, *paragraphs: str) -> Letter:
    """A letter of the agency, paragraph by paragraph."""
    return Letter(kind, f"{agency}: {subject}", "\n\n".join(paragraphs) + _FOOT.format(agency=agency))


def verify(agency: str, link: str) -> Letter:
    """Prove that the address is theirs."""
    return letter_of(
        "verify",
        agency,
        "is this your address?",
        f"Somebody, perhaps you, offered a camera to {agency} with this e-mail address.",
        f"If it was you, open this page within 48 hours and say yes:\n{link}",
        "If it was not, do nothing: what was written with your address is forgotten after seven days.",
    )


def known(agency: str, page: str, withdraw: str) -> Letter:
    """Somebody signed up with an address that is known."""
    return letter_of(
        "known",
        agency,
        "you have signed up already",
        f"Somebody, perhaps you, signed up again with this e-mail address at {agency}. Nothing was changed by it.",
        f"Where your offer was accepted you have a page of your own; ask it for a link:\n{page}",
        f"Where it still waits for us, you can take it back within 48 hours:\n{withdraw}",
    )


def asked(agency: str, question: str, link: str) -> Letter:
    """Staff have a question before they decide."""
    return letter_of(
        "asked",
        agency,
        "a question about your camera",
        f"Thank you for offering your camera. Before we decide we have a question:\n\n{question}",
        f"Answer on this page:\n{link}",
    )


def accepted(agency: str, link: str) -> Letter:
    """They are an owner now."""
    return letter_of(
        "accepted",
        agency,
        "your offer is accepted",
        "Thank you. Nothing of your camera is recorded or seen before there is an agreement about it.",
        f"Your page, by a link that works once within 30 minutes:\n{link}",
    )


def refused(agency: str, reason: str) -> Letter:
    """They are not, and why."""
    return letter_of(
        "refused",
        agency,
        "we do not take up your offer",
        f"Thank you for offering your camera. We do not take it up, for this reason:\n\n{reason}",
        "What you wrote is forgotten after 30 days.",
    )


def enter(agency: str, link: str) -> Letter:
    """The link to their page that they asked for."""
    return letter_of(
        "enter",
        agency,
        "the link to your page",
        f"This link opens your page. It works once, within 30 minutes:\n{link}",
        "If you did not ask for it, do nothing.",
    )


def offered(agency: str, camera: str, link: str) -> Letter:
    """An agreement waits for their yes."""
    return letter_of(
        "offered",
        agency,
        "an agreement about your camera",
        f"We would like to agree with you about the camera “{camera}”: in which hours, in which way, until when.",
        f"Look at it on your page, and say yes or do nothing:\n{link}",
        "Without your yes nothing is recorded or watched.",
    )


def wanted(agency: str, camera: str, purpose: str, minutes: int, link: str) -> Letter:
    """Somebody at work asks for a camera."""
    return letter_of(
        "wanted",
        agency,
        "may we look at your camera now?",
        f"We ask to see the camera “{camera}” for {minutes} minutes. What it is for: {purpose}.",
        f"Say yes or no on your page within two hours:\n{link}",
        "Without an answer it stays dark.",
    )


def unsealed(agency: str, what: str, sealed: str, page: str, proof: str) -> Letter:
    """A use of their camera that was sealed for a case, now that it is told."""
    shown = (
        "The file with this letter is its entry in our log with the proof that it stands there: `watchfloor verify proof.json`"
        " checks it, on any machine, with the log's public key alone."
        if proof
        else "Its entry in our log, with the proof that it stands there, is on your page."
    )
    letter = letter_of(
        "unsealed",
        agency,
        "a use of your camera that you were not told of before",
        f"{what}\n\n{sealed}",
        shown,
        f"Your page, by a link that it sends to you:\n{page}",
    )
    return replace(letter, proof=proof)
