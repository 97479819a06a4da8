"""Commands whose program is brought when they are asked for: the demo and the benches. It runs nothing by itself.

Their options are the parameters of a `run` function, so that what can be typed, completed and called never differ.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from importlib import import_module
from typing import Annotated, Any, Final, cast, get_type_hints

import typer
from typer.core import TyperCommand
from typer.main import get_command

DEMO: Final = "The center and a simulated city beside it, until Ctrl-C."
# What `watchfloor bench` lists without bringing one of them.
BENCHES: Final = {
    "acoustics": "How near to the muzzle drawn shots are located, and what is located of crackers and of nothing.",
    "alerts": "From a read to the alert on a screen, over a large hot list.",
    "audit": "What keeping the log adds to a request.",
    "demo": "How soon the demo shows a picture, and what it costs while nobody is at it.",
    "dispatch": "What it costs to know which of a city's units is nearest by road.",
    "edge": "What an edge box costs a small board, and how soon it cuts.",
    "floor": "How smooth the floor stays with a whole city on it.",
    "follow": "How well a vehicle is followed across readers: where it drove, where it comes next, when.",
    "gunshots": "What listening to a city's microphones costs, and how soon a shot is told.",
    "hotlist": "How fast plates are looked up, and how often wrongly.",
    "intake": "How many reads a second become durable.",
    "live": "From a camera to the eye, in a real browser.",
    "locate": "How near to the muzzle a recorded live-fire test is located, and at what cost.",
    "masks": "What it costs to paint the masks of a camera's pictures.",
    "ocr": "How well plates are read on pictures, and at what cost.",
    "outage": "What readers lose while the database is killed for a minute.",
    "plates": "What searching the history of plate reads costs, and keeping it.",
    "reading": "What reading plates on cameras' video costs, and what of it is dropped.",
    "record": "What recording costs for each camera.",
    "revocation": "How soon every picture of a camera is dark once its owner takes it away.",
    "seeing": "How soon a city's center knows which cameras see a place.",
    "seek": "How soon the pictures of a moment are there, of several cameras at once.",
    "sensor": "How well and how exactly the program of a sensor picks recorded pulses, and how many streams a core hears.",
    "sizing": "What a city of cameras needs, reckoned from what some cost here.",
    "start": "What a start of a center costs, and how soon a killed process is back.",
    "takeover": "How long cameras are not recorded when their recorder dies or hangs.",
}

EDGE: Final = {
    "code": "At the center: make a box known, and its one-time code.",
    "enrol": "Make this box known to its center, by a one-time code.",
    "run": "Dial the center, and give it what it may have of this box's cameras.",
    "status": "How this box is doing.",
}
SITES: Final = {
    "list": "Every site, and how its cameras are.",
    "show": "One site and its cameras, by channel.",
    "add": "Register a site: its address, the paths of its streams, and one login for all its cameras.",
    "try": "Ask a site for one channel's pictures, by the login that is kept of it.",
    "offers": "What another center offers to us, brought in once you say so.",
    "channels": "Add many of a site's cameras at once: looked at first, kept once you confirm it.",
}


def with_later(to: typer.Typer) -> typer.Typer:
    """The same program with the demo, and with the benches as a group of their own."""
    _add(to, "demo", "watchfloor.demo", DEMO)
    benches = typer.Typer(
        no_args_is_help=True,
        help="Measure a promise.\n\nExample: watchfloor bench record --cameras 8 --seconds 60 --clip street.mp4",
    )
    for name, sentence in BENCHES.items():
        _add(benches, name, f"watchfloor.bench.{name}", sentence)
    to.add_typer(benches, name="bench")
    cameras = typer.Typer(
        no_args_is_help=True,
        help="Find cameras, and bring a city's list of them in.\n\nExample: watchfloor cameras discover --data /srv/watchfloor",
    )
    _add(
        cameras,
        "discover",
        "watchfloor.cameras.onvif.command",
        "Which ONVIF devices answer on the networks of cameras.",
    )
    _add(
        cameras,
        "import",
        "watchfloor.cameras.import_command",
        "Hand in a city's list of cameras: looked at row by row, kept once you confirm it.",
    )
    to.add_typer(cameras, name="cameras")
    edge = typer.Typer(
        no_args_is_help=True,
        help="An edge box, beside cameras behind a router.\n\nExample: watchfloor edge run --config /etc/watchfloor/edge.toml",
    )
    for name, sentence in EDGE.items():
        _add(edge, name, f"watchfloor.edge.{name}", sentence)
    to.add_typer(edge, name="edge")
    _add_sites(to)
    _with_trailers(to)
    return to


def _add_sites(to: typer.Typer) -> None:
    sites = typer.Typer(
        no_args_is_help=True,
        help="Recorders and systems whose cameras are reached through them.\n\n"
        "Example: watchfloor sites list --url https://center.example.gov --name t.weiss",
    )
    for name, sentence in SITES.items():
        _add(sites, name, f"watchfloor.cameras.sites.command:{name}", sentence)
    to.add_typer(sites, name="sites")


def _with_trailers(to: typer.Typer) -> None:
    trailers = typer.Typer(
        no_args_is_help=True,
        help="Trailers: where they stand, what was counted there, and placing one.\n\nExample: watchfloor trailers list --help",
    )
    _add(
        trailers,
        "list",
        "watchfloor.trailers.list_command",
        "Where trailers stand, how they are, what was counted.",
    )
    _add(
        trailers,
        "place",
        "watchfloor.trailers.place_command",
        "Say where a trailer stands from now on, and why.",
    )
    to.add_typer(trailers, name="trailers")


def _add(to: typer.Typer, name: str, module: str, sentence: str) -> None:
    class Later(TyperCommand):
        """Stands in the list, and gives way to the whole command when it is used."""

        def make_context(self, *given: Any, **more: Any) -> Any:
            return get_command(_whole(module, name)).make_context(*given, **more)

    to.command(name, cls=Later, help=sentence)(_given_way)


def _given_way() -> None:
    """Never called: a command that gave way is run in its place."""


def _whole(module: str, name: str) -> typer.Typer:
    """The command of `module.run`: `as_json: bool` is `--json`, `min_s: int = 5` is `--min-s`, `file`, `folder` and
    `code` stand by themselves.

    Of `module:name` it is that function; `list_` where Python has the word `list` for something else.
    """
    whole = typer.Typer(add_completion=False)
    path, _, function = module.partition(":")
    found = vars(import_module(path))
    whole.command(name)(_with_options(found.get(f"{function}_") or found[function or "run"]))
    return whole


def _with_options(run: Callable[..., object]) -> Callable[..., None]:
    hints = get_type_hints(run)

    @wraps(run)
    def call(**given: object) -> None:
        answer = run(**given)
        if isinstance(answer, Coroutine):
            answer = asyncio.run(answer)
        raise typer.Exit(answer if isinstance(answer, int) else 0)

    parameters = []
    for parameter in inspect.signature(run).parameters.values():
        flag = "--json" if parameter.name == "as_json" else "--" + parameter.name.replace("_", "-")
        how = typer.Argument() if parameter.name in ("file", "folder", "code") else typer.Option(flag)
        annotation = cast("Any", Annotated)[hints[parameter.name], how]
        default = False if parameter.name == "as_json" else parameter.default
        parameters.append(
            parameter.replace(annotation=annotation, default=default, kind=inspect.Parameter.KEYWORD_ONLY)
        )
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
    call.__annotations__ = {p.name: p.annotation for p in parameters}
    return call
