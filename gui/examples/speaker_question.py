"""Asks whose messages of a chat the model learns from; says who it was, and lets it be changed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from core.data.draft import DraftSummary
from core.language import _, ngettext
from gui.kit.boxes import vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.flow import Flow
from gui.kit.labels import label
from gui.kit.theme import Space


class SpeakerQuestion(QWidget):
    """Hidden where nobody is asked for. Nobody is chosen beforehand: only you know who you are.

    Attributes:
        chosen: which role each named speaker has from now on, as ``ReadOptions`` has it.
    """

    chosen = Signal(dict)

    def __init__(self) -> None:
        super().__init__()
        question = _("Whose messages should the model learn from?")
        self._given: dict[str, str] = {}
        self.speakers = Dropdown()
        self.speakers.setAccessibleName(question)
        self.speakers.setPlaceholderText(_("Choose a person …"))
        self.speakers.currentIndexChanged.connect(self._look)
        self.learn = QPushButton(_("Learn from this person"))
        self.learn.clicked.connect(self._choose)
        why = _(
            "The model will write as this person does. What everyone else wrote is asked of it."
        )
        self._asking = QWidget()
        vbox(
            label(question, "heading"), label(why, "muted"), Flow(self.speakers, self.learn),
            on=self._asking, margins=0, spacing=Space.SMALL,
        )  # fmt: skip
        self.who = label("")
        self.change = QPushButton(_("Learn from somebody else …"))
        self.change.setProperty("kind", "link")
        self.change.clicked.connect(self._ask_again)
        self._known = QWidget()
        self._known.setLayout(Flow(self.who, self.change, stretch=self.who))
        vbox(self._asking, self._known, on=self, margins=0)
        self.hide()

    def show_summary(self, summary: DraftSummary) -> None:
        """Ask about the people of a draft, or say who was chosen."""
        self._given = dict(summary.options.read.speakers)
        self.speakers.clear()
        for name, turns in sorted(summary.speakers.items(), key=lambda one: -one[1]):
            text = ngettext(
                "{name} ({count:,} message)", "{name} ({count:,} messages)", turns, name=name
            )
            self.speakers.addItem(text, name)
        self.speakers.setCurrentIndex(-1)
        self._look()
        learned = [name for name, role in self._given.items() if role == "assistant"]
        self.who.setText(_("The model learns from what {name} wrote.", name=", ".join(learned)))
        self._asking.setVisible(bool(summary.speakers))
        self._known.setVisible(bool(learned))
        self.setVisible(bool(summary.speakers or learned))

    def _look(self) -> None:
        self.learn.setEnabled(self.speakers.currentIndex() >= 0)

    def _choose(self) -> None:
        """One of a chat is learned from; everyone else asks."""
        name: str = self.speakers.currentData()
        self.chosen.emit({**self._given, name.strip(): "assistant"})

    def _ask_again(self) -> None:
        """The files are read once more as if nobody had been named."""
        self.chosen.emit({n: role for n, role in self._given.items() if role != "assistant"})
