"""Decisions at the left, rows at the right; one of them at a time where the window is narrow."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton, QScrollArea, QSizePolicy, QWidget

from core.language import _
from gui.examples.view import ExamplesView
from gui.kit.boxes import hbox, vbox
from gui.kit.flow import Flow
from gui.kit.labels import letters
from gui.kit.look.sizes import Space

_LETTERS = (38, 46)  # that must fit into a line of each before both are shown


class TwoPanes(QWidget):
    """What is to be decided scrolls; the rows scroll in their own table.

    Attributes:
        left: the scroll area of the decisions.
        decisions: shows these, where there is room for one pane only.
        rows: shows the rows, likewise.
    """

    def __init__(self, decisions: QWidget, rows: ExamplesView) -> None:
        super().__init__()
        self._right = rows
        self.left = QScrollArea()
        self.left.setWidgetResizable(True)
        self.left.setFrameShape(QFrame.Shape.NoFrame)
        self.left.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.left.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.left.setWidget(decisions)
        self.decisions = _switch(_("Decisions"))
        self.rows = _switch(_("Your examples"))
        group = QButtonGroup(self)
        for button in (self.decisions, self.rows):
            group.addButton(button)
            button.toggled.connect(self._show_chosen)
        self._switches = QWidget()
        self._switches.setLayout(Flow(self.decisions, self.rows))
        for pane in (self.left, rows):
            pane.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        panes = hbox((self.left, 4), (rows, 5), spacing=Space.LARGE)
        vbox(self._switches, (panes, 1), on=self, margins=0, spacing=Space.SMALL)
        self.decisions.setChecked(True)

    def is_narrow(self) -> bool:
        """Return whether only one pane is shown at a time."""
        return self.width() < sum(map(letters, _LETTERS))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show both panes, or one."""
        super().resizeEvent(event)
        self._show_chosen()

    def _show_chosen(self) -> None:
        narrow = self.is_narrow()
        self._switches.setVisible(narrow)
        self.left.setVisible(not narrow or self.decisions.isChecked())
        self._right.title.setVisible(not narrow)  # the switch says it
        self._right.setVisible(not narrow or self.rows.isChecked())


def _switch(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setCheckable(True)
    return button
