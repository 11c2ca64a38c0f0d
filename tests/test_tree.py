"""Nested structures: taken apart in a fixed order and put together again."""

from collections import OrderedDict, defaultdict, namedtuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profond._tree import flatten, is_branch, map_structure, pack_like

Pair = namedtuple("Pair", "first second")

TREES = st.recursive(
    st.integers(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
        st.builds(Pair, inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3).map(OrderedDict),
    ),
    max_leaves=12,
)


@given(tree=TREES)
def test_packing_undoes_flattening(tree):
    leaves = flatten(tree)
    assert pack_like(tree, leaves) == tree
    assert type(pack_like(tree, leaves)) is type(tree)
    doubled = map_structure(lambda x: 2 * x, tree)
    assert flatten(doubled) == [2 * x for x in leaves]
    assert type(doubled) is type(tree)
    assert map_structure(lambda a, b: a - b, doubled, tree) == tree


def test_dicts_are_flattened_by_sorted_keys_and_keep_their_own_order():
    tree = {"b": 1, "a": [2, 3]}
    assert flatten(tree) == [2, 3, 1]
    assert list(map_structure(str, tree)) == ["b", "a"]
    assert pack_like(tree, [5, 6, 7]) == {"b": 7, "a": [5, 6]}


def test_a_dict_with_a_default_keeps_it():
    tree = defaultdict(list, {"b": 1, "a": [2]})
    for made in (map_structure(str, tree), pack_like(tree, ["2", "1"])):
        assert made == {"b": "1", "a": ["2"]}
        assert list(made) == ["b", "a"]
        assert made["c"] == []


@pytest.mark.parametrize(
    "tree",
    [
        {"a": 1, 1: 2, 0: [3, 4]},
        {2: 1, True: 2, "b": 3},
        {(1, 2): 1, None: 2, "b": 3, (0, "x"): 4},
        {1j: 1, 1: 2, 2j: 3},
    ],
)
def test_keys_of_several_types_have_the_order_of_optree(tree):
    optree = pytest.importorskip("optree")
    assert flatten(tree) == optree.tree_leaves(tree, none_is_leaf=True)
    assert pack_like(tree, flatten(tree)) == tree


def test_structures_must_agree():
    with pytest.raises(ValueError, match="zip"):
        map_structure(lambda a, b: a, [1, 2], [1])
    with pytest.raises(KeyError):
        map_structure(lambda a, b: a, {"a": 1}, {"b": 1})


def test_branches():
    assert all(map(is_branch, ([], (), {}, Pair(1, 2))))
    assert not any(map(is_branch, (1, "text", None)))
