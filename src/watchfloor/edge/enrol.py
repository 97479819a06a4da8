"""`watchfloor edge enrol`: the box makes its key, shows the code, and gets its certificate. The key never leaves it."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path
from typing import Final

import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from watchfloor.cameras.boxes import wire
from watchfloor.cameras.boxes.model import Code, code_of, host_and_port
from watchfloor.cameras.boxes.wire import Enrol, Enrolled, Introduce, Introduction, Media, Refusal, Word
from watchfloor.cameras.tap import read_frame, write_frame
from watchfloor.edge.config import CONFIG, load
from watchfloor.edge.state import Center, State, client_context, request_for
from watchfloor.kit.errors import Invalid, Unauthenticated, Unavailable

_WITHIN_S: Final = 20.0


async def run(code: str, *, config: Path = CONFIG, as_json: bool = False) -> int:
    """Make this box known to its center by a one-time code from the center's page of edge boxes.

    Example: watchfloor edge enrol center.example.gov:7443/3f…/box_01J…/Qm… --config /etc/watchfloor/edge.toml
    """
    state = State.of(load(config).state)
    name = await enrolled(state, code_of(code))
    if as_json:
        typer.echo(json.dumps({"event": "enrolled", "name": name, "center": state.center().address}))
    else:
        typer.echo(
            f"Enrolled as {name!r} at {state.center().address}. Now: watchfloor edge run --config {config}"
        )
    return 0


async def enrolled(state: State, code: Code) -> str:
    """Enrol, and keep what came of it; the box's name. Raises Unavailable, Unauthenticated, Invalid."""
    open_ = client_context()
    open_.check_hostname, open_.verify_mode = (
        False,
        ssl.CERT_NONE,
    )  # nothing is shown it, and what it says is held to the code
    said = await _asked(code.address, open_, Introduce())
    authority = pinned(said.authority if isinstance(said, Introduction) else "", code.pin)
    trusting = client_context()
    trusting.load_verify_locations(cadata=authority)
    key, request = request_for()
    answer = await _asked(code.address, trusting, Enrol(str(code), request))
    if not isinstance(answer, Enrolled):
        raise Invalid("The center answers something else.")
    state.keep_enrolled(key, answer.certificate, authority, Center(code.address, answer.name))
    return answer.name


def pinned(said: str, pin: str) -> str:
    """The one certificate that a code names, written anew: whatever came beside it would be trusted too. Raises Invalid."""
    try:
        found = x509.load_pem_x509_certificates(said.encode())
    except ValueError:
        found = []
    if len(found) != 1 or found[0].fingerprint(hashes.SHA256()).hex() != pin:
        raise Invalid(
            "What answers there is not the center that made this code.",
            reason="pin",
            next_step="Somebody may be between this box and the center: ask its staff.",
        )
    return found[0].public_bytes(serialization.Encoding.PEM).decode()


async def _asked(address: str, tls: ssl.SSLContext, word: Word) -> Word:
    """One question to the gate. Raises Unavailable, or what it refuses with."""
    host, port = host_and_port(address)
    try:
        async with asyncio.timeout(_WITHIN_S):
            reader, writer = await asyncio.open_connection(
                host, port, ssl=tls, server_hostname=wire.SERVER_NAME
            )
            try:
                write_frame(writer, wire.word(word))
                said = wire.read(await read_frame(reader, wire.LONGEST_WORD))
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        raise Unavailable(
            f"The center at {address} does not answer.",
            next_step="The box dials out to this address: a firewall must let it. Nothing dials in.",
        ) from error
    if isinstance(said, Refusal):
        raise Unauthenticated(said.detail, reason=said.reason, next_step=said.next_step or None)
    if isinstance(said, Media):
        raise Invalid("The center answers something else.")
    return said
