"""`watchfloor cameras discover` says what answers, or why nothing may."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watchfloor.cameras.onvif.command import NOBODY, run
from watchfloor.kit.errors import Invalid
from watchfloor_sim.onvif.discovery import PORT, Responder

# An address of this machine that no other test listens at: devices have one port for this.
THERE = "127.0.0.78"


async def test_the_terminal_says_what_answers_or_why_nothing_may(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text(f'[record]\ncamera_networks = "{THERE}/32"\n')
    service = f"http://{THERE}:8080/onvif/device_service"
    ear = await Responder.start(service, host=THERE, port=PORT)
    assert await run(tmp_path, network=THERE, as_json=True) == 0
    ear.stop()
    said = json.loads(capsys.readouterr().out)
    assert said == {"address": service, "name": "River Optics", "hardware": "RO-20"}
    assert await run(tmp_path, network=THERE) == 0
    assert capsys.readouterr().out.strip() == NOBODY
    with pytest.raises(Invalid, match="none of the networks set for cameras"):
        await run(tmp_path, network="10.0.0.0/24")
