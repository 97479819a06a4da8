"""TLS between machines of one center: both sides show a certificate of the center's authority, or nothing is said.

It knows no listener for people; that one is `tls.py`.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from watchfloor.engines.layout import Layout
from watchfloor.engines.tls import TlsFiles, node_files
from watchfloor.kit.errors import Invalid
from watchfloor.settings import RecordSettings

_ANY = ("0.0.0.0", "::")  # noqa: S104  # compared, and listened on only with both sides' certificates


@dataclass(frozen=True, slots=True)
class NodeTls:
    """How this machine answers others of the center, and how it asks them."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def shown_name(settings: RecordSettings) -> str:
    """The name by which other machines reach this one."""
    return socket.gethostname() if settings.tap_host in _ANY else settings.tap_host


def make_node_files(settings: RecordSettings, layout: Layout, now: datetime) -> None:
    """Make or renew this machine's certificate, where taps go over the network and no files were given. For `up`."""
    if settings.tap_host and not settings.tap_cert_file:
        node_files(layout, [shown_name(settings)], now)


def node_tls(settings: RecordSettings, layout: Layout) -> NodeTls | None:
    """The two sides, by the files given or made; None where this machine has neither. Raises Invalid."""
    folder = layout.keys / "tls"
    files = TlsFiles(folder / "node.pem", folder / "node.key", folder / "authority.pem")
    if settings.tap_cert_file:
        files = TlsFiles(
            Path(settings.tap_cert_file), Path(settings.tap_key_file), Path(settings.tap_authority_file)
        )
    elif not files.certificate.exists():
        return None
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for context in (server, client):
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_cert_chain(files.certificate, files.key)
            context.load_verify_locations(files.authority)
        except (OSError, ssl.SSLError) as error:
            raise Invalid(
                f"record.tap_cert_file, tap_key_file and tap_authority_file: {files.certificate}, {files.key} and "
                f"{files.authority} cannot be used together ({error.strerror or error}).",
                next_step="watchfloor node-certificate makes all three for a machine.",
            ) from error
    return NodeTls(server, client)
