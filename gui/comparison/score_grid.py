"""Marks from 1 to 5 for one answer, a row for each criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QWidget

from core.evaluation.rating.criteria import Named
from core.evaluation.rating.ratings import Criterion, Side
from core.language import _
from gui.kit.boxes import vbox
from gui.kit.choice_button import ChoiceButton
from gui.kit.labels import label, set_look, set_tip
from gui.kit.theme import Space

MARKS = range(1, 6)
_NAME_WIDTH = 72


class ScoreGrid(QWidget):
    """Rows of five buttons for the answer on one side.

    Attributes:
        marked: a mark was given by a click (criterion, mark).
    """

    marked = Signal(str, int)

    def __init__(self, side: Side, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.side = side
        self._names: dict[Criterion, QWidget] = {}
        self._groups: dict[Criterion, QButtonGroup] = {}
        self._rows = QWidget()
        self._layout = vbox(self._rows, on=self, margins=0)

    def set_criteria(self, criteria: Sequence[Named]) -> None:
        """Show a row for each of these."""
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(Space.TINY)
        grid.setColumnStretch(len(MARKS) + 1, 1)
        self._names, self._groups = {}, {}
        for row, criterion in enumerate(criteria):
            self._add_row(grid, row, criterion)
        self._layout.replaceWidget(self._rows, fresh)
        self._rows.deleteLater()
        self._rows = fresh

    def _add_row(self, grid: QGridLayout, row: int, criterion: Named) -> None:
        name = label(criterion.name, "score", wrap=False)
        if criterion.text:
            set_tip(name, criterion.text)
            name.setAccessibleDescription(criterion.text)
        bold = QFont(name.font())
        bold.setBold(True)  # it is bold while it is the next to be marked
        width = QFontMetrics(bold).horizontalAdvance(name.text())
        name.setMinimumWidth(max(_NAME_WIDTH, width))
        self._names[criterion.key] = name
        grid.addWidget(name, row, 0)
        group = QButtonGroup(grid.parentWidget())  # goes with its row
        self._groups[criterion.key] = group
        for mark in MARKS:
            button = ChoiceButton(str(mark))
            button.setProperty("kind", "mark")
            said = _(
                "{criterion}, answer {side}: {mark} of 5",
                criterion=criterion.name,
                side=self.side.upper(),
                mark=mark,
            )
            button.setAccessibleName(said)
            button.clicked.connect(lambda _=False, c=criterion.key, m=mark: self.marked.emit(c, m))
            group.addButton(button, mark)
            grid.addWidget(button, row, mark)

    def show_marks(self, marks: Mapping[Criterion, int], current: Criterion | None) -> None:
        """Show what was given, and where the next number key goes."""
        for criterion, group in self._groups.items():
            group.setExclusive(False)
            for mark in MARKS:
                group.button(mark).setChecked(marks.get(criterion) == mark)
            group.setExclusive(True)
            set_look(self._names[criterion], current="yes" if criterion == current else "no")
