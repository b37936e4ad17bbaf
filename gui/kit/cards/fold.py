"""A card that shows its heading only, until it is opened."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLayout, QPushButton, QWidget

from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import label, set_look
from gui.kit.look.sizes import Space


class Fold(QFrame):
    """Opened and closed by its heading.

    Attributes:
        head: the button with the heading; pressed in while the card is open.
        opened: it was opened or closed; carries which.
    """

    opened = Signal(bool)

    def __init__(self, title: str, content: QLayout, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.head = QPushButton(f" {title}")
        self.head.setAccessibleName(title)
        self.head.setCheckable(True)
        self.head.setProperty("kind", "fold")
        self.head.toggled.connect(self._toggled)
        self._note = label("", "muted")
        self._content = QWidget()
        self._content.setLayout(content)
        content.setContentsMargins(Space.SMALL, 0, Space.SMALL, Space.SMALL)
        vbox(
            Flow(self.head, self._note, stretch=self._note),
            self._content,
            on=self,
            margins=Space.SMALL,
            spacing=Space.SMALL,
        )
        self._toggled(False)

    def say(self, note: str) -> None:
        """Say beside the heading what is inside."""
        self._note.setText(note)
        self.head.setAccessibleDescription(note)

    def is_open(self) -> bool:
        """Return whether everything is shown."""
        return self.head.isChecked()

    def open(self, on: bool = True) -> None:
        """Show everything, or the heading only."""
        self.head.setChecked(on)

    def _toggled(self, on: bool) -> None:
        self.head.setIcon(icon("down" if on else "right"))
        self._content.setVisible(on)
        self.opened.emit(on)
