"""TLS of the one listener: files that were given, or a local authority of ours. No plain listener but on loopback."""

from __future__ import annotations

import ipaddress
import socket
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from watchfloor.engines.layout import PRIVATE, Layout, own, write_private
from watchfloor.kit.errors import Invalid
from watchfloor.settings import HttpSettings, Settings

_AUTHORITY_FOR: Final = timedelta(days=3650)
# What browsers accept from a private authority, and short enough to be renewed at an ordinary restart.
_CERTIFICATE_FOR: Final = timedelta(days=397)
_RENEW_BEFORE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files of the listener; `authority` is what people install on their devices, None when it is not ours."""

    certificate: Path
    key: Path
    authority: Path | None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a listener on `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def only_here(settings: HttpSettings) -> bool:
    """Whether only this machine reaches the center: by its listener, and by the address that people are given for it."""
    public = urlsplit(settings.public_url).hostname or "" if settings.public_url else "localhost"
    return is_loopback(settings.host) and is_loopback(public)


def refuse_open_listener(settings: HttpSettings) -> None:
    """Raises Invalid when others could reach a listener without TLS."""
    if settings.tls == "off" and not is_loopback(settings.host):
        raise Invalid(
            f"http.host is {settings.host}: other machines could reach it, and without TLS anybody between could read "
            "and change what is sent.",
            next_step="Set http.tls to local (an authority of ours) or files (a certificate you have), "
            "or http.host to 127.0.0.1.",
        )


def refuse_open_mqtt(settings: Settings) -> None:
    """Raises Invalid when others could reach the listener of sensors without TLS."""
    host = settings.nats.mqtt_host
    if settings.http.tls == "off" and not is_loopback(host):
        raise Invalid(
            f"nats.mqtt_host is {host}: other machines could reach it, and without TLS anybody between could read the tokens of sensors.",
            next_step="Set http.tls to local (an authority of ours) or files (a certificate you have): sensors are shown the same "
            "certificate. Or set nats.mqtt_host to 127.0.0.1.",
        )


def tls_of(
    settings: HttpSettings,
    layout: Layout,
    now: datetime,
    *,
    also: Sequence[str] = (),
    names: Sequence[str] | None = None,
) -> TlsFiles | None:
    """The files to listen with, made or renewed where the authority is ours; None for plain HTTP on loopback. `also` are addresses of
    other listeners that show them; `names` what a certificate of ours is to hold, instead of what the machine is called now.

    Raises Invalid when others could reach a plain listener, or when given files do not fit, are expired or are open
    to other users of the machine.
    """
    match settings.tls:
        case "off":
            refuse_open_listener(settings)
            return None
        case "files":
            return _given(settings, now)
        case "local":
            return _ours(layout, names_of(settings, also) if names is None else names, now)
        case other:
            raise Invalid(f"http.tls is {other!r}; it can be off, files or local.")


def names_of(settings: HttpSettings, also: Sequence[str] = ()) -> list[str]:
    """The names and addresses people and devices may reach us by: the certificate holds all of them."""
    names = {"localhost", "127.0.0.1", "::1", socket.gethostname(), socket.getfqdn()}
    if settings.public_url:
        names.add(urlsplit(settings.public_url).hostname or "")
    hosts = {settings.host, *also}
    if hosts & {"0.0.0.0", "::"}:  # noqa: S104  # compared, not listened on
        for addresses in psutil.net_if_addrs().values():
            names |= {
                a.address.split("%")[0] for a in addresses if a.family in (socket.AF_INET, socket.AF_INET6)
            }
    names |= hosts - {"0.0.0.0", "::"}  # noqa: S104  # the same
    return sorted(name for name in names if name)


def _given(settings: HttpSettings, now: datetime) -> TlsFiles:
    certificate, key = Path(settings.tls_cert_file), Path(settings.tls_key_file)
    try:
        first = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
        mode = stat.S_IMODE(key.stat().st_mode)
    except OSError as error:
        raise Invalid(f"http.tls_cert_file and tls_key_file: {error.filename!r} cannot be read.") from error
    except (ValueError, TypeError, IndexError) as error:
        raise Invalid(
            f"http.tls_cert_file and tls_key_file: not PEM, or the key has a pass phrase ({error})."
        ) from error
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*form) != first.public_key().public_bytes(*form):
        raise Invalid(f"{key} is not the key of {certificate}.")
    if first.not_valid_after_utc <= now:
        raise Invalid(f"{certificate} expired at {first.not_valid_after_utc:%Y-%m-%d %H:%M} UTC.")
    if mode & 0o007:
        raise Invalid(
            f"{key} can be read by every user of this machine (mode {mode:o}).", next_step=f"chmod 600 {key}"
        )
    return TlsFiles(certificate, key, None)


def _ours(layout: Layout, names: Sequence[str], now: datetime) -> TlsFiles:
    folder = layout.keys / "tls"
    own(folder, PRIVATE)
    exported = layout.data / "watchfloor-authority.pem"
    authority_key, authority = authority_of(folder, now)
    write_private(exported, authority.public_bytes(serialization.Encoding.PEM), mode=0o644)
    files = TlsFiles(folder / "server.pem", folder / "server.key", exported)
    if not _still_good(files, authority, names, now):
        _write_fresh(files, names, [ExtendedKeyUsageOID.SERVER_AUTH], authority, authority_key, now)
    return files


def node_files(layout: Layout, names: Sequence[str], now: datetime, *, into: Path | None = None) -> TlsFiles:
    """What one machine of the center shows another, as server and as client, by our authority; made or renewed.

    It lies under our keys, or in `into`, a folder to be carried to the machine of that name.
    """
    folder = layout.keys / "tls"
    own(folder, PRIVATE)
    authority_key, authority = authority_of(folder, now)
    goal = into or folder
    own(goal, PRIVATE)
    files = TlsFiles(goal / "node.pem", goal / "node.key", goal / "authority.pem")
    if into is not None:
        write_private(goal / "authority.pem", authority.public_bytes(serialization.Encoding.PEM), mode=0o644)
    if not _still_good(files, authority, names, now):
        uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        _write_fresh(files, names, uses, authority, authority_key, now)
    return files


def _write_fresh(
    files: TlsFiles,
    names: Sequence[str],
    uses: Sequence[x509.ObjectIdentifier],
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _signed(names, uses, key.public_key(), authority, authority_key, now)
    chain = b"".join(c.public_bytes(serialization.Encoding.PEM) for c in (certificate, authority))
    write_private(files.key, pem(key))
    write_private(files.certificate, chain)


def authority_of(
    folder: Path, now: datetime, *, called: str = "authority"
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """Key and certificate of an authority of ours, made at the first call. Raises Invalid."""
    key_file, certificate_file = folder / f"{called}.key", folder / f"{called}.pem"
    if key_file.exists() and certificate_file.exists():
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise Invalid(f"{key_file} is not the key of an authority of ours.")
        return key, x509.load_pem_x509_certificate(certificate_file.read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"watchfloor local {called} ({socket.gethostname()[:24]})")]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _AUTHORITY_FOR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_private(key_file, pem(key))
    write_private(certificate_file, certificate.public_bytes(serialization.Encoding.PEM))
    return key, certificate


def _signed(
    names: Sequence[str],
    uses: Sequence[x509.ObjectIdentifier],
    public_key: ec.EllipticCurvePublicKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "watchfloor")]))
        .issuer_name(authority.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(min(now + _CERTIFICATE_FOR, authority.not_valid_after_utc))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )


def usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """What a key may be used for."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _still_good(files: TlsFiles, authority: x509.Certificate, names: Sequence[str], now: datetime) -> bool:
    if not files.key.exists() or not files.certificate.exists():
        return False
    certificate = x509.load_pem_x509_certificates(files.certificate.read_bytes())[0]
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        certificate.issuer == authority.subject
        and certificate.not_valid_after_utc - now > _RENEW_BEFORE
        and {_general(name) for name in names} <= set(held)
    )


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key as it is written."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
