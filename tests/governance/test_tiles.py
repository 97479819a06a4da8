"""The layout of the log's files, held against the specification's own examples and a tree computed without tiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.governance import naive_tree
from watchfloor.governance.merkle import (
    extends,
    includes,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    root_of,
)
from watchfloor.governance.tiles import (
    ENTRIES,
    LONGEST_LEAF,
    Edge,
    Tile,
    TreeOfTiles,
    decode_bundle,
    decode_hashes,
    encode_bundle,
    parse_path,
    tile_at,
    tiles_of,
    width_at,
)
from watchfloor.kit.errors import Invalid


def entries(count: int) -> list[bytes]:
    return [b"entry %d" % i for i in range(count)]


class Store:
    """Tiles in memory, written as a log writes them."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.edge = Edge()

    def grow(self, leaves: list[bytes]) -> None:
        for leaf in leaves:
            self.files.update({tile.path: content for tile, content in self.edge.append(leaf)})
        self.files.update({tile.path: content for tile, content in self.edge.partial()})

    def read(self, tile: Tile) -> bytes:
        return self.files[tile.path]


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 999), "tile/0/999"),
        (Tile(1, 1000), "tile/1/x001/000"),
        (Tile(2, 5, 17), "tile/2/005.p/17"),
        (Tile(ENTRIES, 273, 112), "tile/entries/273.p/112"),
        (Tile(63, 0, 1), "tile/63/000.p/1"),
    ],
)
def test_a_tile_has_the_path_that_the_specification_gives_it(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "tile/0/1",
        "tile/0/0001",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/../../keys/ledger.key",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "/tile/0/000",
        "tile/entries/x/000",
    ],
)
def test_a_path_that_is_not_the_one_form_of_a_tile_is_refused(path: str) -> None:
    with pytest.raises(Invalid):
        parse_path(path)


@given(st.integers(0, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_every_tile_reads_back_from_its_path(level: int, index: int, width: int) -> None:
    assert parse_path(Tile(level, index, width).path) == Tile(level, index, width)


def test_the_specifications_log_of_seventy_thousand_has_the_tiles_it_says() -> None:
    tiles = list(tiles_of(70_000))
    by_level = {level: [t for t in tiles if t.level == level] for level in (ENTRIES, 0, 1, 2, 3)}
    assert len([t for t in by_level[0] if t.width == 256]) == 273
    assert by_level[0][-1] == Tile(0, 273, 112)
    assert by_level[1] == [Tile(1, 0), Tile(1, 1, 17)]
    assert by_level[2] == [Tile(2, 0, 1)]
    assert by_level[3] == []
    assert by_level[ENTRIES] == [Tile(ENTRIES, t.index, t.width) for t in by_level[0]]


def test_a_log_of_256_has_a_full_tile_and_one_hash_above() -> None:
    assert list(tiles_of(256)) == [Tile(ENTRIES, 0), Tile(0, 0), Tile(1, 0, 1)]


def test_an_empty_log_has_no_tiles() -> None:
    assert list(tiles_of(0)) == []
    assert width_at(0, 0, 0) == 0
    with pytest.raises(ValueError, match="no tile"):
        tile_at(0, 0, 0)


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_every_bundle_reads_back(leaves: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(leaves)) == leaves


def test_the_longest_leaf_fits_and_one_byte_more_does_not() -> None:
    assert decode_bundle(encode_bundle([bytes(LONGEST_LEAF)])) == [bytes(LONGEST_LEAF)]
    with pytest.raises(Invalid, match="65536 bytes"):
        encode_bundle([bytes(LONGEST_LEAF + 1)])
    with pytest.raises(Invalid, match="65536 bytes"):
        Edge().append(bytes(LONGEST_LEAF + 1))


@given(st.binary(max_size=40))
def test_a_bundle_is_whole_or_refused(content: bytes) -> None:
    try:
        leaves = decode_bundle(content)
    except Invalid:
        return
    assert encode_bundle(leaves) == content


def test_a_tile_of_broken_length_is_refused() -> None:
    with pytest.raises(Invalid):
        decode_hashes(bytes(33))


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 1000])
def test_the_root_from_the_edge_and_from_the_tiles_is_the_root_of_the_entries(size: int) -> None:
    store = Store()
    store.grow(entries(size))
    wanted = naive_tree.mth(entries(size))
    assert store.edge.root() == wanted
    assert Edge.load(size, store.read).root() == wanted
    assert TreeOfTiles(size, store.read).root() == wanted
    assert {tile.path for tile in tiles_of(size)} == set(store.files)


def test_a_log_of_three_levels_has_the_right_root_and_provable_entries() -> None:
    size = 256 * 256 + 256 + 3
    store = Store()
    store.grow(entries(size))
    hashes = [leaf_hash(leaf) for leaf in entries(size)]
    root = root_of(hashes)
    assert store.edge.root() == root
    assert {tile.path for tile in tiles_of(size)} == set(store.files)
    tree = TreeOfTiles(size, store.read)
    assert tree.root() == root
    for index in (0, 1, 255, 256, 65_535, 65_536, 65_791, 65_792, size - 1):
        assert includes(root, size, index, hashes[index], prove_inclusion(index, size, tree.node))
    for older in (1, 255, 256, 300, 65_535, 65_536, 65_537, size - 1):
        assert extends(root_of(hashes[:older]), older, root, size, prove_consistency(older, size, tree.node))
        assert tree.root(older) == root_of(hashes[:older])


@given(st.lists(st.integers(1, 300), min_size=1, max_size=6))
def test_a_log_grown_in_steps_and_taken_up_again_is_the_log_grown_at_once(steps: list[int]) -> None:
    store = Store()
    size = 0
    for step in steps:
        store.edge = Edge.load(size, store.read)
        store.grow(entries(size + step)[size:])
        size += step
    at_once = Store()
    at_once.grow(entries(size))
    assert store.edge.root() == at_once.edge.root()
    assert set(at_once.files.items()) <= set(store.files.items())


@given(st.integers(1, 700), st.integers(1, 255))
def test_what_was_full_never_changes_when_the_log_grows(before: int, more: int) -> None:
    store = Store()
    store.grow(entries(before))
    first = dict(store.files)
    store.grow(entries(before + more)[before:])
    assert first == {path: store.files[path] for path in first}


def test_an_edge_whose_entries_and_hashes_disagree_is_not_taken_up() -> None:
    store = Store()
    store.grow(entries(300))
    store.files["tile/entries/001.p/44"] = encode_bundle([*entries(300)[256:299], b"another"])
    with pytest.raises(Invalid, match="not those that its tile"):
        Edge.load(300, store.read)


def test_a_tile_of_another_width_is_not_taken_up() -> None:
    store = Store()
    store.grow(entries(300))
    store.files["tile/0/001.p/44"] += bytes(32)
    with pytest.raises(Invalid, match="holds 45 hashes, not 44"):
        Edge.load(300, store.read)
    with pytest.raises(Invalid, match="holds 45 hashes, not 44"):
        TreeOfTiles(300, store.read).root()


def test_a_node_that_is_not_complete_yet_is_refused() -> None:
    store = Store()
    store.grow(entries(300))
    tree = TreeOfTiles(300, store.read)
    with pytest.raises(ValueError, match="not complete"):
        tree.node(6, 4)
    with pytest.raises(ValueError, match="no tile"):
        tree.node(0, 999)
