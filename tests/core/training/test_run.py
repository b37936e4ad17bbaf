"""What a run knows about itself."""

import pytest

from core.errors import UserFacingError
from core.events import HealthVerdict
from core.training.monitor.eta import Eta
from tests.core.training.conftest import told


def verdict(level):
    return HealthVerdict(level=level, code="training.diverged", step=1, text="It burst.", todo="")


def test_only_a_red_verdict_ends_it(make_run):
    run = make_run()
    for calm in (None, verdict("green"), verdict("amber")):
        run.stop_if_red(calm)
    assert told(run, HealthVerdict) == []
    with pytest.raises(UserFacingError) as end:
        run.stop_if_red(verdict("red"))
    assert end.value.code == "training.diverged"
    assert [event.level for event in told(run, HealthVerdict)] == ["red"]


def test_it_stands_still_for_the_disk_and_for_a_hot_card(make_run):
    class Guard:
        paused_seconds = 4.0

    run = make_run()
    run.waited = 3.0
    assert run.paused_seconds == 3.0
    run.guard = Guard()
    assert run.paused_seconds == 7.0


def test_without_a_watchdog_nobody_watches(make_run):
    run = make_run()
    with run.watching("check"), run.resting():
        run.set_pace(Eta(steps=4))
    assert run.position.pace.steps == 4


def test_the_optimizers_order_is_that_of_the_adapters_weights(make_run):
    run = make_run()
    trained = [p for p in run.model.parameters() if p.requires_grad]
    assert len(trained) == len(run.parameters)
    assert all(mine is theirs for mine, theirs in zip(run.parameters, trained, strict=True))
