"""What an outsider is told: in words and in JSON, from a folder, a web server or an extract, and how the program ends."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread

import pytest

from tests.fixtures.counts import Counted
from tests.ledger.paper import FOREIGN, NAME, OURS, Paper, entry_id, leaf, leaves
from watchfloor.governance.checkpoint import Checkpoint, open_checkpoint
from watchfloor.governance.extract import FORMAT, Extract, faults
from watchfloor.governance.merkle import includes, leaf_hash
from watchfloor.governance.tiles import encode_bundle
from watchfloor.kit.errors import Invalid
from watchfloor.kit.ids import encode
from watchfloor.ledger.report import NO_ROLLBACK_PROOF, Outside, Verdict
from watchfloor.ledger.source import Folder, Web
from watchfloor.ledger.verify import run, teller, verify, verify_extract


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper(tmp_path / "log")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "log-key"
    path.write_text(OURS.key.text + "\n")
    return path


class Served(SimpleHTTPRequestHandler):
    """Any static web server, with one path that fails."""

    broken = "tile/entries/000"

    def do_GET(self) -> None:
        if self.path.startswith("/broken/") and self.path.endswith(self.broken):
            self.send_error(503)
            return
        self.path = self.path.removeprefix("/broken").removeprefix("/ledger")
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(root: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Served, directory=str(root)))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def said(*arguments: object, **options: object) -> tuple[int, str]:
    out = StringIO()
    code = run(*map(str, arguments), out=out, **options)  # type: ignore[arg-type]  # by the options' own names
    return code, out.getvalue()


def test_an_honest_log_is_verified_and_the_limits_are_said(paper: Paper, key: Path) -> None:
    paper.write(leaves(300))
    code, text = said(paper.root, key=key)
    assert code == 0
    assert f"The log {NAME} is as it was signed." in text
    assert "300 entries" in text
    assert "Roll-back cannot be excluded" in text
    assert "came from the log itself" not in text


def test_without_a_key_of_ones_own_that_is_said(paper: Paper) -> None:
    paper.write(leaves(3))
    code, text = said(paper.root)
    assert code == 0
    assert "The key came from the log itself." in text


def test_with_an_earlier_checkpoint_it_is_said_how_far_roll_back_is_excluded(
    paper: Paper, key: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "100.checkpoint").write_bytes(Paper(tmp_path / "then").write(leaves(100)))
    (kept / "200.checkpoint").write_bytes(Paper(tmp_path / "later").write(leaves(200)))
    paper.write(leaves(300))
    for given in ([kept], list(kept.iterdir())):
        code, text = said(paper.root, key=key, checkpoints=given)
        assert code == 0
        assert "Roll-back is excluded for the first 200 entries" in text
        assert "cannot be excluded" not in text


def test_tampering_is_said_first_and_ends_in_one(paper: Paper, key: Path, tmp_path: Path) -> None:
    then = tmp_path / "then.checkpoint"
    then.write_bytes(Paper(tmp_path / "then").write(leaves(400)))
    paper.write(leaves(300))
    code, text = said(paper.root, key=key, checkpoints=[then])
    assert code == 1
    assert text.startswith(f"The log {NAME} is NOT as it was signed.")
    assert "over 400 entries; the log has only 300: it was cut or rolled back" in text


def test_the_report_for_programs_has_the_same_in_fields(paper: Paper, key: Path) -> None:
    paper.write(leaves(5))
    code, text = said(paper.root, key=key, as_json=True)
    found = json.loads(text)
    assert code == 0
    assert (found["verdict"], found["size"], found["rollback"]) == ("verified", 5, NO_ROLLBACK_PROOF)
    assert (found["log"], found["key"], found["key_from"]) == (NAME, OURS.key.text, "given")
    paper.put(paper.root / "tile/entries/000.p/5", encode_bundle([*leaves(4), leaf(9)]))
    code, text = said(paper.root, key=key, as_json=True)
    found = json.loads(text)
    assert (code, found["verdict"], found["findings"][0]["first"]) == (1, "tampered", 4)


@pytest.mark.parametrize("form", ["uuid", "outside"])
def test_an_entry_is_proven_shown_and_written_as_a_extract(
    paper: Paper, key: Path, tmp_path: Path, form: str
) -> None:
    paper.write(leaves(700))
    wanted = str(entry_id(300)) if form == "uuid" else encode("ent", entry_id(300))
    to = tmp_path / "extract.json"
    code, text = said(paper.root, key=key, entry=wanted, extract_to=to)
    assert code == 0
    assert f"Entry {entry_id(300)} stands at place 300, proven by 10 hashes:" in text
    assert "purpose: violent_crime" in text
    code, text = said(to, key=key)
    assert code == 0
    assert f"Entry {entry_id(300)} stands at place 300" in text


def test_a_extract_says_the_same_in_the_form_other_tools_read(paper: Paper) -> None:
    paper.write(leaves(700))
    extract = paper.verify(entry=entry_id(300)).entry
    assert extract is not None
    head, index, *rest = extract.as_tlog_proof.split("\n")
    assert (head, index) == ("c2sp.org/tlog-proof@v1", "index 300")
    assert rest.index("") == 10
    note = "\n".join(rest[11:]).encode()
    checkpoint = open_checkpoint(note, OURS.key)
    assert includes(checkpoint.root, checkpoint.size, 300, leaf_hash(leaf(300)), extract.proof)


def test_every_changed_character_of_a_extract_is_found(paper: Paper, counted: Counted) -> None:
    paper.write(leaves(40))
    extract = paper.verify(entry=entry_id(7)).entry
    assert extract is not None
    content = json.dumps(extract.as_json()).encode()
    assert verify_extract(content, OURS.key).verdict is Verdict.VERIFIED
    accepted = tried = 0
    for at in range(len(content)):
        changed = bytearray(content)
        changed[at] ^= 1
        tried += 1
        report = verify_extract(bytes(changed), OURS.key)
        # White space and the names of absent fields may change; what the extract says may not.
        if report.verdict is Verdict.VERIFIED:
            accepted += 1
            assert report.entry == extract
    counted(
        f"changed characters of an extract: {tried - accepted} of {tried} refused, {accepted} change nothing it says"
    )
    assert accepted < tried // 20


def test_a_extract_of_another_log_or_place_is_refused(paper: Paper) -> None:
    paper.write(leaves(40))
    extract = paper.verify(entry=entry_id(7)).entry
    assert extract is not None
    assert faults(extract, FOREIGN.key)
    for other in (
        Extract(extract.leaf, 8, extract.proof, extract.note),
        Extract(leaf(8), 7, extract.proof, extract.note),
        Extract(extract.leaf, 7, extract.proof[:-1], extract.note),
        Extract(extract.leaf, 7, extract.proof, OURS.sign(Checkpoint(NAME, 41, bytes(32)))),
    ):
        assert faults(other, OURS.key)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"\xff",
        b'{"format": "watchfloor-extract@v1"}',
        json.dumps({"format": FORMAT, "leaf": 1}).encode(),
    ],
)
def test_what_is_no_extract_is_said_to_be_none(content: bytes, tmp_path: Path, key: Path) -> None:
    with pytest.raises(Invalid):
        Extract.parse(content)
    path = tmp_path / "file.json"
    path.write_bytes(content)
    code, text = said(path, key=key)
    assert code == 2
    assert "not an extract" in text


def test_a_extract_needs_a_key(paper: Paper, key: Path, tmp_path: Path) -> None:
    paper.write(leaves(3))
    to = tmp_path / "extract.json"
    said(paper.root, key=key, entry=str(entry_id(1)), extract_to=to)
    code, text = said(to)
    assert code == 2
    assert "give --key" in text


def test_a_extract_is_held_against_a_checkpoint_of_its_size(paper: Paper, tmp_path: Path) -> None:
    note = paper.write(leaves(10))
    extract = paper.verify(entry=entry_id(1)).entry
    assert extract is not None
    content = json.dumps(extract.as_json()).encode()
    other = Paper(tmp_path / "other").write([leaf(n, result="refused") for n in range(10)])
    smaller = Paper(tmp_path / "smaller").write(leaves(9))
    assert verify_extract(content, OURS.key, [Outside("a", note)]).verdict is Verdict.VERIFIED
    assert verify_extract(content, OURS.key, [Outside("a", other)]).verdict is Verdict.TAMPERED
    assert verify_extract(content, OURS.key, [Outside("a", smaller)]).verdict is Verdict.UNKNOWN


def test_an_entry_that_is_not_there_cannot_be_told(paper: Paper, key: Path) -> None:
    paper.write(leaves(3))
    code, text = said(paper.root, key=key, entry=str(entry_id(99)))
    assert code == 2
    assert f"There is no entry {entry_id(99)} among the 3" in text


def test_an_entry_that_only_names_the_id_is_not_taken_for_it(paper: Paper) -> None:
    paper.write(
        [leaf(1, cause=str(entry_id(2))), leaf(2), leaf(3, about={"kind": "entry", "id": str(entry_id(2))})]
    )
    report = paper.verify(entry=entry_id(2))
    assert report.entry is not None
    assert report.entry.index == 1


def test_an_entry_that_stands_twice_is_tampering(paper: Paper) -> None:
    paper.write([leaf(1), leaf(2), leaf(1)])
    report = paper.verify(entry=entry_id(1))
    assert report.verdict is Verdict.TAMPERED
    assert [f.what for f in report.findings] == ["entry_doubled"]


@pytest.mark.parametrize(
    "text", ["", "7", "ent_", "ent_!!", "cam_00000000000000000000000000", "../../etc/passwd"]
)
def test_what_is_no_id_is_said(paper: Paper, key: Path, text: str) -> None:
    paper.write(leaves(3))
    code, answer = said(paper.root, key=key, entry=text)
    assert code == 2
    assert "is not the id of an entry" in answer


def test_a_place_without_a_log_cannot_be_told(tmp_path: Path, key: Path) -> None:
    assert said(tmp_path)[0] == 2
    assert said(tmp_path / "nowhere", key=key)[0] == 2
    assert said(tmp_path, key=tmp_path / "no-key")[0] == 2
    assert "no log here" in said(tmp_path)[1]


def test_a_key_that_is_none_cannot_be_told(paper: Paper, tmp_path: Path) -> None:
    paper.write(leaves(3))
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    assert said(paper.root, key=tmp_path / "key")[0] == 2
    (tmp_path / "key").write_text("hello")
    assert said(paper.root, key=tmp_path / "key")[0] == 2
    paper.put(paper.root / "key.pub", b"hello")
    assert said(paper.root)[0] == 2


def test_a_checkpoint_that_cannot_be_used_is_not_passed_over(paper: Paper, key: Path, tmp_path: Path) -> None:
    paper.write(leaves(3))
    for content in (b"", b"garbage", Paper(tmp_path / "foreign").write(leaves(2), FOREIGN)):
        path = tmp_path / "x.checkpoint"
        path.write_bytes(content)
        code, text = said(paper.root, key=key, checkpoints=[path])
        assert code == 2
        assert "cannot be used" in text
    assert said(paper.root, key=key, checkpoints=[tmp_path / "missing"])[0] == 2
    (tmp_path / "empty").mkdir()
    code, text = said(paper.root, key=key, checkpoints=[tmp_path / "empty"])
    assert code == 2
    assert "There is no checkpoint" in text


def test_an_empty_log_is_verified(paper: Paper) -> None:
    note = paper.write([])
    assert paper.verify(note).verdict is Verdict.VERIFIED
    paper.write(leaves(5))
    assert paper.verify(note).verdict is Verdict.VERIFIED


def test_a_log_is_verified_over_http_by_anybody(paper: Paper, key: Path) -> None:
    note = paper.write(leaves(300))
    with served(paper.root) as url:
        assert said(url, key=key)[0] == 0
        code, text = said(url + "/ledger/", key=key, entry=str(entry_id(299)), as_json=True)
        assert code == 0
        assert json.loads(text)["entry"]["index"] == 299
        paper.put(paper.root / "tile/entries/000", encode_bundle([leaf(7), *leaves(300)[1:256]]))
        assert said(url, key=key)[0] == 1
        with Web(url) as web:
            report = verify(web, key=OURS.key, checkpoints=[Outside("kept", note)])
        assert "Entry 0 is not the one that was signed." in [f.sentence for f in report.findings]


def test_a_server_that_fails_is_not_called_a_tamperer(paper: Paper, key: Path) -> None:
    paper.write(leaves(300))
    with served(paper.root) as url:
        code, text = said(url + "/broken", key=key)
        assert code == 2
        assert "answers with status 503" in text
    assert said("http://127.0.0.1:1", key=key)[0] == 2


def test_a_server_that_lost_entries_it_signed_is_called_one(paper: Paper, key: Path) -> None:
    paper.write(leaves(300))
    (paper.root / "tile/entries/000").unlink()
    with served(paper.root) as url:
        code, text = said(url, key=key)
    assert code == 1
    assert "The entries 0 to 255 are missing." in text


def test_a_file_too_large_for_any_log_is_refused_unread(paper: Paper) -> None:
    paper.write(leaves(3))
    paper.put(paper.root / "tile/0/000.p/3", bytes(9000))
    assert "larger than 8192 bytes" in paper.verify().findings[0].sentence
    paper.put(paper.root / "checkpoint", b"x" * (1 << 21))
    assert paper.verify().verdict is Verdict.TAMPERED


def test_a_log_that_grows_while_it_is_verified_is_verified_as_of_its_checkpoint(paper: Paper) -> None:
    """Between reading the checkpoint and its partial tiles these become full and the partial ones go away."""
    note = paper.write(leaves(300))
    paper.write(leaves(600))
    paper.put(paper.root / "checkpoint", note)
    for level in ("0", "entries"):
        shutil.rmtree(paper.root / f"tile/{level}/001.p")
    report = verify(Folder(paper.root), key=OURS.key, entry=entry_id(299))
    assert report.verdict is Verdict.VERIFIED
    assert report.entry is not None


def test_progress_is_told_for_long_logs() -> None:
    out = StringIO()
    tell = teller(out)
    assert tell is not None
    for done in range(256, 300_001, 256):
        tell(done, 300_000)
    assert out.getvalue().split("\n")[:2] == ["100096 of 300000 entries", "200192 of 300000 entries"]
