"""The guided review: random examples one by one, judged with one key each."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from core.data.cleaning import Choices, Plan, Verdict, repaired
from core.data.draft import Draft
from core.data.example import Example
from core.data.review import REVIEW_ROWS, rows_to_review
from gui.theme import Space
from gui.widgets.difference import readable
from gui.widgets.labels import announce, label, set_look, text_pane

_PANE_HEIGHT = 150
_BUTTONS = (
    (Verdict.KEEP, "Keep", "Alt+K"),
    (Verdict.EDIT, "Save my changes", "Alt+S"),
    (Verdict.DROP, "Leave out", "Alt+L"),
    (Verdict.FLAG, "Flag for later", "Alt+F"),
)
_SAID = {
    Verdict.KEEP: "kept",
    Verdict.EDIT: "changed by you",
    Verdict.DROP: "left out",
    Verdict.FLAG: "flagged",
}


class Review(QFrame):
    """Folded up until the person begins.

    Attributes:
        judged: a row's number, its ``Verdict`` and the texts of its turns (for an edited row).
    """

    judged = Signal(int, object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="neutral")
        self._draft: Draft | None = None
        self._plan: Plan | None = None
        self._choices = Choices()
        self._rows: list[int] = []
        self._example: Example | None = None
        self.place = 0
        self.head = label("", "heading")
        self.begin = QPushButton("Begin")
        self.begin.setCheckable(True)
        self.begin.setAccessibleName("Look through random examples")
        self.where = label("", "muted")
        self.question = text_pane("Question")
        self.answer = QPlainTextEdit()
        self.answer.setAccessibleName("Answer, which you may change")
        self.answer.setTabChangesFocus(True)
        self.answer.textChanged.connect(self._update_buttons)
        self.back = QPushButton("Back")
        self.back.clicked.connect(lambda: self.go(self.place - 1))
        self.buttons = {verdict: self._button(verdict, *how) for verdict, *how in _BUTTONS}
        self.panel = QWidget()
        self.begin.toggled.connect(self._toggle)
        self._lay_out()

    def _button(self, verdict: Verdict, text: str, keys: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(keys)
        button.clicked.connect(lambda: self._judge(verdict))
        QShortcut(QKeySequence(keys), self, button.click)
        return button

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        texts = QVBoxLayout()
        texts.addWidget(self.head)
        texts.addWidget(label("For mistakes and bias that no rule can find.", "muted"))
        head.addLayout(texts, 1)
        head.addWidget(self.begin)
        panes = QHBoxLayout()
        for title, pane in (("Question", self.question), ("Answer", self.answer)):
            column = QVBoxLayout()
            column.addWidget(label(title, "small"))
            pane.setFixedHeight(_PANE_HEIGHT)
            column.addWidget(pane)
            panes.addLayout(column)
        row = QHBoxLayout()
        row.setSpacing(Space.SMALL)
        row.addWidget(self.back)
        row.addWidget(self.where, 1)
        for button in self.buttons.values():
            row.addWidget(button)
        inner = QVBoxLayout(self.panel)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addLayout(panes)
        inner.addLayout(row)
        self.panel.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(Space.MEDIUM, Space.MEDIUM, Space.MEDIUM, Space.MEDIUM)
        outer.addLayout(head)
        outer.addWidget(self.panel)

    def show_draft(self, draft: Draft | None, plan: Plan | None, choices: Choices) -> None:
        """Review ``draft``; the rows are drawn once for each draft."""
        if draft is not self._draft:
            self._rows, self.place = [], 0
            self.begin.setChecked(False)
        self._draft, self._plan, self._choices = draft, plan, choices
        if draft is not None and plan is not None and not self._rows:
            # Reviewed rows stay in the list even when a later choice leaves them out.
            drawn = rows_to_review(plan.kept, draft.name).tolist()
            self._rows = sorted({*drawn[: REVIEW_ROWS - len(choices.reviewed)], *choices.reviewed})
        self._update_head()
        if self.begin.isChecked():
            self._update_buttons()

    def _update_head(self) -> None:
        done = sum(row in self._choices.reviewed for row in self._rows)
        count = len(self._rows)
        self.head.setText(
            f"Look through {count} random examples" + (f" ({done} done)" if done else "")
        )
        self.begin.setEnabled(count > 0)

    def _toggle(self, shown: bool) -> None:
        self.panel.setVisible(shown)
        self.begin.setText("Close" if shown else "Begin")
        if shown:
            reviewed = self._choices.reviewed
            self.go(next((n for n, row in enumerate(self._rows) if row not in reviewed), 0))

    def go(self, place: int) -> None:
        """Show the example at ``place`` of those to review."""
        if self._draft is None or self._plan is None or not self._rows:
            return
        self.place = min(max(0, place), len(self._rows) - 1)
        row = self._rows[self.place]
        item = self._draft.row(row)
        if not isinstance(item, Example):
            return
        item = repaired(item, int(self._plan.repairs[row]), self._choices.rows.get(row))
        self._example = item
        self.question.setPlainText(readable(replace(item, messages=item.messages[:-1])))
        self.answer.setPlainText(item.answer)
        self._update_buttons()
        announce(self, self.where.text())

    def _update_buttons(self) -> None:
        if not self._rows:
            return
        verdict = self._choices.reviewed.get(self._rows[self.place])
        said = f" · {_SAID[verdict]}" if verdict else ""
        self.where.setText(f"{self.place + 1} of {len(self._rows)}{said}")
        changed = self._example is not None and self.answer.toPlainText() != self._example.answer
        self.buttons[Verdict.EDIT].setEnabled(changed)
        self.buttons[Verdict.KEEP].setEnabled(not changed)
        self.back.setEnabled(self.place > 0)

    def _judge(self, verdict: Verdict) -> None:
        if self._example is None:
            return
        texts = tuple(m.content for m in self._example.messages[:-1])
        self.judged.emit(self._rows[self.place], verdict, (*texts, self.answer.toPlainText()))
        if self.place == len(self._rows) - 1:
            self.begin.setChecked(False)
        else:
            self.go(self.place + 1)
