"""TLS to a device: it proves who it is before anything is said to it, in RTSP or over HTTP. Nothing is ever sent to one that does not."""

from __future__ import annotations

import functools
import hmac
import socket
import ssl
from typing import Final
from urllib.parse import urlsplit

from watchfloor.cameras.rtsp.place import Place
from watchfloor.cameras.transport import fingerprint, is_pin

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
    if known is not None and is_pin(known):
        return _pinned(connection, known)
    timeout = connection.gettimeout()
    try:
        return _context(known).wrap_socket(connection, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        why = _why(error)
    raise Untrusted(_refusal(why, _shown(place.ip, place.port, timeout)))


def over_http(certificate: str | None) -> ssl.SSLContext:
    """What HTTP is spoken under to a device that is known by this; the handshake fails with SSLCertVerificationError where it is not."""
    return (
        _comparing(certificate) if certificate is not None and is_pin(certificate) else _context(certificate)
    )


def distrusted(
    error: BaseException, certificate: str | None, ip: str, port: int, within_s: float
) -> str | None:
    """The sentence on a device whose certificate is not believed over HTTP; None where what went wrong is another thing. It waits."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        return None
    shown = _shown(ip, port, within_s)
    if certificate is not None and is_pin(certificate):
        return _another(shown)
    return _refusal(_why(cause), shown)


def _pinned(connection: socket.socket, known: str) -> ssl.SSLSocket:
    """The device has the certificate that was entered, whoever signed it: TLS has proven that its key is there too."""
    secure = _unproven().wrap_socket(connection)
    shown = fingerprint(secure.getpeercert(binary_form=True) or b"")
    if hmac.compare_digest(shown, known):
        return secure
    secure.close()
    raise Untrusted(_another(shown))


def _shown(ip: str, port: int, timeout: float | None) -> str | None:
    """The fingerprint of what the device shows, for whoever has to decide; asked for anew, and nothing is said over it."""
    try:
        with (
            socket.create_connection((ip, port), timeout=timeout) as plain,
            _unproven().wrap_socket(plain) as secure,
        ):
            return fingerprint(secure.getpeercert(binary_form=True) or b"")
    except OSError:
        return None


def _why(error: ssl.SSLCertVerificationError) -> str:
    return _WHY.get(error.verify_code, "it does not hold")


def _another(shown: str | None) -> str:
    said = "The camera shows another certificate than the one that was entered for it, and is not opened."
    return f"{said} If it was given a new one, enter that one’s SHA-256 fingerprint{f': {shown}' if shown else '.'}"


def _refusal(why: str, shown: str | None) -> str:
    said = f"The camera’s certificate is not trusted ({why}), so it is not opened."
    if shown is None:
        return f"{said} Enter its SHA-256 fingerprint, or its authority, as the camera’s certificate."
    return f"{said} If the camera itself shows this SHA-256 fingerprint, enter it as its certificate: {shown}"


@functools.lru_cache(maxsize=256)
def _context(authorities: str | None) -> ssl.SSLContext:
    """What trusts these authorities alone; None: those that this machine trusts."""
    return ssl.create_default_context(cadata=authorities)


@functools.lru_cache(maxsize=256)
def _comparing(known: str) -> ssl.SSLContext:
    """What ends a handshake with any certificate but the one of this fingerprint, before a word is said under it."""

    class Compared(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            shown = fingerprint(self.getpeercert(binary_form=True) or b"")
            if not hmac.compare_digest(shown, known):
                raise ssl.SSLCertVerificationError(ssl.SSL_ERROR_SSL, "another certificate")

    context = _taking_any()
    context.sslobject_class = Compared
    return context


@functools.lru_cache(maxsize=1)
def _unproven() -> ssl.SSLContext:
    return _taking_any()


def _taking_any() -> ssl.SSLContext:
    """What takes any certificate, for it is compared, or shown, by whoever calls this."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
