"""The docs say what the code is: tables fresh, links whole, code that compiles, settings and routes with a sentence."""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from textwrap import dedent
from urllib.parse import unquote

import pytest

from tests.architecture.tree import ROOT, files, relative
from tests.fixtures.command_line import fault, typed
from tools import docs_tables

_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|<(?:img|a)\s[^>]*?(?:src|href)=\"([^\"]+)\"")
_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def broken_links(page: Path, text: str, root: Path) -> list[str]:
    """Links of a page that lead nowhere in the tree, to a file or to a heading of one."""
    found = []
    for match in _LINK.finditer(_FENCE.sub("", text)):
        target = unquote(match[1] or match[2])
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        whole = path.exists() and path.is_relative_to(root)
        if whole and anchor and path.suffix == ".md":
            whole = anchor in _anchors(path.read_text() if name else text)
        if not whole:
            found.append(f"{page.name}: {target}")
    return found


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+\s+(.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def uncompilable_code(page: str, text: str) -> list[str]:
    """Python blocks of a page that are not Python."""
    found = []
    for language, code in _FENCE.findall(text):
        if language in ("python", "py"):
            try:
                ast.parse(dedent(code))
            except SyntaxError as error:
                found.append(f"{page}: {error}")
    return found


def mistyped_commands(page: str, text: str) -> list[str]:
    """Lines of a page's shell blocks that begin with our program and that it would not take."""
    found = []
    for language, code in _FENCE.findall(text):
        if language not in ("sh", "bash", "console"):
            continue
        for line in code.replace("\\\n", " ").splitlines():
            words = typed(line)
            if words is not None and (why := fault(words)) is not None:
                found.append(f"{page}: {line.strip()}: {why}")
    return found


_CONFIG = re.compile(r"^cat > \S*config\.toml <<'END'\n(.*?)^END$", re.MULTILINE | re.DOTALL)


def unknown_settings(page: str, text: str) -> list[str]:
    """Settings that a page tells people to write into config.toml and that there are none of."""
    from watchfloor.settings import SECTIONS

    found = []
    for language, code in _FENCE.findall(text):
        for block in [code] if language == "toml" else _CONFIG.findall(code):
            for section, values in tomllib.loads(block).items():
                known = {f.name for f in fields(SECTIONS[section])} if section in SECTIONS else set()
                found += [f"{page}: {section}.{name}" for name in values if name not in known]
    return found


def _pages() -> list[Path]:
    slices = files("src", "bench", "tools", "tests", suffixes=(".md",))
    return [*ROOT.glob("*.md"), *files("docs", suffixes=(".md",)), *slices]


def test_no_link_of_the_docs_leads_nowhere() -> None:
    assert [found for page in _pages() for found in broken_links(page, page.read_text(), ROOT)] == []


def test_python_in_the_docs_is_python() -> None:
    assert [found for page in _pages() for found in uncompilable_code(relative(page), page.read_text())] == []


def test_every_command_line_of_the_docs_is_one_that_the_program_takes() -> None:
    pages = {relative(page): page.read_text() for page in _pages()}
    assert [found for page, text in pages.items() for found in mistyped_commands(page, text)] == []


def test_every_setting_that_the_docs_write_down_exists() -> None:
    assert [found for page in _pages() for found in unknown_settings(relative(page), page.read_text())] == []


def test_a_setting_that_does_not_exist_is_found() -> None:
    block = "```sh\ncat > /srv/watchfloor/config.toml <<'END'\n[http]\nport = 1\nprot = 2\nEND\n```\n```toml\n[htpp]\nport = 1\n```\n"
    assert unknown_settings("a.md", block) == ["a.md: http.prot", "a.md: htpp.port"]


def test_a_mistyped_command_line_is_found() -> None:
    block = (
        "```sh\nsudo -u watchfloor /opt/watchfloor/bin/watchfloor {} > x  # why\nuseradd watchfloor\n```\n"
    )
    assert mistyped_commands("a.md", block.format("check --data \\\n  /srv/watchfloor")) == []
    (found,) = mistyped_commands("a.md", block.format("check --date /srv/watchfloor"))
    assert "No such option: --date" in found


def test_a_broken_link_and_broken_code_are_found(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# One heading\n")
    page = tmp_path / "a.md"
    assert broken_links(page, "[x](gone.md) ![y](no.svg) [z](b.md#other) [w](../b.md)", tmp_path) == [
        "a.md: gone.md", "a.md: no.svg", "a.md: b.md#other", "a.md: ../b.md",
    ]  # fmt: skip
    assert not broken_links(page, "[x](b.md#one-heading) [y](https://example.org/z)", tmp_path)
    assert uncompilable_code("a.md", "```python\ndef f(:\n```\n")
    assert not uncompilable_code("a.md", "```python\nasync def f(): ...\n```\n")


@pytest.mark.parametrize("page", list(docs_tables.PAGES))
def test_the_tables_say_what_the_code_says(page: str) -> None:
    assert not docs_tables.stale(page), f"{page} is stale; run make docs"


def test_every_setting_has_a_sentence() -> None:
    from watchfloor.settings import SECTIONS

    named = {
        f"{section}.{f.name}": str(f.metadata.get("sentence", ""))
        for section, kind in SECTIONS.items()
        for f in fields(kind)
    }
    assert [name for name, sentence in named.items() if not is_sentence(sentence)] == []


def is_sentence(text: str) -> bool:
    """Two words or more, and an end."""
    return len(text.split()) > 1 and text.rstrip().endswith((".", ")"))


def test_every_need_and_error_kind_has_a_sentence() -> None:
    from watchfloor.governance.needs import Need
    from watchfloor.kit.errors import Kind

    assert [k.name for k in (*Need, *Kind) if not is_sentence(k.sentence)] == []
    assert not is_sentence("") and not is_sentence("x") and not is_sentence("no end here")
