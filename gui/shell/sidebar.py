"""At the left: the project, the steps, the pages outside them, and the preferences."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QWidget

from core.language import _
from core.project import Project
from core.wizard import WizardState
from gui.kit.boxes import vbox
from gui.kit.icons import icon
from gui.kit.labels import label
from gui.kit.theme import Space
from gui.shell.step_list import StepList
from gui.wizard.page import Place

_WIDTH = 212  # pixels at least


class Sidebar(QFrame):
    """Where you are, and what there is outside the steps.

    Attributes:
        places: the buttons of the pages that are no steps.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.project = label("", "heading")
        self.steps = StepList()
        self.places = {
            Place.CHAT: _button(" " + _("Chat"), "chat"),
            Place.DAILY_USE: _button(" " + _("Daily use"), "record"),
            Place.LIBRARY: _button(" " + _("Library"), "library"),
        }
        self.preferences = _button(" " + _("Preferences"), "preferences")
        # It scrolls only where the screen is very low.
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self.steps)
        wanted = (self.steps.wanted_width(), self.preferences.sizeHint().width())
        self.setFixedWidth(max(_WIDTH, *(wide + 2 * Space.MEDIUM for wide in wanted)))
        vbox(
            self.project,
            (self._area, 1),
            vbox(*self.places.values(), self.preferences, spacing=2),
            on=self,
            margins=(Space.MEDIUM, Space.LARGE),
            spacing=Space.MEDIUM,
        )

    def show_state(self, project: Project | None, state: WizardState, *, elsewhere: bool) -> None:
        """Show which project is open and which steps are; ``elsewhere`` is outside the steps."""
        self.project.setText(project.name if project else _("No project open"))
        self.steps.show_state(state, elsewhere=elsewhere)


def _button(text: str, picture: str) -> QPushButton:
    button = QPushButton(text)
    button.setIcon(icon(picture))
    button.setObjectName("stepButton")
    return button
