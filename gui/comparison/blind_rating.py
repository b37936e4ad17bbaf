"""Blind rating: two answers of equal height, judged with one arrow key each.

Marks from 1 to 5 are folded away; once they are opened, the next question waits for Enter.

Nothing in here knows which model wrote which answer: the session keeps that to itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from core.evaluation.rating.criteria import Named, usual_criteria
from core.evaluation.rating.ratings import (
    BlindQuestion,
    Choice,
    Criterion,
    Rating,
    RatingSession,
    Side,
)
from core.evaluation.rating.wording import place_text
from core.language import N_, _
from gui.comparison.arranged_rating import CHOICES, SIDES, ArrangedRating
from gui.comparison.score_grid import MARKS
from gui.kit.labels import announce

_SAID: dict[Choice, str] = {
    "a": N_("A is better"),
    "b": N_("B is better"),
    "tie": N_("Tie"),
    "both_bad": N_("Both are bad"),
}


class BlindRating(ArrangedRating):
    """Shows one question after the other and stores each judgement at once.

    Attributes:
        rated: the number of judgements or the question changed.
        finished: no question is left, or the judgements are enough to tell.
    """

    rated = Signal()
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session: RatingSession | None = None
        self.question: BlindQuestion | None = None
        self._talks: Mapping[str, str] = {}
        self._choice: Choice | None = None
        self._marks: dict[Side, dict[Criterion, int]] = {"a": {}, "b": {}}
        self._before: dict[int, Rating] = {}
        self.criteria: list[Named] = []
        self._connect()
        self._fold(opened=False)

    def _connect(self) -> None:
        self.expected.toggled.connect(self._expected.setVisible)
        self.undo.clicked.connect(self.take_back)
        self.marks.toggled.connect(self._fold)
        self._shortcut(Qt.Key.Key_M, self.marks.click)
        for choice, _text, key in CHOICES:
            self.choices[choice].clicked.connect(lambda _=False, c=choice: self.pick(c))
            self._shortcut(key, lambda c=choice: self.pick(c))
        for mark in MARKS:
            self._shortcut(Qt.Key(Qt.Key.Key_0 + mark), lambda m=mark: self._mark_next(m))
        for keys in (QKeySequence.StandardKey.Undo, Qt.Key.Key_Backspace):
            self._shortcut(keys, self.take_back)
        for keys in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._shortcut(keys, self.go_on)
        for grid in self.grids.values():
            grid.marked.connect(lambda c, m, g=grid: self.mark(g.side, c, m))

    def _shortcut(self, keys: object, do: object) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)  # type: ignore[call-overload]
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.setAutoRepeat(False)  # a key that is held judges one question
        shortcut.activated.connect(do)

    def open(
        self, session: RatingSession, criteria: Sequence[Named] | None = None,
        talks: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Continue where the session was left; the usual criteria where none are given.

        Args:
            talks: by question, how it is shown where it is a talk of several turns.
        """
        self.session, self._talks = session, talks or {}
        self.set_criteria(usual_criteria() if criteria is None else criteria)
        self._show(session.next_question())

    def set_criteria(self, criteria: Sequence[Named]) -> None:
        """Judge by these; marks that were given already stay."""
        self.criteria = list(criteria)
        for grid in self.grids.values():
            grid.set_criteria(criteria)
        self.marks.setEnabled(bool(criteria))
        if not criteria:
            self.marks.setChecked(False)
        self._draw()

    def _fold(self, opened: bool) -> None:
        for grid in self.grids.values():
            grid.setVisible(opened)
        if opened:
            text = _("Then give marks with the keys 1 to 5 if you like. Enter continues.")
        else:
            text = _("One key is enough: ← → ↓ ↑. Backspace takes it back. M opens the marks.")
        self._keys.setText(text)

    def _to_what_is_answered(self) -> None:
        bar = self.question_pane.verticalScrollBar()
        is_talk = self.question is not None and self.question.question in self._talks
        bar.setValue(bar.maximum() if is_talk else 0)

    def _show(self, question: BlindQuestion | None, before: Rating | None = None) -> None:
        self.question = question
        if question is None or self.session is None:
            self.rated.emit()
            self.finished.emit()
            return
        self._choice = before.choice if before else None
        scores = before.scores if before else {}
        self._marks = {side: dict(scores.get(side, {})) for side in SIDES}
        shown = self._talks.get(question.question, question.question)
        self.question_pane.setPlainText(shown)
        QTimer.singleShot(0, self, self._to_what_is_answered)  # once the pane has its height
        self.answers["a"].setPlainText(question.answer_a or _("(empty answer)"))
        self.answers["b"].setPlainText(question.answer_b or _("(empty answer)"))
        self._expected_pane.setPlainText(question.reference)
        self.expected.setChecked(False)
        self.expected.setEnabled(bool(question.reference))
        self._where.setText(place_text(question, self.session.count))
        self._draw()
        announce(self, self._where.text())

    def _draw(self) -> None:
        for choice, button in self.choices.items():
            button.setChecked(choice == self._choice)
        current = self._next_mark()
        for side, grid in self.grids.items():
            here = current[1] if current and current[0] == side else None
            grid.setEnabled(self._choice is not None)
            grid.show_marks(self._marks[side], here)
        self.undo.setEnabled(self.session is not None and self.session.rated > 0)
        self.rated.emit()

    def has_choice(self) -> bool:
        """Return whether the question that is shown was judged."""
        return self._choice is not None

    def pick(self, choice: Choice) -> None:
        """Judge the question that is shown and continue, unless marks are given too."""
        self.choose(choice)
        if not self.marks.isChecked():
            self.go_on()

    def choose(self, choice: Choice) -> None:
        """Judge the question that is shown."""
        self._choice = choice
        self._store()
        announce(self, _(_SAID[choice]))

    def mark(self, side: Side, criterion: Criterion, mark: int) -> None:
        """Give one answer a mark."""
        if self._choice is None:
            return
        self._marks[side][criterion] = mark
        self._store()

    def _mark_next(self, mark: int) -> None:
        place = self._next_mark()
        if place is not None and self.marks.isChecked():
            self.mark(*place, mark)

    def _next_mark(self) -> tuple[Side, Criterion] | None:
        if self._choice is None:
            return None
        places = [(side, criterion.key) for side in SIDES for criterion in self.criteria]
        return next((p for p in places if p[1] not in self._marks[p[0]]), None)

    def _store(self) -> None:
        if self.session is not None and self.question is not None and self._choice is not None:
            self.session.rate(self.question, self._choice, self._marks)
            self._before[self.question.id] = Rating(
                self._choice, {side: dict(marks) for side, marks in self._marks.items()}
            )
        self._draw()

    def go_on(self) -> None:
        """Show the next question, if this one was judged and did not settle the matter."""
        if self.session is None or not self.has_choice():
            return
        if self.session.has_just_settled():
            self.finished.emit()
        else:
            self._show(self.session.next_question())

    def reopen(self) -> None:
        """Continue with what is not rated yet; when all is, take the last judgement back."""
        if self.session is None:
            return
        if self.session.next_question() is None:
            self.take_back()
        else:
            self._show(self.session.next_question())

    def take_back(self) -> None:
        """Take the newest judgement back and show its question again."""
        if self.session is None:
            return
        question = self.session.undo()
        if question is None:
            return
        before = self._before.get(question.id)
        same = self.question is not None and self.question.id == question.id
        self._show(question, None if same else before)
        if not same and before is not None:
            self._store()  # its judgement stands again until it is changed
