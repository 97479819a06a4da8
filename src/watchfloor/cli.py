"""The command line. Each command reads the settings, hands over and prints; it decides nothing itself.

Modules are imported when their command runs, so that `watchfloor --help` is quick and a broken part spoils no other.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from collections.abc import Callable, Coroutine
from functools import wraps
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Annotated, Any, Final, NoReturn, cast, get_type_hints

import typer

from watchfloor.kit.errors import Kind, WatchfloorError

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The center's command line.",
)
Data = Annotated[Path, typer.Option("--data", help="The data directory.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of sentences.")]

ROLES: Final = ("match", "correlate")
_PASSED_ON: Final = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@cli.command()
def up(
    data: Data,
    *,
    agency: Annotated[str, typer.Option(help="At the first start: the agency's name.")] = "Our agency",
    time_zone: Annotated[str, typer.Option(help="At the first start: its time zone, an IANA name.")] = "UTC",
    as_json: Json = False,
) -> None:
    """Run the whole center on this machine until Ctrl-C."""
    from watchfloor import app
    from watchfloor.engines.endpoints import Endpoints
    from watchfloor.engines.up import Up
    from watchfloor.kit.clock import SystemClock
    from watchfloor.settings import load

    settings, clock = load(data), SystemClock()

    async def begin(endpoints: Endpoints) -> str | None:
        first = await app.begin(settings, agency=agency, time_zone=time_zone, now=clock.now())
        return None if first is None else f"{endpoints.http}/invitation#{first.token}"

    asyncio.run(Up(settings, clock, _say(as_json), begin=begin, terminal=sys.stdout.isatty()).run())


@cli.command()
def serve(data: Data) -> None:
    """The API, live pictures and the console (started by `up`)."""
    _process("serve", data)


@cli.command()
def ledger(data: Data) -> None:
    """Sequence and sign the log (started by `up`)."""
    _process("ledger", data)


@cli.command()
def record(
    data: Data, number: Annotated[int, typer.Option(help="Which of the recording processes this is.")] = 1
) -> None:
    """Record cameras (started by `up`)."""
    _process("record", data, **({"number": number} if number != 1 else {}))


@cli.command()
def sense(
    data: Data,
    roles: Annotated[str, typer.Option(help="Comma-separated: match, correlate.")] = "match,correlate",
) -> None:
    """Match reads and correlate what was noticed (started by `up`)."""
    asked = tuple(r.strip() for r in roles.split(",") if r.strip())
    _process("sense", data, **({"roles": asked} if asked != ROLES else {}))


@cli.command()
def sweep(data: Data) -> None:
    """Forget what is past its retention, run timers and jobs (started by `up`)."""
    _process("sweep", data)


@cli.command()
def check(
    data: Data,
    *,
    deep: Annotated[bool, typer.Option("--deep", help="Go through every entry of the log.")] = False,
    as_json: Json = False,
) -> None:
    """Say in plain words what is wrong and what to do, and the oldest that is kept. The exit status is 1 when something is wrong."""
    from watchfloor.engines.check import Finding
    from watchfloor.engines.check import check as look
    from watchfloor.engines.endpoints import Endpoints
    from watchfloor.kit.clock import SystemClock
    from watchfloor.ledger import consistency
    from watchfloor.settings import load
    from watchfloor.wiring import check as wired

    settings, clock = load(data), SystemClock()
    kept: wired.Retention | None = None

    async def log(endpoints: Endpoints) -> list[consistency.Wrong]:
        return await consistency.check(settings, endpoints, now=clock.now(), deep=deep)

    async def retention(endpoints: Endpoints) -> list[Finding]:
        nonlocal kept
        kept = await wired.retention(endpoints, clock)
        return kept.findings if kept else []

    findings = asyncio.run(look(settings, clock, log=log, retention=retention))
    for finding in findings:
        if as_json:
            print(json.dumps(finding.as_dict()))
        else:
            print(f"{finding.what}\n  {finding.so_what}\n  -> {finding.do}\n")
    if not findings and not as_json:
        print("All is well.")
    if kept is not None:
        print(json.dumps(kept.as_json()) if as_json else "\n".join(kept.lines()))
    raise typer.Exit(1 if findings else 0)


@cli.command("node-certificate")
def node_certificate(
    data: Data,
    name: Annotated[str, typer.Argument(help="The name or address by which the center reaches the machine.")],
    into: Annotated[Path, typer.Option("--into", help="The folder to write, to be carried to the machine.")],
) -> None:
    """Make a certificate by which another machine of this center is known: for the settings record.tap_*_file there."""
    from watchfloor.engines.layout import Layout
    from watchfloor.engines.tls import node_files
    from watchfloor.kit.clock import SystemClock

    files = node_files(Layout.of(data), [name], SystemClock().now(), into=into.resolve())
    print(f"{files.certificate}\n{files.key}\n{files.authority}")


@cli.command()
def backup(
    data: Data,
    to: Annotated[Path, typer.Option("--to", help="An empty directory for the state.")],
    keys_to: Annotated[
        Path | None, typer.Option("--keys-to", help="An empty directory for the keys, kept elsewhere.")
    ] = None,
) -> None:
    """Copy the state, and the keys apart from it. Day keys of footage are in neither: what was forgotten stays so."""
    from watchfloor.engines.backup import backup as make
    from watchfloor.kit.clock import SystemClock
    from watchfloor.settings import load

    asyncio.run(make(load(data), to, keys_to=keys_to, clock=SystemClock(), say=_say(False)))


@cli.command()
def restore(
    data: Data,
    state: Annotated[Path, typer.Option("--from", help="The backup of the state.")],
    keys: Annotated[Path, typer.Option("--keys-from", help="The backup of the keys.")],
    checkpoint: Annotated[
        Path | None, typer.Option(help="The newest checkpoint kept outside: the log then says what is lost.")
    ] = None,
    by: Annotated[str, typer.Option(help="Who restores, for the log; else the user of the system.")] = "",
) -> None:
    """Make a new data directory from a backup. `data` must not exist or be empty. The log says that it was restored."""
    from watchfloor.app import own_up
    from watchfloor.engines.restore import restore as make
    from watchfloor.engines.spawn import user_name
    from watchfloor.kit.clock import SystemClock

    who = by or f"the system's user {user_name()}"
    asyncio.run(
        make(
            data,
            state,
            keys,
            clock=SystemClock(),
            say=_say(False),
            own_up=own_up,
            by=who,
            checkpoint=checkpoint,
        )
    )


@cli.command()
def verify(
    source: Annotated[str, typer.Argument(help="A ledger directory or the URL of a center.")],
    key: Annotated[Path | None, typer.Option(help="The log's public key, from a source you trust.")] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint kept outside; may be given again.")
    ] = None,
    entry: Annotated[str | None, typer.Option(help="Prove that this entry is in the log.")] = None,
    extract_to: Annotated[
        Path | None, typer.Option(help="Write the entry with its proof to this file.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Verify the log, or an extract of it, from outside; needs no database."""
    from watchfloor.ledger import verify as verifying

    outcome = verifying.run(
        source,
        key=key,
        checkpoints=checkpoint or [],
        entry=entry,
        as_json=as_json,
        extract_to=extract_to,
        progress=sys.stderr,
    )
    raise typer.Exit(outcome)


