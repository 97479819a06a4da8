"""What an edge box may do, by its own file, its clock and the center's word: pure, and each refusal in words."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from watchfloor.cameras.address import parse
from watchfloor.cameras.boxes import wire
from watchfloor.cameras.boxes.link import _Budget
from watchfloor.cameras.boxes.model import Box, Said, code_of, new_code, shown
from watchfloor.cameras.boxes.permit import permit_of, us
from watchfloor.cameras.boxes.wire import DiskTrouble, Keeping, Permit
from watchfloor.cameras.transport import Transport
from watchfloor.edge.allowed import may_keep, may_send
from watchfloor.edge.clock import CenterClock
from watchfloor.edge.config import load
from watchfloor.governance.actors import process_actor
from watchfloor.governance.agreement import Agreement, Mode, Window
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import ManualClock
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point

NOW = datetime(2026, 6, 1, 22, 0, tzinfo=UTC)  # a Monday, 17:00 in Chicago
CAMERA = UUID(int=7)
DAY = timedelta(hours=24)
CHICAGO = ZoneInfo("America/Chicago")
EVENING = (Window(0, 18 * 60, 6 * 60),)
YES = Lease(
    Ask(process_actor(UUID(int=1), "gate"), Need.CAMERA_RECORD), None, "Allowed.", NOW + timedelta(seconds=60),
    NOW + timedelta(minutes=15), None,
)  # fmt: skip


def agreed(mode: Mode, windows: tuple[Window, ...] = (), ends_at: datetime | None = None) -> Agreement:
    return Agreement(
        UUID(int=2), CAMERA, mode, 300, windows, CHICAGO, Point(38.6, -90.2), NOW - DAY, ends_at
    )  # fmt: skip


def permit(
    answer: Lease | Denied, agreement: Agreement | None, until: datetime | None = NOW + timedelta(days=300)
) -> Permit:
    return permit_of(CAMERA, answer, agreement, authorised_until=until, keep_for=DAY, now=NOW)


def no(reason: str) -> Denied:
    return Denied(reason, "No.")


def test_a_disk_that_cannot_keep_pictures_is_said_with_what_to_do() -> None:
    def of(disk: DiskTrouble | None) -> tuple[str, str, str]:
        said = Said(NOW, NOW, "1", 0, 0, 1, None, (), disk, 12)
        box = Box(UUID(int=1), UUID(int=2), "Yard", NOW, None, NOW, NOW, None, 1, (), (), said)
        state = shown(box, NOW)
        return state.level, state.word, state.reason

    assert of(None) == ("normal", "linked", "Linked.")
    assert of(DiskTrouble.FAILING) == (
        "serious", "disk failing", "Its disk refuses to write: replace the card. 12 pictures could not be kept.",
    )  # fmt: skip
    assert [of(one)[1] for one in DiskTrouble] == ["disk full", "disk failing", "disk slow"]


def test_what_is_always_shared_is_kept_for_a_day_and_never_beyond_any_end() -> None:
    city = permit(YES, None)
    assert may_send(city, NOW) and not may_send(city, NOW + timedelta(seconds=61))
    assert may_keep(city, NOW + timedelta(hours=23), time_believed=True)
    assert not may_keep(city, NOW + timedelta(hours=25), time_believed=True)
    for ended in (
        permit(YES, None, NOW + timedelta(hours=1)),
        permit(YES, agreed(Mode.ALWAYS, ends_at=NOW + timedelta(hours=1))),
    ):
        assert may_keep(ended, NOW + timedelta(minutes=59), time_believed=True)
        assert not may_keep(ended, NOW + timedelta(minutes=61), time_believed=True)


def test_a_word_that_comes_to_a_box_whose_clock_is_behind_is_no_pause() -> None:
    behind = NOW - timedelta(seconds=1)
    for word in (permit(YES, None), permit(YES, agreed(Mode.ALWAYS))):
        assert may_keep(word, behind, time_believed=True)
    not_begun = replace(agreed(Mode.ALWAYS), begins_at=NOW + timedelta(hours=1))
    word = permit(no("agreement_not_begun"), not_begun)
    assert not may_keep(word, NOW + timedelta(minutes=59), time_believed=True)
    assert may_keep(word, NOW + timedelta(minutes=61), time_believed=True)


def test_an_incident_or_a_yes_is_known_to_the_center_alone_so_nothing_is_kept_without_it() -> None:
    for mode in (Mode.INCIDENT, Mode.ASKED):
        word = permit(YES, agreed(mode))
        assert may_send(word, NOW) and word.keeping is None
        assert not may_keep(word, NOW, time_believed=True)


def test_the_owners_hours_hold_at_the_box_also_while_the_center_is_away() -> None:
    word = permit(no("agreement_hours"), agreed(Mode.ALWAYS, EVENING))
    assert not may_send(word, NOW)
    kept = {
        hour: may_keep(word, NOW + timedelta(hours=hour), time_believed=True) for hour in (0, 1, 2, 12, 14)
    }
    assert kept == {0: False, 1: True, 2: True, 12: True, 14: False}
    assert not may_keep(word, NOW + timedelta(hours=2), time_believed=False)
    assert not may_keep(
        permit(no("agreement_hours"), agreed(Mode.ALWAYS, EVENING), None), NOW + DAY / 12, time_believed=True
    )


@pytest.mark.parametrize(
    "reason", ["agreement_suspended", "agreement_revoked", "agreement_over", "no_agreement", "expired"]
)
def test_any_other_no_ends_keeping_too_and_only_a_revocation_deletes(reason: str) -> None:
    word = permit(no(reason), agreed(Mode.ALWAYS))
    assert not may_send(word, NOW) and word.keeping is None
    assert word.forget == (reason == "agreement_revoked")


def test_a_box_without_a_word_or_without_the_zone_does_nothing() -> None:
    assert not may_send(None, NOW) and not may_keep(None, NOW, time_believed=True)
    nowhere = Permit(CAMERA, 0, "", Keeping(0, us(NOW + DAY), "No/Where", []))
    assert not may_keep(nowhere, NOW, time_believed=True)


async def test_the_boxs_own_clock_moves_no_hours() -> None:
    machine = ManualClock(NOW - timedelta(days=400))
    clock = CenterClock(machine, us(NOW))
    assert not clock.believed  # set back, or without a battery
    await machine.advance(timedelta(seconds=5))
    clock.hears(us(NOW), asked_at=machine.monotonic() - 0.2)
    assert clock.believed and abs((clock.now() - NOW).total_seconds()) < 0.2
    machine._now = NOW + timedelta(days=3)  # somebody sets it
    assert abs((clock.now() - NOW).total_seconds()) < 0.2
    await machine.advance(timedelta(hours=1))
    assert abs((clock.now() - NOW).total_seconds() - 3600) < 0.2
    # A board that starts with the time at which it went off keeps nothing, unless something keeps its clock right.
    assert not CenterClock(machine, us(NOW)).believed
    assert CenterClock(machine, us(NOW), lambda: True).believed
    assert not CenterClock(machine, us(NOW + timedelta(days=9)), lambda: True).believed


def test_a_flood_is_told_from_a_burst() -> None:
    budget, at = _Budget(1000), 0.0
    assert budget.take(4000, at) and not budget.take(4000, at)
    steady = _Budget(1000)
    assert all(steady.take(1000, float(second)) for second in range(100))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x00", b"\x00{", b'\x00{"type":"nobody"}', b"\x01" + bytes(17), b"\x01" + bytes(40), b"\x02" + bytes(40),
        wire.word(wire.Ping(1, 0)).replace(b'"clock_us":0', b'"clock_us":"x"'),
        wire.word(wire.Hello(1, "", [])) + b" " * 300_000,
    ],
)  # fmt: skip
def test_garbage_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Invalid):
        wire.read(data)


@pytest.mark.parametrize(
    "frame",
    [b"\x08" + bytes(17), b"\x08" + bytes(33) + b"\0\0\0\x09\x65", b"\x08" + bytes(33) + b"\0\0\0\0\0"],
)
def test_a_picture_that_breaks_off_is_refused(frame: bytes) -> None:
    with pytest.raises(Invalid):
        wire.picture_of(frame)


def test_a_code_is_read_as_it_was_made_and_nothing_else_is_one() -> None:
    code = new_code("center.example.gov:7443", "ab" * 32, UUID(int=9))
    assert code_of(f"  {code}\n") == code
    for other in (
        "",
        "a/b/c/d",
        str(code).replace("7443", "0"),
        str(code).replace("abab", "abxx"),
        str(code) + "/x",
    ):
        with pytest.raises(Invalid, match="no enrolment code") as refused:
            code_of(other)
        assert code.secret not in refused.value.detail


@pytest.mark.parametrize(
    "url", ["edge://", "edge://Yard", "edge://yard/other", "edge://u:p@yard", "edge://yard:80", "edge://../x"]
)
def test_an_address_behind_a_box_is_a_name_and_no_more(url: str) -> None:
    with pytest.raises(Invalid):
        parse(url)
    assert str(parse("edge://yard-north")[0]) == "edge://yard-north"


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ('[cameras.a]\nurl = "rtsp://192.0.2.1/s"\n', 0o644, "can be read by others"),
        ("", 0o600, "names no camera"),
        ("[box", 0o600, "is no TOML"),
        ('[cameras.A]\nurl = "rtsp://192.0.2.1/s"\n', 0o600, "small letters"),
        ('[cameras.a]\nuser = "x"\n', 0o600, "has no url"),
        ('[cameras.a]\nurl = "edge://b"\n', 0o600, "on this network"),
        ('[cameras.a]\nurl = "rtsp://192.0.2.1/s"\npasword = "x"\n', 0o600, "no setting 'pasword'"),
        ('[cameras.a]\nurl = "rtsp://192.0.2.1/s"\nsub_url = "rtsp://192.0.2.2/s"\n', 0o600, "another host"),
        ('[box]\nbuffer_mb = "many"\n[cameras.a]\nurl = "rtsp://192.0.2.1/s"\n', 0o600, "of type int"),
        ("[center]\n", 0o600, "no section [center]"),
        ('[cameras.a]\nurl = "rtsp://192.0.2.1/s"\ntransport = "pigeon"\n', 0o600, "not one of tcp, udp, auto"),
        ('[cameras.a]\nurl = "rtsps://192.0.2.1/s"\ntransport = "udp"\n', 0o600, "in the clear"),
        ('[cameras.a]\nurl = "rtsp://192.0.2.1/s"\ncertificate = "%s"\n' % ("AB" * 32), 0o600, "has a certificate"),
    ],
)  # fmt: skip
def test_a_file_with_a_fault_says_which(tmp_path: Path, text: str, mode: int, said: str) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(Invalid) as refused:
        load(path)
    assert said in refused.value.detail and "192.0.2" not in refused.value.detail


def test_the_file_says_how_a_camera_is_carried(tmp_path: Path) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(
        '[cameras.a]\nurl = "rtsp://192.0.2.1/s"\ntransport = "auto"\n'
        f'[cameras.b]\nurl = "rtsps://192.0.2.1/s"\ncertificate = "{"ab" * 32}"\n'
    )
    path.chmod(0o600)
    one, other = load(path).cameras.values()
    assert (one.transport, one.certificate) == (Transport.AUTO, None)
    assert (other.transport, other.certificate) == (Transport.TCP, ":".join(["AB"] * 32))


def test_the_box_needs_neither_database_nor_bus() -> None:
    """Nor the web: a small board loads what it runs."""
    loads = (
        "import sys, watchfloor.edge.run, watchfloor.edge.enrol, watchfloor.edge.status;"
        "print([name for name in ('psycopg', 'nats', 'fastapi', 'uvicorn', 'alembic', 'av', 'numpy') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
