import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.data.splitting import TEST, TRAIN, VALIDATION, SplitOptions, frozen_rows, split


def parts_of(groups, strata=None, frozen=None, **options):
    groups = np.array(groups, dtype=np.int64)
    strata = np.zeros(len(groups), dtype=np.int64) if strata is None else np.array(strata)
    return split(groups, strata, SplitOptions(**options), frozen)


def shares(parts):
    return [float((parts == part).mean()) for part in (TRAIN, VALIDATION, TEST)]


def test_85_and_the_rest_halved():
    assert shares(parts_of(np.arange(1000))) == [0.85, 0.075, 0.075]


def test_few_held_out_rows_are_all_validation():
    parts = parts_of(np.arange(200))
    assert np.bincount(parts).tolist() == [170, 30]


def test_a_seed_gives_the_same_split_another_one_another():
    one, same, other = (parts_of(np.arange(500), seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("held_out", [0.0, 0.05, 0.3, 0.5])
def test_the_share_can_be_chosen(held_out):
    assert shares(parts_of(np.arange(2000), held_out=held_out))[0] == pytest.approx(1 - held_out)


@pytest.mark.parametrize("held_out", [-0.1, 0.6])
def test_impossible_shares(held_out):
    with pytest.raises(ValidationError):
        SplitOptions(held_out=held_out)


def test_nothing_and_very_little():
    assert len(parts_of([])) == 0
    assert parts_of([0]).tolist() == [TRAIN]
    assert sorted(parts_of([0, 1]).tolist()) == [TRAIN, VALIDATION]


GROUPS = st.integers(1, 300).flatmap(
    lambda n: st.lists(st.integers(0, max(1, n // 2)), min_size=n, max_size=n)
)


@given(GROUPS, st.integers(0, 3), st.integers(1, 4), st.sampled_from([0.05, 0.15, 0.4]))
def test_groups_never_cross_and_not_too_much_is_held_out(groups, seed, tasks, held_out):
    strata = [group % tasks for group in groups]
    parts = parts_of(groups, strata, seed=seed, held_out=held_out)
    for group in set(groups):
        assert len(set(parts[np.array(groups) == group])) == 1
    held = int((parts != TRAIN).sum())
    # Where no group fits into the share, the smallest one is held back.
    smallest = int(np.bincount(groups)[np.unique(groups)].min())
    assert held <= max(round(held_out * len(groups)) + tasks, smallest)
    assert (parts == TRAIN).any()


def test_every_task_is_in_every_part():
    strata = np.repeat([5, 6, 7], [2000, 800, 300])
    parts = parts_of(np.arange(3100), strata)
    for task in (5, 6, 7):
        assert shares(parts[strata == task]) == pytest.approx([0.85, 0.075, 0.075], abs=0.005)


@pytest.mark.parametrize("rows_each", [1, 2, 3, 6])
def test_many_small_tasks_do_not_change_the_share(rows_each):
    strata = np.arange(600) // rows_each
    parts = parts_of(np.arange(600), strata)
    assert shares(parts)[0] == pytest.approx(0.85, abs=0.02)


def test_a_small_task_beside_a_large_one_is_held_out_too():
    strata = np.repeat([1, 2], [400, 5])
    parts = parts_of(np.arange(405), strata)
    assert (parts[strata == 2] != TRAIN).sum() == 1


def test_large_groups_do_not_fill_the_held_out_part():
    groups = np.concatenate([np.zeros(300, int), np.arange(1, 701)])
    parts = parts_of(groups)
    assert set(parts[:300].tolist()) == {TRAIN}
    assert shares(parts)[0] == pytest.approx(0.85, abs=0.01)


@given(st.integers(180, 400), st.integers(0, 5))
def test_frozen_rows_stay_in_the_test_part(rows, seed):
    frozen = np.zeros(rows, dtype=bool)
    frozen[::9] = True
    groups = np.arange(rows)
    groups[1::9] = groups[::9][: len(groups[1::9])]
    parts = parts_of(groups, frozen=frozen, seed=seed)
    assert (parts[frozen] == TEST).all()
    assert (parts[1::9] == TEST).all(), "their groups follow them"
    assert (parts == TEST).sum() == len(np.flatnonzero(np.isin(groups, groups[frozen])))
    assert (parts == VALIDATION).any()


@given(GROUPS, st.integers(0, 3))
def test_the_same_rows_keep_their_parts_when_the_test_part_is_frozen(groups, seed):
    first = parts_of(groups, seed=seed)
    again = parts_of(groups, frozen=first == TEST, seed=seed)
    assert np.array_equal(first, again)


def test_frozen_rows():
    keys = np.arange(100, dtype=np.uint64)
    assert not frozen_rows(keys, frozenset()).any()
    found = frozen_rows(keys, frozenset({2**63, *range(50, 80)}))
    assert np.flatnonzero(found).tolist() == list(range(50, 80))
    both = np.stack([keys, keys + np.uint64(1000)], axis=1)
    found = frozen_rows(both, frozenset({*range(30), *range(1050, 1080)}))
    assert np.flatnonzero(found).tolist() == [*range(30), *range(50, 80)]


@pytest.mark.parametrize("rows", [100, 400])
def test_a_few_frozen_rows_are_kept_out_of_training_and_others_drawn_beside_them(rows):
    frozen = np.zeros(rows, dtype=bool)
    frozen[5:10] = True
    parts = parts_of(np.arange(rows), frozen=frozen)
    assert set(parts[frozen].tolist()) == {TEST if rows == 400 else VALIDATION}
    assert (parts == TEST).sum() >= (30 if rows == 400 else 0)


def test_a_task_of_one_large_group_does_not_take_from_the_others():
    groups = np.concatenate([np.zeros(500, int), np.arange(1, 101)])
    parts = parts_of(groups, np.repeat([1, 2], [500, 100]))
    assert set(parts[:500].tolist()) == {TRAIN}
    assert (parts[500:] != TRAIN).sum() <= 30
