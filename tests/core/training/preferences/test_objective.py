"""The weights of the rows are the gradients of the papers' formulas."""

import numpy as np
import pytest

from core.training.preferences.objective import BAD, GOOD, PAIR, Objective, judge

KINDS = np.array([PAIR, GOOD, BAD, PAIR, BAD, GOOD, GOOD], np.int8)
OBJECTIVE = Objective(beta=0.3, anchor=0.2, good=1.0, bad=1.7)


def batch(seed):
    count = len(KINDS)
    dice = np.random.default_rng(seed)
    reference = dice.uniform(5, 60, (count, 2))
    return reference + dice.normal(0, 4, (count, 2)), reference, dice.integers(3, 40, count) * 1.0


def as_in_the_papers(now, reference, tokens):
    """DPO, eq. 7, with the term of Pang et al., eq. 2; KTO, eq. 8, z0 without gradient."""
    import torch

    policy, before, total = -now, -torch.tensor(reference), 0.0
    single = torch.tensor((KINDS == GOOD) | (KINDS == BAD))
    z0 = (policy - before)[single, 1].mean().clamp(min=0).detach()
    losses = []
    for n, kind in enumerate(KINDS):
        ratio = policy[n] - before[n]
        if kind == PAIR:
            loss = -torch.nn.functional.logsigmoid(OBJECTIVE.beta * (ratio[0] - ratio[1]))
        elif kind == GOOD:
            loss = OBJECTIVE.good * (1 - torch.sigmoid(OBJECTIVE.beta * (ratio[0] - z0)))
        else:
            loss = OBJECTIVE.bad * (1 - torch.sigmoid(OBJECTIVE.beta * (z0 - ratio[0])))
        if kind != BAD:
            loss = loss - OBJECTIVE.anchor * policy[n, 0] / tokens[n]
        losses.append(loss)
        total = total + loss
    return total, torch.stack(losses)


@pytest.mark.parametrize("seed", range(5))
def test_losses_and_weights_are_those_of_the_papers(seed):
    import torch

    now, reference, tokens = batch(seed)
    leaf = torch.tensor(now, requires_grad=True)
    total, losses = as_in_the_papers(leaf, reference, tokens)
    total.backward()
    found = judge(OBJECTIVE, KINDS, now, reference, tokens)
    np.testing.assert_allclose(found.losses, losses.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(found.weights, leaf.grad.numpy(), rtol=1e-9, atol=1e-15)


def test_the_weights_are_what_a_small_change_of_a_row_does():
    now, reference, tokens = batch(9)
    weights = judge(OBJECTIVE, KINDS, now, reference, tokens).weights
    for place in np.ndindex(now.shape):
        if KINDS[place[0]] != PAIR and place[1]:
            continue  # z0 has no gradient, by its definition
        changed = []
        for step in (1e-5, -1e-5):
            moved = now.copy()
            moved[place] += step
            changed.append(judge(OBJECTIVE, KINDS, moved, reference, tokens).losses.sum())
        assert (changed[0] - changed[1]) / 2e-5 == pytest.approx(weights[place], abs=1e-8)


def test_at_the_start_nothing_is_preferred_yet():
    _now, reference, tokens = batch(1)
    found = judge(Objective(anchor=0.0), KINDS, reference, reference, tokens)
    for loss, kind in zip(found.losses, KINDS, strict=True):
        assert loss == pytest.approx(np.log(2) if kind == PAIR else 0.5)
    assert not found.agrees.any()
    assert not found.weights[KINDS != PAIR, 1].any()


def test_far_from_the_start_nothing_overflows():
    _now, reference, tokens = batch(2)
    for far in (1e6, -1e6):
        found = judge(OBJECTIVE, KINDS, reference + np.array([far, -far]), reference, tokens)
        assert np.isfinite(found.losses).all() and np.isfinite(found.weights).all()


def test_few_bad_marks_weigh_as_much_as_many_good_ones():
    kinds = np.array([GOOD] * 9 + [BAD] * 3 + [PAIR] * 5, np.int8)
    balanced = Objective().balanced(kinds)
    assert (balanced.good, balanced.bad) == (1.0, 3.0)
    lopsided = Objective().balanced(np.array([BAD] * 50 + [GOOD], np.int8))
    assert (lopsided.good, lopsided.bad) == (4.0, 1.0)
    assert Objective().balanced(np.array([PAIR, GOOD], np.int8)) == Objective()
