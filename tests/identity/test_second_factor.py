"""Where a password alone is enough: on the machine itself, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchfloor.settings import HttpSettings, IdentitySettings, Settings
from watchfloor.wiring.parts import second_factor_required


@pytest.mark.parametrize(
    ("host", "public_url", "required"),
    [
        ("127.0.0.1", "", False),
        ("127.8.8.8", "", False),
        ("::1", "", False),
        ("localhost", "http://localhost:8080", False),
        ("0.0.0.0", "", True),
        ("::", "", True),
        ("192.0.2.7", "", True),
        ("watch.example.gov", "", True),
        ("127.0.0.1.example.gov", "", True),
        # Behind a proxy on the same machine everybody comes from loopback.
        ("127.0.0.1", "https://watch.example.gov", True),
        ("::1", "https://192.0.2.7:8443/", True),
        ("127.0.0.1", "watch.example.gov", True),
    ],
)
def test_it_is_required_wherever_others_reach_the_center(
    host: str, public_url: str, required: bool, tmp_path: Path
) -> None:
    settings = Settings(tmp_path, http=HttpSettings(host=host, public_url=public_url))
    assert second_factor_required(settings) is required


def test_a_center_may_require_it_everywhere(tmp_path: Path) -> None:
    assert second_factor_required(Settings(tmp_path, identity=IdentitySettings(require_totp="always")))
