"""Examples on which a run does far worse than on the others: look, and leave some out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from core.data.example import Example, located
from core.language import _, ngettext
from gui.kit.boxes import hbox, vbox
from gui.kit.labels import label
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog
from gui.rows.difference import readable

_SIZE = (860, 560)
_SHARES = (1, 2)  # of the list and the text


class OutliersDialog(QDialog):
    """The places on the left, the chosen example's text on the right.

    Attributes:
        left_out: you want to train without these examples; carries a list of them.
    """

    left_out = Signal(object)

    def __init__(
        self, examples: Sequence[Example], *, running: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._examples = examples
        self._running = running
        self.setWindowTitle(_("Examples that stand out"))
        fit_dialog(self, *_SIZE)
        self.places = QListWidget()
        self.places.setAccessibleName(
            _("Examples that stand out. Press Space to tick one and leave it out.")
        )
        self.places.setSpacing(2)
        for example in examples:
            place = QListWidgetItem(located(example.source), self.places)
            place.setFlags(place.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            place.setCheckState(Qt.CheckState.Unchecked)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(_("Text of the example"))
        self.places.currentRowChanged.connect(self._show)
        self.places.itemChanged.connect(self._count)
        self.leave_out = QPushButton()
        self.leave_out.clicked.connect(self._leave_out)
        self.close_button = QPushButton(_("Close"))
        self.close_button.clicked.connect(self.reject)
        self._lay_out()
        self._count()
        self.places.setCurrentRow(0)
        self.places.setFocus()

    def _lay_out(self) -> None:
        middle = hbox((self.places, _SHARES[0]), (self.text, _SHARES[1]), spacing=Space.MEDIUM)
        row = hbox(1, self.leave_out, self.close_button, spacing=Space.SMALL)
        column = vbox(on=self, margins=Space.LARGE, spacing=Space.MEDIUM)
        text = _(
            "The model finds these much harder than the others, alone or together in one step. "
            "Tick those that are damaged, in another language, or that answer another question, "
            "and train without them. If they are correct, there is nothing to do."
        )
        column.addWidget(label(text))
        column.addLayout(middle, 1)
        column.addLayout(row)

    def _show(self, row: int) -> None:
        if 0 <= row < len(self._examples):
            self.text.setPlainText(readable(self._examples[row]))

    def ticked(self) -> list[Example]:
        """Return the examples to leave out."""
        chosen = Qt.CheckState.Checked
        places = range(len(self._examples))
        return [self._examples[n] for n in places if self.places.item(n).checkState() == chosen]

    def _count(self) -> None:
        count = len(self.ticked())
        self.leave_out.setText(_stop_and_leave(count) if self._running else _leave(count))
        self.leave_out.setEnabled(count > 0)

    def _leave_out(self) -> None:
        self.left_out.emit(self.ticked())
        self.accept()


def _leave(count: int) -> str:
    if not count:
        return _("Leave the ticked examples out")
    return ngettext("Leave {count:,} example out", "Leave {count:,} examples out", count)


def _stop_and_leave(count: int) -> str:
    if not count:
        return _("Stop and leave the ticked examples out")
    return ngettext(
        "Stop and leave {count:,} example out", "Stop and leave {count:,} examples out", count
    )
