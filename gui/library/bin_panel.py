"""What was deleted and can still be brought back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.bin import KEPT_DAYS, Binned
from core.language import _, ngettext
from core.library.about import called
from core.wording import gigabytes
from gui.kit.boxes import hbox, vbox
from gui.kit.icons import icon
from gui.kit.labels import label, set_look, set_tip
from gui.kit.theme import Space

_MOST = 4  # lines; older ones come up as these are brought back


class BinPanel(QFrame):
    """Hidden while nothing was deleted.

    Attributes:
        brought_back: a run is to be restored; carries a :class:`core.bin.Binned`.
        emptied: all of them are to be deleted forever.
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
        head = hbox((self._what, 1), self.empty)
        self._lines = vbox(spacing=Space.TINY)
        vbox(head, self._lines, on=self, margins=(Space.MEDIUM, Space.SMALL))
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
        self._what.setText(
            ngettext(
                "{count:,} deleted run, kept for {days} days:",
                "{count:,} deleted runs, kept for {days} days:",
                len(found),
                days=KEPT_DAYS,
            )
        )
        size = gigabytes(sum(binned.size for binned in found))
        self.empty.setText(_("Delete forever (frees {size})", size=size))
        for button in (self.empty, *self.buttons.values()):
            button.setEnabled(not read_only)
            set_tip(button, read_only)
        self.setVisible(bool(found))

    def _line(self, binned: Binned) -> QWidget:
        line = QWidget()
        row = hbox(on=line, margins=0)
        name = called(binned.run)
        text = _("“{name}”, {size}", name=name, size=gigabytes(binned.size))
        button = QPushButton(f" {_('Restore')}")
        button.setIcon(icon("undo"))
        button.setAccessibleName(_("Restore “{name}”", name=name))
        button.clicked.connect(lambda: self.brought_back.emit(binned))
        row.addWidget(label(text), 1)
        row.addWidget(button)
        self.buttons[str(binned.run.root)] = button
        return line
