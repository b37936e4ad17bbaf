"""The local server in the tray's menu: its state, what it takes, and the way to switch it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from core.language import N_, _
from gui.wizard.page import Place

if TYPE_CHECKING:
    from gui.daily_use.page import DailyUsePage
    from gui.shell.window import WizardWindow

_STATES = {
    "off": N_("The local server is off."),
    "starting": N_("The local server is starting …"),
    "on": N_("The local server is on."),
    "ending": N_("The local server is ending …"),
}


class ServerMenu(QObject):
    """Three entries; the server itself is that of the page Daily use.

    Attributes:
        failed: it could not be started, a ``UserFacingError``.
    """

    failed = Signal(object)

    def __init__(self, menu: QMenu, before: QAction, window: WizardWindow) -> None:
        super().__init__(menu)
        self._window = window
        self._followed: QObject | None = None
        self.state, self.room, self.switch = QAction(menu), QAction(menu), QAction(menu)
        for entry in (self.state, self.room, self.switch):
            menu.insertAction(before, entry)
        menu.insertSeparator(before)
        self.state.setEnabled(False)
        self.room.setEnabled(False)
        self.switch.triggered.connect(self._switch)
        menu.aboutToShow.connect(self.look)
        self._show(None)

    def _page(self) -> DailyUsePage | None:
        session = self._window.session
        if session.project is None or session.read_only:
            return None
        from gui.daily_use.page import DailyUsePage

        page = self._window.page_of(Place.DAILY_USE)
        return page if isinstance(page, DailyUsePage) else None

    def look(self) -> None:
        """Show how the server stands, and find out what it would take."""
        page = self._page()
        if page is not None:
            self._follow(page)
            page.look_at_server()
        self._show(page)

    def _follow(self, page: DailyUsePage) -> None:
        control = page.control
        if control is not self._followed:
            self._followed = control
            control.changed.connect(self._changed)
            control.failed.connect(self.failed)

    def _changed(self) -> None:
        self._show(self._page())

    def _show(self, page: DailyUsePage | None) -> None:
        from gui.daily_use.server_card import room_text

        control = page.control if page is not None else None
        self.state.setText(_(_STATES[control.state if control is not None else "off"]))
        room = room_text(control) if control is not None else ""
        self.room.setText(room)
        self.room.setVisible(bool(room))
        is_on = control is not None and control.state in ("on", "ending")
        self.switch.setText(_("End the server") if is_on else _("Start the server"))
        ready = page is not None and page.can_serve()
        settled = control is not None and control.state in ("off", "on")
        self.switch.setEnabled(ready and settled)

    def _switch(self) -> None:
        page = self._page()
        if page is not None:
            page.switch_server()
