"""Free ports on an address: a setting of 0 means any; the one of last time is taken again when nobody has it."""

from __future__ import annotations

import socket

from watchfloor.kit.errors import Conflict, Invalid


def chosen(host: str, port: int, *, last: int | None = None, what: str) -> int:
    """The port to listen on. `last` is preferred when `port` is 0.

    Raises Conflict when the given port is taken, Invalid when the address is not of this machine or needs more rights.
    """
    if port:
        _bound(host, port, what)
        return port
    if last:
        try:
            return _bound(host, last, what)
        except Conflict:
            pass
    return _bound(host, 0, what)


def _bound(host: str, port: int, what: str) -> int:
    family, kind, number, _, address = _resolved(host, port, what)
    with socket.socket(family, kind, number) as trial:
        # As the servers do: a connection of yesterday that still lingers does not make a port taken.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address)
        except PermissionError as error:
            raise Invalid(f"{what}: this user may not listen on port {port} (below 1024?).") from error
        except OSError as error:
            if error.errno == 98:
                raise Conflict(
                    f"{what}: another program already listens on port {port} of {host}.",
                    next_step="Stop it, or set another port (0 takes a free one).",
                ) from error
            raise Invalid(f"{what}: {host} is not an address of this machine ({error.strerror}).") from error
        found: int = trial.getsockname()[1]
        return found


def _resolved(
    host: str, port: int, what: str
) -> tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[object, ...]]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except socket.gaierror as error:
        raise Invalid(f"{what}: {host!r} is no address: {error.strerror}.") from error
