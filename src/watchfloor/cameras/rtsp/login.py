"""Signing in to a device: Basic and Digest (RFC 7617, RFC 7616: MD5 and SHA-256, with and without qop). Pure.

MD5 is what cameras speak; the password is no safer than the line it goes over, so cameras belong on a network of
their own.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from watchfloor.cameras.address import Login

_PARAMETER: Final = re.compile(r'([a-zA-Z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')


@dataclass(slots=True)
class Challenge:
    """What a device asked to be answered. `count` is how often its nonce was used."""

    scheme: str
    realm: str = ""
    nonce: str = field(default="", repr=False)
    algorithm: str = "MD5"
    opaque: str | None = None
    qop: bool = False
    count: int = 0


def challenge_of(headers: str) -> Challenge | None:
    """The strongest challenge of the `WWW-Authenticate` lines that can be met; None when there is none."""
    found = [challenge for line in headers.split("\n") if (challenge := _read(line)) is not None]
    strength = {"SHA-256": 3, "MD5": 2, "": 1}
    return max(found, key=lambda one: strength[one.algorithm], default=None)


def _read(line: str) -> Challenge | None:
    scheme, _, rest = line.strip().partition(" ")
    said = {m[1].lower(): m[2] if m[2] is not None else m[3] for m in _PARAMETER.finditer(rest)}
    match scheme.lower():
        case "basic":
            return Challenge("basic", said.get("realm", ""), algorithm="")
        case "digest" if "nonce" in said:
            algorithm = said.get("algorithm", "MD5").upper()
            if algorithm not in ("MD5", "SHA-256"):
                return None
            qop = "auth" in [word.strip() for word in said.get("qop", "").lower().split(",")]
            return Challenge(
                "digest", said.get("realm", ""), said["nonce"], algorithm, said.get("opaque"), qop
            )
        case _:
            return None


def authorization(challenge: Challenge, login: Login, method: str, url: str) -> str:
    """The `Authorization` header that meets the challenge for this request. It must never be logged."""
    if challenge.scheme == "basic":
        return "Basic " + base64.b64encode(f"{login.user}:{login.password}".encode()).decode()

    def digest(text: str) -> str:
        if challenge.algorithm == "SHA-256":
            return hashlib.sha256(text.encode()).hexdigest()
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    who = digest(f"{login.user}:{challenge.realm}:{login.password}")
    what = digest(f"{method}:{url}")
    parts = {"username": login.user, "realm": challenge.realm, "nonce": challenge.nonce, "uri": url}
    if challenge.qop:
        challenge.count += 1
        counted, ours = f"{challenge.count:08x}", secrets.token_hex(8)
        parts["response"] = digest(f"{who}:{challenge.nonce}:{counted}:{ours}:auth:{what}")
    else:
        counted = ours = ""
        parts["response"] = digest(f"{who}:{challenge.nonce}:{what}")
    if challenge.opaque is not None:
        parts["opaque"] = challenge.opaque
    quoted = [f'{name}="{_escaped(value)}"' for name, value in parts.items()]
    if challenge.algorithm != "MD5":
        quoted.append(f"algorithm={challenge.algorithm}")
    if challenge.qop:
        quoted += ["qop=auth", f"nc={counted}", f'cnonce="{ours}"']
    return "Digest " + ", ".join(quoted)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
