"""An address leads to a camera and nowhere else; credentials never stay in it."""

from __future__ import annotations

import ipaddress

import pytest

from watchfloor.cameras.address import Login, Networks, parse, permitted
from watchfloor.kit.errors import Invalid

ANYWHERE = Networks.of("")


@pytest.mark.parametrize(
    ("typed", "kept", "login"),
    [
        ("rtsp://10.0.0.5/live", "rtsp://10.0.0.5/live", None),
        ("RTSP://10.0.0.5:554/live", "rtsp://10.0.0.5/live", None),
        ("rtsp://cam-7.city.example:8554/a?ch=1&sub=0", "rtsp://cam-7.city.example:8554/a?ch=1&sub=0", None),
        ("rtsp://admin:p%40ss%3Aword@10.0.0.5", "rtsp://10.0.0.5/", Login("admin", "p@ss:word")),
        ("rtsps://[2001:db8::7]/s", "rtsps://[2001:db8::7]/s", None),
        ("  rtsp://10.0.0.5/x ", "rtsp://10.0.0.5/x", None),
    ],
)
def test_an_address_is_kept_without_its_credentials(typed: str, kept: str, login: Login | None) -> None:
    address, found = parse(typed)
    assert str(address) == kept and found == login


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "10.0.0.5",
        "http://10.0.0.5/",
        "file:///etc/passwd",
        "rtsp://",
        "rtsp:///stream",
        "rtsp://10.0.0.5:99999/",
        "rtsp://10.0.0.5:0/",
        "rtsp://10.0.0.5/a b",
        "rtsp://10.0.0.5/a\nb",
        "rtsp://10.0.0.5/admin:secret@other",
        "rtsp://a@b@10.0.0.5/\x00",
        "rtsp://[::1/",
        "rtsp://" + "a" * 2000,
        "rtspu://10.0.0.5/",
        "rtsp://10.0.0.5/#x",
    ],
)
def test_what_is_no_camera_address_is_refused_without_being_repeated(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(typed)
    assert "secret" not in refused.value.detail and "passwd" not in refused.value.detail


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "127.9.9.9", "::1", "169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "ff02::1",
        "100.100.100.200", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "255.255.255.255", "240.0.0.1",
    ],
)  # fmt: skip
def test_this_machine_its_link_and_the_clouds_metadata_are_no_cameras(ip: str) -> None:
    assert ANYWHERE.refuse(ipaddress.ip_address(ip))
    assert Networks.of("10.0.0.0/8").refuse(ipaddress.ip_address(ip))
    assert ANYWHERE.refuse(ipaddress.ip_address(ip)) in (
        "No camera can be at that address.",
        "No camera is at that address: it belongs to this machine's host.",
    )


@pytest.mark.parametrize(
    "ip", ["10.1.2.3", "192.168.1.20", "172.16.0.9", "203.0.113.7", "fd12::7", "2001:db8::1"]
)
def test_cameras_may_be_in_private_and_public_networks(ip: str) -> None:
    assert ANYWHERE.refuse(ipaddress.ip_address(ip)) is None or ip == "2001:db8::1"


def test_where_networks_are_named_only_those_count() -> None:
    named = Networks.of("10.20.0.0/16, 127.0.0.0/8")
    assert named.refuse(ipaddress.ip_address("10.20.3.4")) is None
    assert named.refuse(ipaddress.ip_address("127.0.0.1")) is None
    assert named.refuse(ipaddress.ip_address("10.21.0.1"))
    with pytest.raises(Invalid):
        Networks.of("10.0.0.0/8, somewhere")


def test_a_name_that_leads_to_two_places_must_be_permitted_at_both() -> None:
    address, _ = parse("rtsp://cam.example/s")
    good, bad = ipaddress.ip_address("10.0.0.5"), ipaddress.ip_address("169.254.169.254")
    assert permitted(address, ANYWHERE, [good]) == good
    for looked_up in ([good, bad], [bad], []):
        with pytest.raises(Invalid):
            permitted(address, ANYWHERE, looked_up)


def test_a_login_does_not_show_itself() -> None:
    assert "hunter2" not in repr(Login("admin", "hunter2")) and "admin" not in repr(Login("admin", "hunter2"))
