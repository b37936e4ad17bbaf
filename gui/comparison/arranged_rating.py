"""What the blind rating is made of, and where it stands: a question, two answers, the choices."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from core.evaluation.rating.ratings import Choice, Side
from core.language import N_, _
from gui.comparison.score_grid import ScoreGrid
from gui.kit.boxes import vbox
from gui.kit.choice_button import ChoiceButton
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import label, set_look, text_pane
from gui.kit.side_by_side import SideBySide
from gui.kit.theme import Space

CHOICES: tuple[tuple[Choice, str, Qt.Key], ...] = (
    ("a", N_("←  A is better"), Qt.Key.Key_Left),
    ("both_bad", N_("↑  Both are bad"), Qt.Key.Key_Up),
    ("tie", N_("↓  Tie"), Qt.Key.Key_Down),
    ("b", N_("B is better  →"), Qt.Key.Key_Right),
)
SIDES: tuple[Side, Side] = ("a", "b")
_QUESTION_HEIGHT = 72
_ANSWER_HEIGHT = 140


class ArrangedRating(QWidget):
    """The answers are of equal height; they take what the rest leaves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._where = label("", "muted")
        self.question_pane = text_pane(_("Question"))
        self.question_pane.setFixedHeight(_QUESTION_HEIGHT)
        self.answers = {side: text_pane(_answer(side)) for side in SIDES}
        self.expected = QPushButton(_("Show the expected answer"))
        self.expected.setCheckable(True)
        self._expected_pane = text_pane(_("Expected answer"))
        self._expected_pane.setFixedHeight(_QUESTION_HEIGHT)
        self._expected = QWidget()
        heading = label(_("Expected answer"), "small")
        vbox(heading, self._expected_pane, on=self._expected, margins=0, spacing=Space.TINY)
        self.undo = QPushButton(f" {_('Undo')}")
        self.undo.setIcon(icon("undo"))
        self.choices = {choice: ChoiceButton(_(text)) for choice, text, _key in CHOICES}
        self.grids = {side: ScoreGrid(side) for side in SIDES}
        self.marks = QPushButton(_("Give marks too"))
        self.marks.setCheckable(True)
        self._keys = label("", "small")
        self._lay_out()

    def _lay_out(self) -> None:
        head = Flow(self._where, self.expected, self.marks, self.undo, stretch=self._where)
        answers = SideBySide()
        for side in SIDES:
            answers.add(self._side(side))
        choices = Flow(*self.choices.values(), even=True)
        self._expected.hide()
        vbox(
            head,
            self.question_pane,
            self._expected,
            (answers, 1),
            choices,
            self._keys,
            on=self,
            margins=0,
            spacing=Space.SMALL,
        )

    def _side(self, side: Side) -> QFrame:
        frame = QFrame()
        set_look(frame, card="true")
        self.answers[side].setMinimumHeight(_ANSWER_HEIGHT)
        take_what_is_left = QSizePolicy.Policy.Ignored  # the page scrolls only for what must be
        self.answers[side].setSizePolicy(QSizePolicy.Policy.Expanding, take_what_is_left)
        vbox(
            label(_answer(side), "heading"),
            (self.answers[side], 1),
            self.grids[side],
            on=frame,
            margins=(Space.SMALL, Space.SMALL, Space.SMALL, Space.MEDIUM),
            spacing=Space.SMALL,
        )
        return frame

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need more lines."""
        super().resizeEvent(event)
        self._ask_for_height()

    def event(self, event: QEvent) -> bool:
        """Another text, too, or an answer that is shown."""
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self._ask_for_height()
        return done

    def _ask_for_height(self) -> None:
        """Where it is narrow, buttons stand below each other; the page scrolls."""
        layout = self.layout()
        if layout is not None:
            self.setMinimumHeight(layout.totalMinimumHeightForWidth(self.width()))


def _answer(side: Side) -> str:
    return _("Answer {side}", side=side.upper())
