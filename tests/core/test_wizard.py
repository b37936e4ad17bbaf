import pytest

from core import wizard
from core.errors import UserFacingError
from core.project import Project
from core.storage.files import write_json
from core.wizard import (
    Step,
    StepStatus,
    WizardState,
    give,
    known_of_run,
    load_state,
    with_run_again,
)
from tests.foreign_files import put_odd

ALL_GIVEN = {
    "project_chosen": True,
    "dataset_version": "d1",
    "base_model": "/m",
    "training_run": "train-001",
    "training_done": True,
    "evaluated": True,
    "exported_to": "/e",
}


def statuses(state):
    return [wizard.status(state, step) for step in Step]


def test_at_first_only_the_start_is_open():
    assert statuses(WizardState()) == [StepStatus.CURRENT] + [StepStatus.LOCKED] * 6


def test_each_step_opens_the_next():
    state = WizardState()
    for step, (name, value) in zip(Step, [*ALL_GIVEN.items()], strict=False):
        state = wizard.give(wizard.go_to(state, step), **{name: value})
        assert wizard.is_done(state, step), step
    assert all(wizard.is_done(state, step) for step in Step)


def test_a_locked_step_is_refused():
    with pytest.raises(UserFacingError) as refusal:
        wizard.go_to(WizardState(), Step.TRAINING)
    assert refusal.value.code == "wizard.locked"


def test_new_data_forget_what_was_trained_on_the_old():
    state = wizard.give(WizardState(**ALL_GIVEN), dataset_version="d2")
    assert state.base_model == "/m"
    assert (state.training_run, state.training_done) == ("", False)
    assert wizard.is_open(state, Step.SAVING), "what was trained before can still be saved"
    assert (state.finished_run, state.exported_to) == ("train-001", "/e")
    same = wizard.give(WizardState(**ALL_GIVEN), dataset_version="d1")
    assert same.training_done


def test_another_training_locks_nothing_of_the_finished_one():
    state = wizard.give(WizardState(**ALL_GIVEN), training_run="train-002")
    assert not state.training_done
    assert state.finished_run == "train-001"
    for step in (Step.COMPARISON, Step.SAVING):
        assert wizard.is_done(state, step)
    state = wizard.give(state, training_done=True)
    assert (state.finished_run, state.evaluated, state.exported_to) == ("train-002", False, "")
    kept = wizard.give(WizardState(**ALL_GIVEN), training_done=True, finished_run="train-001")
    assert kept.evaluated


def test_a_file_of_an_earlier_version_knows_its_finished_training():
    assert WizardState(training_run="train-004", training_done=True).finished_run == "train-004"
    assert WizardState(training_run="train-004").finished_run == ""


@pytest.mark.parametrize(
    ("values", "chosen"),
    [
        ({}, False),
        ({"preset": "small"}, False),
        ({"page": {"settings": {"preset_chosen": True}}}, True),
        ({"overrides": {"rank": 8}}, True),
    ],
)
def test_settings_count_as_chosen_once_the_person_chose(values, chosen):
    assert wizard.settings_chosen(WizardState(**values)) is chosen


def test_an_adapter_to_go_on_from_is_forgotten_with_its_base_only():
    state = WizardState(**ALL_GIVEN, more_of="train-001")
    assert wizard.give(state, dataset_version="d2").more_of == "train-001", "more examples"
    assert wizard.give(state, base_model="/other").more_of == ""
    both = wizard.give(state, base_model="/other", more_of="train-002")
    assert both.more_of == "train-002"


def test_a_step_that_was_locked_again_is_left_for_the_last_open_one_before_it(tmp_path):
    state = WizardState(**ALL_GIVEN, current=Step.SAVING)
    assert wizard.resting_step(state) is Step.SAVING
    deleted = wizard.give(state, training_run="", finished_run="")
    assert wizard.resting_step(deleted) is Step.SETTINGS
    project = Project.create(tmp_path / "p")
    wizard.save_state(project, deleted)
    assert load_state(project).current is Step.SETTINGS
    assert wizard.resting_step(WizardState(current=Step.SAVING)) is Step.START


