"""HTTP Digest authentication as cameras do it (RFC 2617, RFC 7616): with `qop` or without, MD5 or SHA-256.

This is the camera's side. It must not decide what a wrong answer means, only whether an answer is right.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import Enum
from typing import Literal

Algorithm = Literal["MD5", "SHA-256"]
_PAIR = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')


@dataclass(frozen=True, slots=True)
class Credentials:
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.username!r}, …)"


class Answer(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    STALE = "stale"


class Guard:
    """Issues nonces and judges answers. A nonce too old is called stale: the password was right, ask again."""

    def __init__(
        self, *, algorithm: Algorithm = "MD5", realm: str = "watchfloor_sim", nonce_uses: int = 1000
    ) -> None:
        self._algorithm = algorithm
        self._realm = realm
        self._nonce_uses = nonce_uses
        self._uses: dict[str, int] = {}

    def expire_nonces(self) -> None:
        """Every nonce given out so far is stale from now on."""
        self._uses = dict.fromkeys(self._uses, self._nonce_uses)

    def challenge(self, *, stale: bool = False) -> str:
        nonce = secrets.token_hex(16)
        self._uses[nonce] = 0
        words = f'Digest realm="{self._realm}", nonce="{nonce}", algorithm={self._algorithm}, qop="auth"'
        return words + (", stale=true" if stale else "")

    def judge(self, header: str | None, method: str, uri: str, credentials: Credentials) -> Answer:
        if header is None or not header.startswith("Digest "):
            return Answer.WRONG
        said = {name.lower(): quoted or bare for name, quoted, bare in _PAIR.findall(header)}
        if said.get("username") != credentials.username or said.get("uri") != uri:
            return Answer.WRONG
        expected = self._response(said, method, credentials.password)
        if not hmac.compare_digest(expected, said.get("response", "").lower()):
            return Answer.WRONG
        nonce = said.get("nonce", "")
        if nonce not in self._uses or self._uses[nonce] >= self._nonce_uses:
            return Answer.STALE
        self._uses[nonce] += 1
        return Answer.RIGHT

    def _response(self, said: dict[str, str], method: str, password: str) -> str:
        first = self._hash(f"{said.get('username')}:{self._realm}:{password}")
        second = self._hash(f"{method}:{said.get('uri')}")
        middle = said.get("nonce", "")
        if "qop" in said:
            middle += f":{said.get('nc')}:{said.get('cnonce')}:{said['qop']}"
        return self._hash(f"{first}:{middle}:{second}")

    def _hash(self, text: str) -> str:
        if self._algorithm == "MD5":
            # Cameras speak MD5; the protocol leaves no choice, and nothing of ours rests on it.
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        return hashlib.sha256(text.encode()).hexdigest()
