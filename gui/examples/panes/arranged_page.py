"""What the page Examples is made of, and where it stands."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from core.data.draft import DraftSummary
from core.data.findings.kinds import HARMFUL, Action, Kind
from core.language import ngettext
from gui.examples.drop_area import DropArea
from gui.examples.findings.deciding_page import DecidingPage
from gui.examples.findings.list_view import FindingList
from gui.examples.findings.review import Review
from gui.examples.mixture_card import MixtureCard
from gui.examples.notes import ExamplesNotes
from gui.examples.pairs.card import PairsCard
from gui.examples.panes.intake import Intake
from gui.examples.panes.two_panes import TwoPanes
from gui.examples.reading_bar import ReadingBar
from gui.examples.split_choice import SplitChoice
from gui.examples.view import ExamplesView
from gui.kit.boxes import vbox
from gui.kit.look.sizes import WIDE
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.wizard.session import Session


class ArrangedPage(DecidingPage):
    """First a place to drop files on; then decisions at the left and rows at the right."""

    limit = WIDE

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.undecided: dict[Kind, int] = {}
        self.drop = DropArea()
        self.intake = Intake(self, self.drop)
        self.reading = ReadingBar()
        self.notes = ExamplesNotes()
        self.pairs = PairsCard(self.session)
        self.view = ExamplesView()
        self.view.row_decided.connect(self.decide_row)
        self.view.row_edited.connect(self.edit_row)
        self.risks = FindingList(HARMFUL)
        self.findings = FindingList(kind for kind in Kind if kind not in HARMFUL)
        for findings in (self.risks, self.findings):
            findings.action_chosen.connect(self.decide)
            findings.row_chosen.connect(self.decide_row)
            findings.undone.connect(self.undo)
        self.review = Review()
        self.review.judged.connect(self._judge)
        self.mixture = MixtureCard()
        self.split = SplitChoice()
        self._lay_out()

    def _lay_out(self) -> None:
        decisions = QWidget()
        looked_at = (self.reading, self.risks, self.notes, self.findings, self.pairs)
        rest = (self.review, self.mixture, self.split)
        margins = (0, 0, Space.SMALL, Space.LARGE)
        self._decisions = vbox(
            *looked_at, *rest, 1, on=decisions, margins=margins, spacing=Space.MEDIUM
        )
        self._result = TwoPanes(decisions, self.view)
        self._result.hide()
        self._empty = QWidget()
        scrolled(self._empty, vbox(self.drop, 1))
        parts = (self.progress, (self._empty, 1), (self._result, 1))
        vbox(*parts, on=self, margins=(0, Space.SMALL, 0, Space.SMALL), spacing=Space.MEDIUM)

    def show_summary(self, summary: DraftSummary) -> None:
        """Name the files and how they were read; more files are dropped at the left from now on."""
        self._decisions.insertWidget(0, self.drop)
        self._empty.hide()
        self.drop.show_files([source.label for source in summary.sources])
        self.reading.show_summary(summary)
        self.pairs.show_summary(summary)

    def decide(self, kind: Kind, action: Action) -> None:
        """Change what is done about a kind of finding, and offer to take it back."""
        super().decide(kind, action)
        card = {**self.risks.cards, **self.findings.cards}.get(kind)
        if card is not None:
            self._offer_undo(card.sentence(self.choices))

    def open_in_words(self) -> str:
        """Say how many decisions are open, "" for none."""
        count = len(self.undecided)
        if not count:
            return ""
        return ngettext(
            "{count} decision open: you are asked when you continue",
            "{count} decisions open: you are asked when you continue",
            count,
        )

    def look(self) -> None:
        """Bring what can do harm into sight."""
        self._result.decisions.setChecked(True)
        self.risks.look()
