"""Scores of base and tuned model side by side, each with its change and what that says."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from core.evaluation.wording import Line, groups_of, notes_of
from core.jobs.spec import EvaluationResult
from core.language import _
from gui.kit.boxes import vbox
from gui.kit.glossary import explained
from gui.kit.labels import label, set_look, stacked
from gui.kit.theme import Space

_COLUMNS = 4
_TONES = {"better": "good", "worse": "problem"}
_SIGNS = {"better": "▲ ", "worse": "▼ "}


class ScoreTable(QFrame):
    """Filled by ``show_scores``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="quiet")
        self.setAccessibleName(_("Scores"))
        self._layout = vbox(on=self, margins=(0, Space.TINY))
        self._body: QWidget | None = None

    def show_scores(self, evaluation: EvaluationResult) -> None:
        """Replace the table by the scores of one evaluation."""
        if self._body is not None:
            self._body.deleteLater()
        self._body = QWidget()
        self._layout.addWidget(self._body)
        grid = QGridLayout(self._body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.LARGE)
        grid.setVerticalSpacing(Space.SMALL)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(_COLUMNS - 1, 2)
        titles = {_("Measure"): "", _("Base"): "", _("Yours"): "", _("Change"): "interval"}
        for column, (text, key) in enumerate(titles.items()):
            title = explained(text, key, "small") if key else label(text, "small", wrap=False)
            grid.addWidget(title, 0, column)
        said = [line.text for line in _fill(grid, evaluation)]
        notes = notes_of(evaluation)
        for text in notes:
            grid.addWidget(label(text, "small"), grid.rowCount(), 0, 1, _COLUMNS + 1)
        said += notes
        self.setAccessibleDescription("; ".join(said))


def _fill(grid: QGridLayout, evaluation: EvaluationResult) -> list[Line]:
    shown = []
    for heading, lines in groups_of(evaluation):
        if heading:
            grid.addWidget(label(heading, "heading"), grid.rowCount(), 0, 1, _COLUMNS + 1)
        for line in lines:
            _add(grid, grid.rowCount(), line)
            shown.append(line)
    return shown


def _add(grid: QGridLayout, row: int, line: Line) -> None:
    name = explained(line.name, line.glossary, wrap=True) if line.glossary else label(line.name)
    captions: list[QWidget] = [*name.findChildren(QLabel)]
    for caption in captions or [name]:
        caption.setMinimumWidth(longest_word(caption, line.name))
    grid.addWidget(name, row, 0)
    for column, value in enumerate((line.before, line.after), 1):
        figure = label(value, wrap=False)
        figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(figure, row, column)
    word = line.word or ""
    said = label(_SIGNS.get(word, "") + line.said, tone=_TONES.get(word, ""))
    change = label(line.change, "small")
    for part in (said, change):
        part.setMinimumWidth(longest_word(part, part.text()))
    grid.addWidget(stacked(said, change), row, 3)


def longest_word(widget: QWidget, text: str) -> int:
    """Return the least width in which a text can be read."""
    widget.ensurePolished()
    words = (widget.fontMetrics().horizontalAdvance(word) for word in text.split())
    return max(words, default=0) + 1
