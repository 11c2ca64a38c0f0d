"""`keras.tree` does what it does in Keras."""

from collections import OrderedDict, defaultdict, namedtuple

import pytest

from profond.compat import _tree as ours

keras = pytest.importorskip("keras")

Point = namedtuple("Point", "x y")
STRUCTURES = [
    1,
    None,
    [1, (2, 3), {"b": [4, None], "a": 5}],
    {"z": Point(1, [2]), "a": ()},
    [[], [None], (1, (2, [3]))],
    [defaultdict(list, {"b": [4], "a": (5, defaultdict(None, x=1))}), OrderedDict(a=1, b=(2, 3))],
]


def of_both(name, *args, **kwargs):
    return [getattr(tree, name)(*args, **kwargs) for tree in (ours, keras.tree)]


def test_all_names_are_there():
    theirs = {name for name in dir(keras.tree) if not name.startswith("_")}
    assert set(ours.__all__) == theirs


@pytest.mark.parametrize("structure", STRUCTURES, ids=str)
def test_flat_structures(structure):
    for name in ("flatten_with_path", "lists_to_tuples", "is_nested"):
        have, want = of_both(name, structure)
        assert have == want
    assert [leaf for _, leaf in ours.flatten_with_path(structure)] == ours.flatten(structure)


@pytest.mark.parametrize("top_down", [True, False])
@pytest.mark.parametrize("structure", STRUCTURES, ids=str)
def test_traversals(structure, top_down):
    results = []
    for tree in (ours, keras.tree):
        visited = []

        def visit(part, tree=tree, visited=visited):
            visited.append(part)
            if part == (2, 3):
                return "pair"
            return tree.MAP_TO_NONE if part == 5 else None

        results.append((tree.traverse(visit, structure, top_down=top_down), visited))
    assert results[0] == results[1]


def test_traversals_keep_the_kind_of_dict():
    structure = defaultdict(list, {"b": [4], "a": 5})
    traversed = ours.traverse(lambda part: None, structure)
    assert (type(traversed), traversed["c"]) == (defaultdict, [])
    shallow = ours.map_structure_up_to(defaultdict(int, a=0, b=0), str, structure)
    assert shallow == {"a": "5", "b": "[4]"}
    assert shallow["c"] == 0


def test_keys_of_several_types():
    optree = pytest.importorskip("optree")  # Keras on torch cannot sort them
    structure = {1: 2, "a": [3, {"b": 4, (0, 1): 5}], 0: 6}
    paths, leaves, _ = optree.tree_flatten_with_path(structure)
    assert ours.flatten_with_path(structure) == list(zip(paths, leaves, strict=True))
    assert ours.map_structure(str, structure)["a"] == ["3", {"b": "4", (0, 1): "5"}]
    assert ours.traverse(lambda part: None, structure) == structure


def test_maps():
    structure = [1, {"a": None, "b": (2, 3)}]
    for none_is_leaf in (True, False):
        have, want = of_both("map_structure", str, structure, none_is_leaf=none_is_leaf)
        assert have == want
    have, want = of_both("map_structure", lambda x, y: x + y, [1, (2,)], [3, (4,)])
    assert have == want == [4, (6,)]
    have, want = of_both("map_structure_up_to", [0, {"a": 0}], str, [(1, 2), {"a": [3]}])
    assert have == want
    shapes = {"a": (None, 3), "b": [(2, 3), [4, None]]}
    have, want = of_both("map_shape_structure", lambda shape: ("shape", *shape), shapes)
    assert have == want


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1, 2], [3, 4]),
        ([1, 2], (1, 2)),
        ([1, [2]], [1, 2]),
        ({"a": 1}, {"b": 1}),
        ({"a": [1]}, {"a": [None]}),
        ([1], [1, 2]),
        (Point(1, 2), (1, 2)),
    ],
)
def test_structures_are_the_same_where_keras_says_so(a, b):
    for name in ("assert_same_structure", "assert_same_paths"):
        seen = []
        for tree in (ours, keras.tree):
            try:
                getattr(tree, name)(a, b)
                seen.append(True)
            except ValueError:
                seen.append(False)
        assert seen[0] == seen[1], name


def test_it_says_where_structures_differ():
    with pytest.raises(ValueError, match=r"at the path \('a', 1\), 2 in the first and \[2\] in"):
        ours.assert_same_structure({"a": [1, 2]}, {"a": [1, [2]]})
    with pytest.raises(ValueError, match=r"\[\('a',\)\] only in the first, \[\('b',\)\] only in"):
        ours.assert_same_paths({"a": 1}, {"b": 1})
    with pytest.raises(ValueError, match="not nested in the same way"):
        ours.map_structure(max, [1], [1, 2])
    with pytest.raises(TypeError, match="`func` must be a function; received 3"):
        ours.traverse(3, [1])
    with pytest.raises(TypeError, match="`map_structure` needs one structure or more"):
        ours.map_structure(max)
    with pytest.raises(TypeError, match="`map_structure_up_to` needs one structure or more"):
        ours.map_structure_up_to([1], max)
