"""Whether the computer stays awake for the training, said all the time and not only once."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from core.events import Notice
from gui.kit.boxes import hbox
from gui.kit.icons import pixmap
from gui.kit.labels import label
from gui.kit.theme import Space, colors

_WORKS = "awake.on"


class AwakeLine(QWidget):
    """A sun or a moon and a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = QLabel()
        self.text = label("", "small")
        hbox(self._sign, (self.text, 1), on=self, margins=0, spacing=Space.SMALL)
        self.hide()

    def show_notice(self, notice: Notice | None, *, running: bool) -> None:
        """Show what the training said about it; nothing when none runs."""
        self.setVisible(running and notice is not None)
        if notice is None:
            return
        works = notice.code == _WORKS
        text = f"{notice.text} {notice.todo}".strip()
        if text != self.text.text():
            self._sign.setPixmap(
                pixmap("awake", colors().good, 18) if works
                else pixmap("asleep", colors().warning, 18)
            )  # fmt: skip
            self.text.setText(text)
            self.setAccessibleName(text)
