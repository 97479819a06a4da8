"""A plate reader on a pole: it reports what it saw over HTTP and repeats itself until it is heard.

A read keeps its key and its time through every repeat, so a center that counts it twice is at fault. What was
acknowledged is remembered here: it is the other side of every claim that nothing was lost.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from watchfloor_sim import openalpr
from watchfloor_sim.http import retry_after_s, trust

READS = "/api/v1/plate-reads"
OPENALPR_READS = "/api/v1/plate-reads/openalpr"
PICTURES = "/api/v1/plate-pictures"
_LONGEST_PAUSE_S = 5.0


def _now() -> datetime:
    return datetime.now(UTC)


def _new_key() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Sighting:
    """One read, as the reader keeps it. Confidences are 0 to 1; `picture` is the sha256 of a picture sent before."""

    plate: str
    state: str | None = None
    confidence: float = 0.97
    alternatives: Mapping[str, float] = field(default_factory=dict)
    lane: int = 1
    picture: str | None = None
    heading_deg: float | None = None
    position: tuple[float, float] | None = None
    at: datetime = field(default_factory=_now)
    source_key: str = field(default_factory=_new_key)

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.source_key,
            "at": rfc3339(self.at),
            "plate": self.plate,
            "state": self.state,
            "confidence": self.confidence,
            "alternatives": [{"plate": p, "confidence": c} for p, c in self.alternatives.items()],
            "lane": str(self.lane),
            "picture": self.picture,
            "heading_deg": self.heading_deg,
            "position": None if self.position is None else {"lat": self.position[0], "lon": self.position[1]},
        }


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The center's word for one request: so many new, so many known, so many it would not take."""

    accepted: int
    duplicates: int
    rejected: int


class Refused(Exception):
    """The center answered, and repeating would not help."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"the center answered {status}: {detail[:600]}")
        self.status = status


class Unheard(Exception):
    """Every attempt met a busy center or none."""


class PlateReader:
    """`history` is every sighting by its key; `acknowledged` the keys that the center has taken upon itself."""

    def __init__(
        self,
        base_url: str,
        token: str,
        client: httpx.AsyncClient | None = None,
        *,
        attempts: int = 60,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.history: dict[str, Sighting] = {}
        self.acknowledged: set[str] = set()
        self.repeats = 0
        self._base = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._client = client or httpx.AsyncClient(timeout=15, verify=trust())
        self._owns_client = client is None
        self._attempts = attempts
        self._pause = pause

    @property
    def unacknowledged(self) -> set[str]:
        return self.history.keys() - self.acknowledged

    async def sees(
        self,
        plate: str,
        state: str | None = None,
        *,
        picture: bytes | None = None,
        confidence: float = 0.97,
        alternatives: Mapping[str, float] | None = None,
        lane: int = 1,
        heading_deg: float | None = None,
        at: datetime | None = None,
    ) -> Acknowledged:
        """Report one plate in watchfloor's own form, its picture first."""
        name = await self.send_picture(picture) if picture is not None else None
        seen = Sighting(
            plate, state, confidence, alternatives or {}, lane, name, heading_deg, at=at or _now()
        )
        return await self.report([seen])

    async def report(self, seen: Sequence[Sighting]) -> Acknowledged:
        """Report several at once; again with the same sightings is a repeat."""
        body: dict[str, object] = {"reads": [sighting.as_json() for sighting in seen]}
        return await self._tell(READS, body, seen)

    async def sees_openalpr(
        self,
        plate: str,
        state: str | None = None,
        *,
        picture: bytes | None = None,
        confidence: float = 0.97,
        alternatives: Mapping[str, float] | None = None,
        at: datetime | None = None,
        place: tuple[float, float] | None = None,
    ) -> Acknowledged:
        """Report one plate as an OpenALPR agent or Rekor Scout posts it, the picture inside."""
        seen = Sighting(plate, state, confidence, alternatives or {}, at=at or _now())
        group = openalpr.Group(
            plate, state, confidence, seen.alternatives, seen.at, seen.source_key,
            jpeg=b64encode(picture).decode() if picture else "", place=place,
        )  # fmt: skip
        return await self._tell(OPENALPR_READS, group.as_json(), [seen])

    async def send_picture(self, jpeg: bytes) -> str:
        """Put a picture under its sha256, which is returned."""
        name = hashlib.sha256(jpeg).hexdigest()
        url = f"{self._base}{PICTURES}/{name}"
        headers = self._headers | {"Content-Type": "image/jpeg"}
        await self._until_heard(lambda: self._client.put(url, content=jpeg, headers=headers))
        return name

    async def aclose(self) -> None:
        if self._owns_client:
            await self._client.aclose()

    async def _tell(self, path: str, body: dict[str, object], seen: Sequence[Sighting]) -> Acknowledged:
        self.history |= {sighting.source_key: sighting for sighting in seen}
        url = self._base + path
        answer = await self._until_heard(lambda: self._client.post(url, json=body, headers=self._headers))
        said = answer.json()
        rejected = {item["index"] for item in said.get("rejected", ())}
        self.acknowledged |= {s.source_key for n, s in enumerate(seen) if n not in rejected}
        return Acknowledged(int(said["accepted"]), int(said["duplicates"]), len(rejected))

    async def _until_heard(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """Ask until there is an answer other than "not now"."""
        why = ""
        for attempt in range(self._attempts):
            self.repeats += attempt > 0
            try:
                answer = await ask()
            except httpx.TransportError as error:
                why, wait_s = repr(error), min(0.1 * 2**attempt, _LONGEST_PAUSE_S)
            else:
                if answer.is_success:
                    return answer
                if answer.status_code not in (429, 503):
                    raise Refused(answer.status_code, answer.text)
                why, wait_s = (
                    f"{answer.status_code}: {answer.text[:200]}",
                    min(retry_after_s(answer), _LONGEST_PAUSE_S),
                )
            await self._pause(wait_s)
        raise Unheard(f"after {self._attempts} attempts: {why}")


def rfc3339(at: datetime) -> str:
    """UTC with microseconds and a Z, always."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
