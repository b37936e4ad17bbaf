"""Examples on which a training does far worse than on the others: look, and leave some out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.data.example import Example, located
from gui.theme import Space
from gui.widgets.difference import readable
from gui.widgets.labels import label
from gui.window_place import fit_dialog
from gui.wording import plural

_SIZE = (860, 560)
_SHARES = (1, 2)  # of the list and the text


class OddExamplesDialog(QDialog):
    """The places on the left, the chosen example's text on the right.

    Attributes:
        left_out: the person wants to train without these examples; carries a list of them.
    """

    left_out = Signal(object)

    def __init__(
        self, examples: Sequence[Example], *, running: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._examples = examples
        self._running = running
        self.setWindowTitle("Examples that stand out")
        fit_dialog(self, *_SIZE)
        self.places = QListWidget()
        self.places.setAccessibleName("Examples that stand out; space ticks one to leave it out")
        self.places.setSpacing(2)
        for example in examples:
            place = QListWidgetItem(located(example.source), self.places)
            place.setFlags(place.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            place.setCheckState(Qt.CheckState.Unchecked)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Text of the example")
        self.places.currentRowChanged.connect(self._show)
        self.places.itemChanged.connect(self._count)
        self.leave_out = QPushButton()
        self.leave_out.clicked.connect(self._leave_out)
        self.close_button = QPushButton("Close")
        self.close_button.clicked.connect(self.reject)
        self._lay_out()
        self._count()
        self.places.setCurrentRow(0)
        self.places.setFocus()

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(Space.MEDIUM)
        middle.addWidget(self.places, _SHARES[0])
        middle.addWidget(self.text, _SHARES[1])
        row = QHBoxLayout()
        row.setSpacing(Space.SMALL)
        row.addStretch(1)
        row.addWidget(self.leave_out)
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.LARGE, Space.LARGE, Space.LARGE, Space.LARGE)
        column.setSpacing(Space.MEDIUM)
        text = (
            "The model had far more trouble with these, alone or together in one step, than with "
            "the others. Tick those that are damaged, in another language, or answers to another "
            "question, and train without them. If they are right, nothing needs to be done."
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
        what = plural(count, "example") if count else "the ticked examples"
        self.leave_out.setText(f"{'Stop and leave' if self._running else 'Leave'} {what} out")
        self.leave_out.setEnabled(count > 0)

    def _leave_out(self) -> None:
        self.left_out.emit(self.ticked())
        self.accept()
