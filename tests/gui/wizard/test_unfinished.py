from __future__ import annotations

from pathlib import Path

import pytest

from core.events import CheckpointSaved
from core.project import Project
from gui.wizard.unfinished import Unfinished, unfinished
from tests.core.queue.queues import add
from tests.gui import scenes


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "Projekt ü 漢字")


def test_nothing_is_unfinished_in_a_new_project(project: Project) -> None:
    assert unfinished(project) == Unfinished()


def test_a_training_that_was_cut_off(project: Project) -> None:
    run = project.new_run("train")
    scenes.write_events(run, scenes.training_events(12, 40))
    found = unfinished(project)
    assert found.run == run
    assert found.sentence == (
        "“train-001” was interrupted at step 12 of 40, perhaps by a power cut or a restart."
    )
    assert found.kept == "Nothing was saved yet, so it starts again from the beginning."
    with scenes.alive(run):
        assert unfinished(project) == Unfinished(), "it works"
    scenes.write_events(run, [CheckpointSaved(step=9)])
    assert unfinished(project).kept == "It continues after step 9, which is saved."


def test_a_training_that_said_why_it_ended_is_not_offered(project: Project) -> None:
    run = project.new_run("train")
    scenes.write_events(run, [*scenes.training_events(12, 40), scenes.out_of_memory()])
    assert unfinished(project) == Unfinished()


def test_a_queue_that_waits_does_not_hide_what_was_cut_off(project: Project) -> None:
    run = add(project)
    scenes.write_events(run, scenes.training_events(12, 40))
    add(project)
    found = unfinished(project)
    assert (found.run, found.queued) == (run, 2)
    assert found.sentence.endswith("2 runs are waiting in the queue.")
    project.run("train-001").events_file.unlink()
    project.run("train-001").control_file.unlink(missing_ok=True)
    assert unfinished(project).kept == "", "what never began has kept nothing"
