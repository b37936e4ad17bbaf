"""Opens the ratings of the compared run, and what belongs to them: criteria, other raters."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.errors import UserFacingError
from core.evaluation.rating.agreement import agreements
from core.evaluation.rating.criteria import Named, read_criteria, write_criteria
from core.evaluation.rating.opponents import opponents, pairs_against, usual_opponent
from core.evaluation.rating.ratings import Ratings
from core.evaluation.stored import Evaluation
from core.project import RunFolder
from gui.comparison.blind_rating import BlindRating
from gui.comparison.rating.criteria_dialog import CriteriaDialog
from gui.comparison.rating.revealed_dialog import RevealedDialog
from gui.comparison.rating.setup import RatingSetup
from gui.comparison.verdict_view import VerdictView
from gui.rows.difference import readable_talk
from gui.wizard.page import Page

_SEEN = "result_seen"  # in the memory of earlier versions: run and seed of an open result
_RATED = "rated"  # in the page's memory: run, opponent and rater of the last rating


class RatingDesk(QObject):
    """Holds the file of ratings of one run while its comparison is open.

    Attributes:
        opened: another session is open; its result may be shown if ``is_finished`` says so.
        failed: something the user should read.
    """

    opened = Signal()
    failed = Signal(object)

    def __init__(
        self, page: Page, setup: RatingSetup, rating: BlindRating, verdict: VerdictView
    ) -> None:
        super().__init__(page)
        self._page, self._session = page, page.session
        self._setup, self._rating, self._verdict = setup, rating, verdict
        self._ratings: Ratings | None = None
        self._about: tuple[RunFolder, Evaluation] | None = None
        setup.changed.connect(self._open_another)
        setup.criteria_wanted.connect(self._edit_criteria)
        verdict.answers_wanted.connect(self._reveal)

    @property
    def criteria(self) -> list[Named]:
        """By what is judged in this project."""
        return read_criteria(self._session.require_project())

    @property
    def is_finished(self) -> bool:
        """Whether the result of the open session was asked for."""
        session = self._rating.session
        if session is None:
            return False
        return session.finished or self._page.memory().get(_SEEN) == [session.run, session.seed]

    def open(self, run: RunFolder, evaluation: Evaluation) -> None:
        """Open the rating that was chosen last, unless one is open; nothing where none can be."""
        can_rate = bool(evaluation.answers) and not self._session.read_only
        self._setup.setVisible(can_rate)
        if not can_rate or self._ratings is not None:
            return
        self._about = run, evaluation
        kept = self._page.memory().get(_RATED)
        choice = kept[1:] if isinstance(kept, list) and kept[:1] == [run.name] else []
        others = opponents(self._session.require_project(), run, evaluation)
        usual = (usual_opponent(run, others), "")
        opponent, rater = (str(one) for one in choice) if len(choice) == 2 else usual
        self._setup.offer({one: self._page.called(one) for one in others}, (opponent, rater))
        self._open()

    def _open(self) -> None:
        self.close()
        if self._about is None:
            return
        opponent, rater = self._setup.choice
        project, (run, evaluation) = self._session.require_project(), self._about
        try:
            pairs = pairs_against(project, run, evaluation, opponent)
            self._ratings = Ratings(project.ratings_file)
            session = self._ratings.session(run.name, pairs, opponent=opponent, rater=rater)
            self._setup.know([one.rater for one in self._ratings.sessions()])
            said = (one for one in evaluation.answers if one.turns)
            talks = {
                one.question: readable_talk((turn.role, turn.text) for turn in one.turns)
                for one in said
            }
            self._rating.open(session, self.criteria, talks)
        except UserFacingError as error:
            self.failed.emit(error)
            return
        self.opened.emit()

    def _open_another(self) -> None:
        if self._about is not None:
            self._page.remember(**{_RATED: [self._about[0].name, *self._setup.choice]})
            self._open()

    def choose(self, opponent: str) -> None:
        """Rate against another fine-tune, where it can be compared with this one."""
        self._setup.choose(opponent)

    def show_result(self) -> None:
        """Fill in the verdict, and keep that it was seen."""
        session = self._rating.session
        if session is None or self._ratings is None:
            return
        session.finish()
        agreed = [one.sentence for one in agreements(self._ratings, session)]
        self._verdict.show_result(session, self.criteria, agreed, self._page.called)

    def take_back(self) -> None:
        """Keep that the rating continues."""
        self._page.remember(**{_SEEN: None})
        if self._rating.session is not None:
            self._rating.session.finish(finished=False)

    def _edit_criteria(self) -> None:
        dialog = CriteriaDialog(self.criteria, self._page)
        if not dialog.exec():
            return
        try:
            write_criteria(self._session.require_project(), dialog.criteria)
        except UserFacingError as error:
            self.failed.emit(error)
            return
        self._rating.set_criteria(self.criteria)
        if self.is_finished:
            self.show_result()

    def _reveal(self) -> None:
        if self._rating.session is not None:
            page = self._page
            RevealedDialog(self._rating.session, self.criteria, page, page.called).exec()

    def close(self) -> None:
        """Close the file."""
        self._rating.session = None
        if self._ratings is not None:
            self._ratings.close()
            self._ratings = None
