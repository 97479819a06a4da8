"""Cameras are found on the network; whoever answers a probe is judged before a word of it is believed."""

from __future__ import annotations

import pytest

from watchfloor.cameras.address import Networks
from watchfloor.cameras.onvif.discover import (
    Search,
    addresses_of,
    discover,
    read_answer,
    searchable,
)
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid
from watchfloor_sim.onvif.discovery import Responder

HERE = Networks.of("127.0.0.1/32")
SERVICE = "http://127.0.0.1:8899/onvif/device_service"


async def search(responder: Responder, networks: Networks = HERE) -> Search:
    return await discover(networks, ["127.0.0.1"], SystemClock(), port=responder.port, listen_s=0.2)


async def test_a_device_that_is_asked_answers_with_its_name_and_its_address() -> None:
    responder = await Responder.start(f"http://10.9.9.9/onvif/device_service {SERVICE}")
    found = await search(responder)
    nothing = await search(responder, Networks.of("10.0.0.0/8"))
    responder.stop()
    assert (found.asked, found.refused) == (1, 0)
    (device,) = found.found
    assert (str(device.address), device.name, device.hardware) == (SERVICE, "River Optics", "RO-20")
    assert nothing.found == () and nothing.refused > 0, "an answer from where no camera may be is none"


async def test_whoever_hears_the_group_of_all_devices_answers() -> None:
    try:
        responder = await Responder.start(SERVICE, multicast=True)
    except OSError as error:
        pytest.skip(f"no multicast group can be joined here: {error}")
    here = Networks.of("0.0.0.0/0")
    found = await discover(here, None, SystemClock(), listen_s=1.0)
    responder.stop()
    if not responder.asked_from - {"127.0.0.1"}:  # whoever asks this machine alone is heard here too
        pytest.skip("this machine's network carries no multicast")
    assert found.asked == 1 and found.found


async def test_a_flood_of_answers_is_counted_and_not_kept() -> None:
    responder = await Responder.start(SERVICE)
    responder._answer = lambda asked: [responder.match(asked)] * 50
    found = await search(responder)
    responder.stop()
    assert len(found.found) == 1 and found.refused >= 46


def _answer(question: str, **changes: str) -> bytes:
    return Responder(changes.get("service", SERVICE), changes.get("scopes", "")).match(question)


GOOD = _answer("urn:1")
BOMB = b'<!DOCTYPE b [<!ENTITY a "boom"><!ENTITY b "&a;&a;">]>'
HOSTILE = {
    "another question": _answer("urn:2"),
    "no XML": b"\x00\x01\x02",
    "half an answer": GOOD[: len(GOOD) // 2],
    "a document type": GOOD.replace(b"?>", b"?>" + BOMB, 1),
    "a document type in UTF-16": GOOD.replace(b"?>", b"?>" + BOMB, 1)
    .replace(b"UTF-8", b"UTF-16")
    .decode()
    .encode("utf-16"),
    "too long": GOOD.replace(b"</d:Scopes>", b"x" * 20_000 + b"</d:Scopes>"),
    "no match": GOOD.replace(b"ProbeMatch>", b"Other>"),
    "nothing": b"",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_answer_is_none(data: bytes) -> None:
    assert read_answer(data, "127.0.0.1", "urn:1") is None


def test_an_answer_leads_nowhere_but_where_it_came_from() -> None:
    found = read_answer(
        _answer("urn:1", service="http://169.254.169.254/latest ftp://x http://u:p@127.0.0.1/"),
        "127.0.0.1",
        "urn:1",
    )
    assert found is not None and str(found.address) == "http://127.0.0.1/onvif/device_service"
    odd = read_answer(
        _answer("urn:1", scopes="onvif://www.onvif.org/name/a%00%0a%1b[31mb" + "c" * 500),
        "127.0.0.1",
        "urn:1",
    )
    assert odd is not None and odd.name.isprintable() and len(odd.name) <= 80


def test_only_networks_of_cameras_are_searched() -> None:
    networks = Networks.of("10.0.4.0/22, 127.0.0.1/32")
    assert len(addresses_of("10.0.5.0/24", networks)) == 254
    assert addresses_of("127.0.0.1", networks) == ["127.0.0.1"]
    assert searchable(networks) == [
        "10.0.4.0/24",
        "10.0.5.0/24",
        "10.0.6.0/24",
        "10.0.7.0/24",
        "127.0.0.1/32",
    ]
    for asked, reason in {
        "10.0.8.0/24": "address_refused",
        "169.254.169.254": "address_refused",
        "10.0.4.0/22": "network",
        "fd00::/120": "network",
        "here": "network",
    }.items():
        with pytest.raises(Invalid) as refused:
            addresses_of(asked, networks)
        assert refused.value.reason == reason, asked
