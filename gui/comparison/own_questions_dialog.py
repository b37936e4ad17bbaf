"""Questions of your own: written one by one, or pasted many at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QListWidget, QPlainTextEdit, QPushButton, QWidget

from core.errors import UserFacingError
from core.evaluation.own_questions import (
    LONGEST,
    MOST_QUESTIONS,
    OwnQuestion,
    pasted_questions,
    read_own_questions,
    write_own_questions,
)
from core.language import _, ngettext
from gui.kit.boxes import hbox, vbox
from gui.kit.labels import announce, label
from gui.kit.theme import Space, application
from gui.kit.window_place import fit_dialog
from gui.wizard.session import Session

_SIZE = (760, 620)
_HEIGHT = 76


class OwnQuestionsButton(QPushButton):
    """Opens the questions of the project and keeps what was changed.

    Attributes:
        failed: they cannot be read or written.
    """

    failed = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(_("Your own questions …"), parent)
        self._session = session
        self.clicked.connect(self._open)

    def _open(self) -> None:
        project = self._session.require_project()
        try:
            dialog = OwnQuestionsDialog(read_own_questions(project), self.window())
            if dialog.exec():
                write_own_questions(project, dialog.questions)
        except UserFacingError as error:
            self.failed.emit(error)


class OwnQuestionsDialog(QDialog):
    """Filled with the questions of a project; ``questions`` gives those that are wanted."""

    def __init__(self, questions: Sequence[OwnQuestion], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Questions of your own"))
        fit_dialog(self, *_SIZE)
        self.questions = list(questions)
        self.question = _pane(_("Question"))
        self.answer = _pane(_("Expected answer, if there is one"))
        self.add = self._button(_("Add"), self._add)
        self.paste = self._button(_("Paste many"), self._paste)
        self.list = _List()
        self.list.setAccessibleName(_("Questions of your own"))
        self.list.currentRowChanged.connect(self._draw_buttons)
        self.edit = self._button(_("Edit"), self._edit)
        self.remove = self._button(_("Remove"), self._remove)
        self.list.removed.connect(self._remove)
        self.count = label("", "muted")
        self.keep = self._button(_("Save"), self._keep)
        self.cancel = self._button(_("Cancel"), self.reject)
        self.question.textChanged.connect(self._draw_buttons)
        self._lay_out()
        self._draw()

    def _button(self, text: str, do: object) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(do)
        return button

    def _lay_out(self) -> None:
        how = _(
            "Both models answer them the next time they are measured. To paste many, copy a list "
            "with one question in each line, or two columns of a spreadsheet with the answers."
        )
        vbox(
            label(how),
            label(_("Question"), "small"),
            self.question,
            label(_("Expected answer, if there is one"), "small"),
            self.answer,
            hbox(self.add, self.paste, 1),
            (self.list, 1),
            hbox(self.edit, self.remove, 1),
            hbox((self.count, 1), self.cancel, self.keep),
            on=self,
            margins=Space.LARGE,
            spacing=Space.SMALL,
        )

    def _draw(self) -> None:
        row = self.list.currentRow()
        self.list.clear()
        for one in self.questions:
            self.list.addItem(" ".join(one.question.split()))
        self.list.setCurrentRow(min(row, len(self.questions) - 1))
        answers = sum(bool(one.answer) for one in self.questions)
        self.count.setText(
            ngettext(
                "{count:,} question, {answers:,} with an expected answer.",
                "{count:,} questions, {answers:,} with an expected answer.",
                len(self.questions),
                answers=answers,
            )
        )
        announce(self, self.count.text())
        self._draw_buttons()

    def _draw_buttons(self) -> None:
        room = len(self.questions) < MOST_QUESTIONS
        self.add.setEnabled(room and bool(self.question.toPlainText().strip()))
        self.paste.setEnabled(room)
        for button in (self.edit, self.remove):
            button.setEnabled(self.list.currentRow() >= 0)

    def _take(self, more: Sequence[OwnQuestion]) -> None:
        """Put these behind the others; one that is there already gets the new answer."""
        found = {one.question: one for one in (*self.questions, *more)}
        self.questions = list(found.values())[:MOST_QUESTIONS]
        self._draw()

    def _add(self) -> None:
        question = self.question.toPlainText().strip()[:LONGEST]
        answer = self.answer.toPlainText().strip()[:LONGEST]
        if question:
            self.question.clear()
            self.answer.clear()
            self._take([OwnQuestion(question=question, answer=answer)])
            self.question.setFocus()

    def _paste(self) -> None:
        self._take(pasted_questions(application().clipboard().text()))

    def _edit(self) -> None:
        """Take the chosen one back into the fields."""
        row = self.list.currentRow()
        if row >= 0:
            self._add()  # what is there now is not lost
            self.question.setPlainText(self.questions[row].question)
            self.answer.setPlainText(self.questions[row].answer)
            self._remove()
            self.question.setFocus()

    def _remove(self) -> None:
        row = self.list.currentRow()
        if row >= 0:
            del self.questions[row]
            self._draw()

    def _keep(self) -> None:
        self._add()  # what was written and not added yet
        self.accept()


class _List(QListWidget):
    """Tells when Delete is pressed."""

    removed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes the chosen line."""
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        else:
            super().keyPressEvent(event)


def _pane(name: str) -> QPlainTextEdit:
    pane = QPlainTextEdit()
    pane.setTabChangesFocus(True)
    pane.setAccessibleName(name)
    pane.setFixedHeight(_HEIGHT)
    return pane
