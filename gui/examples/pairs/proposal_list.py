"""Proposed pairs to look through: each with its passage, to be ticked and changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from core.language import _
from core.pairs.proposals import Proposal
from gui.kit.boxes import hbox, vbox
from gui.kit.flow import Flow
from gui.kit.labels import label, text_pane
from gui.kit.theme import Space

_QUESTION_HEIGHT = 64
_LEAST_HEIGHT = 72


class ProposalList(QWidget):
    """The questions on the left, the chosen pair with its passage on the right.

    Attributes:
        changed: something was ticked or rewritten.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._proposals: list[Proposal] = []
        self.questions = QListWidget()
        self.questions.setAccessibleName(_("Proposed questions. Press Space to accept one."))
        self.questions.setWordWrap(True)
        self.questions.setSpacing(2)
        self.questions.currentRowChanged.connect(self._show)
        self.questions.itemChanged.connect(self._ticked)
        self.question = _editable(_("Question"))
        self.question.setFixedHeight(_QUESTION_HEIGHT)
        self.answer = _editable(_("Answer, which you can change"))
        for pane in (self.question, self.answer):
            pane.textChanged.connect(self._edited)
        self.passage = text_pane(_("Passage of the document"))
        for tall in (self.questions, self.answer, self.passage):  # as high as there is room
            tall.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
            tall.setMinimumHeight(_LEAST_HEIGHT)
        self.where = label("", "muted")
        self.all = QPushButton(_("Accept all that passed"))
        self.all.clicked.connect(lambda: self._tick_all(True))
        self.none = QPushButton(_("Accept none"))
        self.none.clicked.connect(lambda: self._tick_all(False))
        self._lay_out()

    def _lay_out(self) -> None:
        left = vbox((self.questions, 1), Flow(self.all, self.none), spacing=Space.SMALL)
        right = vbox(
            label(_("Question"), "small"),
            self.question,
            label(_("Answer"), "small"),
            (self.answer, 1),
            label(_("Passage"), "small"),
            (self.passage, 2),
            self.where,
            spacing=Space.SMALL,
        )
        hbox((left, 1), (right, 1), on=self, margins=0, spacing=Space.MEDIUM)

    def show_proposals(self, proposals: Sequence[Proposal]) -> None:
        """List these, those that passed the check first."""
        self._proposals = sorted(proposals, key=lambda one: bool(one.fault))
        with QSignalBlocker(self.questions):
            self.questions.clear()
            for one in self._proposals:
                item = QListWidgetItem(_line(one), self.questions)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(_state(one))
        self.questions.setCurrentRow(0)
        self._show(self.questions.currentRow())
        self.changed.emit()

    def proposals(self) -> list[Proposal]:
        """Return all of them with what you decided."""
        return list(self._proposals)

    def accepted(self) -> list[Proposal]:
        """Return those that are ticked."""
        return [one for one in self._proposals if one.decision == "accepted"]

    def _show(self, row: int) -> None:
        one = self._proposals[row] if 0 <= row < len(self._proposals) else None
        texts = (one.question, one.answer, one.passage) if one else ("", "", "")
        for pane, text in zip((self.question, self.answer, self.passage), texts, strict=True):
            with QSignalBlocker(pane):
                pane.setPlainText(text)
        self.question.setReadOnly(one is None)
        self.answer.setReadOnly(one is None)
        self.where.setText(one.file if one else "")
        # A column that is short of room takes it from texts that wrap.
        self.where.setMinimumHeight(self.where.sizeHint().height())

    def _ticked(self, item: QListWidgetItem) -> None:
        row = self.questions.row(item)
        ticked = item.checkState() == Qt.CheckState.Checked
        decision = "accepted" if ticked else "rejected"
        self._proposals[row] = self._proposals[row].model_copy(update={"decision": decision})
        self.changed.emit()

    def _tick_all(self, ticked: bool) -> None:
        for row, one in enumerate(self._proposals):
            wanted = ticked and (not one.fault or one.edited)
            state = Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked
            if ticked and not wanted:
                continue
            self.questions.item(row).setCheckState(state)

    def _edited(self) -> None:
        row = self.questions.currentRow()
        if not 0 <= row < len(self._proposals):
            return
        question = self.question.toPlainText().strip()
        answer = self.answer.toPlainText().strip()
        words = {"question": question, "answer": answer, "edited": True}
        self._proposals[row] = self._proposals[row].model_copy(update=words)
        with QSignalBlocker(self.questions):
            self.questions.item(row).setText(_line(self._proposals[row]))
        self.changed.emit()


def _editable(name: str) -> QPlainTextEdit:
    pane = QPlainTextEdit()
    pane.setAccessibleName(name)
    pane.setTabChangesFocus(True)
    return pane


def _line(one: Proposal) -> str:
    """The question, and what the check found as long as nobody changed it."""
    if one.fault and not one.edited:
        return f"{one.question}\n{one.why_not}"
    return one.question


def _state(one: Proposal) -> Qt.CheckState:
    return Qt.CheckState.Checked if one.decision == "accepted" else Qt.CheckState.Unchecked
