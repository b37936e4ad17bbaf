"""Buttons that stay pressed to show what is in force, and are pressed to choose it.

Screen readers *toggle* such a button: Qt then changes its state and says nothing of a click, so
that what the click does would not be done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractButton, QPushButton, QToolButton, QWidget

if TYPE_CHECKING:
    _Button = QAbstractButton
else:
    _Button = object  # a class may have one parent of Qt's only


class _Clicked(_Button):
    """Says ``clicked`` also when it was toggled from outside of the application.

    With ``setChecked`` the application shows what is in force; that is no click.
    """

    _known = False  # whether this change is a click, or one of the application's own

    def _watch(self) -> None:
        self.setCheckable(True)
        self.toggled.connect(self._was_toggled)

    def setChecked(self, on: bool) -> None:
        """Show whether it is in force."""
        self._known = True
        super().setChecked(on)
        self._known = False

    def nextCheckState(self) -> None:
        """Change the state as part of a click."""
        self._known = True
        super().nextCheckState()
        self._known = False

    def _was_toggled(self, on: bool) -> None:
        if not self._known and (on or not self._gave_way()):
            self.clicked.emit()

    def _gave_way(self) -> bool:
        """Return whether it is one of a group of which another one was chosen."""
        group = self.group()
        return self.autoExclusive() or (group is not None and group.exclusive())


class ChoiceButton(_Clicked, QPushButton):
    """One with words."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._watch()


class ChoiceToolButton(_Clicked, QToolButton):
    """One with a picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._watch()
