import pytest
from filelock import FileLock

from core.events import CheckpointSaved, Failed, Finished, Started, Telemetry, TrainStep
from core.jobs import exit_diagnosis
from core.jobs.interrupted import interrupted_training
from core.jobs.link import JobLink
from core.project import Project


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "Küche")


def step(number):
    return TrainStep(
        step=number, total_steps=90, epoch=1, loss=1, learning_rate=1, grad_norm=1, tokens=1,
        trained_tokens=1, seconds=1,
    )  # fmt: skip


def broken_off(project, *more):
    run = project.new_run("train")
    with JobLink(run) as link:
        for event in (Started(job="train"), step(1), CheckpointSaved(step=1), step(2), *more):
            link.emit(event)
    return run


def test_a_run_without_an_end_is_offered(project):
    run = broken_off(project)
    found = interrupted_training(project)
    assert (found.run, found.step, found.total, found.saved) == (run, 2, 90, 1)
    assert found.sentence().startswith("“train-001” was interrupted at step 2 of 90, ")


def test_a_failure_that_can_be_mended_is_offered_with_its_cause(project):
    broken_off(project, Failed(code="card.lost", what="The card is gone.", todo="Restart."))
    assert interrupted_training(project).sentence().endswith("90. The card is gone. Restart.")


def test_a_kill_for_memory_is_named_from_the_kernels_log_or_the_last_reading(project, monkeypatch):
    run = broken_off(project)
    run.pid_file.write_text("4711")
    log = "[1.0] Out of memory: Killed process 4711 (python) total-vm:1kB"
    with monkeypatch.context() as patch:
        patch.setattr(exit_diagnosis, "kernel_log", lambda: log)
        assert "ran out of memory" in interrupted_training(project).sentence()
    monkeypatch.setattr(exit_diagnosis, "kernel_log", str)
    assert "perhaps by a power cut" in interrupted_training(project).sentence()
    monkeypatch.setattr(exit_diagnosis, "read_ram", lambda: (1000, 0))
    for used, told in ((900, "perhaps by a power cut"), (990, "memory was full")):
        with JobLink(run) as link:
            link.emit(Telemetry(ram_used=used))
        assert told in interrupted_training(project).sentence()


@pytest.mark.parametrize(
    "last",
    [
        Finished(outcome="stopped"),
        Finished(outcome="completed"),
        Failed(code="training.diverged", what="It diverged.", todo="Retry."),
    ],
)
def test_what_ended_is_not_offered(project, last):
    broken_off(project, last)
    assert interrupted_training(project) is None


def test_a_living_run_is_not_offered(project):
    run = broken_off(project)
    with FileLock(run.lock_file):
        assert interrupted_training(project) is None


def test_nothing_is_offered_where_nothing_was_started(project):
    assert interrupted_training(project) is None
    project.new_run("train")
    assert interrupted_training(project) is None
    broken_off(project)
    project.new_run("train")
    assert interrupted_training(project).run.name == "train-002"


def test_a_run_that_took_no_step_goes_on_from_the_start(project):
    run = project.new_run("train")
    with JobLink(run) as link:
        link.emit(Started(job="train"))
    assert interrupted_training(project).sentence().startswith("“train-001” was interrupted, ")
