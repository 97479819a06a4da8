"""The camera's judgement of a password, against the examples that the standard prints."""

from __future__ import annotations

import pytest

from watchfloor_sim.digest import Algorithm, Answer, Credentials, Guard

MUFASA = Credentials("Mufasa", "Circle of Life")
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616_are_right_but_for_their_old_nonce(
    algorithm: Algorithm, response: str
) -> None:
    guard = Guard(algorithm=algorithm, realm="http-auth@example.org")
    header = (
        f'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm={algorithm}, '
        f'nonce="{NONCE}", nc=00000001, cnonce="{CNONCE}", qop=auth, response="{response}"'
    )
    assert guard.judge(header, "GET", "/dir/index.html", MUFASA) is Answer.STALE
    assert guard.judge(header, "PUT", "/dir/index.html", MUFASA) is Answer.WRONG
    assert guard.judge(header, "GET", "/other", MUFASA) is Answer.WRONG
    assert guard.judge(header.replace("Mufasa", "Scar"), "GET", "/dir/index.html", MUFASA) is Answer.WRONG


@pytest.mark.parametrize(
    "header", [None, "", "Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl", "Digest", "Digest response=,,,="]
)
def test_no_answer_and_another_kind_of_answer_are_wrong(header: str | None) -> None:
    assert Guard().judge(header, "GET", "/", MUFASA) is Answer.WRONG


def test_credentials_do_not_show_their_password() -> None:
    assert "Circle" not in repr(MUFASA)
