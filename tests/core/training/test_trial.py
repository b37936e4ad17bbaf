from core.jobs.events import Progress
from core.jobs.supervisor import read_events
from core.training.trial import measure


def test_it_measures_and_keeps_nothing(make_run, tmp_path):
    run = make_run()
    result = measure(run, tmp_path / "scratch")
    assert result["tokens_per_second"] > 0
    assert result["peak_memory_bytes"] > 50e6
    assert result["total_seconds"] > result["validation_seconds"]
    assert result["device"] == "cpu"
    assert not (tmp_path / "scratch").exists()
    assert run.checkpoints.steps() == []
    assert any(isinstance(event, Progress) for event in read_events(run.link.folder))
