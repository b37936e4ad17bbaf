"""Chooses other runs of the project to draw beside the one shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from core.language import N_, _
from gui.kit.icons import icon
from gui.kit.labels import set_tip
from gui.training.charts.measures import OTHER_ROLES

_NONE = N_("No other run has a curve yet")


class RunPicker(QToolButton):
    """A button with a menu of runs that can be ticked.

    Attributes:
        picked: the ticked names changed.
        asked: the menu is about to open; call :meth:`offer` with what there is.
    """

    picked = Signal()
    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(" " + _("Compare"))
        self.setIcon(icon("compare"))
        set_tip(self, _("Draw other runs of this project beside this one"))
        self.setAccessibleName(_("Compare with other runs"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setProperty("kind", "tool")
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self.asked)
        self.setMenu(self._menu)
        self._chosen: list[str] = []

    @property
    def chosen(self) -> list[str]:
        """The ticked names, in the order in which they were ticked."""
        return list(self._chosen)

    def offer(self, runs: Sequence[tuple[str, str]]) -> None:
        """List runs as (name, what is special about it)."""
        self._chosen = [name for name in self._chosen if name in {run for run, _title in runs}]
        self._menu.clear()
        for name, title in runs:
            action = self._menu.addAction(f"{name}: {title}" if title else name)
            action.setCheckable(True)
            action.setData(name)
            action.setChecked(name in self._chosen)
            action.toggled.connect(lambda on, name=name: self._tick(name, on=on))
        if not runs:
            self._menu.addAction(_(_NONE)).setEnabled(False)
        self._limit()

    def actions_by_name(self) -> dict[str, QAction]:
        """Return what can be ticked."""
        return {a.data(): a for a in self._menu.actions() if a.isCheckable()}

    def _tick(self, name: str, *, on: bool) -> None:
        self._chosen = [other for other in self._chosen if other != name] + [name] * on
        self._limit()
        self.picked.emit()

    def _limit(self) -> None:
        full = len(self._chosen) >= len(OTHER_ROLES)
        most = _("Up to {count} at once", count=len(OTHER_ROLES))
        for action in self.actions_by_name().values():
            action.setEnabled(action.isChecked() or not full)
            set_tip(action, most if full else "")
