"""What goes over the bus: it is understood by older and newer programs, and rubbish is refused with a reason."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.architecture.tree import sources
from watchfloor.detections.envelope import (
    MOST_BYTES,
    NEWS,
    Changed,
    NotNews,
    heard,
    subject_of,
    written,
)
from watchfloor.detections.schemas import breaks, schemas
from watchfloor.governance.model import About

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
AGENCY = UUID("01938f00-0000-7000-8000-000000000001")
THING = UUID("01938f00-0000-7000-8000-000000000002")
ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "docs/design/bus"
TYPE = re.compile(r"[a-z_]+\.[a-z_]+\.(changed|revoked)")


def message(**over: object) -> bytes:
    plain = json.loads(
        written(
            "plates.hot_list.changed",
            AGENCY,
            Changed(id=THING, version=4),
            at=NOW,
            now=NOW,
            about=About("hot_list", THING),
        )
    )
    return json.dumps(plain | over).encode()


def test_what_was_written_is_heard() -> None:
    got = heard(message())
    assert (got.type, got.agency, got.at) == ("plates.hot_list.changed", AGENCY, NOW)
    assert got.about == About("hot_list", THING)
    assert got.news == Changed(id=THING, version=4)


def test_times_have_microseconds_and_z_whatever_the_moment() -> None:
    assert json.loads(message())["at"] == "2026-11-22T21:00:00.000000Z"


def test_a_subject_names_version_agency_and_type() -> None:
    assert subject_of(AGENCY, "units.unit.changed") == f"wf.v1.{AGENCY}.units.unit.changed"


def test_fields_of_a_newer_program_are_passed_over() -> None:
    assert heard(
        message(colour="red", data={"id": str(THING), "version": 4, "new_field": [1]})
    ).news == Changed(id=THING, version=4)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"null",
        b"[" * 50_000,
        b"\xff\xfe",
        b'{"v":1}',
        message(v=2),
        message(type="plates.unheard.of"),
        message(type="../../etc"),
        message(agency="everyone"),
        message(at="yesterday"),
        message(at="2026-13-45T99:99:99.000000Z"),
        message(subject="hot_list:; drop table"),
        message(data=[1, 2]),
        message(data={"version": "four"}),
        b'{"x":"' + b"a" * MOST_BYTES + b'"}',
    ],
)
def test_what_is_no_message_of_ours_is_refused_with_a_reason(wrong: bytes) -> None:
    with pytest.raises(NotNews) as caught:
        heard(wrong)
    assert caught.value.reason == "not_news"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_listener(noise: bytes) -> None:
    with pytest.raises(NotNews):
        heard(noise)


def test_news_of_the_wrong_form_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="not news of the form"):
        written("made.up.name", AGENCY, Changed(), at=NOW, now=NOW)


def test_the_schemas_in_the_docs_are_those_of_the_code() -> None:
    """To write them anew: `python -m tests.detections.test_envelope`."""
    found = {path.name: path.read_text() for path in SCHEMAS.glob("*.json")}
    assert found == schemas()


def test_every_schema_only_ever_gained_optional_fields() -> None:
    wrong = []
    for name, text in schemas().items():
        wrong += [
            f"{name}: {fault}"
            for older in past(SCHEMAS / name)
            for fault in breaks(json.loads(older), json.loads(text))
        ]
    assert wrong == []


def test_taking_away_changing_or_requiring_a_field_is_seen_as_a_break() -> None:
    old = json.loads(schemas()["envelope.json"])
    new = json.loads(schemas()["envelope.json"])
    form = new["$defs"]["Envelope"]
    del form["properties"]["cause_id"]
    form["properties"]["agency"] = {"type": "integer"}
    form["properties"]["extra"] = {"type": "string"}
    form["required"].append("subject")
    assert sorted(breaks(old, new)) == [
        "Envelope.agency has another form",
        "Envelope.cause_id is gone",
        "Envelope.subject is newly required",
    ]
    assert breaks(old, old) == []


def published() -> dict[str, str]:
    """Each type of news that stands in the program as a text of its own, but for the list itself, and where."""
    found = {}
    for source in sources("src/watchfloor"):
        for node in ast.walk(source.tree) if not source.path.endswith("detections/envelope.py") else ():
            if isinstance(node, ast.Constant) and TYPE.fullmatch(str(node.value)):
                found[str(node.value)] = source.path
    return found


def test_whatever_is_published_is_in_the_list_and_the_list_holds_nothing_that_nobody_publishes() -> None:
    found = published()
    assert {news_type: where for news_type, where in found.items() if news_type not in NEWS} == {}
    assert set(NEWS) - set(found) == set()


def test_every_type_of_news_can_be_written_and_heard() -> None:
    for news_type, form in NEWS.items():
        news = form(id=THING)
        assert heard(written(news_type, AGENCY, news, at=NOW, now=NOW)).news == news


def past(path: Path) -> list[str]:
    """Every committed version of a file; none where git cannot say."""
    here = path.relative_to(ROOT).as_posix()
    return [
        text
        for commit in git("log", "--format=%H", "--", here).split()
        if (text := git("show", f"{commit}:{here}"))
    ]


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


if __name__ == "__main__":
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for file_name, text in schemas().items():
        (SCHEMAS / file_name).write_text(text)
