"""Scores of base and tuned model side by side, each with what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from core.jobs.spec import EvaluationResult
from core.language import N_, _, number
from gui.kit.boxes import vbox
from gui.kit.glossary import explained
from gui.kit.labels import label, set_look
from gui.kit.theme import Space

Change = Literal["better", "worse", "same"]
_CHANGES: dict[Change, str] = {
    "better": N_("better"),
    "worse": N_("worse"),
    "same": N_("the same"),
}
_SAID: dict[Change, str] = {
    "better": N_("{name}: base {base}, yours {tuned}, better"),
    "worse": N_("{name}: base {base}, yours {tuned}, worse"),
    "same": N_("{name}: base {base}, yours {tuned}, the same"),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table."""

    name: str
    glossary: str
    base: float
    tuned: float
    percent: bool = False
    lower_is_better: bool = False

    def shown(self, value: float) -> str:
        """Return a value as text."""
        if self.percent:
            return f"{number(100 * value, '.0f')} %"
        return number(value, ".1f" if value < 1000 else ",.0f")

    def change(self) -> Change:
        """Return whether yours is better, as far as the shown figures tell."""
        if self.shown(self.base) == self.shown(self.tuned):
            return "same"
        better = (self.tuned < self.base) is self.lower_is_better
        return "better" if better else "worse"


def measures_of(evaluation: EvaluationResult) -> list[Measure]:
    """Return the lines of the table; what was not measured is absent."""
    base, tuned = evaluation.base, evaluation.tuned
    found = [
        Measure(
            _("Perplexity"),
            "perplexity",
            base.perplexity,
            tuned.perplexity,
            lower_is_better=True,
        )
    ]
    for key, name, glossary, percent in (
        ("format_share", _("In the requested format"), "format_share", True),
        ("exact_match", _("Exact match"), "exact_match", True),
        ("bleu", "BLEU", "bleu", False),
        ("chrf", "chrF", "bleu", False),
    ):
        before, after = getattr(base, key), getattr(tuned, key)
        if before is not None and after is not None:
            found.append(Measure(name, glossary, before, after, percent))
    forgotten = evaluation.forgetting
    if forgotten:
        found.append(
            Measure(
                _("Perplexity of everyday answers"),
                "forgetting",
                forgotten.base,
                forgotten.tuned,
                lower_is_better=True,
            )
        )
    return found


class ScoreTable(QFrame):
    """Filled by ``show_scores``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.setAccessibleName(_("Scores"))
        self._layout = vbox(on=self, margins=(Space.LARGE, Space.MEDIUM))
        self._body: QWidget | None = None

    def show_scores(self, evaluation: EvaluationResult) -> None:
        """Replace the table by the scores of one evaluation."""
        if self._body is not None:
            self._body.deleteLater()
        self._body = QWidget()
        self._layout.addWidget(self._body)
        grid = QGridLayout(self._body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.HUGE)
        grid.setVerticalSpacing(Space.SMALL)
        grid.setColumnStretch(4, 1)
        for column, text in enumerate((_("Measure"), _("Base"), _("Yours"), _("Change"))):
            grid.addWidget(label(text, "small", wrap=False), 0, column)
        for row, measure in enumerate(measures_of(evaluation), 1):
            _fill(grid, row, measure)
        self.setAccessibleDescription("; ".join(map(_in_words, measures_of(evaluation))))


def _in_words(measure: Measure) -> str:
    base, tuned = measure.shown(measure.base), measure.shown(measure.tuned)
    return _(_SAID[measure.change()], name=measure.name, base=base, tuned=tuned)


def _fill(grid: QGridLayout, row: int, measure: Measure) -> None:
    change = measure.change()
    tone = {"better": "good", "worse": "problem"}.get(change, "")
    sign = {"better": "▲ ", "worse": "▼ "}.get(change, "")
    grid.addWidget(explained(measure.name, measure.glossary, wrap=True), row, 0)
    for column, value in ((1, measure.base), (2, measure.tuned)):
        figure = label(measure.shown(value), wrap=False)
        figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(figure, row, column)
    grid.addWidget(label(sign + _(_CHANGES[change]), tone=tone, wrap=False), row, 3)
