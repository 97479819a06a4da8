"""The simulated array: one seed is one night, what is drawn is what is asked for, and the reckoning finds what was fired in it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import httpx
import numpy as np
import pytest

from watchfloor.acoustics.explain import explained
from watchfloor.acoustics.model import Air, Array, Pulses
from watchfloor_sim.acoustic_array import (
    AcousticArray,
    Clock,
    Heard,
    Street,
    backfires,
    firecrackers,
    grid,
    shots,
    thunder,
    truth,
)
from watchfloor_sim.microphone import MicrophoneDevice, OverMqtt, broker_of, night, where

PLACE = (120.0, -80.0)


def array(seed: int = 3, count: int = 16, street: Street | None = None, **ear: float) -> AcousticArray:
    return AcousticArray(grid(count, seed=seed, **ear), seed, street or Street())


def test_one_seed_is_one_night_and_another_is_another() -> None:
    sounds = [shots(PLACE, 2, 3)]
    assert array(1).hears(sounds, 6) == array(1).hears(sounds, 6)
    assert [one.true_s for one in array(1).hears(sounds, 6)] != [
        one.true_s for one in array(2).hears(sounds, 6)
    ]
    heard = array(1).hears(sounds, 6)
    assert len({one.key for one in heard}) == len(heard)
    assert [one.true_s for one in heard] == sorted(one.true_s for one in heard)


def test_what_a_street_does_to_a_place_is_the_same_for_each_round() -> None:
    heard = [one for one in array(5).hears([shots(PLACE, 2, 5)], 8) if one.of == "gunfire"]
    delays: dict[int, list[float]] = {}
    for one in heard:
        delays.setdefault(one.ear, []).append((one.true_s - 2) % 0.35)
    spread = [float(np.ptp(of_one)) for of_one in delays.values() if len(of_one) > 2]
    assert len(spread) > 5 and sorted(spread)[len(spread) // 2] < 0.005


def test_what_is_quieter_is_heard_by_fewer_and_the_dead_hear_nothing() -> None:
    def hearing(made: AcousticArray, sound: object, kind: str) -> int:
        return len({one.ear for one in made.hears([sound], 9) if one.of == kind})  # type: ignore[list-item]  # a sound

    assert hearing(array(), shots(PLACE, 1, 1), "gunfire") > hearing(
        array(), backfires(PLACE, PLACE, 1, 1), "backfire"
    )
    assert len({one.ear for one in array().hears([thunder(250, 3000, 1)], 30) if one.of == "thunder"}) == 16
    dead = AcousticArray([replace(ear, dead=True) for ear in grid(9)], 3)
    assert dead.hears([shots(PLACE, 1, 3)], 9) == []


def test_clocks_links_and_clutter_are_as_asked_for() -> None:
    off = AcousticArray([replace(ear, clock=Clock(off_s=0.02, jump_s=3, jump_at_s=4)) for ear in grid(4)], 3)
    heard = off.hears([shots(PLACE, 1, 3), shots(PLACE, 6, 3)], 9)
    assert {round(one.at_s - one.true_s, 6) for one in heard if one.true_s < 4} == {0.02}
    assert {round(one.at_s - one.true_s, 6) for one in heard if one.true_s >= 4} == {3.02}
    links = array(4, lost=0.2, late=0.3, clutter_per_s=2.0).hears([], 60)
    assert 0.1 < sum(one.sent_s is None for one in links) / len(links) < 0.3
    assert (
        0.15
        < sum(one.sent_s is not None and one.sent_s - one.true_s > 30 for one in links) / len(links)
        < 0.35
    )
    assert abs(len(links) / (16 * 60) - 2) < 0.3 and {one.of for one in links} == {"clutter"}


def test_the_truth_stands_beside_and_can_be_written_down() -> None:
    told = json.loads(json.dumps(truth([firecrackers(PLACE, 1, 30), *night("two-shooters")])))
    assert [len(sound["impulses"]) for sound in told] == [30, 4, 6]
    assert told[1]["impulses"][0] == {"at_s": 10, "east_m": -150, "north_m": 40}
    with pytest.raises(ValueError, match="none of gunfire"):
        night("earthquake")


def test_the_reckoning_finds_what_was_fired() -> None:
    made = array(11, street=Street(echoes=0.3))
    heard = [
        one for one in made.hears([shots(PLACE, 2, 2)], 6) if one.sent_s is not None and 0 <= one.at_s < 6
    ]
    found = explained(*_window(made, heard))
    assert len(found) == 1 and len(found[0].shots) == 2
    assert float(np.hypot(*(found[0].place_m - np.array(PLACE)))) < 15


def _window(made: AcousticArray, heard: list[Heard]) -> tuple[Array, Pulses, Air]:
    places = np.array([(*ear.place, ear.height_m) for ear in made.ears])
    over = Array(places, np.full(len(places), 0.1))
    pulses = Pulses(np.array([one.ear for one in heard]), np.array([one.at_s for one in heard]), 0.0, 6.0)
    return over, pulses, Air(made.street.temperature_c)


async def test_a_microphone_sends_again_until_it_is_taken() -> None:
    heard = array(7).hears([shots(PLACE, 1, 1)], 3)
    asked: list[dict[str, object]] = []
    busy = [500, 502, 503, 429]

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        asked.append(body)
        if len(asked) == 1:
            raise httpx.ConnectError("away")
        if len(asked) < 2 + len(busy):
            pause = {"Retry-After": "4"} if len(asked) == 1 + len(busy) else {}
            return httpx.Response(busy[len(asked) - 2], headers=pause)
        told = {"kept": len(body["pulses"]), "doubled": 0, "late": 0, "refused": []}
        return httpx.Response(200, json=told)

    own = [one for one in heard if one.ear == 0]
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://center") as client:
        device = MicrophoneDevice(client, 1_764_382_455.0, position=where((38.6, -90.2), (0.0, 0.0)))
        for at in range(3, 11):
            await device.hears(own if at == 3 else [], float(at))
            assert len(asked) == min(at - 2, 5), "a pause that is asked for is given"
        assert device.counts.waiting == len(own) and device.counts.refused == 0
        await device.hears([], 11.0)
        assert device.counts.kept == len(own) and device.counts.waiting == 0
        await device.hears([], 30.0)
        assert len(asked) == 6, "it was heard a moment ago"
        await device.hears([], 72.0)
        assert asked[-1]["pulses"] == [] and asked[-1]["lat"] == 38.6
    assert asked[0]["pulses"] == asked[5]["pulses"] and len({str(one["sent_at"]) for one in asked}) == len(
        asked
    )


async def test_over_mqtt_it_sends_again_what_was_not_acknowledged_and_says_so() -> None:
    heard = [one for one in array(7).hears([shots(PLACE, 1, 1)], 3) if one.ear == 0]
    came: list[bytes] = []

    async def broker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One that closes after the first message it gets, and lets nobody in the next time."""
        await reader.readexactly((await reader.readexactly(2))[1])
        writer.write(bytes([0x20, 2, 0, 5 if len(came) == 1 else 0]))
        first = await reader.read(65536)
        came.append(first)
        if len(came) > 2:
            at = 3 if first[1] & 0x80 else 2
            end = at + 2 + int.from_bytes(first[at : at + 2], "big")
            writer.write(bytes([0x40, 2]) + first[end : end + 2])
            await reader.read(65536)
        writer.close()

    server = await asyncio.start_server(broker, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, httpx.AsyncClient() as client:
        way = OverMqtt("127.0.0.1", port, "mic_1", "a token")
        device = MicrophoneDevice(client, 1_764_382_455.0, mqtt=way)
        for at, taken in ((3.0, 0), (4.0, 0), (5.0, len(heard))):
            await device.hears(heard if at == 3.0 else [], at)
            assert (device.counts.taken, device.counts.waiting) == (taken, len(heard) - taken), at
        await way.close()
    assert [one[:1] for one in came] == [b"\x32", b"", b"\x3a"], "the last may have come already"
    assert b"pulses/mic_1" in came[0] and came[0].count(b'"snr_db"') == len(heard)


@pytest.mark.parametrize(
    ("said", "broker"),
    [("h:1", ("h", 1)), ("mqtt://127.0.0.1:18", ("127.0.0.1", 18)), ("[::1]:9", ("::1", 9)), ("h", None), (":1", None), ("h:x", None)],
)  # fmt: skip
def test_a_broker_is_said_with_its_port(said: str, broker: tuple[str, int] | None) -> None:
    if broker is None:
        with pytest.raises(ValueError):
            broker_of(said)
    else:
        assert broker_of(said) == broker
