"""The blind rating beside the scores: how far it is, and its result."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QWidget

from core.evaluation.rating.ratings import RatingSession
from core.language import _, ngettext
from gui.comparison.rating.setup import RatingSetup
from gui.comparison.verdict_view import VerdictView
from gui.kit.boxes import vbox
from gui.kit.labels import label, set_look
from gui.kit.theme import Space


class RatingBlock(QFrame):
    """Hidden where nothing can be rated.

    Args:
        setup: against whom, by whom and by which criteria.

    Attributes:
        verdict: the result, hidden until it may be seen.
    """

    def __init__(
        self, setup: RatingSetup, verdict: VerdictView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.verdict = verdict
        self._title = label(_("Blind rating"), "heading")
        self.status = label("", "muted")
        vbox(
            self._title,
            self.status,
            verdict,
            setup,
            on=self,
            margins=Space.CARD,
            spacing=Space.MEDIUM,
        )

    def show_state(self, session: RatingSession | None, *, revealed: bool) -> None:
        """Say how many questions are rated, or show the result."""
        self.setVisible(session is not None)
        self.verdict.setVisible(revealed)
        for waiting in (self._title, self.status):
            waiting.setVisible(not revealed)
        if session is not None:
            self.status.setText(rated_in_words(session))


def rated_in_words(session: RatingSession) -> str:
    """Return how far a rating is."""
    if not session.rated:
        return ngettext(
            "{count:,} question waits. You do not know which model wrote which answer.",
            "{count:,} questions wait. You do not know which model wrote which answer.",
            session.count,
        )
    return ngettext(
        "You have rated {rated:,} of {count:,} question.",
        "You have rated {rated:,} of {count:,} questions.",
        session.count,
        rated=session.rated,
    )
