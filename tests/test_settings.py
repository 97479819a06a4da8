"""Settings: defaults, then the file, then the environment; a wrong name or type is refused, with what is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchfloor.kit.errors import Invalid
from watchfloor.settings import Settings, load


def of(data: Path, file: str | None = None, **environment: str) -> Settings:
    """The settings of a data directory with that file, under that environment and no other."""
    if file is not None:
        (data / "config.toml").write_text(file)
    return load(data, environment)


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    settings = of(tmp_path, HOME="/anywhere", WATCHFLOOR_NO_BROWSER="1")
    assert settings == Settings(data=tmp_path)
    assert (settings.http.host, settings.record.segment_s) == ("127.0.0.1", 60)


def test_the_file_goes_before_the_default_and_the_environment_before_the_file(tmp_path: Path) -> None:
    settings = of(
        tmp_path,
        '[record]\nsegment_s = 30\nstall_after_s = 4\n[http]\nhost = "0.0.0.0"\ntls = "local"\n',
        WATCHFLOOR_RECORD__SEGMENT_S="20",
        WATCHFLOOR_HTTP__PORT="8443",
    )
    assert (settings.record.segment_s, settings.record.stall_after_s) == (20, 4.0)
    assert (settings.http.host, settings.http.tls, settings.http.port) == ("0.0.0.0", "local", 8443)
    assert settings.record.workers == 1


@pytest.mark.parametrize(
    ("file", "environment", "says"),
    [
        ("[recrod]\nworkers = 2\n", {}, r"config\.toml: there is no section \[recrod\]; known are postgres, nats,"),
        ('http = "0.0.0.0"\n', {}, r"there is no section \[http\]"),
        ("[http]\nprot = 8443\n", {}, r"\[http\] has no setting 'prot'; known are host, port, public_url,"),
        ("[http\n", {}, r"config\.toml cannot be read: "),
        ("", {"WATCHFLOOR_RECROD__WORKERS": "2"}, r"WATCHFLOOR_RECROD__WORKERS: there is no section 'recrod'"),
        ("", {"WATCHFLOOR_HTTP__PROT": "1"}, r"\[http\] has no setting 'prot'"),
        ('[http]\nport = "many"\n', {}, r"http\.port: 'many' is not a number"),
        ("[http]\nport = 84.5\n", {}, r"http\.port: 84\.5 is not a number"),
        ("[http]\nport = true\n", {}, r"http\.port: True should be of type int"),
        ("[http]\nport = []\n", {}, r"http\.port: \[\] is not a number"),
        ("[record]\nstall_after_s = [6]\n", {}, r"record\.stall_after_s: \[6\] is not a number"),
        ("[http]\nhost = 127\n", {}, r"http\.host: 127 should be of type str"),
        ("", {"WATCHFLOOR_HTTP__PORT": ""}, r"http\.port: '' is not a number"),
    ],
)  # fmt: skip
def test_a_wrong_name_or_type_is_refused_with_what_is_known(
    tmp_path: Path, file: str, environment: dict[str, str], says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        of(tmp_path, file, **environment)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"[http]\nhost = '\xff'\n")
    with pytest.raises(Invalid, match=r"config\.toml cannot be read"):
        load(tmp_path, {})
    (tmp_path / "folder" / "config.toml").mkdir(parents=True)
    with pytest.raises(Invalid, match=r"config\.toml cannot be read: .*directory"):
        load(tmp_path / "folder", {})
