"""TLS to a device: it proves who it is before anything is said to it. Nothing is ever sent to one that does not."""

from __future__ import annotations

import functools
import hmac
import socket
import ssl
from typing import Final
from urllib.parse import urlsplit

from watchfloor.cameras.rtsp.place import Place
from watchfloor.cameras.transport import fingerprint

_PEM: Final = "-----BEGIN"
# What OpenSSL's verification found (x509_vfy.h), as people say it.
_WHY: Final = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is signed by itself",
    19: "its authority is not known here",
    20: "its authority is not known here",
    21: "its authority is not known here",
    62: "it is made out to another name than the address has",
    64: "it is made out to another name than the address has",
}


class Untrusted(OSError):
    """The device did not prove who it is. The text is a sentence for people, with the fingerprint of what it showed."""


def secured(connection: socket.socket, place: Place) -> ssl.SSLSocket:
    """The connection under TLS, its other end proven. Raises Untrusted, OSError."""
    host, known = urlsplit(place.url).hostname or place.ip, place.certificate
    if known is not None and not known.startswith(_PEM):
        return _pinned(connection, known)
    timeout = connection.gettimeout()
    try:
        return _context(known).wrap_socket(connection, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        why = _WHY.get(error.verify_code, "it does not hold")
    raise Untrusted(_refusal(why, _shown(place, timeout)))


def _pinned(connection: socket.socket, known: str) -> ssl.SSLSocket:
    """The device has the certificate that was entered, whoever signed it: TLS has proven that its key is there too."""
    secure = _unproven().wrap_socket(connection)
    shown = fingerprint(secure.getpeercert(binary_form=True) or b"")
    if hmac.compare_digest(shown, known):
        return secure
    secure.close()
    raise Untrusted(
        "The camera shows another certificate than the one that was entered for it, and is not opened. If it was given a new one,"
        f" enter that one’s SHA-256 fingerprint: {shown}"
    )


def _shown(place: Place, timeout: float | None) -> str | None:
    """The fingerprint of what the device shows, for whoever has to decide; asked for anew, and nothing is said over it."""
    try:
        with (
            socket.create_connection((place.ip, place.port), timeout=timeout) as plain,
            _unproven().wrap_socket(plain) as secure,
        ):
            return fingerprint(secure.getpeercert(binary_form=True) or b"")
    except OSError:
        return None


def _refusal(why: str, shown: str | None) -> str:
    said = f"The camera’s certificate is not trusted ({why}), so it is not opened."
    if shown is None:
        return f"{said} Enter its SHA-256 fingerprint, or its authority, as the camera’s certificate."
    return f"{said} If the camera itself shows this SHA-256 fingerprint, enter it as its certificate: {shown}"


@functools.lru_cache(maxsize=256)
def _context(authorities: str | None) -> ssl.SSLContext:
    """What trusts these authorities alone; None: those that this machine trusts."""
    return ssl.create_default_context(cadata=authorities)


@functools.lru_cache(maxsize=1)
def _unproven() -> ssl.SSLContext:
    """What takes any certificate, for it is compared, or shown, by whoever calls this."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
