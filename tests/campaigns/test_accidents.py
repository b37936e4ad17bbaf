import random

import pytest

from tests.campaigns.accidents import (
    ACCIDENTS,
    Case,
    Outcome,
    damaged,
    judge,
    rows_of_the_sample,
    run_case,
    sound,
)


@pytest.fixture(autouse=True)
def no_kept_courses(monkeypatch, tmp_path):
    monkeypatch.setattr("tests.campaigns.accidents.KEPT", tmp_path / "kept")
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "home"))


def test_short_form(tiny_model, tmp_path):
    """A real job at a rate of a millionth: nothing is learned, and it is said in time."""
    values = {"learning_rate": 1e-6, "max_steps": 16, "epochs": 20.0, "rank": 4}
    case = Case("far too low", values, rows=24, expected=ACCIDENTS[1].expected, early=0.8)
    outcome = run_case(case, tiny_model, tmp_path)
    assert outcome.findings == []
    assert outcome.total == 16
    assert (tmp_path / "kept" / "far_too_low.json").is_file()


def test_the_judge_can_fail():
    accident = Outcome(ACCIDENTS[1], [(30, "amber", "rate_too_low")], 60)
    assert judge(accident) == ["recognised at step 30 of 60 only"]
    accident.told = [(6, "green", "learning")]
    assert judge(accident)[0].startswith("not recognised")
    calm = Outcome(Case("x", {}), [(6, "green", "learning"), (9, "amber", "overfitting")], 60)
    assert judge(calm) == []
    calm.told.append((12, "red", "diverged"))
    assert judge(calm) == ["a false alarm: (12, 'red', 'diverged')"]


def test_some_rows_are_damaged_and_sound_runs_differ():
    rows = rows_of_the_sample(100, 0)
    changed = [a for a, b in zip(rows, damaged(rows, random.Random(0)), strict=True) if a != b]
    assert len(changed) == 5
    sounds = sound(0)
    values = [next(sounds).values for _ in range(5)]
    assert len({str(v) for v in values}) == 5
