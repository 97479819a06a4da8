"""The way of a crew: along the streets, turn by turn; a straight line that says so; nobody else's."""

from __future__ import annotations

from tests.dispatch.street import SCENE, Street


async def test_the_way_goes_along_the_streets_and_says_each_turn(street: Street) -> None:
    await street.streets()
    unit = await street.unit("3142", 800, 0)
    incident = await street.floor.incident()
    sent = await street.send(incident, unit)
    way = await street.get(f"/assignments/{sent['id']}/route", by="officer-3142")
    assert (way["how"], way["position_stale"]) == ("road", False)
    assert 780 <= way["distance_m"] <= 820 and 75 <= way["eta_s"] <= 85
    assert [leg["sentence"] for leg in way["legs"]] == ["Go west on East St, 800 m."]
    assert way["line"][0] == way["source"] and way["line"][-1] == way["target"] == [SCENE.lat, SCENE.lon]
    assert len(way["around"]) == len(way["around_names"]) == 4 and "at the speed limits" in way["sentence"]
    assert way["legs"][0]["street"] == "East St" and "East St" in way["around_names"]


async def test_without_streets_the_way_is_a_straight_line_and_promises_no_time(street: Street) -> None:
    sent = await street.send(await street.floor.incident(), await street.unit("3142", 800, ago_s=600))
    way = await street.get(f"/assignments/{sent['id']}/route", by="officer-3142")
    assert (way["how"], way["eta_s"], way["legs"], way["around"]) == ("straight_line", None, [], [])
    assert 780 <= way["distance_m"] <= 820 and len(way["line"]) == 2
    assert way["sentence"].startswith("No street map is loaded: straight line only, 0.8 km.")
    assert (way["position_stale"], way["sentence"].endswith("From where 3142 was 10 min ago.")) == (
        True,
        True,
    )


async def test_an_end_that_is_not_known_is_said(street: Street) -> None:
    sent = await street.send(await street.floor.incident(), await street.unit("3142"))
    way = await street.get(f"/assignments/{sent['id']}/route", by="officer-3142")
    assert (way["how"], way["distance_m"], way["line"]) == ("unknown", None, [])
    assert way["sentence"].startswith("Where 3142 is is not known")
    call = {"type": "Burglary", "priority": 2, "purpose": "burglary_theft", "place": "Mill St 12"}
    taken = (await street.post("/calls", call)).json()
    incident = (await street.post("/incidents", {"call": taken["id"]})).json()["id"]
    other = await street.send(incident, await street.unit("3150", 300))
    way = await street.get(f"/assignments/{other['id']}/route", by="officer-3150")
    assert (way["how"], way["target"]) == ("unknown", None)
    assert "in words only" in way["sentence"]


async def test_nobody_is_shown_another_crews_way(street: Street) -> None:
    sent = await street.send(await street.floor.incident(), await street.unit("3142", 500))
    await street.unit("3150", 900)
    path = f"/api/v1/assignments/{sent['id']}/route"
    other = await (await street.officer("3150")).get(path)
    assert (await street.floor.web.kept_refusal(other))["reason"] == "not_on_this_unit"
    assert (await (await street.officer("3142")).get(path)).status_code == 200
    await street.says("3142", sent["id"], "clear")
    assert (await (await street.officer("3142")).get(path)).status_code == 403
    nowhere = f"/api/v1/assignments/{street.floor.nowhere('asg')}/route"
    assert (await (await street.officer("3142")).get(nowhere)).status_code == 404


async def test_the_room_is_told_the_ways_of_those_who_are_not_there_yet(street: Street) -> None:
    await street.streets()
    incident = await street.floor.incident()
    path = f"/incidents/{incident}/ways"
    assert (await street.get(path, by="analyst"))["ways"] == []
    near = await street.send(incident, await street.unit("3142", 800, 0))
    silent = await street.send(incident, await street.unit("3150"))
    ways = {way["unit"]["call_sign"]: way for way in (await street.get(path, by="analyst"))["ways"]}
    assert (ways["3142"]["id"], ways["3142"]["how"]) == (near["id"], "road")
    assert 780 <= ways["3142"]["distance_m"] <= 820 and ways["3142"]["line"][-1] == [SCENE.lat, SCENE.lon]
    assert (ways["3150"]["id"], ways["3150"]["how"], ways["3150"]["line"]) == (silent["id"], "unknown", [])

    for step in ("accept", "en-route", "on-scene"):
        await street.says("3142", near["id"], step)
    left = (await street.get(path, by="analyst"))["ways"]
    assert [way["unit"]["call_sign"] for way in left] == ["3150"], "who is there has no way any more"


async def test_the_ways_are_for_who_sees_incidents_and_to_one_that_is_there(street: Street) -> None:
    incident = await street.floor.incident()
    auditor = await street.floor.web.person("auditor")
    refused = await auditor.get(f"/api/v1/incidents/{incident}/ways")
    assert (refused.status_code, refused.json()["reason"]) == (403, "role")
    analyst = await street.floor.web.person("analyst")
    nowhere = await analyst.get(f"/api/v1/incidents/{street.floor.nowhere('inc')}/ways")
    assert nowhere.status_code == 404
