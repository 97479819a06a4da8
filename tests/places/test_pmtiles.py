"""What a PMTiles file says of itself is believed only where it holds together."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.places.archive import ATTRIBUTION, TILE, archive, directory
from watchfloor.places.model import Box
from watchfloor.places.pmtiles import BadBasemap, look

DEEP = b'{"vector_layers":' + b"[" * 100_000


def test_a_whole_file_says_its_zooms_its_area_its_layers_and_who_drew_it() -> None:
    for packed in (True, False):
        found = look(archive(packed=packed))
        assert (found.min_zoom, found.max_zoom) == (10, 15)
        assert found.bounds == Box(-90.21, 38.61, -90.18, 38.65)
        assert (found.layers, found.attribution) == (("earth", "roads"), ATTRIBUTION)


def test_tiles_behind_a_second_directory_are_found() -> None:
    leaf = directory((0, 1, len(gzip.compress(TILE, mtime=0)), 0))
    root = directory((0, 0, len(gzip.compress(leaf, mtime=0)), 0))
    assert look(archive(root=root, leaf=leaf)).max_zoom == 15


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is no PMTiles: it does not begin as one."),
        (b"<!doctype html><title>404</title>", "The file is no PMTiles: it does not begin as one."),
        (archive()[:90], "The file ends within its header, after 90 bytes."),
        (archive()[:-4], "The file is cut off: it should have "),
        (archive(version=2), "The file is PMTiles of version 2; version 3 is taken."),
        (archive(tile_kind=2), "The tiles are pictures (PNG); the console draws vector tiles."),
        (archive(tile_kind=9), "The tiles are pictures (of an unknown kind); "),
        (archive(tile_packing=3), "Its tiles are compressed by brotli; browsers read gzip, or none."),
        (archive(packing=77), "Its directories are compressed by code 77; "),
        (archive(root_at=20_000), "Its root directory lies beyond the first 16 kB."),
        (archive(tiles_bytes=2**63), "The file is cut off: it should have "),
        (archive(min_zoom=9, max_zoom=3), "Its zooms from 9 to 3 are none."),
        (archive(max_zoom=200), "Its zooms from 10 to 200 are none."),
        (archive(east=-1800000000), "Its bounds are no area of the earth: "),
        (archive(south=-2000000000), "Its bounds are no area of the earth: "),
        (archive(layers=[]), "The file names no layer; the console draws earth, "),
        (archive(layers="roads"), "The file names no layer; "),
        (archive(layers=[{"id": "transportation"}]), "The file names layers transportation; "),
        (archive(metadata=b"{"), "Its metadata is no JSON."),
        (archive(metadata=DEEP), "Its metadata is no JSON."),
        (archive(metadata=b"[]"), "Its metadata is no JSON object."),
        (archive(metadata=b" " * 9_000_000), "Its metadata is larger than 8 MB."),
        (archive(packed=False, packing=2), "Its metadata cannot be unpacked: "),
        (archive(packed=False, tile_packing=2), "Its first tile cannot be unpacked: "),
        (archive(tile=b"\x89PNG\r\n\x1a\n"), "Its first tile is no vector tile."),
        (archive(tile=b""), "Its first tile is no vector tile."),
        (archive(root=b"\x00"), "Its directory is empty."),
        (archive(root=b""), "Its directory ends too early."),
        (archive(root=b"\x02\x00\x01"), "Its directory ends too early."),
        (archive(root=b"\xff" * 20), "Its directory holds a number that has no end."),
        (archive(root=directory((0, 1, 10_000, 0))), "Its directory points beside the tiles."),
        (archive(root=directory((0, 1, 5, 10_000))), "Its directory points beside the tiles."),
        (archive(root=directory((0, 0, 5, 0))), "Its directory points beside the tiles."),
    ],
)  # fmt: skip
def test_what_is_no_basemap_is_refused_in_words(data: bytes, sentence: str) -> None:
    with pytest.raises(BadBasemap) as refused:
        look(data)
    assert sentence in refused.value.detail


def test_directories_that_lead_in_a_circle_are_left() -> None:
    """A leaf that points at itself."""
    leaf = directory((0, 0, 9, 0))
    with pytest.raises(BadBasemap, match=r"Its directories lead to directories and to no tile\."):
        look(archive(root=directory((0, 0, len(leaf), 0)), leaf=leaf.ljust(9, b"\x00"), packed=False))


@given(st.integers(0, len(archive()) - 1), st.integers(0, 255))
def test_any_single_byte_may_be_wrong(place: int, byte: int) -> None:
    """Whatever stands there, it is taken or refused in words."""
    data = bytearray(archive())
    data[place] = byte
    try:
        look(bytes(data))
    except BadBasemap as refused:
        assert refused.detail.endswith(".")


@given(st.integers(0, len(archive()) - 1))
def test_a_file_that_was_cut_off_anywhere_is_refused(length: int) -> None:
    with pytest.raises(BadBasemap):
        look(archive()[:length])
