import pytest

from core.config.training import TrainingConfig
from core.training.schedule import Schedule


def plan(examples=100, **values):
    return Schedule(TrainingConfig(**{"effective_batch": 8, "epochs": 2.0, **values}), examples)


def test_every_epoch_sees_every_example_once():
    schedule = plan(examples=96)
    first = [row for step in range(12) for row in schedule.batch(step)]
    second = [row for step in range(12, 24) for row in schedule.batch(step)]
    assert sorted(first) == sorted(second) == list(range(96))
    assert first != second


def test_epochs_follow_each_other_without_a_gap():
    schedule = plan(examples=10)
    stream = [row for step in range(5) for row in schedule.batch(step)]
    assert [sorted(stream[i : i + 10]) for i in range(0, 40, 10)] == [list(range(10))] * 4


def test_the_order_depends_on_the_seed_alone():
    assert plan(seed=1).batch(3) == plan(seed=1, learning_rate=1e-3).batch(3)
    assert plan(seed=1).batch(3) != plan(seed=2).batch(3)


def test_steps_and_validations():
    schedule = plan(examples=96)
    assert schedule.total_steps == 24
    assert schedule.validation_interval == 3
    assert [s for s in range(1, 25) if schedule.validates_after(s)] == list(range(3, 25, 3))
    assert schedule.epoch_at(12) == 1.0


def test_the_last_step_validates_even_off_the_beat():
    assert plan(examples=100, max_steps=7).validates_after(7)


@pytest.mark.parametrize("examples", [1, 3, 7])
def test_tiny_datasets_have_at_least_one_step(examples):
    schedule = plan(examples=examples, epochs=0.1)
    assert schedule.total_steps == 1
    assert set(schedule.batch(0)) == set(range(examples))


@pytest.mark.parametrize("kind", ["cosine", "linear", "constant"])
def test_the_rate_rises_then_falls(kind):
    schedule = plan(examples=800, schedule=kind, warmup_fraction=0.1, learning_rate=1e-3)
    rates = [schedule.learning_rate(step) for step in range(schedule.total_steps)]
    peak = rates.index(max(rates))
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert max(rates) == pytest.approx(1e-3)
    assert rates[-1] == pytest.approx(1e-3 if kind == "constant" else 1e-4, rel=0.1)


@pytest.mark.parametrize("examples", [1, 2, 3, 5, 7, 8, 9, 12, 16, 31, 33])
def test_a_step_never_holds_an_example_twice(examples):
    schedule = plan(examples=examples, effective_batch=32, epochs=3.0)
    for step in range(schedule.total_steps):
        rows = schedule.batch(step)
        if examples <= 32:
            assert sorted(rows) == list(range(examples))
        assert 1 <= len(rows) <= 32
    assert schedule.total_steps >= 3
    assert schedule.epoch_at(schedule.total_steps) == pytest.approx(3, abs=0.1)


def test_the_warm_up_rises_in_equal_parts_and_begins_with_its_first_step():
    config = TrainingConfig(learning_rate=1e-3, warmup_fraction=0.2, effective_batch=4, epochs=1.0)
    schedule = Schedule(config, 80)
    warmup = schedule.warmup_steps
    assert warmup == 4
    rates = [schedule.learning_rate(step) for step in range(warmup + 1)]
    assert rates == pytest.approx([1e-3 * part / 5 for part in (1, 2, 3, 4, 5)])
