"""The command line of the sensor: `watchfloor-sensor run`, `pick`, `clock`, `journal`. Options may stand in a file: `@sensor.conf`.

It needs little: no database, no web server, no code of the center.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import binascii
import contextlib
import io
import json
import signal
import stat
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from watchfloor_sensor.audio import BadAudio, Microphone, Source, Stream, Wav
from watchfloor_sensor.band import BAND_HZ, BadRate
from watchfloor_sensor.ears import Ears
from watchfloor_sensor.journal import BrokenJournal, Journal, verified
from watchfloor_sensor.line import BadBroker, Broker
from watchfloor_sensor.onset import LEAP
from watchfloor_sensor.pulls import Pulls
from watchfloor_sensor.ring import Ring, held_in_memory, may_be_swapped
from watchfloor_sensor.sensor import Sensor, to_stdout, told
from watchfloor_sensor.timing import BoardClock, Bound, Live, Recorded, Timeline, bound_of

_LOOK_AT_THE_CLOCK_S: Final = 60.0


class Wrong(Exception):
    """An option that cannot be, in words."""


class _Lines(argparse.ArgumentParser):
    """Of a file of options each line is one option with its value; a line of # says something to people."""

    def convert_arg_line_to_args(self, arg_line: str) -> list[str]:
        return [] if arg_line.startswith("#") else arg_line.split(maxsplit=1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0, or 2 with a sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.does(options))
    except (Wrong, BadAudio, BadRate, BadBroker, BrokenJournal) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename or 'It'}: {error.strerror}.", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = _Lines(
        prog="watchfloor-sensor", fromfile_prefix_chars="@",
        description="Says a center when a short loud sound came to a microphone. Sound itself stays here.",
    )  # fmt: skip
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Lines)
    run = commands.add_parser("run", help="Hear, and send pulses to a center.", fromfile_prefix_chars="@")
    _of_sound(run)
    _of_the_center(run)
    run.set_defaults(does=_run)
    pick = commands.add_parser("pick", help="Say what is heard in a file, and send nothing.")
    _of_sound(pick)
    pick.add_argument("--json", action="store_true", help="One line of JSON.")
    pick.set_defaults(does=_pick)
    clock = commands.add_parser("clock", help="Say how far this board's clock may be off, and who says so.")
    clock.add_argument("--clock-bound-ms", type=float, default=100.0, metavar="MS")
    clock.set_defaults(does=_clock)
    journal = commands.add_parser("journal", help="Prove the journal of who asked for sound, and print it.")
    journal.add_argument("file", type=Path)
    journal.set_defaults(does=_journal)
    return parser


def _of_sound(to: argparse.ArgumentParser) -> None:
    add = to.add_argument
    add("--source", default="mic", help="mic, - (raw 16-bit samples on stdin), or a WAV file.")
    add(
        "--rate", type=int, default=48_000, help="Samples a second of mic and -. Of a file it says so itself."
    )
    add("--channels", type=int, default=1, help="Of -.")
    add("--channel", type=int, default=1, help="Which of them is listened to.")
    add("--device", help="Which microphone: its name or number.")
    add(
        "--began-at",
        type=datetime.fromisoformat,
        metavar="TIME",
        help="When a WAV file began; else now, played as it was.",
    )
    add(
        "--full-scale-db",
        type=float,
        default=120.0,
        metavar="DB",
        help="Sound pressure of the loudest that it can say.",
    )
    add(
        "--clock-bound-ms",
        type=float,
        default=100.0,
        metavar="MS",
        help="How far the clock may be off, where neither chrony nor the kernel says.",
    )
    add(
        "--latency-ms",
        type=float,
        default=0.0,
        metavar="MS",
        help="From a sound to the soonest that its sample can be read, as measured.",
    )
    add("--leap", type=float, default=LEAP, help="How many times the energy of before is a sound.")


def _of_the_center(to: argparse.ArgumentParser) -> None:
    add = to.add_argument
    add("--id", required=True, help="The microphone's id, as on its page: mic_…")
    add("--broker", required=True, metavar="URL", help="mqtts://host:8883")
    add("--token-file", required=True, type=Path, help="Holds its token; nobody else may read it.")
    add("--authority", type=Path, help="The certificate that the broker's is checked by; else the system's.")
    add("--center-key", type=Path, help="The center's public key. Without it no sound ever leaves.")
    add("--journal", type=Path, help="Where is written who asked for sound. Without it none ever leaves.")


def _run(options: argparse.Namespace) -> int:
    clock = BoardClock()
    broker = Broker.of(options.broker, options.id, _token(options.token_file), options.authority)
    key = _key(options.center_key) if options.center_key else None
    journal, why_none = journal_at(options.journal) if options.journal else (None, None)
    bound = [bound_of(options.clock_bound_ms)]
    lost: list[Live] = []

    def missed() -> None:
        for one in lost:
            one.missed()

    source = _source(options, missed)
    live = not isinstance(source, Wav)
    began = options.began_at or datetime.fromtimestamp(clock.utc_s(), UTC)
    timeline: Timeline = _recorded(source, began, bound[0])
    if live:
        lost.append(Live(source.rate, clock, lambda: bound[0], options.latency_ms / 1000))
        timeline = lost[0]
    ears, held = _ears(options, source.rate, timeline), held_in_memory()
    if not held and may_be_swapped():
        ears.ring = Ring(ears.rate, keeps=False)
    pulls = Pulls(options.id, ears, key, journal, lambda: datetime.fromtimestamp(clock.utc_s(), UTC))
    sensor = Sensor(options.id, ears, pulls, clock, broker, paced=not live and options.began_at is None)
    may_leave = key is not None and journal is not None and ears.ring.keeps
    to_stdout(_ready(ears, bound[0]) | _of_clips(held=held, may_leave=may_leave, why_none=why_none))
    asyncio.run(_until_told(sensor, source, bound, options.clock_bound_ms))
    to_stdout(told(sensor.told()))
    if live and not sensor.ending:
        raise BadAudio("The sound ended: nothing more comes from where it was read.")
    return 0


