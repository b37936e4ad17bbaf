from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.data.dataset import DatasetVersion
from gui.kit.theme import application
from gui.settings.prompt_first import PromptFirst
from gui.wizard.session import Session


def test_five_training_examples_are_copied(ready_session: Session, qtbot: QtBot) -> None:
    row = PromptFirst(ready_session)
    qtbot.addWidget(row)
    row.copy.click()
    qtbot.waitUntil(lambda: row._text.text().startswith("Copied."))
    text = application().clipboard().text()
    assert text.count("Question:") == 6
    assert text.endswith("Question:\n")
    folder = ready_session.require_project().version_folder(ready_session.state.dataset_version)
    held_out = [e.question for e in DatasetVersion.load(folder).examples() if e.question in text]
    trained = {e.question for e in DatasetVersion.load(folder).examples("train")}
    assert held_out and set(held_out) <= trained
    assert row._text.text().startswith("Copied.")


def test_examples_that_are_gone_are_told(ready_session: Session, qtbot: QtBot) -> None:
    row = PromptFirst(ready_session)
    qtbot.addWidget(row)
    ready_session.give(dataset_version="missing")
    with qtbot.waitSignal(row.failed):
        row.copy.click()
