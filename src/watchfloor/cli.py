"""The command line. Each command reads the settings, hands over and prints; it decides nothing itself.

Modules are imported when their command runs, so that `watchfloor --help` is quick and a broken part spoils no other.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from watchfloor import commands
from watchfloor.kit.errors import Invalid, Kind, WatchfloorError

cli = commands.with_later(
    typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="The center's command line. Each command says more, with an example: watchfloor up --help",
    )
)
Data = Annotated[Path, typer.Option("--data", help="The data directory.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of sentences.")]

ROLES: Final = ("match", "correlate", "hear", "read")
USUAL_ROLES: Final = ROLES[:3]


@cli.command()
def up(
    data: Data,
    *,
    agency: Annotated[str, typer.Option(help="At the first start: the agency's name.")] = "Our agency",
    time_zone: Annotated[str, typer.Option(help="At the first start: its time zone, an IANA name.")] = "UTC",
    as_json: Json = False,
) -> None:
    """Run the whole center on this machine until Ctrl-C.

    Example: watchfloor up --data /srv/watchfloor --agency "Riverside Police" --time-zone America/Chicago
    """
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
    """The API, live pictures and the console (started by `up`).

    Example: watchfloor serve --data /srv/watchfloor
    """
    _process("serve", data)


@cli.command()
def ledger(data: Data) -> None:
    """Sequence and sign the log (started by `up`).

    Example: watchfloor ledger --data /srv/watchfloor
    """
    _process("ledger", data)


@cli.command()
def record(
    data: Data,
    number: Annotated[int, typer.Option(min=1, help="Which of the recording processes this is.")] = 1,
) -> None:
    """Record cameras (started by `up`).

    Example: watchfloor record --data /srv/watchfloor --number 2
    """
    _process("record", data, **({"number": number} if number != 1 else {}))


@cli.command()
def gate(data: Data) -> None:
    """Where edge boxes dial in (started by `up` where edge.host is set).

    Example: watchfloor gate --data /srv/watchfloor
    """
    _process("gate", data)


@cli.command()
def sense(
    data: Data,
    roles: Annotated[
        str, typer.Option(help="Comma-separated: match, correlate, hear, read.")
    ] = "match,correlate,hear",
) -> None:
    """Match reads, correlate what was noticed, locate sounds, read plates on cameras' video (started by `up`).

    Example: watchfloor sense --data /srv/watchfloor --roles match,correlate,hear
    """
    asked = tuple(r.strip() for r in roles.split(",") if r.strip())
    unknown = [role for role in asked if role not in ROLES]
    if unknown or not asked:
        raise Invalid(
            f"--roles: {', '.join(unknown) or 'nothing'} is no role of it; there are {', '.join(ROLES[:-1])} and {ROLES[-1]}."
        )
    _process("sense", data, **({"roles": asked} if asked != USUAL_ROLES else {}))


@cli.command()
def sweep(data: Data) -> None:
    """Forget what is past its retention, run timers and jobs (started by `up`).

    Example: watchfloor sweep --data /srv/watchfloor
    """
    _process("sweep", data)


@cli.command()
def check(
    data: Data,
    *,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep", help="Go through every entry of the log; with --recordings, every byte of footage."
        ),
    ] = False,
    recordings: Annotated[
        bool, typer.Option("--recordings", help="Compare stored footage with its index, instead of all else.")
    ] = False,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="With --recordings: put missing rows back from the files themselves."),
    ] = False,
    day: Annotated[
        str | None, typer.Option(help="With --recordings: of this UTC day alone, 2026-11-22.")
    ] = None,
    camera: Annotated[
        str | None, typer.Option(help="With --recordings: of this camera alone, its id.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say in plain words what is wrong and what to do, and the oldest that is kept. The exit status is 1 when something is wrong,
    and 3 when footage could not be looked at to the end.

    Example: watchfloor check --data /srv/watchfloor --deep
    """
    if recordings:
        raise typer.Exit(_recordings(data, as_json, deep=deep, rebuild=rebuild, day=day, camera=camera))
    if rebuild or day or camera:
        raise Invalid("--rebuild, --day and --camera go with --recordings.")
    _check(data, as_json, deep=deep)