def journal_at(path: Path) -> tuple[Journal | None, str | None]:
    """The journal; none, and why, where it cannot be trusted or read: then no clip leaves, and the microphone hears all the same."""
    try:
        return Journal(path), None
    except BrokenJournal as error:
        return None, str(error)
    except OSError as error:
        return None, f"{path}: {error.strerror}."


async def _until_told(sensor: Sensor, source: Source, bound: list[Bound], stated_ms: float) -> None:
    """Until the sound ends or SIGTERM comes; at a second one, at once."""
    running = asyncio.create_task(sensor.run(source))

    def ends() -> None:
        if sensor.ending:
            running.cancel()
        sensor.end()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ends)

    async def looks() -> None:
        while True:
            await asyncio.sleep(_LOOK_AT_THE_CLOCK_S)
            bound[0] = await asyncio.to_thread(bound_of, stated_ms)

    looking = asyncio.create_task(looks())
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await running
    finally:
        looking.cancel()
        source.close()


def _ready(ears: Ears, bound: Bound) -> dict[str, object]:
    """The first line: what holds."""
    return {
        "ready": True,
        "rate": ears.rate,
        "band_hz": BAND_HZ,
        "rises_ms": round(ears.band.rises_s * 1000, 2),
        "known_after_ms": round(ears.known_after_s * 1000, 1),
        "clock_bound_ms": round(bound.ms, 3),
        "clock_bound_by": bound.by,
    }


def _of_clips(*, held: bool, may_leave: bool, why_none: str | None) -> dict[str, object]:
    """And what of the first line is of sound itself."""
    said: dict[str, object] = {"held_in_memory": held, "clips_may_leave": may_leave}
    return said | {"journal": why_none} if why_none else said


def _pick(options: argparse.Namespace) -> int:
    """What is heard in a file. Without --began-at, seconds are from its first sample."""
    if options.source == "mic":
        raise Wrong("pick hears a file or -, not a microphone: --source FILE.")
    source = _source(options, lambda: None)
    began = options.began_at or datetime.fromtimestamp(0, UTC)
    ears = _ears(options, source.rate, _recorded(source, began, Bound(options.clock_bound_ms, "stated")))
    pulses = []
    while (piece := source.piece()) is not None:
        pulses += ears.hears(piece)
    source.close()
    found = [one.form() | {"seconds": round((one.at - began).total_seconds(), 6)} for one in pulses]
    if options.json:
        print(json.dumps({"pulses": found, "broken": isinstance(source, Wav) and source.broken}))
    else:
        for one in found:
            print(f"{one['seconds']:>12} s  {one['snr_db']:>4} dB above  {one['peak_db']:>4} dB")
        print(f"{len(found)} pulses")
    return 0


def _clock(options: argparse.Namespace) -> int:
    print(json.dumps(asdict(bound_of(options.clock_bound_ms))))
    return 0


def _journal(options: argparse.Namespace) -> int:
    whole = verified(options.file)
    sys.stdout.write(options.file.read_text())
    print(f"{whole.lines} lines, whole; the last is {whole.hash}", file=sys.stderr)
    return 0


def _ears(options: argparse.Namespace, rate: int, timeline: Timeline) -> Ears:
    return Ears(rate, timeline, leap=options.leap, full_scale_db=options.full_scale_db)


def _recorded(source: Source, began: datetime, bound: Bound) -> Recorded:
    if began.tzinfo is None:
        raise Wrong("--began-at has no zone: 2026-11-29T03:14:15Z.")
    return Recorded(source.rate, began, bound.ms)


def _source(options: argparse.Namespace, lost: Callable[[], None]) -> Source:
    if options.source == "mic":
        return Microphone(options.rate, options.device, lost)
    if options.source == "-":
        # Unbuffered: at the end nobody waits for the thread that reads.
        pipe = io.FileIO(sys.stdin.fileno(), closefd=False)
        return Stream(pipe, options.rate, options.channels, options.channel - 1)
    return Wav(Path(options.source), options.channel - 1)


def _token(path: Path) -> str:
    token = path.read_text().strip()
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Wrong(f"{path} can be read by others: chmod 600 {path}")
    if not token:
        raise Wrong(f"{path} is empty.")
    return token


def _key(path: Path) -> Ed25519PublicKey:
    """32 bytes in base64, as the center gives it."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(path.read_text().strip(), validate=True))
    except (binascii.Error, ValueError) as error:
        raise Wrong(f"{path} holds no public key of a center: {error}.") from error
