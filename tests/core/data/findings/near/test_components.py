import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.data.findings.near.components import first_of_equal, singletons, unite, unite_equal


def by_hand(rows, pairs):
    """Join groups one pair at a time."""
    labels = list(range(rows))
    for a, b in pairs:
        low, high = sorted((labels[a], labels[b]))
        labels = [low if label == high else label for label in labels]
    return labels


ROWS = 12
PAIRS = st.lists(st.tuples(st.integers(0, ROWS - 1), st.integers(0, ROWS - 1)), max_size=20)


@given(PAIRS)
def test_unite_is_joining_one_by_one(pairs):
    labels = singletons(ROWS)
    array = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    unite(labels, array[:, 0], array[:, 1])
    assert labels.tolist() == by_hand(ROWS, pairs)


def test_a_long_chain():
    labels = singletons(5000)
    order = np.random.default_rng(0).permutation(4999)
    unite(labels, order, order + 1)
    assert not labels.any()


@given(st.lists(st.integers(0, 4), max_size=30))
def test_first_of_equal(keys):
    expected = [n if key == 0 else keys.index(key) for n, key in enumerate(keys)]
    assert first_of_equal(np.array(keys, dtype=np.uint64)).tolist() == expected


def test_unite_equal_looks_only_at_the_given_rows():
    labels = singletons(5)
    unite_equal(labels, np.array([7, 7, 0, 0, 7], dtype=np.uint64), np.array([0, 2, 3, 4]))
    assert labels.tolist() == [0, 1, 2, 3, 0]
