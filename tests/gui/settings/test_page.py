from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.actions.training import new_run
from core.config.training import load_config
from core.errors import UserFacingError
from core.evaluation.prompts.spec import PromptsResult
from core.jobs.spec import TrialParams, TrialResult, write_spec
from core.models.inspection import inspect_model
from core.models.whereabouts import remember_base
from core.project import RunFolder
from core.storage.files import read_json, write_json
from core.wizard import Step
from gui.settings.page import SettingsPage
from gui.shell.window import WizardWindow
from gui.wizard.session import Session
from tests.gui import scenes

Open = Callable[[type, Session], SettingsPage]


def opened(open_page: Open, session: Session, qtbot: QtBot) -> SettingsPage:
    page = open_page(SettingsPage, session)
    scenes.until(qtbot, lambda: page.plan is not None)
    return page


def test_presets_are_offered_with_time_and_memory(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    assert list(page.cards) == ["small", "gentle", "balanced", "thorough"]
    assert page.cards["balanced"].is_chosen(), "the recommended one for few examples"
    for card in page.cards.values():
        assert re.search(r"\d+ (s|min|h)", card._text.text())
    assert "GB free" in page._fit.what.text(), "said once"
    assert page.primary_text().startswith("Start training (")


def test_another_preset_is_kept(ready_session: Session, open_page: Open, qtbot: QtBot) -> None:
    page = opened(open_page, ready_session, qtbot)
    page.cards["thorough"].choose()
    assert ready_session.state.preset == "thorough"
    again = opened(open_page, ready_session, qtbot)
    assert again.cards["thorough"].is_chosen()


def test_a_changed_value_customises_and_reset_brings_it_back(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    row = page.editor.rows["rank"]
    page.editor.toggle.setChecked(True)
    row.editor.selectAll()
    qtbot.keyClicks(row.editor, "8")
    qtbot.keyClick(row.editor, Qt.Key.Key_Return)
    assert page.plan.config.rank == 8
    assert page.cards["balanced"]._badge.text() == "Customised"
    assert ready_session.state.overrides == {"rank": 8}
    with qtbot.waitSignal(page.offered) as offered:
        row.reset.click()
    assert ready_session.state.overrides == {}
    assert page.cards["balanced"]._badge.text() == ""
    assert offered.args[:2] == ["The value is reset.", "Undo"]
    offered.args[2]()
    assert ready_session.state.overrides == {"rank": 8}
    with qtbot.waitSignal(page.offered) as offered:
        page.cards["gentle"].choose()
    assert offered.args[0] == "The values you changed are reset."
    offered.args[2]()
    assert ready_session.state.overrides == {"rank": 8}


def test_a_dangerous_value_warns_where_it_stands_and_can_be_mended(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    row = page.editor.rows["learning_rate"]
    page.editor.edited.emit("learning_rate", 0.04)
    assert row._warning.isVisible()
    assert "40× the usual. Training will probably fail." in row._warning_text.text()
    assert row.suggestion.text() == "Use 0.001?"
    row.suggestion.click()
    assert page.plan.config.learning_rate == 0.001
    assert not row._warning.isVisible()


def test_what_is_no_value_is_refused_beside_it(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    before = page.plan.config
    page.editor.edited.emit("rank", "many")
    row = page.editor.rows["rank"]
    assert "“many” cannot be used here" in row._warning_text.text()
    assert page.plan.config == before


def test_a_trial_counts_for_what_it_tried_only(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    state, tried = ready_session.state, page.plan.config
    run = new_run(ready_session.require_project(), "trial", tried)
    params = TrialParams(dataset_version=state.dataset_version, base_model=state.base_model)
    write_spec(run, params)
    result = {"tokens_per_second": 500.0}
    page.editor.edited.emit("rank", 4)  # while the trial runs
    write_json(run.trial_file, result)
    page._job.completed.emit(TrialResult.model_validate(result))
    assert page.plan.measured is None
    page.editor.rows["rank"].reset.click()
    assert page.plan.measured is not None
    rounds = page.editor.rows["epochs"].editor
    rounds.setFocus()
    rounds.selectAll()
    qtbot.keyClicks(rounds, "5")
    qtbot.keyClick(rounds, Qt.Key.Key_Return)
    assert page.plan.config.epochs == 5
    assert page.plan.measured is not None, "a step costs the same in any round"
    assert page._trial_text.text().startswith("Measured on this computer")


def test_few_examples_are_said(ready_session: Session, open_page: Open, qtbot: QtBot) -> None:
    scenes.add_dataset(ready_session, rows=40)
    page = opened(open_page, ready_session, qtbot)
    assert page.notices.bars[0].isVisible()
    assert "examples to learn from" in page.notices.bars[0].what.text()


@pytest.mark.usefixtures("two_cards")
def test_memory_and_cards_are_said_where_the_fit_is_shown(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    assert "tokens at once" in page._fit.todo.text()
    assert "2 cards share the work." in page._fit.todo.text()
    assert "(graphics card only)" in page.cards["balanced"]._text.text()


@pytest.mark.usefixtures("two_cards")
def test_only_one_of_several_cards_can_be_taken(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    assert page.together.isVisible()
    both = page.plan.estimate().seconds.high
    qtbot.keyClick(page.together.choice, Qt.Key.Key_Down)
    assert page.plan.estimate().seconds.high > both
    assert "share the work" not in page._fit.todo.text()
    assert page.together.choice.currentText() == "Only one"
    page.apply()
    assert read_json(ready_session.training_run().job_file)["params"]["processes"] == 1
    again = opened(open_page, ready_session, qtbot)
    assert again.together.choice.currentText() == "Only one"
    qtbot.keyClick(again.together.choice, Qt.Key.Key_Up)
    again.apply()
    assert "processes" not in read_json(ready_session.training_run().job_file)["params"]


def test_a_single_card_is_no_choice(ready_session: Session, open_page: Open, qtbot: QtBot) -> None:
    with scenes.cards(1):
        page = opened(open_page, ready_session, qtbot)
    assert not page.together.isVisible()


def test_a_base_model_on_another_machine_is_found_by_its_hash(
    ready_session: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    project, base = ready_session.require_project(), Path(ready_session.state.base_model)
    remember_base(project, str(base), inspect_model(base).fingerprint)
    shutil.move(base, project.root.parent / "hier")
    page = opened(open_page, ready_session, qtbot)
    assert page.is_ready()
    assert ready_session.state.base_model == str(base), "the project's own name for it"


@pytest.fixture
def finished(ready_session: Session) -> RunFolder:
    run = scenes.add_run(ready_session)
    scenes.finish_training(run, ready_session)
    scenes.add_adapter(run)
    ready_session.give(more_of=run.name)
    return run


def test_going_on_from_a_finished_training_is_said_and_prepared(
    ready_session: Session, finished: RunFolder, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    assert page.more.isVisible()
    said = page.more.what.text()
    assert said == "Continues from train-001. The learning rate starts at 0.00005 again."
    assert list(page.cards) == ["as_before"]
    assert page.primary_text().startswith("Train more (")
    assert not page.editor.rows["rank"].editor.isEnabled()
    page.editor.edited.emit("learning_rate", 1e-4)
    assert "starts at 0.0001 again" in page.more.what.text()
    assert ready_session.state.overrides == {}, "those of a new training stay"
    page.apply()
    run = ready_session.training_run()
    assert run != finished
    assert read_json(run.job_file)["params"]["more_of"] == "train-001"
    assert load_config(run.config_file).learning_rate == 1e-4
    again = opened(open_page, ready_session, qtbot)
    assert again.plan.overrides == {"learning_rate": 1e-4}


def test_one_can_begin_with_the_base_model_instead(
    ready_session: Session, finished: RunFolder, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    (button,) = page.more._actions
    button.click()
    scenes.until(qtbot, lambda: page.plan is not None and page.plan.more_of is None)
    assert not page.more.isVisible()
    assert len(page.cards) == 4
    page.apply()
    assert "more_of" not in read_json(ready_session.training_run().job_file)["params"]


def test_an_adapter_that_is_damaged_is_said_and_left(
    ready_session: Session, finished: RunFolder, open_page: Open, qtbot: QtBot
) -> None:
    for path in finished.best.rglob("*.safetensors"):
        path.write_bytes(b"damaged")
    page = SettingsPage(ready_session)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.failed) as failed:
        page.enter()
    assert failed.args[0].code == "run.no_adapter"
    assert ready_session.state.more_of == ""
    scenes.until(qtbot, lambda: len(page.cards) == 4)
    page.shut_down()


def test_starting_prepares_the_run_and_goes_on(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    with qtbot.waitSignal(page.finished):
        page.apply()
    run = ready_session.training_run()
    assert run is not None
    assert load_config(run.config_file) == page.plan.config
    spec = read_json(run.job_file)
    assert spec["kind"] == "train"
    assert spec["params"]["base_model"] == ready_session.state.base_model
    assert not run.events_file.exists(), "the training page starts it"


def test_a_base_model_that_is_gone_is_told(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    ready_session.give(base_model="/nowhere/at all")
    page = SettingsPage(ready_session)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.failed) as failed:
        page.enter()
    assert failed.args[0].code == "model.not_found"
    assert not page.is_ready()
    page.shut_down()


def test_while_the_trial_runs_it_says_why_nothing_can_be_started(
    ready_session: Session, open_page: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(open_page, ready_session, qtbot)
    monkeypatch.setattr(page._job, "is_running", lambda: True)
    assert not page.is_ready()
    assert page.hint() == "Wait for the trial to finish, or cancel it."


def test_nothing_is_started_beside_a_running_training(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    run = scenes.add_run(ready_session)
    with scenes.alive(run):
        page = opened(open_page, ready_session, qtbot)
        assert not page.is_ready()
        assert "queue" in page.hint()
        with pytest.raises(UserFacingError) as caught:
            page.apply()
        assert caught.value.code == "training.other_running"
    page.enter()
    assert page.is_ready()


def test_control_z_takes_values_and_presets_back(ready_session: Session, qtbot: QtBot) -> None:
    ready_session.go_to(Step.SETTINGS)
    window = WizardWindow(ready_session)
    window.show()
    scenes.until(qtbot, lambda: window.page.plan is not None)
    page = window.page
    page.editor.edited.emit("learning_rate", 2e-4)
    qtbot.mouseClick(page.cards["gentle"].button, Qt.MouseButton.LeftButton)
    assert page.plan.key == "gentle"
    page.undo()
    assert page.cards["balanced"].is_chosen()
    assert page.plan.config.learning_rate == 2e-4
    page.undo()
    page.undo()
    assert page.plan.overrides == {}
    assert window._undo_key.isEnabled()
    window.show_step(Step.BASE_MODEL)
    assert not window._undo_key.isEnabled(), "nothing on that page to take back"
    window.shut_down()
    window.close()


def test_too_few_steps_are_said_in_the_open_and_changed_with_one_key(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    page.editor.edited.emit("effective_batch", 60)
    bar = next(bar for bar in page.notices.bars if bar.isVisible())
    assert "too few to learn much" in bar.what.text()
    (follow,) = bar._actions
    qtbot.keyClick(follow, Qt.Key.Key_Space)
    assert page.plan.config.effective_batch == 4
    assert not any(
        "too few to learn" in bar.what.text() for bar in page.notices.bars if bar.isVisible()
    )


def test_an_answer_that_an_estimate_would_cut_is_not_cut(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    scenes.add_check(ready_session, long=2)
    page = opened(open_page, ready_session, qtbot)
    scenes.until(qtbot, lambda: page._check.check is not None)
    assert page.plan.config.max_length >= 704
    assert page.plan.overrides == {}, "that is the usual value now"


def test_a_prompt_is_tried_before_training(
    ready_session: Session, open_page: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, asked = opened(open_page, ready_session, qtbot), []
    monkeypatch.setattr(page._job, "run", lambda *job: asked.append(job))
    page.prompt_first.ask.click()
    assert asked[0][2].base_model == ready_session.state.base_model
    monkeypatch.setattr(page._job, "is_running", lambda: True)
    assert page.hint() == "Wait until the base model has answered, or cancel it."
    page._job.completed.emit(PromptsResult(questions=3))
    assert page.prompt_first.found.text() == "The base model could not be asked."


def test_it_opens_at_its_top_wherever_it_was_left(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    page.resize(700, 400)
    bar = page._area.verticalScrollBar()
    scenes.until(qtbot, lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    page.leave()
    page.enter()
    assert bar.value() == 0
