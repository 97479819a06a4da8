"""The tree, held against the RFC's own words, known roots, and every forgery we can think of."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.governance import naive_tree
from watchfloor.governance.merkle import (
    EMPTY_ROOT,
    ReadNode,
    extends,
    includes,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    root_of,
    tree_root,
)

MOST = 130

# The eight leaves and nine roots that certificate transparency logs have been tested with since RFC 6962.
KNOWN_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(count: int) -> list[bytes]:
    return [b"entry %d" % i for i in range(count)]


def nodes(entries: list[bytes]) -> ReadNode:
    @cache
    def read(level: int, index: int) -> bytes:
        if level == 0:
            return leaf_hash(entries[index])
        return node_hash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1))

    return read


@cache
def root(size: int) -> bytes:
    return naive_tree.mth(leaves(size))


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_every_other_log_computes(size: int) -> None:
    entries = KNOWN_LEAVES[:size]
    assert tree_root(size, nodes(entries)).hex() == KNOWN_ROOTS[size]
    assert root_of([leaf_hash(leaf) for leaf in entries]).hex() == KNOWN_ROOTS[size]
    assert naive_tree.mth(entries).hex() == KNOWN_ROOTS[size]


def test_every_entry_of_every_log_up_to_130_is_proven_as_the_rfc_writes_it() -> None:
    read = nodes(leaves(MOST))
    count = 0
    for size in range(1, MOST + 1):
        for index in range(size):
            proof = prove_inclusion(index, size, read)
            assert proof == naive_tree.path(index, leaves(size))
            assert includes(root(size), size, index, read(0, index), proof)
            count += 1
    assert count == MOST * (MOST + 1) // 2


def test_every_pair_of_logs_up_to_130_is_proven_consistent_as_the_rfc_writes_it() -> None:
    read = nodes(leaves(MOST))
    count = 0
    for newer in range(1, MOST + 1):
        for older in range(1, newer + 1):
            proof = prove_consistency(older, newer, read)
            assert proof == naive_tree.proof(older, leaves(newer))
            assert extends(root(older), older, root(newer), newer, proof)
            count += 1
    assert count == MOST * (MOST + 1) // 2


def test_the_empty_log_is_the_beginning_of_every_log() -> None:
    assert prove_consistency(0, 7, nodes(leaves(7))) == []
    assert extends(EMPTY_ROOT, 0, root(7), 7, [])
    assert extends(EMPTY_ROOT, 0, EMPTY_ROOT, 0, [])
    assert not extends(root(1), 0, root(7), 7, [])
    assert not extends(EMPTY_ROOT, 0, root(7), 7, [root(7)])


def forged(proof: list[bytes]) -> list[list[bytes]]:
    """Every proof that a forger could make of this one by one small change."""
    changed = [[*proof, bytes(32)], [bytes(32), *proof]]
    for at, step in enumerate(proof):
        changed.append(proof[:at] + proof[at + 1 :])
        changed.append([*proof[:at], bytes([step[0] ^ 1]) + step[1:], *proof[at + 1 :]])
        changed.append([*proof[:at], step[:31], *proof[at + 1 :]])
        changed.append([*proof[:at], step + b"\x00", *proof[at + 1 :]])
        if at and step != proof[at - 1]:
            changed.append([*proof[: at - 1], step, proof[at - 1], *proof[at + 1 :]])
    return changed


def test_no_forged_inclusion_proof_is_accepted() -> None:
    read = nodes(leaves(40))
    tried = 0
    for size in range(1, 41):
        for index in range(size):
            proof, leaf = prove_inclusion(index, size, read), read(0, index)
            wrong = [includes(root(size), size, index, leaf, other) for other in forged(proof)]
            wrong += [
                includes(root(size), size, other, leaf, proof)
                for other in range(-1, size + 2)
                if other != index
            ]
            wrong.append(includes(root(size), size, index, leaf_hash(b"another entry"), proof))
            wrong.append(includes(root(size + 1), size, index, leaf, proof))
            wrong.append(includes(root(size), size, index, leaf[:31], proof))
            tried += len(wrong)
            assert not any(wrong)
    assert tried > 20_000


def test_no_forged_consistency_proof_is_accepted() -> None:
    read = nodes(leaves(41))
    tried = 0
    for newer in range(1, 41):
        for older in range(1, newer + 1):
            proof = prove_consistency(older, newer, read)
            # Of a proof that starts from the older root itself nothing can be left out unseen; none may be added.
            wrong = [extends(root(older), older, root(newer), newer, other) for other in forged(proof)]
            wrong.append(extends(root(older + 1), older, root(newer), newer, proof))
            wrong.append(extends(root(older), older, root(newer + 1), newer, proof))
            if older != newer:
                wrong.append(extends(root(newer), newer, root(older), older, proof))
                wrong.append(extends(root(older), older, root(newer), newer, []))
            tried += len(wrong)
            assert not any(wrong)
    assert tried > 15_000


@given(st.integers(0, 300), st.data())
def test_a_log_that_was_rewritten_before_a_checkpoint_is_never_consistent_with_it(
    size: int, data: st.DataObject
) -> None:
    older = data.draw(st.integers(0, size))
    if older == 0:
        return
    at = data.draw(st.integers(0, older - 1))
    rewritten = leaves(size)
    rewritten[at] = b"what suits us better"
    proof = prove_consistency(older, size, nodes(rewritten))
    assert not extends(root(older), older, naive_tree.mth(rewritten), size, proof)


def test_a_leaf_cannot_be_passed_off_as_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
    # A "leaf" made of two hashes, offered as the only entry of a log with the root of two.
    assert not includes(node_hash(left, right), 1, 0, leaf_hash(left + right), [])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_is_made_for_an_entry_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no entry"):
        prove_inclusion(index, size, nodes(leaves(4)))


@pytest.mark.parametrize(("older", "newer"), [(4, 3), (-1, 3)])
def test_no_proof_is_made_that_a_shorter_log_extends_a_longer_one(older: int, newer: int) -> None:
    with pytest.raises(ValueError, match="cannot extend"):
        prove_consistency(older, newer, nodes(leaves(4)))
