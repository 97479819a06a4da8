"""Where sound comes from: files of any form, broken ones, and what is piped in."""

from __future__ import annotations

import io
import json
import signal
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sensor.sounds import RATE, sixteen, street, wav, with_bangs
from watchfloor_sensor.audio import BadAudio, Source, Stream, Wav
from watchfloor_sensor.band import Samples
from watchfloor_sensor.cli import main


def whole(source: Source) -> Samples:
    pieces: list[Samples] = []
    while (piece := source.piece()) is not None:
        pieces.append(piece)
    source.close()
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int16)


def file(path: Path, data: bytes, *, coding: int = 1, channels: int = 1, rate: int = RATE, bits: int = 16,
         said: int | None = None, before: bytes = b"") -> Path:  # fmt: skip
    """A WAV file of just this."""
    form = struct.pack("<HHIIHH", coding, channels, rate, 0, 0, bits)
    size = len(data) if said is None else said
    path.write_bytes(
        b"RIFF\0\0\0\0WAVE"
        + before
        + b"fmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + struct.pack("<I", size)
        + data
    )
    return path


SAID = np.array([0, 1, -1, 12_345, -32_768, 32_767], dtype=np.int16)


@pytest.mark.parametrize(
    ("bits", "coding", "data"),
    [
        (16, 1, SAID.astype("<i2").tobytes()),
        (24, 1, b"".join(b"\x99" + struct.pack("<h", n) for n in SAID.tolist())),
        (32, 1, (SAID.astype("<i4") * 65_536 + 7).tobytes()),
        (32, 3, (SAID / 32_768).astype("<f4").tobytes()),
    ],
)
def test_each_form_of_samples_is_heard_alike(tmp_path: Path, bits: int, coding: int, data: bytes) -> None:
    assert whole(Wav(file(tmp_path / "a.wav", data, bits=bits, coding=coding))).tolist() == SAID.tolist()


def test_bytes_floats_that_are_none_other_channels_and_other_chunks_are_understood(tmp_path: Path) -> None:
    eight = whole(Wav(file(tmp_path / "a.wav", bytes([128, 0, 255]), bits=8)))
    assert eight.tolist() == [0, -32_768, 127 * 256]
    odd = np.array([np.nan, np.inf, -np.inf, 2.0], dtype="<f4").tobytes()
    assert whole(Wav(file(tmp_path / "b.wav", odd, bits=32, coding=3))).tolist() == [
        0,
        32_767,
        -32_768,
        32_767,
    ]
    both = np.array([[1, 2], [3, 4]], dtype="<i2").tobytes()
    more = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    path = file(tmp_path / "c.wav", both, channels=2, before=more)
    assert whole(Wav(path, 1)).tolist() == [2, 4]
    assert whole(Stream(io.BytesIO(both + b"\x01"), RATE, 2, 0)).tolist() == [1, 3], "a pipe that breaks off"
    for make in (
        lambda: Wav(path, 2),
        lambda: Stream(io.BytesIO(), RATE, 2, 2),
        lambda: Stream(io.BytesIO(), 10),
    ):
        with pytest.raises(BadAudio):
            make()


def test_a_file_that_breaks_off_is_heard_as_far_as_it_goes_and_says_so(tmp_path: Path) -> None:
    source = Wav(file(tmp_path / "a.wav", SAID.tobytes()[:7], said=0xFFFF_FFFF))
    assert source.broken and whole(source).tolist() == SAID[:3].tolist()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"coding": 7, "bits": 8}, "coded as 7"),
        ({"bits": 12}, "12 bits"),
        ({"channels": 0}, "0 channels"),
        ({"channels": 60_000}, "60000 channels"),
        ({"rate": 0}, "0 samples a second"),
        ({"rate": 4_000_000_000}, "4000000000 samples"),
    ],
)
def test_a_form_that_cannot_be_is_refused_in_words(
    tmp_path: Path, options: dict[str, int], words: str
) -> None:
    with pytest.raises(BadAudio, match=words):
        Wav(file(tmp_path / "a.wav", b"\0" * 8, **options))  # type: ignore[arg-type]  # options of whole numbers alone


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 60), to=st.binary(min_size=0, max_size=6), cut=st.integers(0, 60))
def test_whatever_is_changed_in_a_file_it_is_heard_or_refused(
    tmp_path: Path, at: int, to: bytes, cut: int
) -> None:
    path = wav(tmp_path / "a.wav", np.zeros(8))
    made = path.read_bytes()
    path.write_bytes((made[:at] + to + made[at + len(to) :])[: len(made) - cut])
    try:
        assert len(whole(Wav(path))) <= 16
    except BadAudio as error:
        assert str(error)


