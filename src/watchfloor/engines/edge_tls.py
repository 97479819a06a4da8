"""The center's edge authority: what the gate shows edge boxes, and the certificates by which boxes are known.

It is an authority apart from that of browsers and machines: whoever has a box has nothing else.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from watchfloor.engines.layout import PRIVATE, Layout, own, write_private
from watchfloor.engines.tls import authority_of, pem, usage
from watchfloor.kit.errors import Invalid

BOX_FOR: Final = timedelta(days=30)
# Half of it is left when a box asks for the next one: it may be away for two weeks at that moment.
_GATE_FOR: Final = timedelta(days=397)
_URN: Final = "urn:watchfloor:edge-box:"
_PEM: Final = serialization.Encoding.PEM
_LONGEST_REQUEST: Final = 4096


@dataclass(frozen=True, slots=True)
class BoxName:
    """Whom a certificate of a box names, and the certificate's own fingerprint."""

    agency: UUID
    box: UUID
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class EdgeAuthority:
    """Signs certificates of edge boxes."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def of(cls, layout: Layout, now: datetime) -> EdgeAuthority:
        """The authority under our keys, made at the first call. Raises Invalid."""
        folder = layout.keys / "tls"
        own(folder, PRIVATE)
        return cls(*authority_of(folder, now, called="edge-authority"))

    @property
    def pem(self) -> str:
        """Its certificate."""
        return self.certificate.public_bytes(_PEM).decode()

    @property
    def pin(self) -> str:
        """By what a box that has only its code knows it again."""
        return fingerprint_of(self.certificate).hex()

    def sign(self, request: str, agency: UUID, box: UUID, now: datetime) -> tuple[x509.Certificate, str]:
        """A certificate for the key of a PEM request; of what the request says only the key is believed. Raises Invalid."""
        public = _key_of(request)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"edge box {box}")])
        san = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"{_URN}{agency}:{box}")])
        made = _signed(self, name, san, public, ExtendedKeyUsageOID.CLIENT_AUTH, now, BOX_FOR)
        return made, made.public_bytes(_PEM).decode()


def pin_of(layout: Layout) -> str:
    """By what boxes know the center's edge authority, of which `up` made the files. Raises Invalid."""
    try:
        made = (layout.keys / "tls" / "edge-authority.pem").read_bytes()
        return fingerprint_of(x509.load_pem_x509_certificate(made)).hex()
    except (OSError, ValueError) as error:
        raise Invalid("edge.host is set and there is no edge authority; `watchfloor up` makes it.") from error


def fingerprint_of(certificate: x509.Certificate) -> bytes:
    """By what a certificate is known."""
    return certificate.fingerprint(hashes.SHA256())


def box_of(der: bytes) -> BoxName:
    """Whom the certificate of a connection names. Raises Invalid where it is no box's."""
    certificate = x509.load_der_x509_certificate(der)
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        (urn,) = names.get_values_for_type(x509.UniformResourceIdentifier)
        agency, _, box = urn.removeprefix(_URN).partition(":")
        if not urn.startswith(_URN):
            raise ValueError(urn)
        return BoxName(UUID(agency), UUID(box), fingerprint_of(certificate))
    except (x509.ExtensionNotFound, ValueError) as error:
        raise Invalid("The certificate is no edge box's.") from error


def gate_context(authority: EdgeAuthority, layout: Layout, now: datetime, name: str) -> ssl.SSLContext:
    """How the gate answers: with a certificate made anew at each start, asking for one of a box. TLS 1.3 alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    san = x509.SubjectAlternativeName([x509.DNSName(name)])
    made = _signed(authority, called, san, key.public_key(), ExtendedKeyUsageOID.SERVER_AUTH, now, _GATE_FOR)
    folder = layout.keys / "tls"
    write_private(folder / "gate.key", pem(key))
    write_private(folder / "gate.pem", made.public_bytes(_PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(folder / "gate.pem", folder / "gate.key")
    context.load_verify_locations(cadata=authority.pem)
    # Who shows none can only show a code.
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _key_of(request: str) -> ec.EllipticCurvePublicKey:
    try:
        if len(request) > _LONGEST_REQUEST:
            raise ValueError("too long")
        asked = x509.load_pem_x509_csr(request.encode())
        public = asked.public_key()
        if not asked.is_signature_valid or not isinstance(public, ec.EllipticCurvePublicKey):
            raise ValueError("not its own key")
    except (ValueError, InvalidSignature, UnicodeEncodeError) as error:
        raise Invalid("The certificate request of the edge box cannot be used.") from error
    return public


def _signed(
    authority: EdgeAuthority,
    name: x509.Name,
    san: x509.SubjectAlternativeName,
    public: ec.EllipticCurvePublicKey,
    use: x509.ObjectIdentifier,
    now: datetime,
    lasts: timedelta,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(authority.certificate.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(min(now + lasts, authority.certificate.not_valid_after_utc))
        .add_extension(san, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
        .sign(authority.key, hashes.SHA256())
    )
