"""Over what a stream comes and by which certificate its end is known: what is taken, what is refused, what stays."""

from __future__ import annotations

import pytest

from tests.cameras.certificates import made
from watchfloor.cameras.address import parse
from watchfloor.cameras.transport import Transport, carried, certificate_of, fingerprint, is_pin
from watchfloor.kit.errors import Invalid

TCP, UDP, AUTO = Transport.TCP, Transport.UDP, Transport.AUTO
PIN = ":".join(["AB", "01"] * 16)
NO_CERTIFICATE = "That is no certificate: enter its SHA-256 fingerprint, 64 hexadecimal digits, or the PEM of its authority."
PLAIN, TLS, ELSEWHERE, BOX, CENTER = (
    parse(text)[0]
    for text in (
        "rtsp://10.0.0.5/a",
        "rtsps://10.0.0.5/a",
        "rtsps://10.0.0.6/a",
        "edge://yard",
        "https://10.0.0.7",
    )
)


@pytest.mark.parametrize(
    "typed",
    [PIN, PIN.lower(), PIN.replace(":", ""), PIN.replace(":", " "), f"SHA256:{PIN}", f" sha-256 {PIN} ", f"SHA256={PIN.lower()}"],
)  # fmt: skip
def test_a_fingerprint_is_known_however_it_is_written(typed: str) -> None:
    assert certificate_of(typed) == PIN and is_pin(PIN)


def test_a_certificate_is_known_by_its_authority_or_the_devices_own_by_what_it_is() -> None:
    city, own = made("City", authority=True), made("camera-17")
    kept = certificate_of(f"comes from the city:\n{city.pem}")
    assert kept == city.pem and not is_pin(kept)
    assert certificate_of(own.pem) == fingerprint(own.der) == own.fingerprint
    assert certificate_of(made("leaf", city).pem + city.pem) == city.pem
    assert certificate_of("  ") is certificate_of(None) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (PIN[:-3], "That is no certificate"),
        (PIN[:-1] + "G", "That is no certificate"),
        ("-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----", "That PEM holds no certificate"),
        ("-----BEGIN CERTIFICATE-----" + "A" * 20_000, "That is no certificate"),
    ],
)
def test_what_is_no_certificate_is_refused(typed: str, said: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        certificate_of(typed)
    assert refused.value.reason == "certificate"


def test_several_certificates_without_an_authority_are_refused() -> None:
    with pytest.raises(Invalid, match="of an authority"):
        certificate_of(made("a").pem + made("b").pem)


@pytest.mark.parametrize(
    ("address", "before", "transport", "certificate", "kept"),
    [
        (PLAIN, None, None, None, (TCP, None)),
        (PLAIN, None, UDP, None, (UDP, None)),
        (PLAIN, (PLAIN, UDP, None), None, None, (UDP, None)),
        (TLS, None, None, PIN, (TCP, PIN)),
        (TLS, (TLS, AUTO, PIN), None, None, (AUTO, PIN)),
        (TLS, (TLS, TCP, PIN), None, "", (TCP, None)),
        (TLS, (PLAIN, UDP, None), None, None, (TCP, None)),
        (ELSEWHERE, (TLS, TCP, PIN), None, None, (TCP, None)),
        (PLAIN, (TLS, TCP, PIN), None, None, (TCP, PIN)),
        (BOX, (PLAIN, UDP, None), None, "", (TCP, None)),
    ],
    ids=[
        "nothing said", "said", "as before", "pinned", "kept", "taken away", "under TLS nothing goes beside", "another host’s is another",
        "its stream in the clear, its device not", "its box says",
    ],
)  # fmt: skip
def test_how_a_stream_is_carried(
    address: object, before: object, transport: object, certificate: object, kept: object
) -> None:
    assert carried(address, before, transport, certificate) == kept  # type: ignore[arg-type]  # any word, as a form sends it


@pytest.mark.parametrize(
    ("address", "transport", "certificate", "reason", "says"),
    [
        (TLS, UDP, None, "transport", "Over UDP the pictures of rtsps:// would go in the clear."),
        (CENTER, None, PIN, "certificate", "By what another center is known is entered with its login."),
        (BOX, UDP, None, "transport", "How a camera behind an edge box is reached, the box's own file says."),
        (BOX, None, PIN, "certificate", "How a camera behind an edge box is reached, the box's own file says."),
        (TLS, None, "mine", "certificate", NO_CERTIFICATE),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    address: object, transport: object, certificate: object, reason: str, says: str
) -> None:
    with pytest.raises(Invalid) as refused:
        carried(address, None, transport, certificate)  # type: ignore[arg-type]  # any word, as a form sends it
    assert (refused.value.reason, refused.value.detail) == (reason, says)