def test_a_file_is_picked_by_the_command_and_what_is_none_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = wav(tmp_path / "street.wav", with_bangs(street(1.5), [0.5, 1.0]))
    assert main(["pick", "--source", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {round(one["seconds"], 2) for one in told["pulses"]} >= {0.5, 1.0} and not told["broken"]
    assert main(["pick", "--source", str(path)]) == 0
    assert "pulses" in capsys.readouterr().out
    (tmp_path / "no.wav").write_bytes(sixteen(street(0.1)).tobytes())
    for source, words in (("no.wav", "no WAV file"), ("gone.wav", "cannot be read"), ("", "cannot be read")):
        assert main(["pick", "--source", str(tmp_path / source)]) == 2
        assert words in capsys.readouterr().err
    assert main(["pick", "--source", "mic"]) == 2 and "--source FILE" in capsys.readouterr().err


def test_what_a_sensor_would_run_with_is_judged_before_it_hears_anything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token, path = tmp_path / "token", wav(tmp_path / "a.wav", np.zeros(RATE))
    options = ["run", "--id", "mic_1", "--source", str(path), "--token-file", str(token)]

    def said(*more: str) -> str:
        assert main([*options, *more]) == 2
        return capsys.readouterr().err

    assert "token" in said("--broker", "mqtts://a"), "there is none"
    token.write_text("secret\n")
    token.chmod(0o644)
    assert "chmod 600" in said("--broker", "mqtts://a")
    token.chmod(0o600)
    assert "needs mqtts://" in said("--broker", "mqtt://center.example")
    assert "no name or password" in said("--broker", "mqtts://me:pass@center.example")
    assert "mqtts://host:port" in said("--broker", "https://center.example")
    (tmp_path / "key").write_text("no key")
    assert "no public key" in said("--broker", "mqtt://localhost", "--center-key", str(tmp_path / "key"))
    (tmp_path / "pulls").write_text("{}\n")
    assert "has no zone" in said("--broker", "mqtt://localhost", "--began-at", "2026-11-29T03:14:15")
    assert main(["journal", str(tmp_path / "pulls")]) == 2
    assert main(["clock"]) == 0


def test_a_pipe_that_ends_is_an_error_and_a_word_ends_the_program_though_the_pipe_is_silent(
    tmp_path: Path,
) -> None:
    token, journal = tmp_path / "token", tmp_path / "pulls"
    token.write_text("secret\n")
    token.chmod(0o600)
    journal.write_text("{}\n")
    command = [
        sys.executable, "-m", "watchfloor_sensor", "run", "--id", "mic_1", "--source", "-", "--rate", str(RATE),
        "--broker", "mqtt://127.0.0.1:1", "--token-file", str(token), "--journal", str(journal),
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as silent:
        assert silent.stdout is not None
        ready, away = (json.loads(silent.stdout.readline()) for _ in range(2))
        assert "Line 1" in ready["journal"] and not ready["clips_may_leave"], "it hears all the same"
        assert away["connected"] is False
        silent.send_signal(signal.SIGTERM)
        assert silent.wait(20) == 0
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)
    assert ended.returncode == 2 and b"The sound ended" in ended.stderr
