"""At the left: the project, the steps, the library and the preferences."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from core.project import Project
from core.wizard import WizardState
from gui.icons import icon
from gui.theme import Space
from gui.widgets.labels import label
from gui.widgets.step_list import StepList

_WIDTH = 212


class Sidebar(QFrame):
    """Where the person is, and the two places outside the steps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setFixedWidth(_WIDTH)
        self.project = label("", "heading")
        self.steps = StepList()
        self.library = _button(" Library", "library")
        self.preferences = _button(" Preferences", "preferences")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.MEDIUM, Space.LARGE, Space.MEDIUM, Space.LARGE)
        layout.setSpacing(Space.MEDIUM)
        layout.addWidget(self.project)
        layout.addWidget(self.steps)
        layout.addStretch(1)
        layout.addWidget(self.library)
        layout.addWidget(self.preferences)

    def show_state(self, project: Project | None, state: WizardState, *, elsewhere: bool) -> None:
        """Show which project is open and which steps are; ``elsewhere`` is outside the steps."""
        self.project.setText(project.name if project else "No project open")
        self.steps.show_state(state, elsewhere=elsewhere)


def _button(text: str, picture: str) -> QPushButton:
    button = QPushButton(text)
    button.setIcon(icon(picture))
    button.setObjectName("stepButton")
    return button
