"""What F1 shows: the keys, and the words of the field in plain sentences."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QWidget

from core.language import N_, _
from gui.kit.boxes import vbox
from gui.kit.glossary import entries, explanation
from gui.kit.labels import label, set_look
from gui.kit.look.sizes import Space
from gui.shell.help.sheet import Sheet

KEYS = (
    ("Ctrl+K", N_("Go to any page, action, setting or project")),
    ("Ctrl+Z", N_("Undo")),
    ("Ctrl+,", N_("Preferences")),
    ("F1", N_("Keyboard, words and help")),
    ("Tab", N_("Go to the next control")),  # not shown: a key
    ("Esc", N_("Close what lies over the page")),  # not shown: a key
)


class HelpSheet(Sheet):
    """Keys and words.

    Attributes:
        tour_wanted: the user wants to see the tour.
        about_wanted: the user wants to know what this is.
    """

    tour_wanted = Signal()
    about_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Keyboard, words and help"), parent)
        self.tour = QPushButton(_("Show the tour"))
        self.about = QPushButton(_("About Homelab Tuner"))
        for button, wanted in ((self.tour, self.tour_wanted), (self.about, self.about_wanted)):
            button.clicked.connect(self.accept)
            button.clicked.connect(wanted)
        content = vbox(
            label(_("Keys"), "heading"), _keys(), label(_("Words"), "heading"), _words(), 1,
            spacing=Space.MEDIUM,
        )  # fmt: skip
        self.fill(content, self.tour, self.about)


def _keys() -> QFrame:
    frame = QFrame()
    set_look(frame, card="true")
    grid = QGridLayout(frame)
    grid.setContentsMargins(Space.CARD, Space.CARD, Space.CARD, Space.CARD)
    grid.setHorizontalSpacing(Space.CARD)
    grid.setColumnStretch(1, 1)
    for row, (key, what) in enumerate(KEYS):
        said = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
        grid.addWidget(label(said, "key", wrap=False), row, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(label(_(what)), row, 1)
    return frame


def _words() -> QFrame:
    frame = QFrame()
    set_look(frame, card="true")
    column = vbox(on=frame, margins=Space.CARD, spacing=Space.TINY)
    explained = sorted((explanation(key) for key in entries()), key=lambda e: e.word.casefold())
    for entry in explained:
        column.addWidget(label(entry.word, "strong"))
        column.addWidget(label(entry.text, "muted"))
        column.addSpacing(Space.SMALL)
    return frame
