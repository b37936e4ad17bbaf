"""Code is shown in the monospaced font, wherever examples are shown."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit

from core.data.findings.markup import looks_like_code
from gui.kit.labels import set_look


def show_text(pane: QPlainTextEdit, text: str) -> None:
    """Show ``text``, in the font for code if it looks like some."""
    look_as(pane, text)
    pane.setPlainText(text)


def look_as(pane: QPlainTextEdit, text: str) -> None:
    """Give a pane the font that ``text`` asks for."""
    set_look(pane, role="mono" if has_code(text) else "")


def has_code(text: str) -> bool:
    """Return whether a paragraph of a text looks like code."""
    return any(map(looks_like_code, text.split("\n\n")))
