from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.data.dataset import DatasetVersion
from core.evaluation.prompts.spec import PromptsResult, Tried
from core.events import Finished
from core.jobs.spec import write_spec
from gui.kit.theme import application
from gui.settings.prompt_first import PromptFirst
from gui.wizard.session import Session
from tests.gui import scenes


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


def tried(*chrf: float) -> PromptsResult:
    found = [
        Tried(shots=shots, scores={"chrf": score}, word="better")
        for shots, score in zip((0, 1, 3, 5), chrf, strict=False)
    ]
    return PromptsResult(questions=20, tried=found)


def test_what_was_found_is_said_and_the_best_prompt_is_copied(
    ready_session: Session, qtbot: QtBot
) -> None:
    row = PromptFirst(ready_session)
    qtbot.addWidget(row)
    row.show()
    assert not row.found.isVisible()
    row.show_result(tried(20, 30, 50, 40))
    assert row.found.text().startswith("A prompt with 3 examples: closer")
    assert row.scores.text().count("\n") == 4
    row.copy.click()
    qtbot.waitUntil(lambda: row._text.text().startswith("Copied."))
    assert application().clipboard().text().count("Question:") == 4


def test_what_was_found_before_is_shown_again(ready_session: Session, qtbot: QtBot) -> None:
    row = PromptFirst(ready_session)
    qtbot.addWidget(row)
    run = ready_session.require_project().new_run("prompts")
    write_spec(run, row.params)
    row.recall()
    assert row.result is None, "it is not done"
    scenes.write_events(run, [Finished(outcome="completed", result=tried(20, 30), at=2.0)])
    row.recall()
    assert row.result == tried(20, 30)
    ready_session.give(base_model="/another")
    row.recall()
    assert row.result is None
