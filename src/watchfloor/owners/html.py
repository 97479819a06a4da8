"""Pages for owners, as plain HTML that works without JavaScript. Pure: whatever a person typed is escaped here, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final, NewType

Html = NewType("Html", str)

_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} · {agency}</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
    # With no referrer at all a browser says of its own forms that they come from nowhere, and the guard takes them for foreign.
    '<meta name="referrer" content="same-origin">'
    '<link rel="stylesheet" href="/owners/page.css"></head><body><header><p>{agency}</p></header>'
    '<main><h1>{title}</h1>{body}</main><footer><p>watchfloor · <a href="/owners/sign-up">Offer a camera</a> ·'
    ' <a href="/owners/enter">Your page</a></p></footer></body></html>'
)


def page(title: str, agency: str, *parts: Html) -> Html:
    """A whole page."""
    return Html(_PAGE.format(title=text(title), agency=text(agency), body="".join(parts)))


def text(said: object) -> Html:
    """What somebody or something said, so that nothing of it is mark-up."""
    return Html(escape(str(said), quote=True))


def p(said: str, *, look: str = "") -> Html:
    """A paragraph."""
    return Html(f'<p class="{text(look)}">{text(said)}</p>' if look else f"<p>{text(said)}</p>")


def h2(said: str) -> Html:
    """A heading within the page."""
    return Html(f"<h2>{text(said)}</h2>")


def note(said: str, *, level: str = "standby", alert: bool = False) -> Html:
    """A sentence that stands out."""
    role = ' role="alert"' if alert else ""
    return Html(f'<div class="note {text(level)}"{role}><p>{text(said)}</p></div>')


def link(said: str, href: str) -> Html:
    """A link."""
    return Html(f'<a href="{text(href)}">{text(said)}</a>')


def block(*parts: Html, look: str) -> Html:
    """Parts that belong together."""
    return Html(f'<div class="{text(look)}">{"".join(parts)}</div>')


def form(action: str, *parts: Html, look: str = "") -> Html:
    """A form that is posted."""
    return Html(
        f'<form method="post" action="{text(action)}" class="{text(look)}" novalidate>{"".join(parts)}</form>'
    )


def hidden(name: str, value: str) -> Html:
    """What goes with a form unseen."""
    return Html(f'<input type="hidden" name="{text(name)}" value="{text(value)}">')


def button(said: str, *, name: str = "", value: str = "", look: str = "") -> Html:
    """What sends a form."""
    named = f' name="{text(name)}" value="{text(value)}"' if name else ""
    return Html(f'<button type="submit" class="{text(look)}"{named}>{text(said)}</button>')


class Fields:
    """Fields of a form with what was typed and what is wrong with it."""

    def __init__(self, typed: Mapping[str, str], faults: Mapping[str, str], *, of: str = "") -> None:
        """`of` tells apart the ids of several forms of one page."""
        self._typed, self._faults, self._of = typed, faults, f"{of}-" if of else ""

    def summary(self) -> Html:
        """What is wrong, on top, each with the way to its field."""
        if not self._faults:
            return Html("")
        items = "".join(
            f'<li><a href="#{text(name)}">{text(fault)}</a></li>' for name, fault in self._faults.items()
        )
        return Html(
            f'<div class="note serious" role="alert"><p>This cannot be taken yet:</p><ul>{items}</ul></div>'
        )

    def line(
        self, name: str, label: str, *, kind: str = "text", hint: str = "", most: int = 200, fill: str = "off"
    ) -> Html:
        """A field of one line."""
        about, more = self._about(name, hint)
        value = text(self._typed.get(name, ""))
        return Html(
            f'<div class="field"><label for="{self._of}{name}">{text(label)}</label>{more}'
            f'<input id="{self._of}{name}" name="{name}" type="{kind}" maxlength="{most}" autocomplete="{fill}"'
            f' value="{value}"{about}></div>'
        )

    def area(self, name: str, label: str, *, hint: str = "", most: int = 1000) -> Html:
        """A field of several lines."""
        about, more = self._about(name, hint)
        value = text(self._typed.get(name, ""))
        return Html(
            f'<div class="field"><label for="{self._of}{name}">{text(label)}</label>{more}'
            f'<textarea id="{self._of}{name}" name="{name}" rows="4" maxlength="{most}"{about}>{value}</textarea></div>'
        )

    def choice(self, name: str, legend: str, ways: Sequence[tuple[str, str]]) -> Html:
        """One of several."""
        about, more = self._about(name, "")
        at = self._typed.get(name, "")
        each = "".join(
            f'<label class="check"><input type="radio" name="{name}" value="{value}"{" checked" if value == at else ""}>'
            f"{text(words)}</label>"
            for value, words in ways
        )
        return Html(
            f'<fieldset id="{self._of}{name}"{about}><legend>{text(legend)}</legend>{more}{each}</fieldset>'
        )

    def yes(self, name: str, label: str) -> Html:
        """A box to tick."""
        about, more = self._about(name, "")
        ticked = " checked" if self._typed.get(name) == "yes" else ""
        return Html(
            f'<div class="field">{more}<label class="check"><input id="{self._of}{name}" type="checkbox" name="{name}" value="yes"'
            f"{ticked}{about}>"
            f"{text(label)}</label></div>"
        )

    def _about(self, name: str, hint: str) -> tuple[str, str]:
        """How a field points at its hint and its fault, and these."""
        fault = self._faults.get(name)
        told = [f"{name}-hint"] * bool(hint) + [f"{name}-fault"] * bool(fault)
        about = f' aria-describedby="{" ".join(told)}"' if told else ""
        about += ' aria-invalid="true"' if fault else ""
        more = f'<p class="hint" id="{name}-hint">{text(hint)}</p>' if hint else ""
        more += f'<p class="fault" id="{name}-fault">{text(fault)}</p>' if fault else ""
        return about, more