@cli.command()
def invite(
    data: Data,
    person: Annotated[str, typer.Argument(help="The sign-in name of a person who is registered already.")],
) -> None:
    """Print a one-time link for a person, in place of a forgotten password."""
    from watchfloor import app
    from watchfloor.settings import load

    print(asyncio.run(app.invite(load(data), person)))


@cli.command()
def version() -> None:
    """The version of this program."""
    import watchfloor

    print(watchfloor.__version__)


@cli.command(context_settings=_PASSED_ON)
def demo(context: typer.Context) -> None:
    """The center and a simulated city; `watchfloor demo --help` says more."""
    _hand_over("watchfloor.demo", "watchfloor demo", context.args)


@cli.command(context_settings=_PASSED_ON)
def bench(context: typer.Context) -> None:
    """Measure a promise; `watchfloor bench` lists them, `watchfloor bench NAME --help` says more."""
    modules = (module.name for module in iter_modules(import_module("watchfloor.bench").__path__))
    # What benches share is theirs alone, and named so.
    known = sorted(name for name in modules if not name.startswith("_"))
    name, *rest = context.args or ["--help"]
    if name not in known:
        print(f"watchfloor bench {'|'.join(known)} [options] [--json]")
        raise typer.Exit(0 if name in ("--help", "-h") else 2)
    _hand_over(f"watchfloor.bench.{name}", f"watchfloor bench {name}", rest)


def main() -> None:
    """The entry point: an expected failure is a sentence and a status, anything else is loud."""
    try:
        cli(standalone_mode=True)
    except WatchfloorError as error:
        print(error.detail, file=sys.stderr)
        if error.next_step:
            print(f"-> {error.next_step}", file=sys.stderr)
        sys.exit(2 if error.kind is Kind.INVALID else 1)
    except KeyboardInterrupt:
        sys.exit(130)


def _process(command: str, data: Path, **options: int | tuple[str, ...]) -> NoReturn:
    from watchfloor import process

    raise typer.Exit(process.run(command, data, **options))


def _say(as_json: bool) -> Callable[..., None]:
    def say(event: str, sentence: str, /, **facts: str | int | float | None) -> None:
        print(json.dumps({"event": event, "text": sentence, **facts}) if as_json else sentence, flush=True)

    return say


def _hand_over(module: str, name: str, arguments: list[str]) -> None:
    """Run `module.run` with its parameters as options: `as_json: bool` is `--json`, `min_s: int = 5` is `--min-s`."""
    run = import_module(module).run
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command()(_with_options(run))
    command(arguments, prog_name=name)


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
        annotation = cast("Any", Annotated)[hints[parameter.name], typer.Option(flag)]
        default = False if parameter.name == "as_json" else parameter.default
        parameters.append(
            parameter.replace(annotation=annotation, default=default, kind=inspect.Parameter.KEYWORD_ONLY)
        )
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
    call.__annotations__ = {p.name: p.annotation for p in parameters}
    return call
