import numpy as np
import pytest

from core.data.findings.near import copies as near_copies
from core.data.findings.near.components import singletons, unite
from core.data.findings.near.copies import NearIndex, similarities, unite_near
from core.data.findings.near.shingles import Shingler, band_keys, signatures
from tests.core.data.findings.near.jaccard import similarity


def index_of(rows):
    shingles = Shingler().shingles(rows)
    signature = signatures(shingles)
    return NearIndex(shingles, signature.astype(np.uint8), band_keys(signature))


def families(count, seed):
    """Rows in families that differ by a few words each."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        base = [f"w{n}" for n in rng.integers(0, 900, rng.integers(5, 80))]
        for _ in range(rng.integers(1, 4)):
            changed = list(base)
            for place in rng.integers(0, len(base), rng.integers(0, 6)):
                changed[place] = f"w{rng.integers(0, 900)}"
            rows.append(changed)
    return [rows[n] for n in rng.permutation(len(rows))]


def brute_force(index, threshold):
    labels = singletons(len(index.sketch))
    for a in range(len(labels)):
        for b in range(a):
            if similarity(index.shingles.row(a), index.shingles.row(b)) >= threshold:
                unite(labels, np.array([a]), np.array([b]))
    return labels


def no_progress(done, total):
    assert done < total


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("threshold", [0.7, 0.8, 0.9])
def test_groups_are_those_of_comparing_everything(seed, threshold):
    index = index_of(families(60, seed))
    labels = singletons(len(index.sketch))
    unite_near(index, np.arange(len(labels)), labels, threshold, no_progress)
    expected = brute_force(index, threshold)
    assert np.array_equal(labels, expected)
    assert (expected != np.arange(len(expected))).sum() > 2


def test_focus_finds_what_belongs_to_the_focus():
    index = index_of(families(60, 9))
    everything = np.arange(len(index.sketch))
    focus = everything[::7]
    labels = singletons(len(everything))
    unite_near(index, everything, labels, 0.8, no_progress, focus=focus)
    complete = brute_force(index, 0.8)
    for row in focus:
        for other in everything:
            if similarity(index.shingles.row(row), index.shingles.row(other)) >= 0.8:
                assert labels[row] == labels[other]
    assert all(complete[a] == complete[labels[a]] for a in everything)


def test_rows_without_words_are_alone():
    index = index_of([[], [], ["a"], ["a"]])
    labels = singletons(4)
    unite_near(index, np.arange(4), labels, 0.8, no_progress)
    assert labels.tolist() == [0, 1, 2, 2]


def test_similarities_of_pairs():
    index = index_of([["a", "b", "c"], ["a", "b", "d"], ["x", "y"]])
    found = similarities(index.shingles, np.array([0, 0]), np.array([1, 2]))
    assert found.tolist() == pytest.approx([1 / 3, 0])
    assert len(similarities(index.shingles, np.array([], int), np.array([], int))) == 0


def test_a_thousand_copies_need_some_thousand_comparisons(monkeypatch):
    words = [f"w{n}" for n in range(60)]
    index = index_of([[*words, f"x{n}"] for n in range(1000)])
    compared = []

    def count(shingles, first, second):
        compared.append(len(first))
        return similarities(shingles, first, second)

    monkeypatch.setattr(near_copies, "similarities", count)
    labels = singletons(1000)
    unite_near(index, np.arange(1000), labels, 0.8, no_progress)
    assert not labels.any()
    assert sum(compared) < 20_000