def _recordings(
    data: Path, as_json: bool, *, deep: bool, rebuild: bool, day: str | None, camera: str | None
) -> int:
    from watchfloor.kit.clock import SystemClock
    from watchfloor.settings import load
    from watchfloor.wiring import check_recordings as wired

    wish = wired.wish(deep=deep, rebuild=rebuild, day=day, camera=camera)
    terminal = wired.Terminal(as_json, print, lambda said: print(said, file=sys.stderr))
    return asyncio.run(wired.check_recordings(load(data), SystemClock(), terminal, wish))


def _check(data: Path, as_json: bool, *, deep: bool) -> NoReturn:
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
    """Make a certificate by which another machine of this center is known: for the settings record.tap_*_file there.

    Example: watchfloor node-certificate 10.20.0.6 --data /srv/watchfloor --into ./for-10.20.0.6
    """
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
    """Copy the state, and the keys apart from it. Day keys of footage are in neither: what was forgotten stays so.

    Example: watchfloor backup --data /srv/watchfloor --to /backup/state-1 --keys-to /safe/keys-1
    """
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
    """Make a new data directory from a backup. `data` must not exist or be empty. The log says that it was restored.

    Example: watchfloor restore --data /srv/anew --from /backup/state-1 --keys-from /safe/keys-1 --by "B. Okoye"
    """
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


_Key = Annotated[Path | None, typer.Option(help="The log's public key, from a source you trust.")]
_Checkpoint = Annotated[
    list[Path] | None, typer.Option(help="A checkpoint kept outside; may be given again.")
]
_Extract = Annotated[
    Path | None,
    typer.Option(help="Of an export: the log's entry of its making, from the page of the export."),
]
_Draws = Annotated[
    bool, typer.Option("--draws", help="Draw again which searches were to be reviewed, and compare.")
]


@cli.command()
def verify(
    source: Annotated[
        str, typer.Argument(help="A ledger directory, the URL of a center, or an export (its folder or ZIP).")
    ],
    key: _Key = None,
    checkpoint: _Checkpoint = None,
    entry: Annotated[str | None, typer.Option(help="Prove that this entry is in the log.")] = None,
    extract_to: Annotated[
        Path | None, typer.Option(help="Write the entry with its proof to this file.")
    ] = None,
    extract: _Extract = None,
    draws: _Draws = False,
    *,
    as_json: Json = False,
) -> None:
    """Verify the log, an extract of it, or an export, from outside; needs no database and, but for a URL, no network.

    The exit status is 0 when all is as it was, 1 when it is not, 2 when it cannot be told, 3 for a restored log.

    Example: watchfloor verify https://center.example.gov/api/v1/ledger --key key.pub --checkpoint kept-in-march
    """
    from watchfloor.ledger import verify as verifying

    if (outcome := _of_export(Path(source), key, checkpoint or [], extract, as_json)) is not None:
        raise typer.Exit(outcome)
    outcome = verifying.run(
        source,
        key=key,
        checkpoints=checkpoint or [],
        entry=entry,
        draw_again=draws,
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
    """Print a one-time link for a person, in place of a forgotten password.

    Example: watchfloor invite r.alvarez --data /srv/watchfloor
    """
    from watchfloor import app
    from watchfloor.settings import load

    print(asyncio.run(app.invite(load(data), person)))


@cli.command()
def version() -> None:
    """The version of this program.

    Example: watchfloor version
    """
    import watchfloor

    print(watchfloor.__version__)


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


def _of_export(
    path: Path, key: Path | None, checkpoints: list[Path], extract: Path | None, as_json: bool
) -> int | None:
    """Verify an export; None for what is none."""
    from watchfloor.evidence import verify

    if verify.is_export(path):
        return verify.run(path, key=key, checkpoints=checkpoints, extract=extract, as_json=as_json)
    if extract is not None:
        raise Invalid(f"--extract is for an export, and {path} is none.")
    return None


def _process(command: str, data: Path, **options: int | tuple[str, ...]) -> NoReturn:
    from watchfloor import process

    raise typer.Exit(process.run(command, data, options))


def _say(as_json: bool) -> Callable[..., None]:
    def say(event: str, sentence: str, /, **facts: str | int | float | None) -> None:
        print(json.dumps({"event": event, "text": sentence, **facts}) if as_json else sentence, flush=True)

    return say
