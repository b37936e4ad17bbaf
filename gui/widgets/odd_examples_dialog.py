"""Examples on which a training does far worse than on the others, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.data.example import Example, located
from gui.theme import Space
from gui.widgets.difference import readable
from gui.widgets.labels import label

_SIZE = (860, 560)
_SHARES = (1, 2)  # of the list and the text


class OddExamplesDialog(QDialog):
    """The places on the left, the chosen example's text on the right."""

    def __init__(self, examples: Sequence[Example], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._examples = examples
        self.setWindowTitle("Examples that stand out")
        self.resize(*_SIZE)
        self.places = QListWidget()
        self.places.setAccessibleName("Examples that stand out")
        self.places.setSpacing(2)
        self.places.addItems([located(example.source) for example in examples])
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Text of the example")
        self.places.currentRowChanged.connect(self._show)
        self.close_button = QPushButton("Close")
        self.close_button.clicked.connect(self.accept)
        self._lay_out()
        self.places.setCurrentRow(0)
        self.places.setFocus()

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(Space.MEDIUM)
        middle.addWidget(self.places, _SHARES[0])
        middle.addWidget(self.text, _SHARES[1])
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.LARGE, Space.LARGE, Space.LARGE, Space.LARGE)
        column.setSpacing(Space.MEDIUM)
        text = (
            "The model had far more trouble with these, alone or together in one step, than with "
            "the others. Are some damaged, in another language, or answers to another question? "
            "Then leave those lines out on the Examples page, and train again. If they are right, "
            "nothing needs to be done."
        )
        column.addWidget(label(text))
        column.addLayout(middle, 1)
        column.addLayout(row)

    def _show(self, row: int) -> None:
        if 0 <= row < len(self._examples):
            self.text.setPlainText(readable(self._examples[row]))
