import pytest
import torch

from core.events import Notice, Progress
from core.jobs.supervisor import read_events
from core.training import trial
from core.training.trial import measure

FULL = torch.OutOfMemoryError("CUDA out of memory.")


def test_it_measures_and_keeps_nothing(make_run, tmp_path):
    run = make_run()
    result = measure(run, tmp_path / "scratch")
    assert result.tokens_per_second > 0
    assert result.peak_memory_bytes > 50e6
    assert result.total_seconds > result.validation_seconds
    assert result.device == "cpu"
    assert not (tmp_path / "scratch").exists()
    assert run.checkpoints.steps() == []
    assert any(isinstance(event, Progress) for event in read_events(run.link.folder))


@pytest.mark.parametrize("place", ["backward", "save_adapter"])
def test_a_full_card_makes_the_trial_leaner_and_does_not_end_it(
    make_run, tmp_path, monkeypatch, place
):
    run = make_run()
    real, calls = getattr(trial, place), []

    def fails_at_the_second(*arguments):
        calls.append(run.fallback.plan.keep_layers)
        if len(calls) == (2 if place == "backward" else 1):
            raise FULL
        return real(*arguments)

    monkeypatch.setattr(trial, place, fails_at_the_second)
    result = measure(run, tmp_path / "scratch")
    assert result.tokens_per_second > 0
    told = [e.code for e in read_events(run.link.folder) if isinstance(e, Notice)]
    assert told == ["training.less_memory"]
    # what was measured before it became leaner does not count
    assert calls == ([None, None, 0, 0, 0] if place == "backward" else [None, 0])


def test_the_peak_on_a_card_is_what_nobody_else_could_have(monkeypatch):
    """A run is fitted by the same measure."""
    asked = []
    monkeypatch.setattr(torch.cuda, "max_memory_reserved", lambda d: asked.append(d) or 7 << 30)
    assert trial._peak_memory("cuda:0") == 7 << 30
    assert asked == ["cuda:0"]
