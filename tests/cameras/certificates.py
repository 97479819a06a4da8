"""Certificates as cameras have them: their own making, or signed by an authority."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from watchfloor.kit.clock import SystemClock


@dataclass(frozen=True)
class Made:
    """A certificate and its key, in one PEM file."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def file(self, folder: Path) -> Path:
        path = folder / f"{self.certificate.serial_number}.pem"
        private = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(private + self.certificate.public_bytes(Encoding.PEM))
        return path

    def shown(self, folder: Path) -> ssl.SSLContext:
        """What a server shows it by."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file(folder))
        return context


def made(name: str, by: Made | None = None, *, authority: bool = False) -> Made:
    """Made out to a name, which may be an address; signed by itself, or by another."""
    key, now = ec.generate_private_key(ec.SECP256R1()), SystemClock().now()
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    try:
        known: x509.GeneralName = x509.IPAddress(ip_address(name))
    except ValueError:
        known = x509.DNSName(name.replace(" ", "-"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(by.certificate.subject if by else called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([known]), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(by.key if by else key, hashes.SHA256())
    )
    return Made(key, certificate)
