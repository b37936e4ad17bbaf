import math

import pytest

from core.errors import UserFacingError
from core.training.health import Health


def steps(health, losses):
    return [note.code for x in losses if (note := health.after_step(x, 1.0, 5e-5))]


def checks(health, losses):
    return [note.code for x in losses if (note := health.after_validation(x, 5e-5))]


def test_a_sound_run_is_silent():
    health = Health()
    assert steps(health, [2.8 * 0.98**n + 0.1 * (n % 3) for n in range(100)]) == []
    assert checks(health, [2.8, 2.0, 1.5, 1.4, 1.41, 1.39, 1.40, 1.41]) == []


@pytest.mark.parametrize(("loss", "norm"), [(math.nan, 1), (math.inf, 1), (1, math.nan)])
def test_no_number_stops(loss, norm):
    with pytest.raises(UserFacingError) as stop:
        Health().after_step(loss, norm, 2e-3)
    assert stop.value.code == "training.not_finite"
    assert "0.001" in stop.value.todo


def test_the_seeds_spike_is_told():
    """From 1.2 to 4.7 and back."""
    assert steps(Health(), [1.2] * 20 + [4.7] + [1.2] * 5) == ["training.spike"]


def test_divergence_stops_with_a_mended_rate():
    health = Health()
    checks(health, [2.0, 1.8])
    with pytest.raises(UserFacingError) as stop:
        health.after_validation(3.2, 2e-3)
    assert stop.value.code == "training.diverged"
    assert "0.0005" in stop.value.todo


def test_memorising_is_told():
    assert checks(Health(), [2.0, 1.5, 1.6, 1.7, 1.8]) == ["training.overfitting"]