def test_while_no_step_is_shown_each_says_what_it_is():
    state = WizardState(**{**ALL_GIVEN, "exported_to": ""}, current=Step.SAVING)
    assert wizard.status(state, Step.SAVING) is StepStatus.CURRENT
    assert wizard.status(state, Step.SAVING, elsewhere=True) is StepStatus.OPEN
    done = wizard.give(state, exported_to="/e")
    assert wizard.status(done, Step.SAVING, elsewhere=True) is StepStatus.DONE
    gone = wizard.give(done, finished_run="")
    assert wizard.status(gone, Step.SAVING, elsewhere=True) is StepStatus.LOCKED


def test_order():
    assert wizard.next_step(Step.START) is Step.EXAMPLES
    assert wizard.next_step(Step.SAVING) is None
    assert wizard.previous_step(Step.START) is None


def test_the_state_is_restored(tmp_path):
    project = Project.create(tmp_path / "p")
    state = WizardState(**ALL_GIVEN, current=Step.COMPARISON, page={"examples": {"row": 7}})
    wizard.save_state(project, state)
    assert wizard.load_state(project) == state


@pytest.mark.parametrize("content", ["", "{", "[]", '{"current": "nowhere"}'])
def test_a_damaged_state_starts_over_without_losing_the_project(tmp_path, content):
    project = Project.create(tmp_path / "p")
    project.wizard_file.write_text(content)
    assert wizard.load_state(project).current is Step.EXAMPLES


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("training_run", "..", ""),
        ("training_run", "/etc", ""),
        ("dataset_version", "../../x", ""),
        ("more_of", "a\0b", ""),
        ("training_run", "train-001", "train-001"),
    ],
)
def test_names_that_lead_elsewhere_are_forgotten(tmp_path, name, value, kept):
    project = Project.create(tmp_path / "p")
    write_json(project.wizard_file, {"project_chosen": True, name: value})
    assert getattr(load_state(project), name) == kept


@pytest.mark.parametrize(
    "content",
    [
        {"base_model": "a\nb"}, {"cards": 10**9}, {"exported_to": ["x"]}, {"page": {"a": 1}},
        {"overrides": {str(n): n for n in range(200)}}, [], 7,
        {"page": {"examples": {"choices": [[[]] * 3] * 3}}, "current": "nowhere"},
    ],
)  # fmt: skip
def test_a_state_that_cannot_be_begins_afresh(tmp_path, content):
    project = Project.create(tmp_path / "p")
    write_json(project.wizard_file, content)
    assert load_state(project).current is Step.EXAMPLES


@pytest.mark.parametrize("kind", ["pipe", "device", "socket"])
def test_a_state_that_is_no_file_begins_afresh(tmp_path, kind):
    project = Project.create(tmp_path / "p")
    put_odd(project.wizard_file, kind)
    assert load_state(project).current is Step.EXAMPLES


def test_what_was_known_of_a_run_is_known_again():
    state = WizardState(
        training_run="train-002", training_done=True, finished_run="train-002",
        evaluated=True, exported_to="/somewhere",
    )  # fmt: skip
    known = known_of_run(state, "train-002")
    gone = give(state, training_run="", finished_run="")
    assert give(gone, **with_run_again(gone, "train-002", known)) == state
    assert known_of_run(state, "train-001") == {}


def test_a_step_that_is_about_another_run_by_now_stays_with_it():
    state = WizardState(training_run="train-003", training_done=True, finished_run="train-003")
    again = with_run_again(state, "train-002", {"training_run": "train-002"})
    assert give(state, **again) == state


@pytest.mark.parametrize("known", [{}, {"exported_to": 7}, {"training_run": "../out"}])
def test_a_run_of_which_nothing_is_known_was_trained(known):
    again = give(WizardState(), **with_run_again(WizardState(), "train-001", known))
    assert (again.training_run, again.training_done, again.finished_run) == (
        "train-001", True, "train-001",
    )  # fmt: skip
    assert (again.evaluated, again.exported_to) == (False, "")
