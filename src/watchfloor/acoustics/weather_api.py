"""Routes of the weather that sounds are located with: what is reckoned with now, and a reading by a person or a station."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.acoustics import forms, weather_store
from watchfloor.acoustics.weather import (
    COLDEST_C,
    HOTTEST_C,
    LONGEST,
    STRONGEST_MPS,
    Reading,
    weather_at,
    wind_words,
)
from watchfloor.governance.asks import asks
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.instant import Instant

_SHOWN: Final = 12
_CLOCKS_DIFFER_BY: Final = timedelta(minutes=2)


class WeatherBody(BaseModel):
    """What was read: at `station` (what that is called), now or at `at`. The wind is told by where it comes from, clockwise from north."""

    station: str = Field(min_length=1, max_length=80)
    temperature_c: float = Field(ge=COLDEST_C, le=HOTTEST_C)
    humidity: Annotated[float | None, Field(ge=0, le=1)] = None
    wind_mps: float = Field(ge=0, le=STRONGEST_MPS)
    wind_from_deg: float = Field(default=0, ge=0, le=360)
    at: Instant | None = None


def add_routes(router: APIRouter, door: Door) -> None:
    """The routes of the weather."""

    @router.get("/weather", openapi_extra=asks(Need.MICROPHONES_VIEW))
    async def get_weather(actor: Signed) -> forms.Weather:
        """The air that a sound of now would be located with, how sure that is, and what was read last."""
        return await look(door, actor)

    @router.post("/weather", status_code=201, openapi_extra=asks(Need.WEATHER_ENTER, Need.MICROPHONES_VIEW))
    async def enter_weather(actor: Signed, body: WeatherBody) -> forms.Weather:
        """Enter what a person or a station read; sounds of after it are located with it."""
        await enter(door, actor, body)
        return await look(door, actor)


async def enter(door: Door, actor: Actor, body: WeatherBody) -> None:
    """Keep a reading. Raises Invalid for one of the future, or of so long ago that no sound is located with it."""
    async with door.open(Ask(actor, Need.WEATHER_ENTER)) as tx:
        at = body.at or tx.now
        if at > tx.now + _CLOCKS_DIFFER_BY:
            raise Invalid("Nobody has read the weather of the future.", reason="at")
        if tx.now - at > LONGEST:
            raise Invalid("No sound is located with a reading of more than a day ago.", reason="at")
        await weather_store.keep(
            tx,
            Reading(
                at,
                body.temperature_c,
                body.humidity,
                body.wind_mps,
                body.wind_from_deg,
                body.station.strip(),
            ),
        )
        await effect(
            tx, "weather.entered", About("agency", actor.agency), more={"station": body.station.strip()}
        )


async def look(door: Door, actor: Actor) -> forms.Weather:
    """What is reckoned with now, and what was read last."""
    async with door.open(Ask(actor, Need.MICROPHONES_VIEW)) as tx:
        since = tx.now - LONGEST
        now = weather_at(await weather_store.between(tx, since, tx.now + _CLOCKS_DIFFER_BY), tx.now)
        kept = await weather_store.latest(tx, _SHOWN)
        return {
            "sentence": now.sentence,
            "read_at": now.read_at,
            "temperature_c": round(now.air.temperature_c, 1),
            "apart_c": round(now.apart_c, 1),
            "wind": wind_words(now.air.wind_mps),
            "apart_mps": round(now.apart_mps, 1),
            "readings": [forms.reading_json(one) for one in kept],
        }
