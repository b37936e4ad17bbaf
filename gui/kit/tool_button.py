"""A small button with a picture only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtWidgets import QToolButton

from gui.kit.choice_button import ChoiceToolButton
from gui.kit.icons import icon
from gui.kit.labels import set_tip

Tool = TypeVar("Tool", bound=QToolButton)  # not shown: a type


def tool_button(picture: str, name: str, do: Callable[[], None] | None = None) -> QToolButton:
    """Return the button; ``name`` says what it does, to eyes as a tip and to screen readers."""
    return _made(QToolButton(), picture, name, do)


def choice_tool_button(picture: str, name: str) -> ChoiceToolButton:
    """Return one that stays pressed while it is in force."""
    return _made(ChoiceToolButton(), picture, name)


def _made(button: Tool, picture: str, name: str, do: Callable[[], None] | None = None) -> Tool:
    button.setIcon(icon(picture))
    button.setProperty("kind", "tool")
    button.setAccessibleName(name)
    set_tip(button, name)
    if do is not None:
        button.clicked.connect(lambda _=False: do())
    return button
