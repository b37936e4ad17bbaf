import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.evaluation.own_questions import OwnQuestion, read_own_questions
from gui.comparison.own_questions_dialog import OwnQuestionsButton, OwnQuestionsDialog
from gui.wizard.session import Session

WHO = OwnQuestion(question="Who?", answer="Me.")


def opened(qtbot: QtBot, *questions: OwnQuestion) -> OwnQuestionsDialog:
    dialog = OwnQuestionsDialog(questions)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    return dialog


def test_one_is_written_changed_and_removed(qtbot: QtBot) -> None:
    dialog = opened(qtbot, WHO)
    assert not dialog.add.isEnabled()
    dialog.question.setPlainText("Why?\nReally?")
    dialog.add.click()
    assert dialog.questions == [WHO, OwnQuestion(question="Why?\nReally?")]
    assert dialog.count.text() == "2 questions, 1 with an expected answer."
    dialog.list.setCurrentRow(0)
    dialog.edit.click()
    assert (dialog.question.toPlainText(), dialog.answer.toPlainText()) == ("Who?", "Me.")
    dialog.answer.setPlainText("You.")
    dialog.list.setCurrentRow(0)
    dialog.list.setFocus()
    qtbot.keyClick(dialog.list, Qt.Key.Key_Delete)
    assert dialog.questions == []
    dialog.keep.click()
    assert dialog.questions == [OwnQuestion(question="Who?", answer="You.")]


def test_many_are_pasted_at_once(qtbot: QtBot, qapp: QApplication) -> None:
    dialog = opened(qtbot, WHO)
    qapp.clipboard().setText("Why?\nWho?\tNobody.\nWhere?\tHere.\n")
    dialog.paste.click()
    assert [one.question for one in dialog.questions] == ["Who?", "Why?", "Where?"]
    assert dialog.questions[0].answer == "Nobody."


def test_the_button_keeps_them_in_the_project(
    qtbot: QtBot, ready_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    button = OwnQuestionsButton(ready_session)
    qtbot.addWidget(button)

    def write(dialog: OwnQuestionsDialog) -> int:
        dialog.questions.append(WHO)
        return 1

    monkeypatch.setattr(OwnQuestionsDialog, "exec", write)
    button.click()
    project = ready_session.require_project()
    assert read_own_questions(project) == [WHO]
    project.own_questions_file.write_text("{}", encoding="utf-8")
    with qtbot.waitSignal(button.failed) as failed:
        button.click()
    assert failed.args[0].code == "questions.damaged"
