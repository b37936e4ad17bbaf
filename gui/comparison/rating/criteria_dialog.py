"""By what the answers are judged: up to five criteria, each with a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.evaluation.rating.criteria import (
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_CRITERIA,
    Named,
    new_criterion,
)
from core.language import _
from gui.kit.boxes import hbox, vbox
from gui.kit.labels import label
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog

_SIZE = (820, 460)


class _Row(QWidget):
    """One criterion: its name, its sentence, and a button that removes it."""

    def __init__(self, criterion: Named, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.criterion = criterion
        self.name = QLineEdit(criterion.name)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText(_("Name"))
        self.name.setAccessibleName(_("Name of the criterion"))
        self.text = QLineEdit(criterion.text)
        self.text.setMaxLength(LONGEST_TEXT)
        for field in (self.name, self.text):
            field.setCursorPosition(0)
        self.text.setPlaceholderText(_("What does a good answer do?"))
        self.text.setAccessibleName(_("What a good answer does"))
        self.remove = QPushButton(_("Remove"))
        self.remove.setAutoDefault(False)
        hbox((self.name, 1), (self.text, 3), self.remove, on=self, margins=0, spacing=Space.SMALL)

    @property
    def value(self) -> Named:
        """The criterion as it is written here."""
        name, text = self.name.text().strip(), self.text.text().strip()
        if (name, text) == (self.criterion.name, self.criterion.text):
            return self.criterion
        return Named(self.criterion.key, name, text)


class CriteriaDialog(QDialog):
    """Filled with the present criteria; ``criteria`` gives those that were written."""

    def __init__(self, criteria: Sequence[Named], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Criteria"))
        fit_dialog(self, *_SIZE)
        self.rows: list[_Row] = []
        self.add = QPushButton(_("Add a criterion"))
        self.add.setAutoDefault(False)
        self.add.clicked.connect(self._add_new)
        self.cancel = QPushButton(_("Cancel"))
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.reject)
        self.keep = QPushButton(_("Save"))
        self.keep.setDefault(True)
        self.keep.clicked.connect(self.accept)
        self._column: QVBoxLayout = vbox(1, spacing=Space.SMALL)
        page = QWidget()
        scrolled(page, self._column)
        vbox(
            label(
                _("Each answer can get a mark from 1 to 5 for each of these. Marks are optional.")
            ),
            (page, 1),
            hbox(self.add, 1, self.cancel, self.keep),
            on=self,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )
        for criterion in criteria:
            self._add(criterion)

    @property
    def criteria(self) -> list[Named]:
        """The criteria that have a name."""
        return [row.value for row in self.rows if row.value.name]

    def _add_new(self) -> None:
        self._add(new_criterion("")).name.setFocus()

    def _add(self, criterion: Named) -> _Row:
        row = _Row(criterion)
        row.remove.clicked.connect(lambda: self._remove(row))
        self._column.insertWidget(len(self.rows), row)
        self.rows.append(row)
        self.add.setEnabled(len(self.rows) < MOST_CRITERIA)
        return row

    def _remove(self, row: _Row) -> None:
        self.rows.remove(row)
        row.hide()
        row.deleteLater()
        self.add.setEnabled(True)
        self.add.setFocus()
