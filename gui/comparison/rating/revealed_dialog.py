"""All answers of a finished rating, with who wrote them and what was said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtWidgets import QDialog, QFrame, QPushButton, QVBoxLayout, QWidget

from core.evaluation.rating.criteria import Named
from core.evaluation.rating.rating_session import RatingSession
from core.evaluation.rating.revealed import Author, Outcome, Revealed
from core.evaluation.rating.wording import authors, cut_text, outcome_text
from core.language import _, ngettext, one_after_another
from gui.kit.boxes import hbox, vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.flow import Flow
from gui.kit.labels import label, selectable, set_look, show_badge
from gui.kit.scroll import scrolled
from gui.kit.side_by_side import SideBySide
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog

_SIZE = (900, 680)
_TONES: dict[Outcome, str] = {"tuned": "good", "base": "problem"}
_OUTCOMES: tuple[Outcome, ...] = ("tuned", "base", "tie", "both_bad", "")


class RevealedDialog(QDialog):
    """The list of one session, which can be filtered by outcome."""

    def __init__(
        self,
        session: RatingSession,
        criteria: Sequence[Named],
        parent: QWidget | None = None,
        called: Callable[[str], str] = str,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Answers and their authors"))
        fit_dialog(self, *_SIZE)
        self.answers = session.revealed()
        other = session.opponent
        self._names = authors(other and called(other), called(session.run))
        self._criteria = criteria
        self.filter = Dropdown()
        self.filter.setAccessibleName(_("Show"))
        self._offer()
        self.filter.currentIndexChanged.connect(self._show)
        self.close_button = QPushButton(_("Close"))
        self.close_button.clicked.connect(self.accept)
        self.cards: list[QFrame] = []
        self._column: QVBoxLayout = vbox(1, spacing=Space.MEDIUM)
        page = QWidget()
        scrolled(page, self._column)
        vbox(
            hbox(label(_("Show"), "muted", wrap=False), self.filter, 1),
            (page, 1),
            hbox(1, self.close_button),
            on=self,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )
        self._show()

    def _offer(self) -> None:
        counts = Counter(one.outcome for one in self.answers)
        self.filter.addItem(
            ngettext("All {count:,} question", "All {count:,} questions", len(self.answers)), None
        )
        for outcome in _OUTCOMES:
            if counts[outcome]:
                name = outcome_text(outcome)
                text = _("{name}: {count:,}", name=name, count=counts[outcome])
                self.filter.addItem(text, outcome)

    def _show(self) -> None:
        wanted = self.filter.currentData()
        for card in self.cards:
            card.hide()
            card.deleteLater()
        shown = [one for one in self.answers if wanted is None or one.outcome == wanted]
        self.cards = [self._card(one) for one in shown]
        for place, card in enumerate(self.cards):
            self._column.insertWidget(place, card)

    def _card(self, one: Revealed) -> QFrame:
        card = QFrame()
        set_look(card, card="true")
        question = selectable(one.question, "strong")
        badge = label("", wrap=False)
        beside = SideBySide()
        beside.add(self._side(one, "tuned", one.mine))
        beside.add(self._side(one, "base", one.other))
        parts: list[QWidget] = [beside]
        if one.reference:
            parts.append(label(_("Expected answer"), "small"))
            parts.append(selectable(one.reference))
        vbox(
            Flow(question, badge, stretch=question),
            *parts,
            on=card,
            margins=Space.MEDIUM,
            spacing=Space.SMALL,
        )
        show_badge(badge, outcome_text(one.outcome), _TONES.get(one.outcome, "neutral"))
        return card

    def _side(self, one: Revealed, author: Author, text: str) -> QWidget:
        made = QWidget()
        more = [cut_text(one, author), self._marks(one.marks[author])]
        vbox(
            label(self._names[author], "small"),
            selectable(text or _("(empty answer)")),
            *(label(said, "muted") for said in more if said),
            1,
            on=made,
            margins=0,
            spacing=Space.TINY,
        )
        return made

    def _marks(self, marks: Mapping[str, int]) -> str:
        """The marks that were given, in the order of the criteria."""
        found = [
            _("{criterion}: {mark} of 5.", criterion=one.name, mark=marks[one.key])
            for one in self._criteria
            if one.key in marks
        ]
        return one_after_another(found) if found else ""
