"""One preference: its name, a line that says what it does, and its field."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label, letters, set_look, stacked
from gui.kit.theme import Space

_FIELD = (24, 180)  # letters, and the least pixels


class PreferenceLine(QWidget):
    """The field stands at the right, or below where there is no room."""

    def __init__(self, name: str, text: str, field: QWidget) -> None:
        super().__init__()
        title = label(name, "strong")
        title.setBuddy(field)
        field.setMinimumWidth(letters(*_FIELD))
        field.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if not field.accessibleName():
            field.setAccessibleName(name.replace("&", ""))
        field.setAccessibleDescription(text)
        texts = stacked(title, label(text, "small"))
        self.setLayout(Flow(texts, field, stretch=texts, spacing=Space.LARGE))


def section(title: str, *lines: QWidget) -> QWidget:
    """Return a card of preferences under a heading."""
    card = QFrame()
    set_look(card, card="true")
    vbox(*lines, on=card, margins=Space.CARD, spacing=Space.MEDIUM)
    made = QWidget()
    vbox(label(title, "heading"), card, on=made, margins=0, spacing=Space.SMALL)
    return made
