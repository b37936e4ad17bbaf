"""Marks from 1 to 5 for accuracy, relevance, tone and formatting of one answer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QWidget

from core.evaluation.rating.ratings import CRITERIA, Criterion, Side
from core.language import N_, _
from gui.kit.labels import label, set_look
from gui.kit.theme import Space

MARKS = range(1, 6)
CRITERION_NAMES: dict[Criterion, str] = {
    "accuracy": N_("Accuracy"),
    "relevance": N_("Relevance"),
    "tone": N_("Tone"),
    "formatting": N_("Formatting"),
}
_MARKED: dict[Criterion, str] = {
    "accuracy": N_("Accuracy of answer {side}: {mark} of 5"),
    "relevance": N_("Relevance of answer {side}: {mark} of 5"),
    "tone": N_("Tone of answer {side}: {mark} of 5"),
    "formatting": N_("Formatting of answer {side}: {mark} of 5"),
}
_NAME_WIDTH = 72


class ScoreGrid(QWidget):
    """Four rows of five buttons for the answer on one side.

    Attributes:
        marked: a mark was given by a click (criterion, mark).
    """

    marked = Signal(str, int)

    def __init__(self, side: Side, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.side = side
        self._names: dict[Criterion, QWidget] = {}
        self._groups: dict[Criterion, QButtonGroup] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(Space.TINY)
        grid.setColumnStretch(len(MARKS) + 1, 1)
        for row, criterion in enumerate(CRITERIA):
            self._add_row(grid, row, criterion)

    def _add_row(self, grid: QGridLayout, row: int, criterion: Criterion) -> None:
        name = label(_(CRITERION_NAMES[criterion]), "score", wrap=False)
        bold = QFont(name.font())
        bold.setBold(True)  # it is bold while it is the next to be marked
        width = QFontMetrics(bold).horizontalAdvance(name.text())
        name.setMinimumWidth(max(_NAME_WIDTH, width))
        self._names[criterion] = name
        grid.addWidget(name, row, 0)
        group = QButtonGroup(self)
        self._groups[criterion] = group
        for mark in MARKS:
            button = QPushButton(str(mark))
            button.setCheckable(True)
            button.setProperty("kind", "mark")
            said = _(_MARKED[criterion], side=self.side.upper(), mark=mark)
            button.setAccessibleName(said)
            button.clicked.connect(lambda _=False, c=criterion, m=mark: self.marked.emit(c, m))
            group.addButton(button, mark)
            grid.addWidget(button, row, mark)

    def show_marks(self, marks: dict[Criterion, int], current: Criterion | None) -> None:
        """Show what was given, and where the next number key goes."""
        for criterion, group in self._groups.items():
            group.setExclusive(False)
            for mark in MARKS:
                group.button(mark).setChecked(marks.get(criterion) == mark)
            group.setExclusive(True)
            set_look(self._names[criterion], current="yes" if criterion == current else "no")
