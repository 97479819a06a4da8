"""Signed notes and checkpoints, held against notes that other programs signed, and against every changed byte."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.governance.checkpoint import (
    BadNote,
    Checkpoint,
    Note,
    Signature,
    VerifierKey,
    open_checkpoint,
    sign,
    verifier_of,
)
from watchfloor.kit.errors import Invalid

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NAME = "example.org/log"
KEY = verifier_of(NAME, PRIVATE)
ROOT = bytes(range(100, 132))
NOTE = sign(Checkpoint(NAME, 4242, ROOT).text, NAME, PRIVATE)

# Signed by other programs: Go's sumdb/note documentation, and a key and note of the C2SP test vectors.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)


@pytest.mark.parametrize(("key", "note"), [(NEUMANN, NEUMANN_NOTE), (FOO, FOO_NOTE)])
def test_notes_that_other_programs_signed_are_read_and_verified(key: str, note: str) -> None:
    verifier = VerifierKey.parse(key)
    assert verifier.text == key
    assert Note.parse(note.encode()).signed_by(verifier)


def test_a_checkpoint_reads_back_as_it_was_signed() -> None:
    assert open_checkpoint(NOTE, KEY) == Checkpoint(NAME, 4242, ROOT)
    assert NOTE.decode().startswith(f"{NAME}\n4242\n{base64.b64encode(ROOT).decode()}\n\n— {NAME} ")


def test_the_example_of_the_checkpoint_specification_is_read() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    checkpoint = Checkpoint.parse(text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text == text


def test_every_changed_byte_of_a_checkpoint_is_found() -> None:
    found = tried = 0
    for at in range(len(NOTE)):
        for bit in range(8):
            changed = bytearray(NOTE)
            changed[at] ^= 1 << bit
            tried += 1
            try:
                open_checkpoint(bytes(changed), KEY)
            except BadNote:
                found += 1
    assert found == tried


def test_every_shortened_checkpoint_is_refused() -> None:
    for length in range(len(NOTE)):
        with pytest.raises(BadNote):
            open_checkpoint(NOTE[:length], KEY)


def test_a_witness_may_sign_beside_the_log_and_is_passed_over_by_who_does_not_know_it() -> None:
    witness = Ed25519PrivateKey.from_private_bytes(bytes(32))
    text = Checkpoint(NAME, 1, ROOT).text
    theirs = Note.parse(sign(text, "witness.example", witness)).signatures[0]
    both = sign(text, NAME, PRIVATE, beside=[theirs])
    assert open_checkpoint(both, KEY).size == 1
    assert Note.parse(both).signed_by(verifier_of("witness.example", witness))


def test_a_second_signature_under_the_same_key_must_be_right_too() -> None:
    wrong = Signature(NAME, KEY.key_id, bytes(64))
    with pytest.raises(BadNote, match="does not fit the text"):
        open_checkpoint(sign(Checkpoint(NAME, 1, ROOT).text, NAME, PRIVATE, beside=[wrong]), KEY)


def test_a_checkpoint_of_another_key_of_the_same_name_is_refused() -> None:
    other = verifier_of(NAME, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with pytest.raises(BadNote, match="not signed by the key"):
        open_checkpoint(NOTE, other)


def test_a_checkpoint_of_another_log_signed_by_our_key_is_refused() -> None:
    with pytest.raises(BadNote, match="of the log"):
        open_checkpoint(sign(Checkpoint("elsewhere.example", 1, ROOT).text, NAME, PRIVATE), KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        f"a\n01\n{base64.b64encode(ROOT).decode()}\n",
        f"a\n-1\n{base64.b64encode(ROOT).decode()}\n",
        f"a\n+1\n{base64.b64encode(ROOT).decode()}\n",
        f"a\n１\n{base64.b64encode(ROOT).decode()}\n",
        f"a\n9999999999999999999\n{base64.b64encode(ROOT).decode()}\n",
        f"a\n1\n{base64.b64encode(ROOT[:31]).decode()}\n",
        f"a\n1\n{base64.b64encode(ROOT).decode()[:-2]}=\n",
        f"a\n1\n{base64.b64encode(ROOT).decode().replace('=', '')}\n",
        f"\n1\n{base64.b64encode(ROOT).decode()}\n",
        f"a\n1\n{base64.b64encode(ROOT).decode()}\n\nx\n",
        f"a\n1\n{base64.b64encode(ROOT).decode()}",
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


def test_base64_with_unused_bits_set_is_not_a_second_form_of_the_same_root() -> None:
    one_form = base64.b64encode(bytes(32)).decode()
    other_form = one_form[:-2] + "B="
    assert base64.b64decode(other_form) == bytes(32)
    with pytest.raises(BadNote):
        Checkpoint.parse(f"a\n1\n{other_form}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        "name+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode(),
        "na me+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode(),
        KEY.text.replace("+A", "+B", 1),
        KEY.text[:-4],
        f"{NAME}+{KEY.key_id.hex()}+" + base64.b64encode(b"\x02" + KEY.public).decode(),
    ],
)
def test_a_malformed_key_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        VerifierKey.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "a\u00a0b", "a\nb"])
def test_a_name_that_could_be_read_two_ways_names_no_log(name: str) -> None:
    with pytest.raises(Invalid):
        VerifierKey(name, KEY.public)


def test_a_text_that_no_note_may_hold_is_not_signed() -> None:
    for text in ("no newline at its end", "a tab\t\n", "a return\r\n"):
        with pytest.raises(Invalid):
            sign(text, NAME, PRIVATE)


def test_a_note_with_very_many_signatures_is_refused_and_with_sixteen_is_not() -> None:
    other = Signature("witness.example", b"abcd", bytes(64))
    text = Checkpoint(NAME, 1, ROOT).text
    assert open_checkpoint(sign(text, NAME, PRIVATE, beside=[other] * 15), KEY).size == 1
    with pytest.raises(BadNote, match="more than"):
        open_checkpoint(sign(text, NAME, PRIVATE, beside=[other] * 100), KEY)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_of_notes_stumble(content: bytes) -> None:
    try:
        Note.parse(content)
    except BadNote as refused:
        assert refused.detail


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_every_checkpoint_that_can_be_stated_reads_back(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(NAME, size, root)
    assert open_checkpoint(sign(checkpoint.text, NAME, PRIVATE), KEY) == checkpoint
