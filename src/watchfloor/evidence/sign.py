"""Signs clips by C2PA, offline: an authority of the center's own, and under it a certificate for exports, made at first use.

Nobody outside knows the authority: whoever verifies is given its certificate, and compares it with what they got another way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import watchfloor
from watchfloor.engines.layout import write_private
from watchfloor.kit.canonical import Json

LABEL: Final = "org.watchfloor.export"
_AUTHORITY_FOR: Final = timedelta(days=3650)
_CERTIFICATE_FOR: Final = timedelta(days=730)
_RENEW_BEFORE: Final = timedelta(days=30)
_CAPTURED: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
_FOR: Final = {
    True: x509.KeyUsage(False, False, False, False, False, True, True, False, False),
    False: x509.KeyUsage(True, False, False, False, False, False, False, False, False),
}


@dataclass(frozen=True, slots=True)
class Signing:
    """What signs: the key, its certificate with the authority's behind it, and a time-stamp authority if there is one."""

    key: ec.EllipticCurvePrivateKey
    chain: str
    authority: str
    time_stamps: str | None = None

    def sign(self, source: Path, target: Path, says: Mapping[str, Json]) -> None:
        """Write `target`: the same clip with a signed manifest that says this of it."""
        claim = {
            "claim_generator_info": [{"name": "watchfloor", "version": watchfloor.__version__}],
            "title": target.name,
            "format": "video/mp4",
            "assertions": [
                {
                    "label": "c2pa.actions",
                    "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": _CAPTURED}]},
                },
                {"label": LABEL, "data": dict(says)},
            ],
        }
        signer = c2pa.Signer.from_callback(
            self._signature, c2pa.C2paSigningAlg.ES256, self.chain, self.time_stamps
        )
        with c2pa.Builder.from_json(json.dumps(claim)) as builder:
            builder.sign_file(source, target, signer)

    def _signature(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def signing_of(keys: Path, name: str, now: datetime, time_stamps: str = "") -> Signing:
    """The center's own, read from `keys/` or made there; `name` is the log's, by which the center is known outside."""
    authority_key, authority = _authority(keys, name, now)
    key_path, path = keys / "exports.sign.key", keys / "exports.sign.pem"
    if not path.exists() or _certificate(path).not_valid_after_utc - _RENEW_BEFORE <= now:
        key = ec.generate_private_key(ec.SECP256R1())
        made = _issued(name, "exports", key, authority_key, authority, now)
        write_private(key_path, _pem_of_key(key))
        write_private(path, _pem(made))
    chain = path.read_text() + _pem(authority)
    return Signing(_key(key_path), chain, _pem(authority), time_stamps or None)


def _authority(keys: Path, name: str, now: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_path, path = keys / "exports.authority.key", keys / "exports.authority.pem"
    if not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        write_private(key_path, _pem_of_key(key))
        write_private(path, _pem(_issued(name, "export authority", key, key, None, now)))
    return _key(key_path), _certificate(path)


def _issued(
    name: str, of: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate | None, now: datetime,
) -> x509.Certificate:  # fmt: skip
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"watchfloor {of}"),
        ]
    )
    is_authority = authority is None
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.subject if authority else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + (_AUTHORITY_FOR if is_authority else _CERTIFICATE_FOR))
        .add_extension(
            x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True
        )
        .add_extension(_FOR[is_authority], critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if not is_authority:
        # C2PA wants a purpose; of those that it knows this is the one for things that are signed and kept.
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        built = built.add_extension(usage, critical=False)
    return built.sign(by, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path.name} is no key of ours")
    return key
