"""What the steps note in a project: who owns it, and where the window opens."""

from core import wizard
from core.project import Project
from core.walk.results import evaluate
from core.walk.state import dataset_folder, owned
from core.wizard import Step
from tests.core.walk.refusals import refused


def test_the_window_would_open_at_the_end(walked):
    state = wizard.load_state(walked.project)
    assert state.current is Step.SAVING
    assert all(wizard.is_done(state, step) for step in Step)


def test_nothing_is_trained_before_there_are_examples(tmp_path):
    project = Project.create(tmp_path / "p")
    assert refused(dataset_folder, project) == "project.no_dataset"
    assert refused(evaluate, project) == "project.no_run"


def test_a_second_owner_is_refused(walked):
    with owned(walked.project):
        assert refused(walked.project.lock) == "project.in_use"
