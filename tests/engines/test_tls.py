"""TLS of the listener: our own authority, given files, and what is refused."""

from __future__ import annotations

import asyncio
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from watchfloor.engines.layout import Layout
from watchfloor.engines.tls import (
    TlsFiles,
    is_loopback,
    names_of,
    refuse_open_listener,
    refuse_open_mqtt,
    tls_of,
)
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid
from watchfloor.settings import HttpSettings, NatsSettings, Settings

NOW = SystemClock().now()


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout.of(tmp_path / "data")
    layout.prepare()
    return layout


def local(layout: Layout, now: datetime = NOW, **settings: str) -> TlsFiles:
    files = tls_of(HttpSettings(tls="local", **settings), layout, now)  # type: ignore[arg-type]  # strings only
    assert files is not None
    return files


async def greets(files: TlsFiles, name: str, trusted: Path) -> bytes:
    """What a client that trusts only `trusted` hears from a server with these files when it calls it `name`."""
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(files.certificate, files.key)

    async def hello(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(hello, "127.0.0.1", 0, ssl=server_side)
    port = server.sockets[0].getsockname()[1]
    client_side = ssl.create_default_context(cafile=trusted)
    try:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=client_side, server_hostname=name
        )
        heard = await reader.read()
        writer.close()
    finally:
        server.close()
    return heard


async def test_a_browser_that_trusts_our_authority_connects_and_no_other_name_passes(layout: Layout) -> None:
    files = local(layout, public_url="https://watch.example.gov")
    assert files.authority is not None
    for name in ("watch.example.gov", "localhost", "127.0.0.1"):
        assert await greets(files, name, files.authority) == b"hello"
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        await greets(files, "elsewhere.example.gov", files.authority)


async def test_another_authority_of_the_same_name_is_not_trusted(layout: Layout, tmp_path: Path) -> None:
    other = Layout.of(tmp_path / "other")
    other.prepare()
    theirs = local(other)
    assert theirs.authority is not None
    with pytest.raises(ssl.SSLCertVerificationError):
        await greets(local(layout), "localhost", theirs.authority)


def test_keys_are_ours_alone_and_the_authority_is_for_everybody(layout: Layout) -> None:
    files = local(layout)
    assert files.authority is not None
    for path in (files.key, layout.keys / "tls" / "authority.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.authority.stat().st_mode) == 0o644
    assert b"PRIVATE" not in files.authority.read_bytes()


def test_the_authority_stays_while_its_certificate_is_renewed_in_time(layout: Layout) -> None:
    first = local(layout)
    authority, certificate = first.authority and first.authority.read_bytes(), first.certificate.read_bytes()
    assert local(layout).certificate.read_bytes() == certificate
    assert local(layout, NOW + timedelta(days=300)).certificate.read_bytes() == certificate
    renewed = local(layout, NOW + timedelta(days=380))
    assert renewed.certificate.read_bytes() != certificate
    assert renewed.authority is not None
    assert renewed.authority.read_bytes() == authority


def test_a_new_name_makes_a_new_certificate(layout: Layout) -> None:
    first = local(layout).certificate.read_bytes()
    files = local(layout, public_url="https://other.example.gov")
    assert files.certificate.read_bytes() != first
    held = x509.load_pem_x509_certificates(files.certificate.read_bytes())[0]
    names = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "other.example.gov" in names.get_values_for_type(x509.DNSName)


def test_the_authority_signs_nothing_but_servers(layout: Layout) -> None:
    files = local(layout)
    server, authority = x509.load_pem_x509_certificates(files.certificate.read_bytes())
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    assert server.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False


def test_given_files_are_taken_as_they_are(layout: Layout) -> None:
    ours = local(layout)
    given = HttpSettings(tls="files", tls_cert_file=str(ours.certificate), tls_key_file=str(ours.key))
    assert tls_of(given, layout, NOW) == TlsFiles(ours.certificate, ours.key, None)


def test_given_files_that_cannot_work_are_refused_with_the_reason(layout: Layout, tmp_path: Path) -> None:
    ours = local(layout)
    other = Layout.of(tmp_path / "other")
    other.prepare()
    theirs = local(other)
    open_key = tmp_path / "open.key"
    open_key.write_bytes(ours.key.read_bytes())
    open_key.chmod(0o644)
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")

    def refused(certificate: Path, key: Path, match: str, now: datetime = NOW) -> None:
        with pytest.raises(Invalid, match=match):
            tls_of(
                HttpSettings(tls="files", tls_cert_file=str(certificate), tls_key_file=str(key)), layout, now
            )

    refused(tmp_path / "missing.pem", ours.key, "missing.pem")
    refused(ours.certificate, tmp_path / "missing.key", "missing.key")
    refused(nonsense, ours.key, "not PEM")
    refused(ours.certificate, nonsense, "not PEM")
    refused(ours.certificate, theirs.key, "is not the key of")
    refused(ours.certificate, open_key, "every user")
    refused(ours.certificate, ours.key, "expired", datetime(2099, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_tls(host: str, layout: Layout) -> None:
    assert is_loopback(host)
    assert tls_of(HttpSettings(host=host), layout, NOW) is None


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.0.2.7", "2001:db8::1", "watch.example.gov", "127.0.0.1.example.gov", ""]
)
def test_any_other_listener_does(host: str) -> None:
    with pytest.raises(Invalid, match="without TLS"):
        refuse_open_listener(HttpSettings(host=host))
    of_sensors = NatsSettings(mqtt_host=host)
    with pytest.raises(Invalid, match=r"nats\.mqtt_host .* without TLS"):
        refuse_open_mqtt(Settings(Path(), nats=of_sensors))
    refuse_open_mqtt(Settings(Path(), nats=of_sensors, http=HttpSettings(tls="local")))


def test_a_listener_on_every_address_is_certified_for_each(layout: Layout) -> None:
    names = names_of(HttpSettings(host="0.0.0.0"))
    assert "127.0.0.1" in names
    assert "0.0.0.0" not in names
    assert "192.0.2.7" in names_of(HttpSettings(), ["192.0.2.7"]), "that of another listener"


def test_an_unknown_way_is_refused(layout: Layout) -> None:
    with pytest.raises(Invalid, match="off, files or local"):
        tls_of(HttpSettings(tls="maybe"), layout, NOW)
