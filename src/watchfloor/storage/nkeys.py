"""NATS's own keys and tokens, as much of them as answering its sign-ins takes: the key of an issuer, tokens signed by it, requests read.

A key is ed25519; outside it is a prefix byte, the 32 bytes and a CRC-16, in base32 (nats-io/nkeys). A token is a JWT of the algorithm
`ed25519-nkey` (nats-io/jwt, version 2). It decides nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ACCOUNT: Final = 0 << 3
"""The prefix by which a key of an account begins with A."""
_HEAD: Final = {"typ": "JWT", "alg": "ed25519-nkey"}


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs what a server is told of users: `name` is what its configuration has of it."""

    name: str
    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, secret: str) -> Issuer:
        """The issuer of a secret: one secret, one key."""
        key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(secret.encode()).digest())
        return cls(encoded(_ACCOUNT, key.public_key().public_bytes_raw()), key)

    def signed(self, claims: Mapping[str, object], *, now: datetime) -> str:
        """A token that says `claims`, by this issuer, as of now."""
        said = {"jti": secrets.token_hex(16), "iat": int(now.timestamp()), "iss": self.name, **claims}
        body = b".".join(_part(msgspec.json.encode(part)) for part in (_HEAD, said))
        return (body + b"." + _part(self._key.sign(body))).decode()


class Server(msgspec.Struct, frozen=True):
    """The server that asks."""

    id: str


class Client(msgspec.Struct, frozen=True):
    """Who wants to be let in: the address it comes from, how it connects (`mqtt`, `nats`), the client id that it gives over MQTT."""

    host: str = ""
    type: str = ""
    mqtt_id: str = ""


class Given(msgspec.Struct, frozen=True):
    """What it gave as name and password."""

    user: str = ""
    password: str = msgspec.field(name="pass", default="")

    def __repr__(self) -> str:
        return "Given(…)"


class Request(msgspec.Struct, frozen=True):
    """A server's question whether a client may come in; `user_nkey` is what the answer must be made out to."""

    server_id: Server
    user_nkey: str
    client_info: Client = Client()
    connect_opts: Given = Given()


class _Claims(msgspec.Struct):
    nats: Request


def request_of(token: bytes) -> Request:
    """The question in a token of a server. Raises ValueError for what is none.

    Its signature is not looked at: nobody but the server can put a question where they are put.
    """
    parts = token.split(b".")
    if len(parts) != 3:
        raise ValueError("a token has three parts")
    try:
        body = base64.urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4))
        return msgspec.json.decode(body, type=_Claims).nats
    except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError("a token that no server writes") from error


def encoded(prefix: int, key: bytes) -> str:
    """A public key as NATS writes it."""
    whole = bytes([prefix]) + key
    return base64.b32encode(whole + binascii.crc_hqx(whole, 0).to_bytes(2, "little")).decode().rstrip("=")


def _part(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
