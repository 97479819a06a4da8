"""A suspension ends by two persons, and by nobody else."""

from __future__ import annotations

from tests.fixtures.center import CenterWeb


async def lifted(web: CenterWeb, authorisation: str) -> None:
    """A clerk proposes that the suspension ends, and a supervisor approves; neither suffices, and no auditor proposes it."""
    clerk, supervisor, auditor = [await web.person(role) for role in ("clerk", "supervisor", "auditor")]
    body = {"reason": "The council has seen the report."}
    await web.kept_refusal(await auditor.post(f"{authorisation}/lift", json=body))
    short = await clerk.post(f"{authorisation}/lift", json={"reason": "  no  "})
    assert (short.status_code, short.json()["reason"]) == (422, "reason")
    proposed = await clerk.post(f"{authorisation}/lift", json=body)
    assert proposed.status_code == 201, proposed.text
    assert proposed.json()["sentence"] == (
        "The suspension of “Use of fixed camera” ends: The council has seen the report."
        " It was suspended because: the council asked"
    )
    approve = f"/api/v1/proposals/{proposed.json()['id']}/approve"
    assert (await web.kept_refusal(await clerk.post(approve, json={"note": ""})))["reason"] == "same_person"
    another = await supervisor.post(f"{authorisation}/lift", json=body)
    done = await supervisor.post(approve, json={"note": ""})
    assert done.status_code == 200 and authorisation.endswith(done.json()["subject"]), done.text
    late = await clerk.post(f"/api/v1/proposals/{another.json()['id']}/approve", json={"note": ""})
    assert (late.status_code, late.json()["reason"]) == (409, "not_suspended")
    told = (await clerk.get(authorisation)).json()
    assert (told["state"], told["suspended_at"]) == ("in_force", None)
    assert [(line["text"], line["by"]["name"]) for line in told["history"][-2:]] == [
        ("Suspended: the council asked", "Auditor"),
        ("The suspension was lifted, as Clerk proposed: The council has seen the report.", "Supervisor"),
    ]
    gone = await clerk.post(f"{authorisation}/lift", json=body)
    assert (gone.status_code, gone.json()["detail"]) == (409, "It is not suspended.")
