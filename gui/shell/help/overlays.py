"""What lies over the window for a while: the palette, the preferences, help, the tour."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QWidget

from core.installation.updates.looking import Offered
from core.language import N_, _
from gui.shell.help.tour import Hint, Tour
from gui.shell.palette.entries import Frame
from gui.shell.sidebar import Sidebar

_TOUR = (
    (
        N_("Your projects"),
        N_("Here stands the project that is open. Press it for the others or a new one."),
    ),
    (
        N_("One step after the other"),
        N_("A tick marks what is done. Click any finished step to go back to it."),
    ),
    (
        N_("The next step"),
        N_("The button at the lower right takes you on. If something is missing, it says what."),
    ),
    (
        N_("What is under way"),
        N_("Runs, the queue and downloads are shown here on every page. Click one to go there."),
    ),
    (
        N_("Everything by name"),
        N_("Press Ctrl+K and type a few letters to reach any page, action, setting or project."),
    ),
)


class Overlays(QObject):
    """Opens them, by key and by name.

    Args:
        window: what they lie over.
        frame: the same, as the palette knows it.

    Attributes:
        tour: the one that is shown, ``None`` if none is.
        engine_changed: the library that trains was installed or changed in the preferences.
    """

    engine_changed = Signal()

    def __init__(self, window: QMainWindow, frame: Frame) -> None:
        super().__init__(window)
        self._window, self._frame = window, frame
        self._about: list[QWidget] = []  # what the hints of the tour stand beside
        self.tour: Tour | None = None
        self._keys = [
            self._key("Ctrl+K", self.show_palette),
            self._key("Ctrl+,", self.show_preferences),
            self._key(QKeySequence.StandardKey.HelpContents, self.show_help),
        ]

    def _key(self, key: str | QKeySequence.StandardKey, do: Callable[[], object]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), self._window)
        shortcut.activated.connect(do)
        return shortcut

    def serve(self, sidebar: Sidebar) -> None:
        """Open what the buttons at the side stand for."""
        self._about = [
            sidebar.project, sidebar.steps, self._frame.footer.primary, sidebar.activity,
            sidebar.search,
        ]  # fmt: skip
        sidebar.preferences.clicked.connect(self.show_preferences)
        sidebar.search.clicked.connect(self.show_palette)
        sidebar.help.clicked.connect(self.show_help)

    def show_palette(self) -> None:
        """Search everything by name."""
        from gui.shell.palette.dialog import Palette
        from gui.shell.palette.entries import entries_of

        palette = Palette(entries_of(self._frame), self._window)
        palette.open()
        palette.field.setFocus()

    def show_preferences(self) -> None:
        """Open the preferences."""
        from gui.shell.preferences.dialog import PreferencesDialog

        dialog = PreferencesDialog(self._frame.session, self._window)
        dialog.engine_changed.connect(self.engine_changed)
        dialog.open()

    def show_help(self) -> None:
        """Show how-tos, keys and words."""
        self.show_how_to("")

    def show_how_to(self, key: str) -> None:
        """Show the help with one of the how-tos opened."""
        from gui.shell.help.keys import HelpSheet

        sheet = HelpSheet(self._window, key)
        sheet.tour_wanted.connect(self.show_tour)
        sheet.about_wanted.connect(self.show_about)
        sheet.open()

    def show_about(self) -> None:
        """Show the version, the licences and the report for support."""
        from gui.shell.help.about import AboutSheet

        sheet = AboutSheet(self._window)
        sheet.update_wanted.connect(self.show_updates)
        sheet.open()

    def show_updates(self, offered: Offered | None = None) -> None:
        """Open the dialog about new versions, with what was found already."""
        from gui.installation.update_dialog import UpdateDialog

        session = self._frame.session
        dialog = UpdateDialog(weekly=session.settings.look_weekly, parent=self._window)
        dialog.weekly_switched.connect(lambda on: session.change_settings(look_weekly=on))
        if offered is not None:
            dialog.show_offer(offered)
        dialog.open()

    def show_tour(self) -> None:
        """Show the five hints."""
        if self.tour is not None:
            return
        hints = [
            Hint(about, _(title), _(text))
            for about, (title, text) in zip(self._about, _TOUR, strict=True)
        ]
        self.tour = Tour(hints, self._window)
        self.tour.ended.connect(self._tour_ended)
        self.tour.show_hint(0)

    def _tour_ended(self) -> None:
        self.tour = None

    def first_tour(self) -> None:
        """Offer the hints to somebody who has never seen them; the page can be read first."""
        if not self._frame.session.settings.tour_seen:
            self._frame.session.change_settings(tour_seen=True)
            asked = _("New here? Five short hints show you around.")
            self._frame.toast.say(asked, _("Show me around"), self.show_tour, stays=True)
