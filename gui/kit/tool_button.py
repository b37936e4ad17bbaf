"""A small button with a picture only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QToolButton

from gui.kit.icons import icon
from gui.kit.labels import set_tip


def tool_button(picture: str, name: str, do: Callable[[], None] | None = None) -> QToolButton:
    """Return the button; ``name`` says what it does, to eyes as a tip and to screen readers."""
    button = QToolButton()
    button.setIcon(icon(picture))
    button.setProperty("kind", "tool")
    button.setAccessibleName(name)
    set_tip(button, name)
    if do is not None:
        button.clicked.connect(lambda _=False: do())
    return button
