"""What the steps note in a project: who owns it, and where the window opens."""

from functools import partial

from core import wizard
from core.actions.results import evaluate
from core.actions.state import dataset_folder, owned
from core.commands.terminal import run_job
from core.project import Project
from core.wizard import Step
from tests.core.actions.refusals import refused


def test_the_window_would_open_at_the_end(walked):
    state = wizard.load_state(walked.project)
    assert state.current is Step.SAVING
    assert all(wizard.is_done(state, step) for step in Step)


def test_nothing_is_trained_before_there_are_examples(tmp_path):
    project = Project.create(tmp_path / "p")
    assert refused(dataset_folder, project) == "project.no_dataset"
    assert refused(partial(evaluate, run_job=run_job), project) == "project.no_run"


def test_a_second_owner_is_refused(walked):
    with owned(walked.project):
        assert refused(walked.project.lock) == "project.in_use"
