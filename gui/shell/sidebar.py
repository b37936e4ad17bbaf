"""At the left: the project, the search, the steps, what is under way, and the other pages."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QScrollArea, QWidget

from core.language import _
from core.project import Project
from core.wizard import WizardState
from gui.kit.boxes import hbox, vbox
from gui.kit.icons import icon
from gui.kit.labels import label, set_tip
from gui.kit.look.fonts import grown
from gui.kit.theme import Space, colors
from gui.shell.activity.panel import ActivityPanel
from gui.shell.step_list import StepList
from gui.wizard.page import Place

_WIDTH = 236  # pixels at least
_MOST = 0.25  # of the window's width that words wider than that may take
_LISTED = 8
_ICON = 16
_KEY = "Ctrl K"  # not shown as a sentence: the keys


class Sidebar(QFrame):
    """Where you are, and what there is outside the steps.

    Attributes:
        project: names the open project; its menu leads to the others.
        search: opens the palette.
        places: the buttons of the pages that are no steps.
        narrow: it shows signs only, since the window is narrow for its words.
        project_chosen: carries the folder of another project.
        begin_chosen: a new project is wanted.
        start_chosen: the page with all projects is wanted.
    """

    project_chosen = Signal(object)
    begin_chosen = Signal()
    start_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self._recent: tuple[str, ...] = ()
        self._root: Path | None = None
        self._name = ""
        self.narrow = False
        self._current: QPushButton | None = None
        self.project = QPushButton()
        self.project.setObjectName("projectSwitch")
        self.project.setIcon(icon("switch", colors().muted))
        self.project.setLayoutDirection(_other_way(self.layoutDirection()))  # the sign stands last
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.project.clicked.connect(self.show_projects)
        self.search = _button(" " + _("Go to"), "search")
        self.search.setAccessibleName(_("Go to any page, action, setting or project"))
        self._key = label(_KEY, "key", wrap=False)
        self._key.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        hbox(1, self._key, on=self.search, margins=(0, 0, Space.SMALL, 0))
        self.steps = StepList()
        self.activity = ActivityPanel()
        self.places = {
            Place.CHAT: _button(" " + _("Chat"), "chat"),
            Place.DAILY_USE: _button(" " + _("Daily use"), "record"),
            Place.LIBRARY: _button(" " + _("Library"), "library"),
        }
        self.preferences = _button(" " + _("Preferences"), "preferences")
        self.help = _button(" " + _("Help"), "help")
        buttons = (self.search, *self.places.values(), self.preferences, self.help)
        self._words = {button: button.text() for button in buttons}
        self._lay_out()

    @staticmethod
    def _inside(button: QWidget) -> int:
        """Return how wide what lies in a button wants to be."""
        layout = button.layout()
        return layout.totalSizeHint().width() if layout is not None else 0

    def _lay_out(self) -> None:
        # It scrolls only where the screen is very low.
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self.steps)
        self._area.verticalScrollBar().rangeChanged.connect(lambda *_: self._show_current())
        wanted = (
            self.steps.wanted_width(),
            self.preferences.sizeHint().width(),
            self.search.sizeHint().width() + self._inside(self.search),
        )
        self._full = max(_WIDTH, *(wide + 2 * Space.MEDIUM for wide in wanted))
        self.setFixedWidth(self._full)
        below = vbox(*self.places.values(), self.preferences, self.help, spacing=1)
        vbox(
            vbox(self.project, self.search, spacing=2),
            (self._area, 1),
            self.activity,
            below,
            on=self,
            margins=Space.MEDIUM,
            spacing=Space.SMALL,
        )

    def show_state(
        self,
        project: Project | None,
        state: WizardState,
        *,
        elsewhere: bool,
        recent: tuple[str, ...] = (),
    ) -> None:
        """Show which project is open and which steps are; ``elsewhere`` is outside the steps."""
        self._recent, self._root = recent, project.root if project else None
        self._name = project.name if project else _("No project open")
        self._name_project()
        self.steps.show_state(state, elsewhere=elsewhere)
        self._current = None if elsewhere else self.steps.button(state.current)
        self._show_current()

    def _show_current(self) -> None:
        """Scroll to the step that is shown, where the screen is too low for all."""
        if self._current is not None:
            self._area.ensureWidgetVisible(self._current, 0, Space.TINY)

    def fit(self, window: int) -> None:
        """Show signs only where the words would take too much of a window this wide."""
        narrow = self._full > max(_WIDTH, _MOST * window)
        if narrow == self.narrow:
            return
        self.narrow = narrow
        self._key.setVisible(not narrow)
        for button, words in self._words.items():
            button.setText("" if narrow else words)
            set_tip(button, words.strip() if narrow else "")
        self.steps.set_narrow(narrow)
        self.activity.set_narrow(narrow)
        around = 2 * Space.MEDIUM
        least = max(self.steps.wanted_width(), self.activity.wanted_width()) + around
        self.setFixedWidth(least if narrow else self._full)
        direction = self.layoutDirection()
        self.project.setLayoutDirection(direction if narrow else _other_way(direction))
        self._name_project()

    def _name_project(self) -> None:
        """Show as much of the project's name as there is room for."""
        name, root = self._name, self._root
        self.project.setAccessibleName(_("Project: {name}", name=name))
        set_tip(self.project, str(root) if root else "")
        if self.narrow:
            self.project.setText("")
            return
        self.project.ensurePolished()  # its font is that of the stylesheet
        self.project.setText(name)
        metrics, room = self.project.fontMetrics(), self.width() - 2 * Space.MEDIUM
        around = self.project.sizeHint().width() - metrics.horizontalAdvance(name)
        short = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room - around - 2)
        self.project.setText(short)

    def show_projects(self) -> None:
        """Open the menu of projects below the name."""
        self._menu.setMinimumWidth(self.project.width())
        self._menu.popup(self.project.mapToGlobal(self.project.rect().bottomLeft()))

    def _fill_menu(self) -> None:
        self._menu.clear()
        for path in self._recent[:_LISTED]:
            action = self._menu.addAction(icon("folder", colors().muted), Path(path).name)
            here = Path(path) == self._root
            action.setEnabled(not here)
            action.triggered.connect(
                lambda _=False, path=path: self.project_chosen.emit(Path(path))
            )
        if self._recent:
            self._menu.addSeparator()
        begin = self._menu.addAction(icon("new"), _("New project"))
        begin.triggered.connect(lambda _=False: self.begin_chosen.emit())
        every = self._menu.addAction(icon("start"), _("All projects"))
        every.triggered.connect(lambda _=False: self.start_chosen.emit())


def _other_way(direction: Qt.LayoutDirection) -> Qt.LayoutDirection:
    left = Qt.LayoutDirection.LeftToRight
    return Qt.LayoutDirection.RightToLeft if direction is left else left


def _button(text: str, picture: str) -> QPushButton:
    button = QPushButton(text)
    button.setIcon(icon(picture))
    button.setIconSize(QSize(grown(_ICON), grown(_ICON)))
    button.setObjectName("stepButton")
    button.setAccessibleName(text.strip())
    return button
