"""The small parts that `up` is made of: lock, ports, secrets, logs, paths, pauses, users of the bus."""

from __future__ import annotations

import os
import socket
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchfloor.engines import lock
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.keys import given, secret
from watchfloor.engines.layout import Layout, own, untraversable, write_private
from watchfloor.engines.ports import chosen
from watchfloor.engines.rotate import rotate
from watchfloor.engines.scrub import Scrub
from watchfloor.engines.supervise import pause_after
from watchfloor.kit.errors import Conflict, Invalid, Unavailable

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)


def test_the_lock_names_its_holder_and_is_free_after_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert lock.holder(path) is None
    with lock.held(path, by="watchfloor up", now=NOW):
        told = lock.holder(path)
        assert told is not None
        assert f"watchfloor up, process {os.getpid()} on " in told
        assert "2026-11-22T20:00:00" in told
        with pytest.raises(Conflict, match="watchfloor up"), lock.held(path, by="another", now=NOW):
            raise AssertionError("two hold it")
    assert lock.holder(path) is None
    with lock.held(path, by="another", now=NOW):
        pass


def test_a_port_is_taken_again_when_it_is_free_and_another_when_it_is_not() -> None:
    first = chosen("127.0.0.1", 0, what="http.port")
    assert chosen("127.0.0.1", 0, last=first, what="http.port") == first
    with socket.socket() as other:
        other.bind(("127.0.0.1", first))
        other.listen()
        assert chosen("127.0.0.1", 0, last=first, what="http.port") != first
        with pytest.raises(Conflict, match=str(first)):
            chosen("127.0.0.1", first, what="http.port")


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(Invalid, match="not an address of this machine"):
        chosen("192.0.2.1", 0, what="http.port")
    with pytest.raises(Invalid, match="is no address"):
        chosen("no.such.name.invalid", 0, what="http.port")


def test_a_secret_is_made_once_at_random_and_read_by_nobody_else(tmp_path: Path) -> None:
    first = secret(tmp_path / "a")
    assert secret(tmp_path / "a") == first
    assert secret(tmp_path / "b") != first
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    (tmp_path / "c").write_text("\n")
    with pytest.raises(Invalid, match="empty"):
        secret(tmp_path / "c")


def test_a_secret_of_somebody_elses_is_one_line_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("pass word\nnot this\n")
    assert given(str(tmp_path / "p"), setting="postgres.password_file") == "pass word"
    with pytest.raises(Invalid, match=r"postgres\.password_file"):
        given(str(tmp_path / "missing"), setting="postgres.password_file")


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write_private(tmp_path / "f", "one")
    write_private(tmp_path / "f", "two")
    assert (tmp_path / "f").read_text() == "two"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_directory_that_is_a_link_or_a_file_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "file").touch()
    for name in ("link", "file"):
        with pytest.raises(Invalid):
            own(tmp_path / name, 0o700)
    own(tmp_path / "elsewhere", 0o700)
    assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) == 0o700


def test_the_runtime_directory_is_near_when_its_sockets_fit_and_short_when_they_do_not(
    tmp_path: Path,
) -> None:
    assert Layout.of(Path("/srv/wf")).runtime == Path("/srv/wf/run")
    far = Layout.of(Path("/srv") / ("x" * 80))
    assert len(str(far.runtime)) < 60
    assert far.runtime != Layout.of(Path("/srv") / ("y" * 80)).runtime
    assert far.runtime == Layout.of(Path("/srv") / ("x" * 80)).runtime
    assert Layout.of(Path("data")).data.is_absolute()


def test_the_parent_that_bars_the_way_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "below").mkdir(parents=True)
    tmp_path.chmod(0o711)
    closed.chmod(0o700)
    barred = untraversable(closed / "below", 65534, 65534)
    assert barred is not None
    assert closed.is_relative_to(barred)


def test_a_log_that_grew_moves_on_and_the_oldest_goes(tmp_path: Path) -> None:
    log = tmp_path / "serve.log"
    for n in range(5):
        log.write_text(f"{n}" * 200)
        assert rotate(log, most_bytes=100, kept=3)
        assert log.read_text() == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "serve.log",
        "serve.log.1",
        "serve.log.2",
        "serve.log.3",
    ]
    assert [(tmp_path / f"serve.log.{n}").read_text()[0] for n in (1, 2, 3)] == ["4", "3", "2"]
    assert not rotate(log, most_bytes=100, kept=3)
    assert not rotate(tmp_path / "missing.log")


def test_a_writer_goes_on_at_the_beginning_of_an_emptied_log(tmp_path: Path) -> None:
    log = tmp_path / "serve.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * 200)
        rotate(log, most_bytes=100)
        writer.write(b"after")
    assert log.read_bytes() == b"after"


def test_what_strangers_give_as_names_is_blotted_out_of_a_log_that_goes_on(tmp_path: Path) -> None:
    log, known = tmp_path / "nats.log", "mic_01HZZZZZZZZZZZZZZZZZZZZZZZ"
    scrub = Scrub(log)
    scrub.look()
    line = '[7] [ERR] 192.0.2.7:1 - mid:7 - "{}" - authentication error - User "{}"\n'
    with log.open("ab", buffering=0) as writer:
        writer.write(line.format(known, 'wf_to\\"ken').encode())
        writer.write(b'[7] [INF] Listening for "MQTT"\n[7] [ERR] 192.0.2.7:1 - cid:8 - "wf_to')
        scrub.look()
        assert (
            log.read_text()
            == line.format(known, "*" * 10)
            + '[7] [INF] Listening for "MQTT"\n[7] [ERR] 192.0.2.7:1 - cid:8 - "wf_to'
        )
        writer.write(b'ken" - went\n')
        scrub.look()
        assert "wf_to" not in log.read_text() and log.read_text().endswith('cid:8 - "********" - went\n')
        rotate(log, most_bytes=10)
        writer.write(line.format("wf_token", known).encode())
        scrub.look()
    assert log.read_text() == line.format("*" * 8, known)


def test_pauses_grow_and_stay_short_enough_to_be_back_within_ten_seconds() -> None:
    pauses = [pause_after(n) for n in range(1, 40)]
    assert pauses == sorted(pauses)
    assert pauses[0] < 0.5
    assert pauses[-1] <= 5.0
    assert pause_after(5000, 300.0) == 300.0, "of what costs much to start"


def test_endpoints_are_read_as_they_were_written_and_garbage_is_said(tmp_path: Path) -> None:
    layout = Layout.of(tmp_path / "data")
    layout.prepare()
    written = Endpoints(
        layout.data, "http://h", "h:1", "host=/x dbname=d", "nats://n", None, layout.runtime, pids={"up": 1}
    )
    written.write()
    assert Endpoints.read(layout.data) == written
    secret(layout.keys / "postgres.wf_app")
    assert "password=" in written.dsn("wf_app")
    layout.endpoints.write_text("{")
    with pytest.raises(Unavailable, match="cannot be understood"):
        Endpoints.read(layout.data)
    with pytest.raises(Unavailable, match="Nothing runs"):
        Endpoints.read(tmp_path / "nowhere")
    with pytest.raises(Unavailable, match=r"endpoints\.json cannot be read: Not a directory") as told:
        Endpoints.read(layout.endpoints)
    assert (
        told.value.next_step
        == "Name the data directory of a center, as the user that `watchfloor up` runs as."
    )
