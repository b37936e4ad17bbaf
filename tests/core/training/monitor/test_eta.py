import pytest

from core.training.monitor.eta import Eta


def after_steps(count: int, seconds: float = 2.0, tokens: int = 100) -> Eta:
    eta = Eta()
    for _ in range(count):
        eta = eta.after_step(seconds, tokens)
    return eta


def test_nothing_is_said_before_it_was_measured():
    assert Eta().seconds_left(1000, 0, 600) is None
    assert after_steps(4).seconds_left(1000, 0, 600) is None
    assert after_steps(5).seconds_left(1000, 0, 600) == pytest.approx(20)


def test_checks_must_be_known_if_some_are_left():
    assert after_steps(5).seconds_left(1000, 2, 600) is None
    assert after_steps(5).after_check(30).seconds_left(1000, 2, 600) == pytest.approx(80)


def test_the_first_check_is_slow_and_does_not_count_once_there_are_others():
    eta = after_steps(5).after_check(60).after_check(20).after_check(10)
    assert eta.seconds_left(0, 1, 600) == pytest.approx(15)


def test_long_batches_do_not_mislead():
    """Five long steps and five short ones have the same pace for each token."""
    eta = after_steps(5)
    for _ in range(5):
        eta = eta.after_step(0.5, 25)
    assert eta.seconds_left(1000, 0, 600) == pytest.approx(20)


def test_checkpoints_in_between_are_counted():
    eta = after_steps(5).after_save(6)
    assert eta.seconds_left(60_000, 0, 600) == pytest.approx(1200 + 2 * 6)


def test_a_slower_card_is_noticed_within_some_steps():
    eta = after_steps(200)
    for _ in range(60):
        eta = eta.after_step(4.0, 100)
    assert eta.seconds_left(1000, 0, 600) == pytest.approx(40, rel=0.15)


def test_a_resumed_run_knows_its_pace_at_once_and_soon_learns_a_new_one():
    eta = after_steps(100).after_check(10).on_another_day()
    assert eta.seconds_left(1000, 1, 600) == pytest.approx(30)
    for _ in range(15):
        eta = eta.after_step(1.0, 100)
    assert eta.seconds_left(1000, 0, 600) == pytest.approx(10, rel=0.35)


def test_it_is_stored_and_read_back():
    eta = after_steps(7).after_check(3)
    assert Eta.model_validate_json(eta.model_dump_json()) == eta
