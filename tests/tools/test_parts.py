"""The parts of `make check` and `make test`: every one runs to its end, is shown whole, and is named when it fails."""

from __future__ import annotations

import re

import pytest

from tools.parts import Part, run


def says(name: str, *, status: int = 0) -> Part:
    """A part that says two words, a moment apart, and ends so."""
    return Part(
        name, ("/bin/sh", "-c", f"echo {name} begins; sleep 0.05; echo {name} ends >&2; exit {status}")
    )


def test_a_part_that_fails_keeps_no_other_from_running_and_is_named(
    capfd: pytest.CaptureFixture[str],
) -> None:
    first, beside = [says("one", status=1), says("two")], [says("three", status=5), says("four")]
    assert run("test", first, beside, [says("five")]) == 1
    said = capfd.readouterr().out
    for name in ("one", "two", "three", "four", "five"):
        assert f"{name} ends" in said
    assert re.search(r"^test: one +NOT OK", said, re.MULTILINE)
    assert re.search(r"^test: three +NOT OK", said, re.MULTILINE)
    assert said.splitlines()[-1] == "test: not content: one three"


def test_what_a_part_beside_says_is_in_one_piece(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("test", [says("one")], [says("two")], [says("three")]) == 0
    said = capfd.readouterr().out
    for name in ("one", "two", "three"):
        assert re.search(rf"{name} begins\n{name} ends\ntest: {name} +ok", said), said
    assert said.splitlines()[-1] == "test: all well"


def test_a_part_whose_program_is_not_there_fails_and_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("check", [says("one")], [Part("two", ("/nowhere/at/all",)), says("three")]) == 1
    said = capfd.readouterr().out
    assert "No such file or directory: '/nowhere/at/all'" in said
    assert "three ends" in said and said.splitlines()[-1] == "check: not content: two"


def test_what_is_given_besides_is_in_the_environment_of_each(capfd: pytest.CaptureFixture[str]) -> None:
    part = Part("one", ("/bin/sh", "-c", "echo $TMPDIR"))
    assert run("test", [part], [part], more={"TMPDIR": "/somewhere"}) == 0
    assert capfd.readouterr().out.count("/somewhere\n") == 2
