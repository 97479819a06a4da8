"""How readers wrap what they send: JSON or XML by itself, or as a part of a multipart body beside its pictures.

It knows no vendor. XML is read without a document type: no entity is ever expanded, no file or network opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree

from watchfloor.plates.ingest.claim import Rejected

MOST_PARTS: Final = 16
MOST_ELEMENTS: Final = 20_000
_MOST_HEAD: Final = 4096
_BOUNDARY: Final = re.compile(r'boundary="?([^";]{1,70})"?', re.IGNORECASE)
_NAMED: Final = re.compile(r'\b(name|filename)="?([^";\r\n]{1,200})"?', re.IGNORECASE)
_TAKEN: Final = ("application/", "text/", "multipart/", "image/")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body; a body that is none is one part without a name."""

    name: str
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a reader sent: the document, and the pictures that came beside it by their names."""

    document: bytes = field(repr=False)
    pictures: tuple[Part, ...] = ()

    @property
    def is_xml(self) -> bool:
        return self.document.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def opened(body: bytes, headers: Mapping[str, str]) -> Opened | Rejected:
    """The document of a body and its pictures; Rejected for what is neither JSON, XML nor a multipart of them."""
    kind = headers.get("content-type", "").strip()
    if kind and not kind.lower().startswith(_TAKEN):
        return Rejected(
            "content_type", "JSON, XML or a multipart of them is taken here", field="content_type"
        )
    if not kind.lower().startswith("multipart/"):
        return Opened(body)
    parts = parts_of(body, kind)
    if isinstance(parts, Rejected):
        return parts
    pictures = tuple(part for part in parts if _is_picture(part))
    document = next((part for part in parts if not _is_picture(part) and part.content.strip()), None)
    if document is None:
        return Rejected("malformed", "the multipart body has no part that says what was read")
    return Opened(document.content, pictures)


def parts_of(body: bytes, kind: str) -> tuple[Part, ...] | Rejected:
    """The parts of a multipart body of this content type. A last part that was cut off is none."""
    found = _BOUNDARY.search(kind)
    if found is None:
        return Rejected("malformed", "the content type of a multipart body names its boundary")
    mark = b"--" + found[1].strip().encode("latin-1", "replace")
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) == 1:
        pieces = (b"\n" + body).split(b"\n" + mark)
    if len(pieces) - 2 > MOST_PARTS:
        return Rejected("too_many_parts", f"a multipart body has at most {MOST_PARTS} parts")
    parts = [part for piece in pieces[1:-1] if (part := _part(piece)) is not None]
    if not parts or not pieces[-1].startswith(b"--"):
        return Rejected(
            "malformed", "the multipart body is broken off, or has not the boundary that it names"
        )
    return tuple(parts)


def _part(piece: bytes) -> Part | None:
    head, blank, content = piece.partition(b"\r\n\r\n")
    if not blank:
        head, blank, content = piece.partition(b"\n\n")
    if not blank or len(head) > _MOST_HEAD:
        return None
    lines = head.decode("utf-8", "replace")
    names = {key.lower(): value.strip() for key, value in _NAMED.findall(lines)}
    kind = next(
        (
            line.partition(":")[2].strip().lower()
            for line in lines.splitlines()
            if line.lower().startswith("content-type:")
        ),
        "",
    )
    return Part(names.get("filename") or names.get("name", ""), kind, content)


def _is_picture(part: Part) -> bool:
    return part.kind.startswith("image/") or part.content.startswith(b"\xff\xd8\xff")


class _NoDoctype(ElementTree.TreeBuilder):
    """Builds a tree of a bounded number of elements, and none of a document with a type of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._elements = 0

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ElementTree.ParseError("a document type is not taken")

    def start(self, tag: str, attrs: dict[str, str], /) -> ElementTree.Element:
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise ElementTree.ParseError(f"it has more than {MOST_ELEMENTS} elements")
        return super().start(tag, attrs)


def tree_of(document: bytes) -> ElementTree.Element | Rejected:
    """The root of an XML document; Rejected with what is wrong."""
    parser = ElementTree.XMLParser(target=_NoDoctype())
    try:
        parser.feed(document.lstrip(b"\xef\xbb\xbf \t\r\n"))
        root: object = parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        return Rejected("malformed", f"the XML cannot be read: {error}")
    if not isinstance(root, ElementTree.Element):
        return Rejected("malformed", "the XML cannot be read: it has no element")
    return root


def text(element: ElementTree.Element, *paths: str) -> str | None:
    """The first of these paths (`ANPR/licensePlate`, in any namespace) that says something."""
    for path in paths:
        found = element.find("/".join("{*}" + step for step in path.split("/")))
        if found is not None and found.text and found.text.strip():
            return found.text.strip()
    return None
