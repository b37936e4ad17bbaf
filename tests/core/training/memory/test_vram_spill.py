"""Steps that jump are noticed; those that merely vary are not."""

import random

import pytest

from core.config.engine import EnginePlan
from core.training.memory import vram_spill
from core.training.memory.vram_spill import StepTimes, jumped, watched


def _noisy(count, mean=1.0, spread=0.3, seed=0):
    dice = random.Random(seed)
    return [mean * (1 + spread * (2 * dice.random() - 1)) for _ in range(count)]


@pytest.mark.parametrize("seed", range(20))
def test_a_jump_is_found_and_noise_is_not(seed):
    steady = _noisy(40, seed=seed)
    assert jumped(steady) == 0
    assert jumped(steady + _noisy(4, 6.0, seed=seed)) > 2.5


@pytest.mark.parametrize("times", [
    [9.0, 8.0, *_noisy(30)],  # a slow start
    [*_noisy(30), 20.0, 1.0, 20.0, 20.0, 20.0],  # single slow steps
    [*_noisy(30), 9.0, 9.0, 9.0],  # not yet sure
    [*_noisy(5), *_noisy(4, 9.0)],  # nothing to compare with
    [1 + i / 40 for i in range(50)],  # a slow decline, by heat
    [],
])  # fmt: skip
def test_other_times_are_no_jump(times):
    assert jumped(times) == 0


def test_the_person_is_told_once():
    watch = StepTimes()
    told = [watch.after_step(t * 100, 100, "as planned") for t in (*_noisy(20), *_noisy(9, 5.0))]
    notices = [notice for notice in told if notice]
    assert [n.code for n in notices] == ["training.borrowed_memory"]
    assert "times as long" in notices[0].text


def test_a_leaner_way_of_our_own_is_not_taken_for_borrowed_memory():
    watch, lean = StepTimes(), EnginePlan(stream_layers=32)
    times = [(t, EnginePlan()) for t in _noisy(20)] + [(t, lean) for t in _noisy(20, 6.0, seed=1)]
    assert not any(watch.after_step(t, 1, (plan, 4096)) for t, plan in times)
    later = [watch.after_step(t, 1, (lean, 4096)) for t in _noisy(5, 40.0)]
    assert [n.code for n in later if n] == ["training.borrowed_memory"]


@pytest.mark.parametrize(
    ("system", "device", "watches"),
    [("win32", "cuda:0", True), ("win32", "cpu", False), ("linux", "cuda:0", False)],
)
def test_only_windows_lends_silently(monkeypatch, system, device, watches):
    monkeypatch.setattr(vram_spill.sys, "platform", system)
    assert (watched(device) is not None) == watches
