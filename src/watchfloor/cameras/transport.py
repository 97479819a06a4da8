"""How a stream is carried: over which transport, and by which certificate its other end is known. Pure; it opens nothing."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from watchfloor.cameras.address import EDGE, HTTPS, Address
from watchfloor.kit.errors import Invalid

TLS: Final = "rtsps"
LONGEST_CERTIFICATE: Final = 20_000
_FINGERPRINT: Final = re.compile(r"(?:sha-?256[:= ])?\s*((?:[0-9a-f]{2}[: ]?){31}[0-9a-f]{2})", re.IGNORECASE)
_PEM: Final = "-----BEGIN CERTIFICATE-----"


class Transport(StrEnum):
    """Over what the pictures come: in the connection, or as datagrams beside it; `auto`: so where the device refuses the other."""

    TCP = "tcp"
    UDP = "udp"
    AUTO = "auto"


def fingerprint(der: bytes) -> str:
    """The SHA-256 of a certificate, as devices and browsers show it."""
    return hashlib.sha256(der).digest().hex(":").upper()


def certificate_of(text: str | None) -> str | None:
    """What a certificate is known by, as it is kept: a fingerprint, or the PEM of an authority. Raises Invalid."""
    text = (text or "").strip()
    if not text:
        return None
    if found := _FINGERPRINT.fullmatch(text):
        return bytes.fromhex(re.sub(r"[: ]", "", found[1])).hex(":").upper()
    if _PEM not in text or len(text) > LONGEST_CERTIFICATE:
        raise Invalid(
            "That is no certificate: enter its SHA-256 fingerprint, 64 hexadecimal digits, or the PEM of its authority.",
            reason="certificate",
        )
    try:
        known = x509.load_pem_x509_certificates(text.encode())
        authorities = [one for one in known if _is_authority(one)]
    except ValueError as error:
        raise Invalid("That PEM holds no certificate that can be read.", reason="certificate") from error
    if not authorities:
        if len(known) > 1:
            raise Invalid("None of those certificates is of an authority.", reason="certificate")
        # The device's own: known by what it is, whatever name it has.
        return fingerprint(known[0].public_bytes(Encoding.DER))
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in authorities)


def is_pin(certificate: str | None) -> bool:
    """Whether it is one device's own, known by its fingerprint; else any that an authority signed."""
    return certificate is not None and not certificate.startswith(_PEM)


def carried(
    address: Address,
    before: tuple[Address, Transport, str | None] | None,
    transport: Transport | None,
    certificate: str | None,
) -> tuple[Transport, str | None]:
    """Over what a stream comes and by what its end is known, as said, else as before; an empty certificate takes it away. Raises Invalid.

    What a certificate was known by stays with its host: another host's is another. Of a stream in the clear it is that of the device,
    which may be asked over https all the same.
    """
    was, known = before[1:] if before is not None else (Transport.TCP, None)
    if before is not None and before[0].host.lower() != address.host.lower():
        known = None
    over, kept = transport or was, known if certificate is None else certificate_of(certificate)
    if address.scheme == EDGE:
        if transport not in (None, Transport.TCP) or (certificate is not None and kept is not None):
            raise Invalid(
                "How a camera behind an edge box is reached, the box's own file says.",
                reason="transport" if transport not in (None, Transport.TCP) else "certificate",
            )
        return Transport.TCP, None
    if address.scheme == HTTPS:
        if certificate is not None and kept is not None:
            raise Invalid("By what another center is known is entered with its login.", reason="certificate")
        return over, None
    if address.scheme != TLS:
        return over, kept
    if over is Transport.UDP:
        if transport is Transport.UDP:
            raise Invalid(
                "Over UDP the pictures of rtsps:// would go in the clear.",
                reason="transport",
                next_step="Choose TCP, or write rtsp:// in its address.",
            )
        over = Transport.TCP
    return over, kept


def came_of(before: str | None, after: object) -> str | None:
    """What came of a certificate with another device, for the log; None where there was and is none."""
    if before is None and after is None:
        return None
    return "forgotten" if after is None else "as before" if after == before else "entered anew"


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
