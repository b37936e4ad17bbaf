"""What you decide about findings and rows, each of which can be undone."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtWidgets import QWidget

from core.data.cleaning import Choices, ReviewDecision, RowAction, RowChoice
from core.data.findings.kinds import Action, Kind
from core.language import _, ngettext
from gui.examples.findings.edit_history import EditHistory, edit_in_words
from gui.wizard.job_page import JobPage
from gui.wizard.session import Session


class DecidingPage(JobPage):
    """A page with decisions.

    Attributes:
        edits: what was decided, with undo.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.edits = EditHistory()

    @property
    def choices(self) -> Choices:
        """What is done about findings and rows."""
        return self.edits.choices

    @abstractmethod
    def _replan(self) -> None:
        """Work out what the choices mean for each row."""

    def decide(self, kind: Kind, action: Action) -> None:
        """Change what is done about a kind of finding."""
        self._choose(edit_in_words(kind, action), self.choices.with_action(kind, action))

    def decide_row(self, row: int, action: RowAction | None) -> None:
        """Decide about one row, or take that back."""
        choice = None if action is None else RowChoice(action=action)
        # Translators: what undo takes back: a decision about one row.
        chosen = self._choose(_("row {row:,}", row=row + 1), self.choices.with_row(row, choice))
        if chosen and action is RowAction.DROP:
            self._offer_undo(_("Row {row:,} is left out.", row=row + 1))
        elif chosen and action is not None:
            self._offer_undo(_("Row {row:,} stays as it came.", row=row + 1))

    def _offer_undo(self, what: str) -> None:
        self.offered.emit(what, _("Undo"), self.undo)

    def _judge(self, row: int, verdict: ReviewDecision, texts: tuple[str, ...]) -> None:
        # Translators: what undo takes back: your review of one row.
        said = _("review of row {row:,}", row=row + 1)
        self._choose(said, self.choices.with_verdict(row, verdict, texts))

    def _choose(self, what: str, choices: Choices) -> bool:
        """Take other choices; return whether they are others."""
        is_new = self.edits.choose(what, choices)
        if is_new:
            self.leave()
            self._replan()
        return is_new

    def edit_row(self, row: int, texts: tuple[str, ...]) -> None:
        """Take your words for the turns of one row."""
        # Translators: what undo takes back: your own words for one row.
        said = _("change of row {row:,}", row=row + 1)
        choice = RowChoice(action=RowAction.EDIT, texts=texts)
        if self._choose(said, self.choices.with_row(row, choice)):
            self._offer_undo(_("Row {row:,} is changed.", row=row + 1))

    def _leave_out(self, rows: list[int]) -> None:
        # Translators: what undo takes back.
        said = ngettext("leave out {count:,} example", "leave out {count:,} examples", len(rows))
        self._choose(said, self.choices.without_rows(rows))
        self._offer_undo(
            ngettext(
                "{count:,} example left out. Use the others, then train again.",
                "{count:,} examples left out. Use the others, then train again.",
                len(rows),
            )
        )

    def undo(self) -> None:
        """Go back to the choices before the last one."""
        if self.edits.undo():
            self.leave()
            self._replan()
