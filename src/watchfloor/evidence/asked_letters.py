"""What whoever is asked for evidence is written. Pure; a letter names nobody but the agency, and no case by its number."""

from __future__ import annotations

from watchfloor.owners.letters import Letter, letter_of


def wanted(
    agency: str,
    case: str,
    place: str,
    begin: str,
    end: str,
    words: str,
    link: str,
    until: str,
    *,
    again: bool,
) -> Letter:
    """Somebody is asked for what their camera has."""
    first = "We asked you before, and it would still help us." if again else "We ask for your help."
    return letter_of(
        "evidence_wanted",
        agency,
        "may we have a recording of yours?",
        f"{first} It is about: {case}. Your camera may have recorded something of it, at {place}, from {begin} to {end}.",
        words,
        f"On this page you send it, or say no:\n{link}",
        f"It is voluntary. Nobody learns that you were asked but those who work on it. The link works until {until}.",
    )
