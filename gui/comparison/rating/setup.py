"""What is rated: against whom, by whom and by which criteria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QPushButton, QWidget

from core.evaluation.rating.ratings import rater_name
from core.language import _
from gui.kit.boxes import hbox, vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.flow import Flow
from gui.kit.labels import label, letters
from gui.kit.theme import Space

_NAME_LETTERS = 16


class RatingSetup(QWidget):
    """One row: opponent, name of the rater, criteria.

    Attributes:
        changed: another opponent or rater was chosen.
        criteria_wanted: the criteria are to be edited.
    """

    changed = Signal()
    criteria_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.opponent = Dropdown()
        self.opponent.setAccessibleName(_("Rate against"))
        self.opponent.currentIndexChanged.connect(self._chosen)
        self.rater = QLineEdit()
        self.rater.setAccessibleName(_("Rated by"))
        self.rater.setPlaceholderText(_("Your name"))
        self.rater.setFixedWidth(letters(_NAME_LETTERS))
        self.rater.editingFinished.connect(self._chosen)
        self.criteria = QPushButton(_("Criteria …"))
        self.criteria.clicked.connect(self.criteria_wanted)
        self._known = ("", "")
        vbox(
            Flow(
                _together(_("Rate against"), self.opponent),
                _together(_("Rated by"), self.rater),
                self.criteria,
                spacing=Space.LARGE,
            ),
            on=self,
            margins=0,
        )

    @property
    def choice(self) -> tuple[str, str]:
        """The opponent, ``""`` for the base model, and the name of the rater."""
        return str(self.opponent.currentData() or ""), rater_name(self.rater.text())

    def offer(self, opponents: Mapping[str, str], choice: tuple[str, str]) -> None:
        """Offer these opponents beside the base model, and show what was chosen before.

        Args:
            opponents: what each run is called.
        """
        self.opponent.blockSignals(True)
        self.opponent.clear()
        self.opponent.addItem(_("Base model"), "")
        for run, name in opponents.items():
            self.opponent.addItem(name, run)
        self.opponent.setCurrentIndex(max(0, self.opponent.findData(choice[0])))
        self.opponent.blockSignals(False)
        self.rater.setText(choice[1])
        self._known = self.choice

    def choose(self, opponent: str) -> None:
        """Choose this opponent, if it is offered."""
        place = self.opponent.findData(opponent)
        if place >= 0:
            self.opponent.setCurrentIndex(place)

    def know(self, raters: Sequence[str]) -> None:
        """Complete the names of those who have judged before."""
        names = QCompleter(sorted({name for name in raters if name}), self.rater)
        names.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.rater.setCompleter(names)

    def _chosen(self) -> None:
        if self.choice != self._known:
            self._known = self.choice
            self.changed.emit()


def _together(name: str, field: QWidget) -> QWidget:
    made = QWidget()
    hbox(label(name, "muted", wrap=False), field, on=made, margins=0, spacing=Space.SMALL)
    return made
