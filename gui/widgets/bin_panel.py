"""What was deleted and can still be brought back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.bin import KEPT_DAYS, Binned
from gui.icons import icon
from gui.theme import Space
from gui.widgets.labels import label, set_look, set_tip
from gui.wording import gigabytes, plural

_MOST = 4  # lines; older ones come up as these are brought back


class BinPanel(QFrame):
    """Hidden while nothing was deleted.

    Attributes:
        brought_back: a training shall come back; carries a :class:`core.bin.Binned`.
        emptied: all of them shall go for good.
    """

    brought_back = Signal(object)
    emptied = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.buttons: dict[str, QPushButton] = {}
        self.empty = QPushButton()
        self.empty.clicked.connect(self.emptied)
        self._what = label("", "muted")
        head = QHBoxLayout()
        head.addWidget(self._what, 1)
        head.addWidget(self.empty)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(Space.TINY)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.MEDIUM, Space.SMALL, Space.MEDIUM, Space.SMALL)
        layout.addLayout(head)
        layout.addLayout(self._lines)
        self.hide()

    def show_bin(self, found: Sequence[Binned], read_only: str = "") -> None:
        """List the newest; ``read_only`` says why nothing may be changed here."""
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = {}
        for binned in found[:_MOST]:
            self._lines.addWidget(self._line(binned))
        count = plural(len(found), "deleted training")
        self._what.setText(f"{count}, kept for {KEPT_DAYS} days:")
        self.empty.setText(f"Delete for good, frees {gigabytes(sum(b.size for b in found))}")
        for button in (self.empty, *self.buttons.values()):
            button.setEnabled(not read_only)
            set_tip(button, read_only)
        self.setVisible(bool(found))

    def _line(self, binned: Binned) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        name = f"{binned.run.name} of “{binned.project.root.name}”"
        button = QPushButton(" Bring back")
        button.setIcon(icon("undo"))
        button.setAccessibleName(f"Bring back {name}")
        button.clicked.connect(lambda: self.brought_back.emit(binned))
        row.addWidget(label(f"{name}, {gigabytes(binned.size)}"), 1)
        row.addWidget(button)
        self.buttons[str(binned.run.root)] = button
        return line
