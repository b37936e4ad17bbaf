"""What F1 shows: how-tos, the keys, and the words of the field in plain sentences."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QPushButton, QWidget

from core.language import N_, _
from gui.input.keyboard import bring_into_sight
from gui.kit.boxes import vbox
from gui.kit.cards.fold import Fold
from gui.kit.glossary import entries, explanation
from gui.kit.labels import announce, label, set_look
from gui.kit.look.sizes import Space
from gui.shell.help.sheet import Sheet
from gui.shell.how_tos.how_to import HowTo
from gui.shell.how_tos.texts import HOW_TOS

KEYS = (
    ("Ctrl+K", N_("Go to any page, action, setting or project")),
    ("Ctrl+Z", N_("Undo")),
    ("Ctrl+,", N_("Preferences")),
    ("F1", N_("How-tos, keys and words")),
    ("Tab", N_("Go to the next control")),  # not shown: a key
    ("Esc", N_("Close what lies over the page")),  # not shown: a key
)


class HelpSheet(Sheet):
    """How-tos, keys and words, and a field that searches them.

    Args:
        key: the how-to that is opened at once, ``""`` for none.

    Attributes:
        tour_wanted: the user wants to see the tour.
        about_wanted: the user wants to know what this is.
    """

    tour_wanted = Signal()
    about_wanted = Signal()

    def __init__(self, parent: QWidget | None = None, key: str = "") -> None:
        super().__init__(_("How-tos, keys and words"), parent)
        self.tour = QPushButton(_("Show the tour"))
        self.about = QPushButton(_("About Homelab Tuner"))
        for button, wanted in ((self.tour, self.tour_wanted), (self.about, self.about_wanted)):
            button.clicked.connect(self.accept)
            button.clicked.connect(wanted)
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("Search the help"))
        self.field.setAccessibleName(_("Search the help"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._search)
        self.nothing = label(_("Nothing of that name."), "muted")
        self.nothing.hide()
        self.how_tos = {how_to.key: _fold(how_to) for how_to in HOW_TOS}
        self._words = _words()
        self._lay_out()
        if key:
            self.open_how_to(key)

    def _lay_out(self) -> None:
        self._headings = [label(text, "heading") for text in (_("How-tos"), _("Keys"), _("Words"))]
        how_tos, keys, words = self._headings
        self._keys = _keys()
        words_card = QFrame()
        set_look(words_card, card="true")
        vbox(*self._words.values(), on=words_card, margins=Space.CARD, spacing=Space.SMALL)
        self._words_card = words_card
        content = vbox(
            self.field, self.nothing, how_tos, *self.how_tos.values(), keys, self._keys,
            words, words_card, 1, spacing=Space.SMALL,
        )  # fmt: skip
        self.fill(content, self.tour, self.about)

    def open_how_to(self, key: str) -> None:
        """Open one of them and bring it into sight."""
        fold = self.how_tos[key]
        fold.open()
        fold.head.setFocus()
        QTimer.singleShot(0, fold, lambda: bring_into_sight(fold))  # once it has its height

    def _search(self, typed: str) -> None:
        """Show what holds every typed word; the keys only where nothing is searched."""
        found = {how_to.key for how_to in HOW_TOS if how_to.holds(typed)}
        for key, fold in self.how_tos.items():
            fold.setVisible(key in found)
            fold.open(bool(typed.strip()) and key in found)
        words = {key for key in self._words if _is_said(key, typed)}
        for key, shown in self._words.items():
            shown.setVisible(key in words)
        how_tos, keys, heading = self._headings
        how_tos.setVisible(bool(found))
        for shown in (keys, self._keys):
            shown.setVisible(not typed.strip())
        for shown in (heading, self._words_card):
            shown.setVisible(bool(words))
        self.nothing.setVisible(not found and not words)
        if not found and not words:
            announce(self.field, self.nothing.text())


def _fold(how_to: HowTo) -> Fold:
    steps = (
        label(_("{number}. {step}", number=number, step=step.said()))
        for number, step in enumerate(how_to.steps, 1)
    )
    fold = Fold(_(how_to.title), vbox(*steps, spacing=Space.SMALL))
    fold.say(_(how_to.about))
    return fold


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


def _words() -> dict[str, QWidget]:
    """Return each word with its sentence, by key, in the order of the alphabet."""
    explained = sorted(entries(), key=lambda key: explanation(key).word.casefold())
    return {key: _word(key) for key in explained}


def _word(key: str) -> QWidget:
    shown, entry = QWidget(), explanation(key)
    texts = label(entry.word, "strong"), label(entry.text, "muted")
    vbox(*texts, on=shown, margins=0, spacing=Space.TINY)
    return shown


def _is_said(key: str, typed: str) -> bool:
    entry = explanation(key)
    said = f"{entry.word} {entry.text}".casefold()
    return all(word in said for word in typed.casefold().split())
