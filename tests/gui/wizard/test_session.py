from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from core.project import Project
from core.settings import load_settings
from core.wizard import Step, load_state
from gui.wizard.session import Session


def test_a_new_project_is_open_owned_and_recent(session: Session, tmp_path: Path) -> None:
    root = tmp_path / "Projekt ü 漢字"
    session.create_project(root, "Probe")
    assert session.project == Project(root)
    assert session.state.project_chosen
    assert load_settings().recent == (str(root),)


def test_the_second_on_a_project_only_reads(session: Session, tmp_path: Path) -> None:
    root = tmp_path / "Projekt ü 漢字"
    session.create_project(root, "Probe")
    session.give(dataset_version="abc")
    assert not session.read_only
    second = Session()
    second.open_project(root)
    assert second.read_only
    assert second.state.dataset_version == "abc"
    second.give(dataset_version="other")
    second.go_to(Step.BASE_MODEL)
    assert second.state.current is Step.BASE_MODEL, "it may look around"
    assert load_state(session.require_project()).dataset_version == "abc"
    second.close()
    assert not second.read_only


def test_the_project_is_taken_over_when_its_owner_is_gone(
    session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    root = tmp_path / "p"
    session.create_project(root)
    second = Session()
    second.open_project(root)
    assert not second.take_over()
    assert second.read_only
    session.give(dataset_version="abc")
    session.close()
    with qtbot.waitSignal(second.project_changed):
        assert second.take_over()
    assert not second.read_only
    assert second.state.dataset_version == "abc", "what the owner did meanwhile is read"
    assert second.take_over()
    second.close()
    assert not second.take_over()


def test_more_training_keeps_the_present_examples(ready_session: Session) -> None:
    state = ready_session.state
    ready_session.train_from_adapter("train-001", state.base_model, "earlier examples")
    assert ready_session.state.more_of == "train-001"
    assert ready_session.state.dataset_version == state.dataset_version
    assert ready_session.state.current is Step.SETTINGS
    ready_session.give(dataset_version="")
    ready_session.train_from_adapter("train-001", state.base_model, "earlier examples")
    assert ready_session.state.dataset_version == "earlier examples"


def test_a_training_whose_folder_is_gone_is_none(project_session: Session) -> None:
    project_session.give(training_run="train-007")
    assert project_session.training_run() is None
    project_session.give(finished_run="train-007")
    assert project_session.finished_run() is None


def test_another_project_gives_the_first_one_back(session: Session, tmp_path: Path) -> None:
    session.create_project(tmp_path / "a")
    session.create_project(tmp_path / "b")
    other = Session()
    other.open_project(tmp_path / "a")
    assert other.settings.recent[0] == str(tmp_path / "a")
    other.close()


def test_every_result_is_saved_at_once(project_session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(project_session.state_changed):
        project_session.give(dataset_version="abc")
    project_session.go_to(Step.BASE_MODEL)
    project_session.remember(Step.BASE_MODEL, {"scroll": 3})
    state = load_state(project_session.require_project())
    assert (state.dataset_version, state.current) == ("abc", Step.BASE_MODEL)
    assert state.page["base_model"] == {"scroll": 3}


def test_reopening_restores_the_state(project_session: Session) -> None:
    root = project_session.require_project().root
    project_session.give(dataset_version="abc")
    project_session.go_to(Step.BASE_MODEL)
    project_session.close()
    again = Session()
    again.open_project(root)
    assert again.state.current is Step.BASE_MODEL
    again.close()


def test_a_locked_step_stays_locked(project_session: Session) -> None:
    with pytest.raises(UserFacingError) as caught:
        project_session.go_to(Step.SAVING)
    assert caught.value.code == "wizard.locked"


def test_without_a_project_there_is_a_sentence(session: Session) -> None:
    with pytest.raises(UserFacingError) as caught:
        session.require_project()
    assert caught.value.code == "project.none_open"
    assert session.training_run() is None


def test_preferences_are_saved_and_the_look_is_told(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.look_changed):
        session.change_settings(appearance="dark")
    with qtbot.assertNotEmitted(session.look_changed):
        session.change_settings(tariff=0.4)
    assert load_settings().appearance == "dark"
    assert load_settings().tariff == 0.4


def test_what_a_project_was_left_at_is_not_what_you_asked_for(project_session: Session) -> None:
    root = project_session.require_project().root
    assert not project_session.is_restored(Step.EXAMPLES)
    project_session.give(dataset_version="abc")
    project_session.go_to(Step.BASE_MODEL)
    project_session.close()
    again = Session()
    again.open_project(root)
    assert again.is_restored(Step.BASE_MODEL)
    again.go_to(Step.BASE_MODEL)
    assert again.is_restored(Step.BASE_MODEL)
    again.go_to(Step.EXAMPLES)
    again.go_to(Step.BASE_MODEL)
    assert not again.is_restored(Step.BASE_MODEL)
    again.close()


def test_a_training_is_started_once_and_only_if_it_was_asked_for(session: Session) -> None:
    assert not session.take_start("")
    session.start_next("train-001")
    assert not session.take_start("train-002")
    session.start_next("train-001")
    assert session.take_start("train-001")
    assert not session.take_start("train-001")


def test_a_run_that_lies_elsewhere_is_none(project_session: Session, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    for name in ("..", "../..", str(tmp_path / "elsewhere"), "missing"):
        project_session.state = project_session.state.model_copy(update={"training_run": name})
        assert project_session.training_run() is None


def test_what_was_trained_does_not_disturb_a_comparison(project_session: Session) -> None:
    project_session.give(training_run="train-001")
    project_session.note_trained("train-002")
    assert project_session.state.finished_run == "train-002", "nothing else to be compared"
    assert not project_session.state.training_done
    project_session.state = project_session.state.model_copy(update={"current": Step.COMPARISON})
    project_session.note_trained("train-001")
    assert project_session.state.training_done
    assert project_session.state.finished_run == "train-002"
