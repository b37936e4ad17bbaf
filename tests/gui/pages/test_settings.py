from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from core.files import read_json
from core.jobs.queue import load_queue
from core.training.config import load_config
from gui.pages.settings import SettingsPage
from gui.session import Session
from gui.variants import Vary
from gui.widgets.queue_dialog import QueueDialog
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
    assert page.cards["small"].is_chosen(), "the recommended one for a small model"
    for card in page.cards.values():
        assert "GB free" in card._text.text()
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
    assert page.cards["small"]._badge.text() == "Customised"
    assert ready_session.state.overrides == {"rank": 8}
    row.reset.click()
    assert ready_session.state.overrides == {}
    assert page.cards["small"]._badge.text() == ""


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


def test_few_examples_are_said(ready_session: Session, open_page: Open, qtbot: QtBot) -> None:
    scenes.add_dataset(ready_session, rows=40)
    page = opened(open_page, ready_session, qtbot)
    assert page._examples.isVisible()
    assert "examples" in page._examples.what.text()


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


def test_trainings_are_added_to_the_queue(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    page.apply_secondary()
    dialog = page.findChild(QueueDialog)
    dialog.vary.setCurrentIndex(dialog.vary.findData(Vary.SEED))
    with qtbot.waitSignal(page.told) as told:
        dialog.add.click()
    assert told.args[0].startswith("3 trainings added to the queue.")
    items = load_queue(ready_session.require_project())
    assert [item.title for item in items] == ["Quick, seed 0", "Quick, seed 1", "Quick, seed 2"]
    assert ready_session.state.training_run == items[0].run, "the training page can be opened"


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
