"""One measured value with its name; says so plainly when it cannot be measured."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from core.language import _
from gui.kit.boxes import hbox, vbox
from gui.kit.glossary import GlossaryButton
from gui.kit.labels import label, set_look
from gui.kit.theme import Space

_MIN_WIDTH = 132
_CAPTION_HEIGHT = 22


class ValueTile(QFrame):
    """A caption, a figure and a small remark below it."""

    def __init__(self, caption: str, glossary: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.setMinimumWidth(_MIN_WIDTH)
        self._caption = label(caption, "small", wrap=False)
        self._figure = label("–", "figure", wrap=False)
        self._remark = label("", "small")
        self._caption.ensurePolished()
        self._caption.setMinimumHeight(max(_CAPTION_HEIGHT, self._caption.sizeHint().height()))
        head = hbox(self._caption, 1, margins=0)
        self._explained = bool(glossary)
        if glossary:
            head.addWidget(GlossaryButton(glossary))
        vbox(
            head,
            self._figure,
            self._remark,
            1,
            on=self,
            margins=(Space.MEDIUM, Space.SMALL),
            spacing=2,
        )
        self.show_value("–", _("not measured yet"))

    def show_value(self, figure: str, remark: str = "") -> None:
        """Show a value that is already formatted with its unit."""
        self._figure.setText(figure)
        self._remark.setText(remark)
        self.setAccessibleName(f"{self._caption.text()}: {figure} {remark}".strip())
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the remark as many lines as it needs in this width."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """A grid of tiles does not ask how high a text becomes that is broken into lines."""
        layout = self.layout()
        if layout is not None:
            self.setMinimumHeight(layout.totalHeightForWidth(self.width()))

    def needed_width(self) -> int:
        """Return the width at which neither the caption nor the figure is cut."""
        row = self._figure.sizeHint().width()
        head = self._caption.sizeHint().width() + (_CAPTION_HEIGHT if self._explained else 0)
        return max(_MIN_WIDTH, max(row, head) + 2 * Space.MEDIUM)

    def text(self) -> str:
        """Return the figure that is shown."""
        return self._figure.text()
