import math

import pytest

from core.training.monitor.history import LossHistory, RowLoss, rises


def course_of(losses, norm=1.0):
    history = LossHistory()
    for step, loss in enumerate(losses, 1):
        history.add_step(step, loss, norm, [RowLoss(step, loss, 100)])
    return history


def test_levels_are_medians_and_need_enough_steps():
    history = course_of([3.0] * 7)
    assert history.level is None
    assert history.start == 3.0
    history.add_step(8, 9.0, 1.0)
    assert history.level == history.lowest == 3.0


def test_a_jump_is_a_spike_and_does_not_move_the_level():
    history = course_of([1.2] * 20 + [4.7] + [1.2] * 3)
    assert [(s.step, s.loss, s.level, s.rows) for s in history.spikes] == [(21, 4.7, 1.2, (21,))]
    assert history.level == 1.2
    assert history.recent_spikes
    for step in range(25, 60):
        history.add_step(step, 1.2, 1.0)
    assert not history.recent_spikes


def test_a_batch_that_wobbles_as_usual_is_no_spike():
    wobble = [2.0, 2.9, 1.4, 2.6, 1.7, 3.0, 1.5, 2.2]
    assert not course_of([*wobble * 4, 3.4]).spikes


def of_usual_examples(count=40):
    """A course whose examples have losses from 1.8 to 2.2."""
    history = LossHistory()
    for n in range(count):
        history.add_step(n + 1, 2.0, 1.0, [RowLoss(n, 2.0 + 0.2 * math.sin(5 * n), 100)])
    return history


@pytest.mark.parametrize(
    ("loss", "tokens", "odd"),
    [
        (4.8, 150, True),
        (4.8, 10, False),  # of a short answer nothing can be said
        (3.5, 150, False),  # hard, but text may be so
        (2.2, 900, False),
    ],
)
def test_an_example_is_odd_by_loss_and_length(loss, tokens, odd):
    history = of_usual_examples()
    history.add_step(41, 2.0, 1.0, [RowLoss(99, loss, tokens), RowLoss(98, 2.1, 100)])
    assert history.odd == ({99: loss} if odd else {})
    assert history.example_level == pytest.approx(2.0, abs=0.1)


def test_where_everything_is_hard_nothing_is_odd():
    history = LossHistory()
    for n in range(60):
        history.add_step(n + 1, 5.0, 1.0, [RowLoss(n, 5.0 + 0.8 * math.sin(5 * n), 100)])
    assert not history.odd and history.row_losses == 60


def test_the_best_check_and_how_old_it_is():
    history = course_of([2.0] * 10)
    assert history.best_check is None
    for step, loss in ((0, 3.0), (4, 2.0), (8, 2.1), (12, 2.2)):
        history.add_check(step, loss, {"a": loss, "b": 1.0})
    assert history.best_check.step == 4
    assert history.checks_since_best == 2
    assert history.tasks == {"a": [3.0, 2.0, 2.1, 2.2], "b": [1.0] * 4}


def test_rises_count_from_the_end():
    assert rises([]) == rises([1.0]) == 0
    assert rises([2.0, 1.0, 1.1, 1.2]) == 2
    assert rises([1.0, 2.0, 1.5]) == 0
